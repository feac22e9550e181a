"""How large a body may be, and how slowly it may come: what is more is refused before it is held in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Literal

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import too_large

# Beside the seconds that any body may take: a report comes over a slow line, too.
_LEAST_BYTES_A_SECOND = 16 * 1024

Refused = Callable[[str, Literal["too_large", "too_slow"]], object]


class LimitBodies:
    """Refuses bodies above ``most`` bytes, or above what ``of_path`` has for the path, and slow ones.

    Where Content-Length says so, before a byte is read; else once as many have come. The framework's
    own limit replies in plain text, which is no problem document. A body has ``seconds`` and what its
    bytes take at 16 KiB a second. ``told`` hears of the path and why a body was refused.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        of_path: Mapping[str, int],
        seconds: float,
        told: Refused,
    ) -> None:
        self._app = app
        self._most = most
        self._of_path = of_path
        self._seconds = seconds
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        most = self._of_path.get(path, self._most)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > most:
            self._told(path, "too_large")
            await too_large(most)(scope, receive, send)
        else:
            await self._app(scope, self._counted(receive, most, path), send)

    def _counted(self, receive: Receive, most: int, path: str) -> Receive:
        came, is_whole = 0, False
        begun = time.monotonic()

        async def counted() -> Message:
            nonlocal came, is_whole
            if is_whole:
                # What is waited for now is that the client leaves, which takes as long as the answer.
                return await receive()
            until = begun + self._seconds + came / _LEAST_BYTES_A_SECOND
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                self._told(path, "too_slow")
                told = "the body came too slowly; send it again over a better connection"
                raise HTTPException(408, told, {"Connection": "close"}) from None
            came += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if came > most:
                self._told(path, "too_large")
                raise HTTPException(413, f"send at most {most:,} bytes")
            return message

        return counted
