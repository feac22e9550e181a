"""What all routes share: the chain over the library in force, exchanged when a newer one is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import Request

from api.assembly import vector_maker_of
from qa.chain import Chain
from qa.errors import LibraryNotFoundError, WenzhengError
from qa.library.ingest import VectorMaker
from qa.settings import Settings

_LOG = logging.getLogger("wenzheng.service")
# Seconds between looks at the library's version: what another process ingested is answered soon.
_LOOK_SECONDS = 1.0
# Loads the indexes and the gazetteer, which the first question would wait for.
_WARMING = "地区生产总值增长多少"


class Service:
    """Holds the chain; a newer version of the library takes its place without a pause.

    ``open_chain`` opens the version in force, ``vectors`` is what an ingest embeds with. Questions
    under way finish on the chain they began with.
    """

    def __init__(
        self,
        settings: Settings,
        open_chain: Callable[[], Chain],
        *,
        vectors: VectorMaker | None = None,
    ) -> None:
        self.settings = settings
        self.vectors = vectors or vector_maker_of(settings)
        self._open_chain = open_chain
        self._chain: Chain | None = None
        self._failure: WenzhengError | None = None
        self._opening = asyncio.Lock()

    @property
    def chain(self) -> Chain:
        """The chain in force; raises the error that kept it from being opened."""
        if self._chain is None:
            raise self._failure or LibraryNotFoundError("no_library", path=self.settings.library)
        return self._chain

    @property
    def failure(self) -> WenzhengError | None:
        """Why the version in force cannot be opened; an older one may still answer."""
        return self._failure

    def open(self) -> None:
        """Open the library if there is one; raises what else keeps it from being opened."""
        try:
            self._chain = _warmed(self._open_chain())
        except LibraryNotFoundError as error:
            self._failure = error

    async def refresh(self, *, patient: bool = False) -> None:
        """Open a newer version of the library, if there is one; the old one answers meanwhile.

        With ``patient`` one whose vectors another process still makes is left until it has them.
        """
        async with self._opening:
            try:
                if self._is_outdated(patient):
                    self._chain = await asyncio.to_thread(lambda: _warmed(self._open_chain()))
                self._failure = None
            except WenzhengError as error:
                if str(error) != str(self._failure) and not isinstance(error, LibraryNotFoundError):
                    _LOG.error("the library cannot be opened: %s", error)
                self._failure = error

    def _is_outdated(self, patient: bool) -> bool:
        if self._chain is None:
            return True
        library = self._chain.searcher.library
        return library.is_superseded() if patient else not library.is_current()

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
            await self.refresh(patient=True)


def _warmed(chain: Chain) -> Chain:
    chain.search(_WARMING)
    return chain


def service_of(request: Request) -> Service:
    """The service of the application that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service
