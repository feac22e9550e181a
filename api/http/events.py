"""Server-sent events: a stream of JSON that lives through proxies and says when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from api.http.leaving import unless_left

# A proxy gives up on a connection that is silent for a minute.
_KEEP_ALIVE_SECONDS = 15.0
_KEEP_ALIVE = b": keep-alive\n\n"
# Proxies must not collect a stream until it is whole.
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(data: Any, name: str | None = None) -> bytes:
    """One event: a JSON value, or a text as it is (``[DONE]``)."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return format_sse_event(data_str=text, event=name)


async def event_stream(request: Request, events: AsyncGenerator[bytes, None]) -> StreamingResponse:
    """A response that streams the events.

    The first is awaited here: what fails before it still gets a status of its own, and who leaves
    before it is not answered.
    """
    first = await unless_left(request, _first(events))
    return StreamingResponse(
        _kept_alive(first, events), media_type="text/event-stream", headers=_HEADERS
    )


async def _first(events: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(events)


async def _kept_alive(first: bytes, events: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    yield first
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events, b""))
            try:
                while not (await asyncio.wait([coming], timeout=_KEEP_ALIVE_SECONDS))[0]:
                    yield _KEEP_ALIVE
            finally:
                # A reader who left must not leave the next event to nobody.
                if not coming.done():
                    coming.cancel()
                    # Shielded: the cancellation comes again and again, and a generator that still
                    # ends what it began cannot be closed.
                    with anyio.CancelScope(shield=True):
                        await asyncio.wait([coming])
            if not (said := coming.result()):
                return
            yield said
