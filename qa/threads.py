"""Threads for answering, few and in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Threads:
    """Runs work of an event loop in ``count`` threads, first come, first served.

    Python runs one thread at a time: with more than it can keep busy they only take turns, which cost
    a third of the answers a second (``python -m benchmarks.http_load``, six threads against two).
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="answering")

    async def run(
        self, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """What the work returns; raises what it raises. Request ids and spans go along."""
        call = partial(copy_context().run, partial(work, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
