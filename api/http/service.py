"""What all routes share: the chain over the library in force, exchanged when a newer one is there."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.assembly import ChainOpener, vector_maker_of
from api.http.incidents import Incidents
from api.memory import give_back_mapped, leave_out_of_collections
from embeddings import EmbeddingError
from qa.chain import Chain
from qa.errors import (
    LibraryDamagedError,
    LibraryFormatError,
    LibraryNotFoundError,
    LibraryOutdatedError,
    WenzhengError,
)
from qa.generation.tally import Tally
from qa.library.indexing import VectorMaker
from qa.settings import Settings
from qa.threads import Threads

_LOG = logging.getLogger("wenzheng.service")
# Seconds between looks at the library's version: what another process ingested is answered soon.
_LOOK_SECONDS = 1.0
# Of some 20 KiB each; people ask the same things, and a page offers them examples.
_KEPT_ANSWERS = 1024
# Loads the indexes and the gazetteer, which the first question would wait for.
_WARMING = "地区生产总值增长多少"


@dataclass(frozen=True, slots=True)
class Opened:
    """A chain and when it was opened, on the clock of ``time.monotonic``."""

    chain: Chain
    at: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since."""
        return time.monotonic() - self.at


class Service:
    """Holds the chain; a newer version of the library takes its place without a pause.

    ``open_chain`` opens the version in force, ``tally`` counts what becomes of a language model's work
    in all of them, ``vectors`` is what an ingest embeds with. Questions under way finish on the chain
    they began with.
    """

    def __init__(
        self,
        settings: Settings,
        open_chain: Callable[[], Chain],
        *,
        tally: Tally | None = None,
        vectors: VectorMaker | None = None,
    ) -> None:
        self.settings = settings
        self.tally = tally or Tally()
        self.vectors = vectors or vector_maker_of(settings)
        self.incidents = Incidents()
        self.tally.heard = self._heard
        # Apart from answers: hundreds of texts take longer than anybody waits for an answer.
        self.embedding = Threads(1, settings.wait_seconds)
        self._open_chain = open_chain
        self._opened: Opened | None = None
        self._failure: WenzhengError | EmbeddingError | None = None
        self.reload_failures: Counter[str] = Counter()
        """How often a version came into force that could not be opened, by kind of failure."""
        self._opening = asyncio.Lock()

    @property
    def chain(self) -> Chain:
        """The chain in force; raises the error that kept it from being opened."""
        if self._opened is None:
            raise self._failure or LibraryNotFoundError("no_library", path=self.settings.library)
        return self._opened.chain

    @property
    def opened(self) -> Opened | None:
        """The chain in force, None while there is none."""
        return self._opened

    @property
    def failure(self) -> WenzhengError | EmbeddingError | None:
        """Why the version in force cannot be opened; an older one may still answer."""
        return self._failure

    def _heard(self, what: str, kind: str) -> None:
        """Of the language model's work, from whichever thread it is done in."""
        if what == "hidden":
            self.incidents.tell("injection_found", kind)
        elif kind == "instruction":
            self.incidents.tell("injection_found", "model")
        elif what == "dropped":
            self.incidents.tell("unsupported_withheld", kind)
        elif kind == "model_resting":
            self.incidents.tell("breaker_open", kind)
        else:
            self.incidents.tell("model_outage", kind)

    def open(self) -> None:
        """Open the library if there is one; raises what else keeps it from being opened."""
        try:
            self._opened = self._open()
        except LibraryNotFoundError as error:
            self._failure = error

    async def refresh(self, *, patient: bool = False) -> None:
        """Open a newer version of the library, if there is one; the old one answers meanwhile.

        With ``patient`` one whose vectors another process still makes is left until it has them.
        """
        async with self._opening:
            try:
                if self._is_outdated(patient):
                    self._opened = await asyncio.to_thread(self._open)
                self._failure = None
            except (WenzhengError, EmbeddingError) as error:
                if str(error) != str(self._failure) and not isinstance(error, LibraryNotFoundError):
                    self.reload_failures[_kind_of(error)] += 1
                    answering = (
                        "the version before it answers on" if self._opened else "nothing answers"
                    )
                    _LOG.error("the library cannot be opened, %s: %s", answering, error)
                self._failure = error

    def _is_outdated(self, patient: bool) -> bool:
        if self._opened is None:
            return True
        library = self._opened.chain.searcher.library
        return library.is_superseded() if patient else not library.is_current()

    def _open(self) -> Opened:
        chain = self._open_chain()
        chain.search(_WARMING)
        leave_out_of_collections()
        return Opened(chain)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the chain up to date until the block ends."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            give_back_mapped(self.settings.library)
            try:
                await self.refresh(patient=True)
            except Exception:
                # Whatever it was, a library that is mended later must still be seen.
                _LOG.exception("looking for a newer library failed")


def _kind_of(error: WenzhengError | EmbeddingError) -> str:
    """What kind of failure the metrics tell of."""
    if isinstance(error, LibraryDamagedError):
        return "damaged"
    if isinstance(error, LibraryFormatError | LibraryOutdatedError):
        return "format"
    return "other"


def service_over(settings: Settings) -> Service:
    """The service over the library that the settings name; it is not opened yet."""
    opener = ChainOpener(settings, kept=_KEPT_ANSWERS, patience=settings.wait_seconds)
    return Service(settings, opener.open, tally=opener.tally, vectors=opener.vector_maker())


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


TheService = Annotated[Service, Depends(service_of)]
