"""Clients that leave before they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

Result = TypeVar("Result")


async def unless_left(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """What the work returns; it is cancelled, and ``ClientDisconnect`` raised, once the client has left.

    Who gave up and asks again would else have each of his questions answered, to nobody.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        await _ended(working)
        await _ended(leaving)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        """What is left of the body."""


async def _ended(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
