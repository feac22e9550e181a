"""Deliveries of chat platforms: each platform's signature is its key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.bots.messages import Delivery, DeliveryRefusedError
from api.bots.platforms import Bots, Platform
from api.bots.rendering import said
from api.http.problems import Problem, language_of


def router_of(bots: Bots) -> APIRouter:
    """A route for each platform that delivers over HTTP; the document of our API leaves them out."""
    router = APIRouter(include_in_schema=False)
    for platform in bots.platforms:
        if platform.path is not None:
            # Some platforms verify an address by GET.
            router.add_api_route(platform.path, _receiver(platform), methods=["GET", "POST"])
    return router


def _receiver(platform: Platform) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        delivery = Delivery(
            request.method, request.headers, request.query_params, await request.body()
        )
        try:
            reply = await platform.receive(delivery)
        except DeliveryRefusedError as error:
            detail = said(error.key, language_of(request))
            if error.status in (401, 403):
                incidents = request.app.state.service.incidents
                incidents.tell("key_rejected", "signature", route=request.url.path)
            raise Problem(error.status, error.key, detail, error.headers) from error
        return Response(reply.body, media_type=reply.media_type)

    return receive
