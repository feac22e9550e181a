"""Headers on every response: what browsers must not do with it, and whose pages may read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.errors import SettingsError
from qa.settings import PREFIX

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    # The page is its own files and an empty icon (data:); text of a report that became markup after
    # all could run and load nothing.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    # Without CORS another site's page could still load a reply as a script or an image.
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_STORED = ("/api", "/v1", "/mcp")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_EXPOSED = (
    "Content-Disposition",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?")


class SecurityHeaders:
    """Adds what a response does not say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                # A browser's cache would show one user's answers to the next, and guess from a file's
                # age how long an old page may stand in for a new one.
                is_private = any(
                    path == root or path.startswith(f"{root}/") for root in _NOT_STORED
                )
                headers.setdefault("Cache-Control", "no-store" if is_private else "no-cache")
            await send(message)

        await self._app(scope, receive, add)


class Application(FastAPI):
    """FastAPI with what stands around all of it.

    Its own 500 and 413 are made outside of the middleware that is added to it, and would lack
    headers: a page of another origin could not even read what failed.
    """

    around: Sequence[Middleware] = ()

    def build_middleware_stack(self) -> ASGIApp:
        stack = super().build_middleware_stack()
        for part, arguments, more in reversed(self.around):
            stack = part(stack, *arguments, **more)
        return stack


def headers_for(origins: Sequence[str]) -> list[Middleware]:
    """What adds the headers; pages of ``origins`` may call, none by default."""
    security = Middleware(SecurityHeaders)
    if not origins:
        return [security]
    # No cookies are used, so that any header may be sent: OpenAI's client sends a dozen of its own.
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=("*",),
        expose_headers=_EXPOSED,
    )
    return [security, cors]


def parse_origins(text: str | None) -> tuple[str, ...]:
    """Origins such as ``https://a.example,http://localhost:3000``, or ``*``; raises ``SettingsError``."""
    origins = tuple(filter(None, (part.strip().lower() for part in (text or "").split(","))))
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            # With a path, or a slash at its end, it would equal no browser's origin, silently.
            reason = f"{origin} is no origin such as https://example.org, nor *"
            raise SettingsError("wrong_setting", name=f"{PREFIX}CORS_ORIGINS", reason=reason)
    return origins
