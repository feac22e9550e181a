"""Answering threads: few, in turn, with the caller's context."""

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from qa.errors import OverloadedError
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


def test_work_that_would_wait_for_too_long_is_refused_at_once() -> None:
    threads, may = Threads(1, patience=1.0), threading.Event()

    async def crowd() -> list[object]:
        await threads.run(time.sleep, 0.05)
        # As if the latest had taken so long.
        threads._mean = 0.9
        waiting = [asyncio.ensure_future(threads.run(may.wait, 60)) for _ in range(2)]
        await asyncio.sleep(0)
        refused = await asyncio.gather(threads.run(may.wait, 60), return_exceptions=True)
        may.set()
        return [*await asyncio.gather(*waiting), *refused]

    told = asyncio.run(crowd())
    assert told[:2] == [True, True]
    assert isinstance(told[2], OverloadedError)
    assert told[2].fields == {"seconds": 1}


def test_work_that_is_given_up_before_its_turn_is_never_done() -> None:
    threads, may, done = Threads(1), threading.Event(), []

    async def give_up() -> None:
        first = asyncio.ensure_future(threads.run(may.wait, 60))
        second = asyncio.ensure_future(threads.run(done.append, 2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        may.set()
        await first
        await threads.run(done.append, 3)

    asyncio.run(give_up())
    assert done == [3]
    assert threads.expected_wait == 0
