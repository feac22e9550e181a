"""Answering threads: few, in turn, with the caller's context."""

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from qa.threads import Threads

_REQUEST: ContextVar[str] = ContextVar("request")


def test_no_more_than_so_many_work_at_once_and_the_first_come_first() -> None:
    threads = Threads(2)
    lock, running, most, begun = threading.Lock(), 0, 0, []

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            begun.append(number)
        time.sleep(0.01)
        with lock:
            running -= 1
        return number

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(threads.run(work, number) for number in range(8)))

    assert asyncio.run(all_at_once()) == list(range(8))
    assert most == 2
    assert begun == sorted(begun)


def test_the_callers_context_goes_along() -> None:
    async def ask() -> str:
        _REQUEST.set("r-1")
        return await Threads(1).run(_REQUEST.get)

    assert asyncio.run(ask()) == "r-1"


def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(Threads(1).run(fail))
