"""Many addresses into the library: fetched and taken in batch by batch, so that a kill loses one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from qa.errors import (
    FetchTimeoutError,
    HostNotFoundError,
    HttpStatusError,
    InputError,
    SiteBusyError,
    UnreachableError,
)
from qa.library import storage
from qa.library.fetches import Fetches
from qa.library.held_files import reports_of
from qa.library.ingest import IngestSummary
from qa.library.originals import incoming
from qa.library.read_files import Failure, key_of, wholes_of
from qa.library.taking import Taker
from qa.reports.fetching.addresses import parse_address
from qa.reports.fetching.fetcher import Fetcher
from qa.reports.fetching.gathered import Gathered, Validators
from qa.reports.fetching.gathering import Gatherer
from qa.reports.fetching.lists import Entry, ListRead, read_list
from qa.reports.fetching.resolving import Resolver, look_up
from qa.reports.fetching.rules import FetchRules
from qa.reports.reading import SourceReader

BATCH = 20
# What may pass by itself: a run that goes on with a list tries these again.
_PASSING = (FetchTimeoutError, HostNotFoundError, SiteBusyError, UnreachableError)
_SERVER_ERRORS = range(500, 600)


@dataclass(slots=True)
class WebSummary(IngestSummary):
    """``earlier`` counts entries of a list that a run before, which did not come to its end, took in;
    ``entries`` are all; ``unmodified`` the addresses whose servers said so."""

    entries: int = 0
    earlier: int = 0
    unmodified: int = 0

    @property
    def taken(self) -> int:
        """Entries that were fetched or read this time and gave a report."""
        return len(self.read) - self.unmodified


class WebIngest:
    """Takes in what addresses give. Use it as a context; it serves one run, in one thread.

    Its methods raise as ``ingest`` does, and ``LibraryUnwritableError``.
    """

    def __init__(self, taker: Taker, rules: FetchRules, resolver: Resolver = look_up) -> None:
        self._taker = taker
        self._rules = rules
        self._resolver = resolver
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        folder = Path(enter(TemporaryDirectory(prefix="wenzheng-fetch-")))
        self._fetches = enter(Fetches(self._taker.library))
        # Before the reader, whose end lets go of a thread that the runner's end waits for.
        self._runner = enter(asyncio.Runner())
        originals = enter(incoming(self._taker.library))
        reader = enter(SourceReader(self._taker.limits, originals))
        self._fetcher = Fetcher(self._rules, folder, self._resolver)
        self._gatherer = Gatherer(self._fetcher, reader)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def read_list(self, name: str) -> ListRead:
        """What a list of this machine or of the web names; raises ``InputError``."""
        return self._runner.run(read_list(name, self._fetcher))

    def begun(self, list_name: str) -> dict[str, InputError | None]:
        """What is settled of a list that a run before did not come to the end of."""
        done = self._fetches.done(list_name)
        return {entry: error for entry, error in done.items() if not _may_pass(error)}

    def take(
        self, entries: Sequence[Entry], list_name: str | None = None, *, reembed: bool = False
    ) -> WebSummary:
        """Take in addresses and files, in batches. With ``list_name`` a run that ends early is gone on
        with by the next one of that name: what is in, or failed for good, is not asked for again."""
        settled = self.begun(list_name) if list_name else {}
        summary = WebSummary(entries=len(entries))
        left: list[Entry] = []
        for entry in entries:
            if str(entry) not in settled:
                left.append(entry)
            elif (error := settled[str(entry)]) is None:
                summary.earlier += 1
            else:
                summary.failed.append(Failure(entry, error))
        for start in range(0, len(left), BATCH) if left else [0]:
            batch = left[start : start + BATCH]
            outcomes = self._take_batch(batch, summary, (start, len(left)), reembed=reembed)
            reembed = False
            if list_name:
                self._fetches.keep_done(list_name, outcomes)
        if list_name:
            self._fetches.finish(list_name)
        return summary

    def _take_batch(
        self,
        batch: Sequence[Entry],
        summary: WebSummary,
        place: tuple[int, int],
        *,
        reembed: bool,
    ) -> dict[str, InputError | None]:
        """What became of each entry; ``place`` is how many were before it, of how many."""
        addresses = [entry for entry in batch if isinstance(entry, str)]
        gathered = self._gathered(addresses, place)
        files = [entry for entry in batch if isinstance(entry, Path)]
        part = self._taker.take([*files, *gathered], reembed=reembed)
        self._remember(gathered, part)
        summary.include(part)
        summary.unmodified += sum(one.unmodified for one in gathered)
        keys = {str(path): key_of(path) for path in files}
        keys |= {text: one.url for text, one in zip(addresses, gathered, strict=True)}
        return {entry: _error_of(key, part) for entry, key in keys.items()}

    def _gathered(self, addresses: Sequence[str], place: tuple[int, int]) -> list[Gathered]:
        done, total = place

        def proceed() -> None:
            nonlocal done
            done += 1
            self._taker.progress("fetch", done, total)

        if not addresses:
            return []
        self._taker.progress("fetch", done, total)
        known = self._known(addresses)
        return self._runner.run(self._gatherer.gather_all(addresses, known, proceed))

    def _known(self, addresses: Sequence[str]) -> dict[str, Validators]:
        """The versions of those addresses whose reports are held."""
        if not storage.has_library(self._taker.library):
            return {}
        urls = []
        for text in addresses:
            with suppress(InputError):
                urls.append(parse_address(text, self._rules).url)
        return self._fetches.versions(reports_of(self._taker.library, urls))

    def _remember(self, gathered: Sequence[Gathered], part: IngestSummary) -> None:
        failed = {whole for one in part.failed for whole in wholes_of(key_of(one.path))}
        for one in gathered:
            gave = part.read.get(one.url)
            if one.validators and gave and not one.unmodified and one.url not in failed:
                self._fetches.keep_version(one.url, one.validators, gave)


def _error_of(key: str, part: IngestSummary) -> InputError | None:
    """Why nothing of a file, folder or address is in; None if something is."""
    if any(key in wholes_of(read) for read in part.read):
        return None
    errors = (one.error for one in part.failed if key in wholes_of(key_of(one.path)))
    return next(errors, None)


def _may_pass(error: InputError | None) -> bool:
    if isinstance(error, HttpStatusError):
        return int(str(error.fields["status"])) in _SERVER_ERRORS
    return isinstance(error, _PASSING)
