"""One event loop for callers without one.

Clients of language models keep their connections per event loop: a loop for every question would
leave connections behind that the next question cannot use (“Event loop is closed”).
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

Result = TypeVar("Result")


class SharedEventLoop:
    """An event loop in a thread of its own, started when it is first needed, closed at exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None

    def run(self, function: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
        """Run a coroutine function there and wait for what it returns; its errors are raised here."""
        return self._started().call(function, *arguments)

    def _started(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                stack = ExitStack()
                self._portal = stack.enter_context(start_blocking_portal("asyncio"))
                atexit.register(stack.close)
            return self._portal


EVENT_LOOP = SharedEventLoop()
