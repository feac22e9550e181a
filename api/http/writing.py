"""Changing the library while it is asked: one change at a time, in force before it is told as done."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from api.assembly import changing, model_of
from api.http.service import Service
from qa.errors import (
    LibraryBusyError,
    LibraryNotFoundError,
    ReportNotFoundError,
    WenzhengError,
)
from qa.library.correcting import correct
from qa.library.indexing import Progress
from qa.library.ingest import IngestSummary, ingest, remove
from qa.library.locking import busy, left_by_the_dead
from qa.reports.correcting import Change, Field

T = TypeVar("T")

# How long another process that changes the library is waited for: by a job, and by a client.
_JOB_PATIENCE_SECONDS, _CLIENT_PATIENCE_SECONDS = 60.0, 20.0
# Another program that serves the same library may be at an ingest of its own for long.
_SHARED_JOB_PATIENCE_SECONDS = 6 * 3600.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 5.0


class Writer:
    """Adds and deletes reports of the service's library."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._alone = asyncio.Lock()

    async def ingest(self, paths: Sequence[Path], progress: Progress) -> IngestSummary:
        """Take files in; raises what ``qa.library.ingest.ingest`` raises, and what keeps the new
        version from being opened."""
        settings = self._service.settings

        def work() -> IngestSummary:
            vectors = self._service.vectors
            with changing(settings, vectors, progress) as library:
                return ingest(
                    library,
                    paths,
                    vectors,
                    passage_max_chars=settings.passage_max_chars,
                    limits=settings.read_limits,
                    progress=progress,
                    model=model_of(settings),
                )

        async with self._alone, self._in_force():
            shared = settings.database_url is not None
            patience = _SHARED_JOB_PATIENCE_SECONDS if shared else _JOB_PATIENCE_SECONDS
            return await _patiently(work, patience)

    async def remove(self, report_id: str) -> None:
        """Delete a report; raises ``ReportNotFoundError``, ``LibraryBusyError``."""
        # What is not held need not wait behind the jobs to be told so.
        if report_id not in self._service.chain.searcher.library.reports:
            raise ReportNotFoundError("no_report", report_id=report_id)
        settings, vectors = self._service.settings, self._service.vectors

        def work() -> None:
            with changing(settings, vectors) as library:
                remove(library, report_id, vectors, _tell_nobody)

        async with self._alone_soon(), self._in_force():
            await _patiently(work, _CLIENT_PATIENCE_SECONDS)

    async def correct(self, report_id: str, changes: Mapping[Field, Change]) -> list[WenzhengError]:
        """Correct a report's metadata, and return what failed by the way; raises what
        ``qa.library.correcting.correct`` raises."""
        settings, vectors = self._service.settings, self._service.vectors

        def work() -> list[WenzhengError]:
            with changing(settings, vectors) as library:
                return correct(
                    library,
                    {report_id: changes},
                    vectors,
                    passage_max_chars=settings.passage_max_chars,
                    progress=_tell_nobody,
                    model=model_of(settings),
                )

        async with self._alone_soon(), self._in_force():
            return await _patiently(work, _CLIENT_PATIENCE_SECONDS)

    @asynccontextmanager
    async def _alone_soon(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(_CLIENT_PATIENCE_SECONDS):
                await self._alone.acquire()
        except TimeoutError as error:
            raise busy(self._service.settings.library) from error
        try:
            yield
        finally:
            self._alone.release()

    @asynccontextmanager
    async def _in_force(self) -> AsyncIterator[None]:
        """Open what the block has made of the library, whether it ends well or not."""
        if died := left_by_the_dead(self._service.settings.library):
            self._service.incidents.tell("lock_taken_over", "writer_died", writer=died)
        try:
            yield
        finally:
            await self._service.refresh()
        failure = self._service.failure
        # Files of which none could be read make no library.
        if failure is not None and not isinstance(failure, LibraryNotFoundError):
            raise failure


async def _patiently(work: Callable[[], T], seconds: float) -> T:
    """Do the work, again and again while another process changes the library."""
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await _in_own_thread(work)
        except LibraryBusyError:
            if time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


async def _in_own_thread(work: Callable[[], T]) -> T:
    """The result of the work, done in a thread that takes none from the questions.

    A daemon: an ingest that does not end in time must not keep the process, and leaves the library
    as it was.
    """
    result: Future[T] = Future()
    # From here on it cannot be cancelled, and whoever waited may have gone.
    result.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run, name="wenzheng-writer", daemon=True).start()
    return await asyncio.wrap_future(result)


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
