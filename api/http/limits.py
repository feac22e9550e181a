"""How many requests a caller may make: moving windows by ``limits``, kept in this process or, where several serve one library, in its database."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter

from qa.errors import LibraryUnavailableError, SettingsError
from qa.settings import PREFIX

if TYPE_CHECKING:
    from qa.library.server.shared import SharedHits

_LOG = logging.getLogger("wenzheng.limits")

# Callers remembered at once: addresses are cheap, and each would cost memory for ever.
_MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has left: whether the request is within it, and what he is told of it."""

    within: bool
    policy: str
    state: str
    retry_after: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers names them; ``Retry-After`` where it is used up."""
        told = {"RateLimit-Policy": self.policy, "RateLimit": self.state}
        return told if self.within else told | {"Retry-After": str(self.retry_after)}


class RateLimit:
    """One or several limits that all callers have, each for himself."""

    def __init__(self, items: Sequence[RateLimitItem], hits: SharedHits | None = None) -> None:
        """``hits`` are where all programs count that serve one library; else each counts alone."""
        self._items = tuple(items)
        self._windows = _MovingWindow(_SharedWindows(hits) if hits else _Windows())

    def __bool__(self) -> bool:
        return bool(self._items)

    def __str__(self) -> str:
        return ", ".join(
            f"{item.amount}/{item.multiples if item.multiples > 1 else ''}{item.GRANULARITY.name}"
            for item in self._items
        )

    def take(self, caller: str) -> Allowance:
        """Count a request, unless it is beyond a limit."""
        allowance = self.look(caller)
        if allowance.within:
            for item in self._items:
                self._windows.hit(item, caller)
            allowance = self._told(caller, within=True)
        return allowance

    def look(self, caller: str) -> Allowance:
        """Whether one more request would be within all limits."""
        return self._told(
            caller, within=all(self._windows.test(item, caller) for item in self._items)
        )

    def _told(self, caller: str, *, within: bool) -> Allowance:
        now = time.monotonic()
        stats = [(item, self._windows.get_window_stats(item, caller)) for item in self._items]
        left = [
            (item, max(0, s.remaining), max(1, math.ceil(s.reset_time - now))) for item, s in stats
        ]
        return Allowance(
            within,
            ", ".join(f'"{_name(i)}";q={i.amount};w={i.get_expiry()}' for i in self._items),
            ", ".join(f'"{_name(item)}";r={rest};t={wait}' for item, rest, wait in left),
            max((wait for _, rest, wait in left if rest == 0), default=1),
        )


def parse_rate_limit(text: str, hits: SharedHits | None = None) -> RateLimit:
    """Limits as ``"600/minute"`` or ``"10/second;1000/hour"``; none for ``none``, ``off`` or nothing.

    Raises ``SettingsError``.
    """
    if text.strip().lower() in ("", "none", "off"):
        return RateLimit(())
    try:
        items = parse_many(text)
    except ValueError as error:
        raise _wrong(f"{text} is no limit such as 600/minute, nor none") from error
    if not all(item.amount for item in items):
        raise _wrong(f"{text} lets nobody do anything")
    return RateLimit(items, hits)


def _wrong(reason: str) -> SettingsError:
    return SettingsError("wrong_setting", name=f"{PREFIX}RATE_LIMIT", reason=reason)


def _name(item: RateLimitItem) -> str:
    return item.GRANULARITY.name


class _MovingWindow(MovingWindowRateLimiter):
    """The library's moving window over a store of ours.

    The library's own reads the wall clock, which locks all out for an hour when it is set back by
    one, and starts a thread with each request.
    """

    def __init__(self, windows: _Windows | _SharedWindows) -> None:
        # The constructor wants the counters of the other strategies as well.
        self.storage = cast(Any, windows)


@dataclass(slots=True)
class _Hits:
    """When a caller's requests came, oldest first; ``until`` is when all of them are past."""

    times: deque[float] = field(default_factory=deque)
    until: float = 0.0


class _Windows:
    """What the moving window of ``limits`` asks of a store, on a clock that nobody sets."""

    def __init__(self) -> None:
        self._hits: dict[str, _Hits] = {}

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.monotonic()
        hits = self._hits.get(key) or self._new(key, now)
        _forget(hits, now - expiry)
        if len(hits.times) + amount > limit:
            return False
        hits.times.extend([now] * amount)
        hits.until = now + expiry
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time.monotonic()
        hits = self._hits.get(key)
        if hits is None:
            return now, 0
        _forget(hits, now - expiry)
        return (hits.times[0] if hits.times else now), len(hits.times)

    def _new(self, key: str, now: float) -> _Hits:
        if len(self._hits) >= _MOST_CALLERS:
            self._hits = {k: hits for k, hits in self._hits.items() if hits.until > now}
        if len(self._hits) >= _MOST_CALLERS:
            # Many at once: else each next one would have all of them looked through again.
            for oldest in list(self._hits)[: _MOST_CALLERS // 4]:
                del self._hits[oldest]
        hits = self._hits[key] = _Hits()
        return hits


class _SharedWindows:
    """The same over the counts that several programs share. While these cannot be had all may ask: the
    limit protects a service that is there."""

    def __init__(self, hits: SharedHits) -> None:
        self._hits = hits

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        try:
            return self._hits.take(key, limit, expiry, amount)
        except LibraryUnavailableError as error:
            _LOG.error("requests are not counted: %s", error)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time.monotonic()
        try:
            age, count = self._hits.window(key, expiry)
        except LibraryUnavailableError:
            return now, 0
        return now - age, count


def _forget(hits: _Hits, before: float) -> None:
    while hits.times and hits.times[0] <= before:
        hits.times.popleft()
