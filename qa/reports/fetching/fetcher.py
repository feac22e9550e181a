"""A page or file of an address, with all that politeness asks for before and after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from pathlib import Path

import httpx

from qa.errors import (
    FetchTimeoutError,
    HttpStatusError,
    InputError,
    RobotsRefusalError,
    SiteBusyError,
    UnreachableError,
)
from qa.reports.fetching.addresses import Address, parse_address
from qa.reports.fetching.gathered import Validators
from qa.reports.fetching.resolving import Resolver, look_up
from qa.reports.fetching.robots import MOST_BYTES, Robots, read_robots, robots_of
from qa.reports.fetching.rules import FetchRules
from qa.reports.fetching.turns import Turns
from qa.reports.fetching.wire import Wire, int_of, save

_OK, _UNMODIFIED = 200, 304
_MOVED = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_CLIENT_ERRORS = range(400, 500)
_MOST_REDIRECTS = 5
_MOST_TRIES = 3
# What a busy site that names no time is given, twice as much the second time.
_REST_SECONDS = 10.0
_UNREADABLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body on disk; ``url`` is the address that gave it, after all redirects."""

    url: str
    file: Path
    validators: Validators | None


@dataclass(frozen=True, slots=True)
class Unmodified:
    """The server still has the version that the validators name."""

    url: str


@dataclass(frozen=True, slots=True)
class _Moved:
    target: str


@dataclass(frozen=True, slots=True)
class _Busy:
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Why a robots.txt could not be had. It counts for a while: where a host is down, each of its
    thousand pages would wait for it anew."""

    error: InputError
    at: float = field(default_factory=time.monotonic)

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.at > _UNREADABLE_SECONDS


_Outcome = Fetched | Unmodified | _Moved | _Busy


class Fetcher:
    """Fetches for one run and in one event loop: it remembers each host's robots.txt and turn.

    Bodies are written into ``folder``, which is the caller's to remove.
    """

    def __init__(self, rules: FetchRules, folder: Path, resolver: Resolver = look_up) -> None:
        self.rules = rules
        self._folder = folder
        self._wire = Wire(rules, resolver)
        self._turns = Turns(rules.delay_seconds)
        self._numbers = count(1)
        self._robots: dict[str, Robots | _Unreadable] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def fetch(
        self, text: str, validators: Validators | None = None, base: str | None = None
    ) -> Fetched | Unmodified:
        """The body at an address; raises ``InputError``, of a kind that says why there is none."""
        return await self._followed(parse_address(text, self.rules, base), validators)

    async def _followed(
        self, address: Address, validators: Validators | None, *, robots: bool = True
    ) -> Fetched | Unmodified:
        asked, left = address.url, self.rules.deadline_seconds
        for _ in range(_MOST_REDIRECTS + 1):
            if robots:
                await self._ask_leave(address)
            known = validators if validators and validators.url == address.url else None
            outcome, spent = await self._given(address, known, left, whole=robots)
            if not isinstance(outcome, _Moved):
                return outcome
            left -= spent
            # Each address is looked at as if it had been given itself.
            address = parse_address(outcome.target, self.rules, base=address.url)
        raise UnreachableError("too_many_redirects", name=asked, most=_MOST_REDIRECTS)

    async def _given(
        self, address: Address, known: Validators | None, left: float, *, whole: bool
    ) -> tuple[Fetched | Unmodified | _Moved, float]:
        """What an address gives, and the seconds that it took without those waited for a turn."""
        spent, rest, status = 0.0, _REST_SECONDS, 0
        for _ in range(_MOST_TRIES):
            async with self._turns.at(address.host):
                begun = time.monotonic()
                try:
                    async with asyncio.timeout(max(0.0, left - spent)):
                        outcome = await self._asked(address, known, whole=whole)
                except TimeoutError as error:
                    seconds = f"{self.rules.deadline_seconds:g}"
                    raise FetchTimeoutError(
                        "fetch_deadline", name=address.url, seconds=seconds
                    ) from error
                spent += time.monotonic() - begun
                if isinstance(outcome, _Busy):
                    self._turns.rest(address.host, outcome.seconds or rest)
                    rest, status = 2 * rest, outcome.status
            if not isinstance(outcome, _Busy):
                return outcome, spent
        raise SiteBusyError("site_overloaded", name=address.url, status=status)

    async def _asked(self, address: Address, known: Validators | None, *, whole: bool) -> _Outcome:
        headers = known.headers if known else {}
        async with self._wire.asked(address, headers) as response:
            if response.status_code == _OK:
                most = self.rules.max_bytes if whole else MOST_BYTES
                path = self._folder / f"{next(self._numbers):06d}"
                await save(response, path, address.url, most, cut=not whole)
                return Fetched(address.url, path, _validators(address.url, response.headers))
            return _outcome(address, response, conditional=known is not None)

    # --- robots.txt ----------------------------------------------------------------------------

    async def _ask_leave(self, address: Address) -> None:
        """Raises ``RobotsRefusalError`` where the site asks programs to stay away."""
        async with self._asking.setdefault(address.origin, asyncio.Lock()):
            robots = self._robots.get(address.origin)
            if robots is None or (isinstance(robots, _Unreadable) and robots.is_old):
                robots = self._robots[address.origin] = await self._robots_of(address)
        if isinstance(robots, _Unreadable):
            raise _about(address, robots.error)
        self._turns.slow(address.host, robots.delay)
        if not robots.allows(address.url):
            raise RobotsRefusalError("robots_forbid", name=address.url, host=address.host)

    async def _robots_of(self, address: Address) -> Robots | _Unreadable:
        """RFC 9309: a site without the file allows all; one that cannot give it, nothing."""
        there = parse_address("/robots.txt", self.rules, base=address.url)
        try:
            found = await self._followed(there, None, robots=False)
        except HttpStatusError as error:
            if int(str(error.fields["status"])) in _CLIENT_ERRORS:
                return robots_of("")
            busy = SiteBusyError(
                "robots_unreadable", host=address.host, reason=error.fields["status"]
            )
            return _Unreadable(busy)
        except InputError as error:
            return _Unreadable(error)
        assert isinstance(found, Fetched)
        return await asyncio.to_thread(read_robots, found.file)


def _about(address: Address, error: InputError) -> InputError:
    """The error of a robots.txt as one of the page that it kept from being asked for."""
    return type(error)(error.key, **{**error.fields, "name": address.url})


def _outcome(address: Address, response: httpx.Response, *, conditional: bool) -> _Outcome:
    """What an answer without a body says; raises ``HttpStatusError``."""
    status = response.status_code
    if status == _UNMODIFIED and conditional:
        return Unmodified(address.url)
    if status in _MOVED and "Location" in response.headers:
        return _Moved(response.headers["Location"])
    if status in _BUSY:
        return _Busy(status, retry_after(response.headers.get("Retry-After")))
    raise HttpStatusError("http_status", name=address.url, status=status)


def _validators(url: str, headers: Mapping[str, str]) -> Validators | None:
    found = Validators(url, headers.get("ETag"), headers.get("Last-Modified"))
    return found if found.headers else None


def retry_after(value: str | None) -> float:
    """The seconds that a ``Retry-After`` names, as a number or as a date; 0 without one."""
    if not value:
        return 0.0
    if seconds := int_of(value):
        return float(seconds)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
