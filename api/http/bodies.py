"""How large a body may be: what is larger is refused before it is held in memory."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import too_large


class LimitBodies:
    """Refuses bodies above ``most`` bytes, or above what ``of_path`` has for the path.

    Where Content-Length says so, before a byte is read; else once as many have come. The framework's
    own limit replies in plain text, which is no problem document.
    """

    def __init__(self, app: ASGIApp, most: int, of_path: Mapping[str, int]) -> None:
        self._app = app
        self._most = most
        self._of_path = of_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._of_path.get(scope["path"], self._most)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > most:
            await too_large(most)(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise HTTPException(413, f"send at most {most:,} bytes")
        return message

    return counted
