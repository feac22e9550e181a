"""Threads for answering, few and in turn."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from qa.errors import OverloadedError

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

# What one piece of work weighs in the mean of what they take: some thirty of them make it.
_WEIGHT = 0.1
_LONGEST_RETRY = 60


class Threads:
    """Runs work of an event loop in ``count`` threads, first come, first served.

    Python runs one thread at a time: with more than it can keep busy they only take turns, which cost
    a third of the answers a second (``python -m benchmarks.http_load``, six threads against two).
    Work that would have to wait for longer than ``patience`` seconds is refused at once: whoever asked
    has given up by then, and all behind would wait for answers that nobody reads.
    """

    def __init__(self, count: int, patience: float = math.inf) -> None:
        self.count = count
        self._patience = patience
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="answering")
        self._lock = threading.Lock()
        self._unfinished = 0
        self._mean = 0.0

    @property
    def expected_wait(self) -> float:
        """Seconds until work that comes now would begin, from what the latest took."""
        return max(0, self._unfinished - self.count + 1) * self._mean / self.count

    async def run(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """What the work returns; raises what it raises. Request ids and spans go along.

        Raises ``OverloadedError`` if it would have to wait for too long. Work that is cancelled before
        its turn is never done.
        """
        self._require_turn()
        call = partial(copy_context().run, self._timed, partial(work, *args, **kwargs))
        with self._lock:
            self._unfinished += 1
        future = self._pool.submit(call)
        # Of the thread's future: work under way ends after whoever waited for it has gone.
        future.add_done_callback(self._ended)
        return await asyncio.wrap_future(future)

    def _require_turn(self) -> None:
        expected = self.expected_wait
        if expected > self._patience:
            seconds = min(_LONGEST_RETRY, math.ceil(max(1.0, expected - self._patience)))
            raise OverloadedError("overloaded", seconds=seconds)

    def _timed(self, work: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        try:
            return work()
        finally:
            took = time.perf_counter() - started
            with self._lock:
                self._mean += _WEIGHT * (took - self._mean)

    def _ended(self, _: object) -> None:
        with self._lock:
            self._unfinished -= 1
