"""Calls of platforms' HTTP APIs: tokens, limits and outages, told without the addresses that hold secrets."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")
JSON = dict[str, Any]

_TIMEOUT_SECONDS = 20
# A platform that limits us lets us in again within minutes, one that is down is mostly back at once.
# What was taken though its reply was lost comes twice: better than never.
LIMITED_WAITS = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
DOWN_WAITS = (1.0, 2.0, 5.0)
# A token is renewed before its end: one that ends on its way is refused.
_TOKEN_LEEWAY = 300.0


class PlatformError(Exception):
    """A platform refused a call; ``code`` is its own. The address is left out: it may hold a secret."""

    def __init__(self, call: str, code: object, reason: str = "") -> None:
        super().__init__(f"{call}: {code} {reason[:200]}".strip())
        self.code = code


class PlatformLimitedError(PlatformError):
    """Calls come too fast; the same call may be made after a while."""


class PlatformDownError(PlatformError):
    """The platform did not answer, or failed; the same call may be made again."""


@dataclass(frozen=True, slots=True)
class Replied:
    """What a platform replied: a status and a JSON object, empty if it was none."""

    status: int
    body: JSON


@asynccontextmanager
async def calling() -> AsyncIterator[aiohttp.ClientSession]:
    """The session of a platform's calls."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


async def call(
    session: aiohttp.ClientSession, name: str, url: str, *, method: str = "POST", **given: Any
) -> Replied:
    """One call; ``name`` is what errors tell of it. Raises ``PlatformDownError``.

    No redirect is followed: what is sent is for the platform alone.
    """
    try:
        async with session.request(method, url, allow_redirects=False, **given) as response:
            body = await response.json(content_type=None) if response.status < 500 else None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        # The library's own error tells the address, and with it a token or a secret.
        raise PlatformDownError(name, type(error).__name__) from None
    except ValueError:
        body = None
    if response.status >= 500:
        raise PlatformDownError(name, response.status)
    return Replied(response.status, body if isinstance(body, dict) else {})


async def patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """The attempt's result, tried again after a while where the platform is down or limits us."""
    limited, down = iter(LIMITED_WAITS), iter(DOWN_WAITS)
    while True:
        try:
            return await attempt()
        except PlatformLimitedError:
            wait = next(limited, None)
            if wait is None:
                raise
        except PlatformDownError:
            wait = next(down, None)
            if wait is None:
                raise
        await asyncio.sleep(wait)


class AccessToken:
    """A token that is fetched when it is needed, by one caller for all, and kept to its end.

    ``fetch`` gives a token and the seconds that it holds.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[str, float]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self._fetching = asyncio.Lock()

    async def get(self) -> str:
        async with self._fetching:
            if not self._token or self._clock() >= self._until:
                self._token, seconds = await self._fetch()
                # A short-lived one would be fetched for every call.
                self._until = self._clock() + max(seconds - _TOKEN_LEEWAY, seconds / 2)
            return self._token

    def forget(self, token: str) -> None:
        """The platform refused this one; another that was fetched meanwhile stays."""
        if self._token == token:
            self._token = ""


class Pace:
    """Lets ``most`` in within ``seconds``, of each key; who comes too soon waits for its turn."""

    def __init__(
        self,
        most: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._turns: OrderedDict[str, deque[float]] = OrderedDict()

    async def turn(self, key: str) -> None:
        now = self._clock()
        while self._turns and next(iter(self._turns.values()))[-1] <= now - self._seconds:
            self._turns.popitem(last=False)
        turns = self._turns.setdefault(key, deque(maxlen=self._most))
        full = len(turns) == self._most
        at = max(now, turns[0] + self._seconds) if full else now
        turns.append(at)
        self._turns.move_to_end(key)
        if at > now:
            await self._sleep(at - now)


@asynccontextmanager
async def meanwhile(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Does work beside the block, to whose end it is stopped."""
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
