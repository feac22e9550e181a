"""Jobs that several programs serve together: kept in the database with their files until they are done."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from api.assembly import job_board_of
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.library.server.shared import JobBoard, PostedJob

# A program says so often that it lives; one that was not heard for longer has died.
BEAT_SECONDS = 2.0
_DEAD_AFTER_SECONDS = 15.0
_LOOK_SECONDS = 0.5
_LANGUAGES = ("zh", "en")


class OwnJob(Protocol):
    """A job of this program."""

    id: str
    folder: Path
    paths: tuple[Path, ...]
    state: Any

    def as_json(self, language: str) -> dict[str, Any]: ...


class SharedJob:
    """A job that another program does, as it was last told."""

    def __init__(self, posted: PostedJob, look: Callable[[], Awaitable[PostedJob | None]]) -> None:
        self._posted = posted
        self._look = look

    @property
    def id(self) -> str:
        return self._posted.id

    @property
    def state(self) -> str:
        return self._posted.state

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")

    @property
    def changed(self) -> _Changed:
        """What waits until it is told otherwise than now."""
        return _Changed(self)

    async def wait(self, seconds: float) -> None:
        """Wait until the job has ended, but not longer than some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.ended:
                    await self.changed.wait()

    async def look(self) -> bool:
        """Read it anew; True if it changed."""
        newer = await self._look() or self._posted
        changed, self._posted = newer != self._posted, newer
        return changed

    def as_json(self, language: str) -> dict[str, Any]:
        """The job object; its messages in ``"zh"`` or ``"en"``."""
        told = dict(self._posted.told[language])
        # Its holder may have died since it told of it.
        return told if self.ended else told | {"state": self.state}


class _Changed:
    def __init__(self, job: SharedJob) -> None:
        self._job = job

    async def wait(self) -> None:
        while not await self._job.look():
            await asyncio.sleep(_LOOK_SECONDS)


class SharedJobs:
    """The jobs of all programs, under the name of this one."""

    def __init__(self, board: JobBoard) -> None:
        self._board = board
        self._name = secrets.token_hex(8)

    @classmethod
    def of(cls, settings: Settings) -> SharedJobs | None:
        """None where one program serves the library alone."""
        board = job_board_of(settings)
        return cls(board) if board else None

    async def put(self, job: OwnJob, most: int) -> bool:
        """Keep a job and its files; False if ``most`` are waiting."""

        def work() -> bool:
            files = [(str(path.relative_to(job.folder)), path.read_bytes()) for path in job.paths]
            return self._board.put(_posted(job), self._name, files, most)

        return await asyncio.to_thread(work)

    async def tell(self, jobs: Sequence[OwnJob]) -> None:
        """Say how our jobs stand."""
        for job in jobs:
            await asyncio.to_thread(self._board.tell, _posted(job), self._name)

    async def end(self, job: OwnJob, *, given_up: bool) -> None:
        """Say how a job ended; one that we gave up is for others to do."""
        if given_up:
            await asyncio.to_thread(self._board.release, job.id, self._name)
        else:
            await asyncio.to_thread(self._board.tell, _posted(job), self._name)

    async def take_abandoned(self) -> tuple[str, list[tuple[str, bytes]]] | None:
        """The id and files of a job whose program died; it is ours from now on."""
        taken = await asyncio.to_thread(self._board.take_abandoned, self._name, _DEAD_AFTER_SECONDS)
        return (taken[0].id, taken[1]) if taken else None

    async def find(self, job_id: str) -> SharedJob | None:
        posted = await asyncio.to_thread(self._board.find, job_id)
        return self._shared(posted) if posted else None

    async def latest(self, most: int) -> list[SharedJob]:
        posted = await asyncio.to_thread(self._board.latest, most)
        return [self._shared(one) for one in posted]

    def _shared(self, posted: PostedJob) -> SharedJob:
        return SharedJob(posted, lambda: asyncio.to_thread(self._board.find, posted.id))


def _posted(job: OwnJob) -> PostedJob:
    from qa.library.server.shared import PostedJob

    return PostedJob(job.id, job.state, {one: job.as_json(one) for one in _LANGUAGES})


def unpacked(folder: Path, files: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Write a job's files below ``folder`` as they were; nothing outside it."""
    paths = []
    try:
        for name, content in files:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise ValueError(f"{name!r} leads out of its folder")  # noqa: TRY301
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return paths
