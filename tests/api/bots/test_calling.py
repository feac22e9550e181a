"""Calls, tokens and turns."""

import asyncio

import pytest

from api.bots import calling
from api.bots.calling import (
    AccessToken,
    Pace,
    PlatformDownError,
    PlatformError,
    PlatformLimitedError,
    patiently,
)


def test_a_token_is_fetched_once_for_all_and_renewed_before_its_end() -> None:
    now, fetched = 0.0, 0

    async def fetch() -> tuple[str, float]:
        nonlocal fetched
        fetched += 1
        await asyncio.sleep(0)
        return f"t{fetched}", 7200.0

    async def ask() -> None:
        nonlocal now
        token = AccessToken(fetch, lambda: now)
        assert await asyncio.gather(*(token.get() for _ in range(5))) == ["t1"] * 5
        now = 6899.0
        assert await token.get() == "t1"
        now = 6900.0
        assert await token.get() == "t2"
        token.forget("t1")
        assert await token.get() == "t2"
        token.forget("t2")
        assert await token.get() == "t3"

    asyncio.run(ask())


def test_turns_are_given_within_the_limit_of_each_key() -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def speak() -> list[float]:
        pace = Pace(2, 60.0, lambda: now, sleep)
        told = []
        for key in ("a", "a", "b", "a", "a", "b", "a"):
            await pace.turn(key)
            told.append(now)
        return told

    assert asyncio.run(speak()) == [0, 0, 0, 60, 60, 60, 120]


@pytest.mark.parametrize(("error", "tries"), [(PlatformLimitedError, 4), (PlatformDownError, 3)])
def test_patience_ends(
    monkeypatch: pytest.MonkeyPatch, error: type[PlatformError], tries: int
) -> None:
    monkeypatch.setattr(calling, "LIMITED_WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(calling, "DOWN_WAITS", (0.0, 0.0))
    tried = 0

    async def attempt() -> None:
        nonlocal tried
        tried += 1
        raise error("send", 1)

    with pytest.raises(error, match="send: 1"):
        asyncio.run(patiently(attempt))
    assert tried == tries


def test_other_refusals_are_not_tried_again() -> None:
    tried = 0

    async def attempt() -> None:
        nonlocal tried
        tried += 1
        raise PlatformError("send", 40003)

    with pytest.raises(PlatformError):
        asyncio.run(patiently(attempt))
    assert tried == 1
