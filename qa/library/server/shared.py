"""What all programs that serve one library share beside it: keys, counts of requests, jobs."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, text

from qa.library.server.address import ServerAddress
from qa.library.server.migrations import upgrade

# Asked with every request: a database that hangs must not hang us with it.
_PATIENCE_SECONDS = 5


class Shared:
    """Connections to the shared tables. Methods raise ``LibraryUnavailableError``."""

    def __init__(self, server: ServerAddress) -> None:
        self.server = server

    @cached_property
    def _engine(self) -> Engine:
        """Connections to a database that is brought up to date first."""
        engine = self.server.engine(patience_seconds=_PATIENCE_SECONDS)
        weakref.finalize(self, engine.dispose)
        with self.server.reported(), engine.begin() as connection:
            upgrade(connection)
        return engine

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block."""
        engine = self._engine
        with self.server.reported(), engine.begin() as connection:
            yield connection


class SharedKeys(Shared):
    """API keys: for each its id and its entry as text."""

    def changes(self) -> int | None:
        """Grows with every change; None as long as there never was a key."""
        with self.changing() as connection:
            return _changes(connection)

    def entries(self) -> tuple[list[str], int]:
        """All entries in the order they were made, and how often they had changed."""
        with self.changing() as connection:
            rows = connection.execute(text("SELECT entry FROM keys ORDER BY number"))
            return [row.entry for row in rows], _changes(connection) or 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one program at a time change them."""
        with self.changing() as connection:
            connection.execute(text("LOCK TABLE keys_lock IN EXCLUSIVE MODE"))
            yield

    def write(self, entries: Iterable[tuple[str, str]]) -> None:
        """Put these (id, entry) in the place of all."""
        rows = [{"id": key, "entry": entry} for key, entry in entries]
        with self.changing() as connection:
            connection.execute(text("DELETE FROM keys"))
            if rows:
                connection.execute(text("INSERT INTO keys (id, entry) VALUES (:id, :entry)"), rows)
            if _changes(connection) is None:
                connection.execute(text("INSERT INTO keys_changed VALUES (0)"))
            connection.execute(text("UPDATE keys_changed SET number = number + 1"))


def _changes(connection: Connection) -> int | None:
    row = connection.execute(text("SELECT number FROM keys_changed")).first()
    return row.number if row else None


class SharedHits(Shared):
    """When callers made requests, on the database's clock."""

    def take(self, caller: str, limit: int, seconds: int, amount: int) -> bool:
        """Count so many requests of a caller, unless they were more than ``limit`` within ``seconds``."""
        told = {"caller": caller, "seconds": seconds, "amount": amount}
        with self.changing() as connection:
            # Of two at once, to two programs, the one waits for the other.
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:caller, 0))"), told
            )
            connection.execute(
                text(
                    "DELETE FROM hits WHERE caller = :caller"
                    " AND at <= clock_timestamp() - make_interval(secs => :seconds)"
                ),
                told,
            )
            count = text("SELECT count(*) FROM hits WHERE caller = :caller")
            if connection.execute(count, told).scalar_one() + amount > limit:
                return False
            connection.execute(
                text(
                    "INSERT INTO hits (caller, at)"
                    " SELECT :caller, clock_timestamp() FROM generate_series(1, :amount)"
                ),
                told,
            )
            return True

    def window(self, caller: str, seconds: int) -> tuple[float, int]:
        """How many seconds ago the oldest of a caller's requests within ``seconds`` came, and how many
        there are."""
        query = text(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0), count(*) FROM hits"
            " WHERE caller = :caller AND at > clock_timestamp() - make_interval(secs => :seconds)"
        )
        with self.changing() as connection:
            row = connection.execute(query, {"caller": caller, "seconds": seconds}).one()
        return float(row[0]), int(row[1])

    def forget(self, seconds: int) -> None:
        """Forget what is older than any limit."""
        with self.changing() as connection:
            connection.execute(
                text("DELETE FROM hits WHERE at < now() - make_interval(secs => :seconds)"),
                {"seconds": seconds},
            )


@dataclass(frozen=True, slots=True)
class PostedJob:
    """A job as all programs see it; ``told`` is its object, by language."""

    id: str
    state: str
    told: Mapping[str, Any]


class JobBoard(Shared):
    """Ingests of uploaded files, with the files: whichever program takes one, another goes on with it if
    that one dies."""

    def put(
        self, job: PostedJob, holder: str, files: Sequence[tuple[str, bytes]], most: int
    ) -> bool:
        """Keep a job with its files, held by the program ``holder``; False if ``most`` wait already."""
        with self.changing() as connection:
            waiting = text("SELECT count(*) FROM jobs WHERE state = 'queued'")
            if connection.execute(waiting).scalar_one() >= most:
                return False
            connection.execute(
                text(
                    "INSERT INTO jobs (id, state, told, holder)"
                    " VALUES (:id, :state, :told, :holder)"
                ),
                {**_told(job), "holder": holder},
            )
            connection.execute(
                text("INSERT INTO job_files VALUES (:job, :place, :name, :content)"),
                [
                    {"job": job.id, "place": place, "name": name, "content": content}
                    for place, (name, content) in enumerate(files)
                ],
            )
        return True

    def tell(self, job: PostedJob, holder: str) -> bool:
        """Say how a job stands, which also says that its holder lives; False if another has taken it.

        The files of one that has ended go; if another has taken it, they are his.
        """
        with self.changing() as connection:
            found = connection.execute(
                text(
                    "UPDATE jobs SET state = :state, told = :told, seen = now()"
                    " WHERE id = :id AND holder = :holder"
                ),
                {**_told(job), "holder": holder},
            )
            if found.rowcount and job.state in ("done", "failed"):
                connection.execute(text("DELETE FROM job_files WHERE job = :id"), {"id": job.id})
        return found.rowcount > 0

    def release(self, job_id: str, holder: str) -> None:
        """Let another program take a job at once."""
        with self.changing() as connection:
            connection.execute(
                text(
                    "UPDATE jobs SET state = 'queued', holder = NULL, seen = '-infinity'"
                    " WHERE id = :id AND holder = :holder"
                ),
                {"id": job_id, "holder": holder},
            )

    def take_abandoned(
        self, holder: str, seconds: float
    ) -> tuple[PostedJob, list[tuple[str, bytes]]] | None:
        """The oldest job of which nothing was heard for so long, held by ``holder`` from now on."""
        query = text(
            "UPDATE jobs SET holder = :holder, state = 'queued', seen = now() WHERE id = ("
            " SELECT id FROM jobs WHERE state IN ('queued', 'running')"
            " AND seen < now() - make_interval(secs => :seconds)"
            " ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, state, told"
        )
        with self.changing() as connection:
            row = connection.execute(query, {"holder": holder, "seconds": seconds}).first()
            if row is None:
                return None
            rows = connection.execute(
                text("SELECT name, content FROM job_files WHERE job = :id ORDER BY place"),
                {"id": row.id},
            )
            files = [(one.name, bytes(one.content)) for one in rows]
        return PostedJob(row.id, row.state, json.loads(row.told)), files

    def find(self, job_id: str) -> PostedJob | None:
        """The job of that id; None if there is none, or no more."""
        with self.changing() as connection:
            row = connection.execute(
                text("SELECT id, state, told FROM jobs WHERE id = :id"), {"id": job_id}
            ).first()
        return PostedJob(row.id, row.state, json.loads(row.told)) if row else None

    def latest(self, most: int) -> list[PostedJob]:
        """The latest jobs, latest first; older ones that have ended are forgotten."""
        with self.changing() as connection:
            rows = connection.execute(
                text("SELECT id, state, told FROM jobs ORDER BY number DESC LIMIT :most"),
                {"most": most},
            ).all()
            connection.execute(
                text(
                    "DELETE FROM jobs WHERE state IN ('done', 'failed') AND number <"
                    " (SELECT coalesce(max(number), 0) - :most FROM jobs)"
                ),
                {"most": most},
            )
        return [PostedJob(row.id, row.state, json.loads(row.told)) for row in rows]


def _told(job: PostedJob) -> dict[str, Any]:
    return {"id": job.id, "state": job.state, "told": json.dumps(job.told, ensure_ascii=False)}
