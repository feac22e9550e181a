"""Connections: how many, and how long a client may keep one waiting.

uvicorn itself waits for ever for the rest of a request's head, and for a reader that stopped reading.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import sys
import termios
from typing import Any, Literal

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.incidents import Incidents

Reason = Literal["head", "reading", "crowded"]

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)
# Slower than this nobody reads: of a long reply so much has to go within each time limit.
_LEAST_BYTES_A_SECOND = 1024
_BROKEN = "Invalid HTTP request received."


class Connections:
    """All connections of a server; makes one for each client (``http`` of ``uvicorn.Config``).

    At most ``most`` are open: for one more the one that has waited longest for a request is closed, and
    where all are answered it is refused. A client has ``seconds`` to send the head of a request, and to
    take what is sent to it. ``told`` hears of each that was cut.
    """

    def __init__(self, most: int, seconds: float, told: Incidents) -> None:
        self.most = most
        self.seconds = seconds
        self.told = told
        self._open: set[_Connection] = set()
        # In the order in which they began to wait.
        self._waiting: dict[_Connection, None] = {}

    def __call__(self, **given: Any) -> _Connection:
        return _Connection(self, **given)

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, one: _Connection) -> bool:
        """Whether a new connection may stay."""
        if len(self._open) >= self.most and self._waiting:
            oldest = next(iter(self._waiting))
            self.forget(oldest)
            oldest.cut("crowded")
        if len(self._open) >= self.most:
            self.told.tell("shed", "connections")
            return False
        self._open.add(one)
        return True

    def waits(self, one: _Connection, *, for_request: bool) -> None:
        """A connection waits for a request, or does not."""
        if not for_request:
            self._waiting.pop(one, None)
        elif one in self._open:
            self._waiting.setdefault(one)

    def forget(self, one: _Connection) -> None:
        self._open.discard(one)
        self._waiting.pop(one, None)


class _StrictConnection(h11.Connection):
    """Takes no request of which two servers could think differently where it ends."""

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {bytes(name).lower() for name, _ in event.headers}
            if {b"content-length", b"transfer-encoding"} <= names:
                raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding")
        return event


class _Connection(H11Protocol):
    """One connection, watched: it has one time limit at once, by what it waits for."""

    def __init__(self, all_of_them: Connections, **given: Any) -> None:
        super().__init__(**given)
        self.conn = _StrictConnection(h11.SERVER, self.conn._max_incomplete_event_size)
        self._all = all_of_them
        self._limit: asyncio.TimerHandle | None = None
        self._waits_for: Reason | None = None
        self._came = False
        self._is_stuck = False
        self._unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # All that the client has not taken is then known as such, also once the connection is closing.
        transport.set_write_buffer_limits(high=0)
        if not self._all.admit(self):
            transport.write(_FULL)
            transport.close()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.forget(self)
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._came = True
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        # The beginning of the next request may have come with this one.
        self._came = bool(self.conn.trailing_data[0])
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._is_stuck = True
        self._unread = self._not_taken()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._is_stuck = False
        self._watch()

    def send_400_response(self, msg: str) -> None:
        self._all.told.tell("broken_request", "not_http")
        super().send_400_response(msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: the request is answered as if it had not asked. uvicorn would write two lines for
        each, so that whoever sends them by the thousand, without a key, would fill the log."""

    def cut(self, reason: Reason) -> None:
        """Close at once: closing in good order would wait for the client to read the rest."""
        # Who sent nothing at all opened a connection in advance, as browsers do.
        if self._came or reason != "head":
            self._all.told.tell("slow_client", reason)
        self.transport.abort()

    def _watch(self) -> None:
        """Set the limit for what is waited for now; it goes on where that has not changed."""
        waits_for = self._now_waits_for()
        self._all.waits(self, for_request=waits_for == "head")
        if waits_for == self._waits_for:
            return
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        self._waits_for = waits_for
        if waits_for is not None:
            self._limit = self.loop.call_later(self._all.seconds, self._is_over, waits_for)

    def _is_over(self, waited_for: Reason) -> None:
        unread = self._not_taken()
        enough = _LEAST_BYTES_A_SECOND * self._all.seconds
        if waited_for == "reading" and self._unread - unread >= enough:
            self._unread, self._waits_for = unread, None
            self._watch()
        else:
            self.cut(waited_for)

    def _not_taken(self) -> int:
        """Bytes of the reply that the client's machine has not acknowledged.

        Those in the system's buffer count as well: it takes more of ours only once a third of its
        megabytes is free, which for a slow reader is longer than the limit.
        """
        left = self.transport.get_write_buffer_size()
        outgoing = self.transport.get_extra_info("socket")
        try:
            told = fcntl.ioctl(outgoing.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        except OSError:
            # Not every system tells.
            return left
        return left + int.from_bytes(told, sys.byteorder)

    def _now_waits_for(self) -> Reason | None:
        if self._is_stuck:
            return "reading"
        if self.transport.is_closing():
            return None
        is_answered = self.cycle is None or self.cycle.response_complete
        return "head" if is_answered else None


class _Quiet(logging.Filter):
    """Drops the line that uvicorn writes for every broken request: it is counted as an incident."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != _BROKEN


def silence_broken_requests() -> None:
    """Whoever sends no HTTP by the thousand must not fill the log."""
    log = logging.getLogger("uvicorn.error")
    if not any(isinstance(one, _Quiet) for one in log.filters):
        log.addFilter(_Quiet())
