"""Seats: how many questions may wait or be answered at once; who finds none free is told when to come again."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.errors import OverloadedError

_SEATED = "wenzheng.seated"
# Where so many are answered at once, one ends nearly every second.
_RETRY_SECONDS = 2


class Seats:
    """A number of seats, taken from the end of a request's body to the end of its reply.

    Not from its beginning: who sends a body slowly would keep a seat with nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    def take(self, scope: MutableMapping[str, Any]) -> None:
        """Take a seat for a request; raises ``OverloadedError``. It is given back by ``GiveBack``."""
        if self.taken >= self._most:
            raise OverloadedError("overloaded", seconds=_RETRY_SECONDS)
        self.taken += 1
        scope[_SEATED].append(self)

    def give_back(self, scope: MutableMapping[str, Any]) -> None:
        """Free the seats of a request."""
        self.taken -= len(scope[_SEATED])


class GiveBack:
    """Gives a seat back when the reply has ended, however it has: a stream, too."""

    def __init__(self, app: ASGIApp, seats: Seats) -> None:
        self._app = app
        self._seats = seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Shared with copies of the scope that routing makes.
        scope[_SEATED] = []
        try:
            await self._app(scope, receive, send)
        finally:
            self._seats.give_back(scope)


async def seated(request: Request) -> None:
    """For routes that answer: raises ``OverloadedError`` where no seat is free."""
    seats = request.app.state.seats
    assert isinstance(seats, Seats)
    seats.take(request.scope)
