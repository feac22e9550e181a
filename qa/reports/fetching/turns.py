"""One request to a host at a time, with a pause behind each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from qa.errors import SiteBusyError

# A site that wants more than this between two requests is left for a later run.
MOST_WAIT_SECONDS = 120.0
_MOST_AT_ONCE = 8


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    delay: float = 0.0
    free_at: float = 0.0


class Turns:
    """Who may ask which host when; for one event loop."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._hosts: dict[str, _Host] = {}
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """A turn at a host; raises ``SiteBusyError`` rather than wait long."""
        slot = self._slot(host)
        async with slot.lock:
            wait = slot.free_at - time.monotonic()
            if wait > MOST_WAIT_SECONDS:
                raise SiteBusyError("site_busy", host=host, seconds=round(wait))
            await asyncio.sleep(max(0.0, wait))
            async with self._room:
                try:
                    yield
                finally:
                    slot.free_at = max(slot.free_at, time.monotonic() + slot.delay)

    def slow(self, host: str, delay: float) -> None:
        """Leave at least so many seconds between two requests to a host from now on."""
        slot = self._slot(host)
        slot.delay = max(slot.delay, delay)

    def rest(self, host: str, seconds: float) -> None:
        """Ask a host nothing for some seconds."""
        slot = self._slot(host)
        slot.free_at = max(slot.free_at, time.monotonic() + seconds)

    def _slot(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(delay=self._delay))
