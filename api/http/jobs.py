"""Ingests in the background: one at a time, the others wait their turn, all are told of as jobs."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import writer
from api.http.events import event, event_stream
from api.http.problems import Problem, language_of, problem_body, problem_of
from api.http.schemas import JobBody, problems
from api.http.service import Service
from api.http.shared_jobs import BEAT_SECONDS, SharedJob, SharedJobs, unpacked
from api.http.writing import Writer
from api.rendering import summary_json
from qa.errors import TooLargeError, WenzhengError
from qa.library.ingest import IngestSummary

State = Literal["queued", "running", "done", "failed"]

_LOG = logging.getLogger("wenzheng.jobs")
_MOST_WAITING, _MOST_KEPT = 100, 100
_FULL_RETRY_SECONDS = 30
# At the end a running ingest is let finish, then asked to stop, then left to the process's end.
_GRACE_SECONDS, _STOP_SECONDS = 10.0, 5.0
_LONGEST_WAIT_SECONDS = 30.0
# Files of a process that was killed; those of one that lives are not as old.
_STALE_SECONDS = 24 * 3600
# Errors beside those of size that say that a parser was stopped, or stopped itself.
_STOPPED = frozenset({"reader_died", "read_timeout", "read_memory"})


class Job:
    """An ingest of uploaded files. ``folder`` holds them and goes with the job's end."""

    def __init__(self, folder: Path, paths: Sequence[Path], job_id: str | None = None) -> None:
        self.id = job_id or secrets.token_hex(8)
        self.folder = folder
        self.paths = tuple(paths)
        self.state: State = "queued"
        self.created = _now()
        self.started: str | None = None
        self.finished: str | None = None
        self.progress: tuple[str, int, int] | None = None
        self.summary: IngestSummary | None = None
        self.error: Exception | None = None
        # Set, and replaced by another, with each change.
        self.changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")

    def begin(self) -> None:
        self.state, self.started = "running", _now()
        self._tell()

    def proceed(self, stage: str, done: int, total: int) -> None:
        self.progress = (stage, done, total)
        self._tell()

    def end(self, outcome: IngestSummary | Exception) -> None:
        if isinstance(outcome, IngestSummary):
            self.state, self.summary = "done", outcome
        else:
            self.state, self.error = "failed", outcome
        self.finished = _now()
        self._tell()

    def _tell(self) -> None:
        told, self.changed = self.changed, asyncio.Event()
        told.set()

    async def wait(self, seconds: float) -> None:
        """Wait until the job has ended, but not longer than some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.ended:
                    await self.changed.wait()

    def as_json(self, language: str) -> dict[str, Any]:
        """The job object; its messages in ``"zh"`` or ``"en"``."""
        progress = dict(zip(("stage", "done", "total"), self.progress or (), strict=False))
        problem = problem_body(problem_of(self.error, language)) if self.error else None
        return {
            "id": self.id,
            "state": self.state,
            "files": [path.name for path in self.paths],
            "created": self.created,
            "started": self.started,
            "finished": self.finished,
            "progress": progress or None,
            "result": _result(self, self.summary, language) if self.summary else None,
            "problem": problem,
        }


def _result(job: Job, summary: IngestSummary, language: str) -> dict[str, Any]:
    told = summary_json(summary, language)
    for row in told["failed"]:
        # The folders are ours and gone: the client knows its file, or a member of its archive, by the
        # name.
        path = Path(row["path"])
        inside = path.is_relative_to(job.folder)
        row["path"] = str(Path(*path.relative_to(job.folder).parts[1:])) if inside else path.name
    return {**told, "notes": [note.said(language) for note in summary.notes]}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Jobs:
    """Runs jobs in the order they come and remembers the latest."""

    def __init__(self, service: Service) -> None:
        self.writer = Writer(service)
        self._incidents = service.incidents
        self._uploads = service.settings.cache / "uploads"
        self._board = SharedJobs.of(service.settings)
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._closing = False
        self._abandoned = threading.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take jobs until the block ends; what runs then may finish, what waits has failed."""
        self._sweep()
        watching = asyncio.create_task(self._share()) if self._board else None
        try:
            yield
        finally:
            if watching:
                await _cancelled([watching])
            await self._stop()

    def new_folder(self) -> Path:
        """A folder for the files of a job to come; raises ``OSError``."""
        self._uploads.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._uploads))

    def require_room(self) -> None:
        """Raise the problem that keeps a job from being taken."""
        if self._closing:
            raise _stopping()
        if sum(job.state == "queued" for job in self._jobs.values()) >= _MOST_WAITING:
            raise _full()

    async def submit(self, folder: Path, paths: Sequence[Path]) -> Job:
        """A job that ingests the files; ``folder``, which holds them, is removed at its end.

        Where several programs serve the library it is kept in the database first: from then on it is
        done, whatever becomes of this program. Raises ``Problem`` where there is no room for it.
        """
        self.require_room()
        job = Job(folder, paths)
        if self._board and not await self._board.put(job, _MOST_WAITING):
            raise _full()
        return self._begin(job)

    def _begin(self, job: Job) -> Job:
        self._jobs[job.id] = job
        self._forget()
        self._tasks[job] = asyncio.create_task(self._run(job))
        return job

    async def find(self, job_id: str) -> Job | SharedJob:
        """Raises ``Problem`` for an id that is not, or no longer, known."""
        if job := self._jobs.get(job_id):
            return job
        if self._board and (shared := await self._board.find(job_id)):
            return shared
        told = f"no job {job_id}; only the latest are remembered, and none beyond a restart"
        raise Problem(404, "no_job", told)

    def own(self) -> list[Job]:
        """The jobs that this program took and remembers, latest first."""
        return list(reversed(self._jobs.values()))

    async def latest(self) -> Sequence[Job | SharedJob]:
        """The jobs remembered, latest first."""
        if self._board is None:
            return self.own()
        return [self._jobs.get(job.id, job) for job in await self._board.latest(_MOST_KEPT)]

    async def _share(self) -> None:
        """Tell the other programs how our jobs stand, and go on with those of programs that died."""
        assert self._board
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._board.tell([job for job in self._tasks if not job.ended])
                if not self._tasks:
                    await self._adopt(self._board)
            except Exception:
                # Jobs go on without it, and the database may be there again.
                _LOG.exception("jobs are not shared")

    async def _adopt(self, board: SharedJobs) -> None:
        taken = await board.take_abandoned()
        if taken is None:
            return
        job_id, files = taken
        _LOG.warning("going on with the job %s of a program that is gone", job_id)
        folder = self.new_folder()
        paths = await asyncio.to_thread(unpacked, folder, files)
        self._begin(Job(folder, paths, job_id))

    async def _run(self, job: Job) -> None:
        outcome: IngestSummary | Exception = _stopping()
        try:
            async with self._turn:
                job.begin()
                outcome = await self.writer.ingest(job.paths, self._progress_of(job))
        except Exception as error:
            if not isinstance(error, WenzhengError | Problem):
                _LOG.error("the job %s broke", job.id, exc_info=error)
            outcome = error
        finally:
            shutil.rmtree(job.folder, ignore_errors=True)
            self._tell_what_failed(job, outcome)
            job.end(outcome)
            del self._tasks[job]
            if self._board:
                await self._board.end(job, given_up=self._closing and job.state == "failed")

    def _tell_what_failed(self, job: Job, outcome: IngestSummary | Exception) -> None:
        if isinstance(outcome, IngestSummary):
            for failure in outcome.failed:
                error = failure.error
                if isinstance(error, TooLargeError) or error.key in _STOPPED:
                    self._incidents.tell("reader_stopped", error.key, job=job.id)
        else:
            reason = getattr(outcome, "key", "internal")
            self._incidents.tell("job_failed", reason, job=job.id, error=str(outcome))

    def _progress_of(self, job: Job) -> Any:
        loop = asyncio.get_running_loop()

        def tell(stage: str, done: int, total: int) -> None:
            if self._abandoned.is_set():
                raise _stopping()
            loop.call_soon_threadsafe(job.proceed, stage, done, total)

        return tell

    def _forget(self) -> None:
        ended = [job.id for job in self._jobs.values() if job.ended]
        for job_id in ended[: max(0, len(self._jobs) - _MOST_KEPT)]:
            del self._jobs[job_id]

    async def _stop(self) -> None:
        self._closing = True
        # A job that waits would begin as soon as the one that runs has ended.
        await _cancelled([task for job, task in self._tasks.items() if job.state == "queued"])
        running = list(self._tasks.values())
        for seconds in (_GRACE_SECONDS, _STOP_SECONDS):
            if running:
                _, left = await asyncio.wait(running, timeout=seconds)
                running = list(left)
            self._abandoned.set()
        await _cancelled(running)

    def _sweep(self) -> None:
        for folder in self._uploads.glob("*"):
            with suppress(OSError):
                if folder.stat().st_mtime < time.time() - _STALE_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def _full() -> Problem:
    told = f"{_MOST_WAITING} jobs are waiting already; try again later"
    return Problem(503, "too_many_jobs", told, {"Retry-After": str(_FULL_RETRY_SECONDS)})


def _stopping() -> Problem:
    return Problem(503, "stopping", "the service is stopping; send the files again when it is up")


def jobs_of(request: Request) -> Jobs:
    """The jobs of the application that a request came to."""
    jobs = request.app.state.jobs
    assert isinstance(jobs, Jobs)
    return jobs


# --- routes ------------------------------------------------------------------------------------

router = APIRouter(prefix="/api/jobs", tags=["reports"], dependencies=[Depends(writer)])

TheJobs = Annotated[Jobs, Depends(jobs_of)]


@router.get("", response_model=list[JobBody])
async def latest_jobs(request: Request, jobs: TheJobs) -> Any:
    """The latest jobs, latest first."""
    language = language_of(request)
    return [job.as_json(language) for job in (await jobs.latest())[:_MOST_KEPT]]


@router.get("/{job_id}", response_model=JobBody, responses=problems(404, 422))
async def one_job(
    request: Request,
    jobs: TheJobs,
    job_id: str,
    wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_SECONDS)] = 0,
) -> Any:
    """A job; with `wait` as soon as it has ended, or after so many seconds."""
    job = await jobs.find(job_id)
    await job.wait(wait)
    return job.as_json(language_of(request))


@router.get(
    "/{job_id}/events",
    responses={
        200: {
            "description": "the events progress and, at the end, done or failed; each a job object",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **problems(404),
    },
)
async def job_events(request: Request, jobs: TheJobs, job_id: str) -> Response:
    """A job each time it proceeds, until it has ended."""
    job = await jobs.find(job_id)
    return await event_stream(request, _events(job, language_of(request)))


async def _events(job: Job | SharedJob, language: str) -> AsyncGenerator[bytes, None]:
    while True:
        # Taken before the job is told: what changes meanwhile is told next.
        changed = job.changed
        yield event(job.as_json(language), job.state if job.ended else "progress")
        if job.ended:
            return
        await changed.wait()
