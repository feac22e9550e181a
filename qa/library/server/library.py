"""The reading side: one version of the library that the servers keep."""

from __future__ import annotations

import atexit
import copy
import json
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, select

from qa.errors import LibraryNotFoundError
from qa.library import tables
from qa.library.library import Library
from qa.library.manifest import FORMAT, Manifest
from qa.library.server import schema
from qa.library.server.address import ServerAddress
from qa.library.server.originals import ServerFiles
from qa.library.server.vectors import ServerVectors, groups_by_report, open_index, require_whole

if TYPE_CHECKING:
    from embeddings import Bm25Index, Embedder

_AT_A_TIME = 10_000


class ServerLibrary(Library):
    """A version of the library at an address, read as an embedded one is.

    Methods raise ``LibraryUnavailableError`` if the database does not answer. The lexical index is made of
    the database's texts in the cache of this machine, as it scores like that of an embedded library.
    """

    def __init__(self, server: ServerAddress) -> None:
        """Open the version in force; raises ``LibraryNotFoundError``, ``LibraryUnavailableError``."""
        self.server = server
        self.path = Path(str(server))
        self._watching = _watching(server)
        with server.reported(), self._watching.connect() as connection:
            number = _current(connection)
            if number is None:
                raise LibraryNotFoundError("no_library", path=server)
            of_version = schema.versions.c.version == number
            told = connection.execute(select(schema.versions.c.manifest).where(of_version))
            self.manifest = Manifest(FORMAT, **json.loads(told.scalar_one()))
            self._mark = schema.mark_of(connection, number)
            self.library_id = connection.execute(select(schema.identity.c.id)).scalar_one()
        self.number = number
        self.stamp = f"{self.library_id}-{self._mark}"
        self.faults = ()
        self._engine = server.engine(number)
        self._release = weakref.finalize(self, _dispose, self._engine)  # type: ignore[arg-type]
        self.originals = ServerFiles(server, self._engine, self.library_id)
        self._entries, self._facts, self._passage_of, self._marks = {}, {}, {}, {}
        self._of_model: dict[str, ServerVectors] = {}

    @property
    def version(self) -> str:
        return f"{self.number:06d}"

    def is_current(self) -> bool:
        """False once an ingest has made a newer version."""
        with self.server.reported(), self._watching.connect() as connection:
            return _current(connection) == self.number

    def is_superseded(self) -> bool:
        """True once there is a newer version, which is published with its vectors."""
        return not self.is_current()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.server.reported(), self._engine.connect() as connection:
            yield connection

    # --- vectors -------------------------------------------------------------------------------

    def load_vectors(self, embedder: Embedder) -> ServerVectors | None:
        """See ``Library.load_vectors``; raises ``embeddings.IndexUnavailableError`` as well."""
        if not self.manifest.has_vectors:
            return None
        self._require_model(embedder)
        if embedder.model_id not in self._of_model:
            with self._reading() as connection:
                index = open_index(self.server, connection, embedder.model_id, embedder.dimension)
            require_whole(index, self.sentence_count)
            whole = copy.copy(self)
            self._of_model[embedder.model_id] = ServerVectors(index, whole)
        return self._of_model[embedder.model_id]

    def _require_model(self, embedder: Embedder) -> None:
        from embeddings import IndexMismatchError

        held, dimension = self.manifest.model_id, self.manifest.dimension
        if (embedder.model_id, embedder.dimension) != (held, dimension):
            raise IndexMismatchError(
                f"the library's vectors are of {held!r} ({dimension} dimensions), not of"
                f" {embedder.model_id!r} ({embedder.dimension})",
                "set the embedding model they were made with, or embed anew with ingest --reembed",
            )

    @cached_property
    def vector_groups(self) -> Mapping[int, Sequence[int]]:
        """Row id of a report → what Milvus calls the groups of its vectors."""
        with self._reading() as connection:
            return groups_by_report(connection)

    @cached_property
    def years(self) -> Mapping[int, int]:
        """Row id of a report → the partition that its vectors are in."""
        with self._reading() as connection:
            query = select(tables.reports.c.id, tables.reports.c.year)
            return {row.id: row.year or 0 for row in connection.execute(query)}

    @cached_property
    def sentence_count(self) -> int:
        """How many sentences the version holds."""
        with self._reading() as connection:
            query = select(func.count()).select_from(tables.sentences)
            return connection.execute(query).scalar_one()

    def added_in(self, sentences: Sequence[int]) -> dict[int, int]:
        """Row id of a sentence → the version that added it."""
        rows = schema.OF_TABLE["sentences"].c
        there = schema.is_there(rows, schema.version_at())
        found: dict[int, int] = {}
        with self._reading() as connection:
            for start in range(0, len(sentences), _AT_A_TIME):
                part = sentences[start : start + _AT_A_TIME]
                query = select(rows.id, rows.added).where(rows.id.in_(part), there)
                found |= {row.id: row.added for row in connection.execute(query)}
        return found

    # --- words ---------------------------------------------------------------------------------

    @cached_property
    def lexical(self) -> Bm25Index:
        """BM25 over passages, by row id; made the first time that this machine reads the version."""
        from embeddings import Bm25Index, EmbeddingError

        folder = self.server.cache / "server" / self.library_id / "lexical"
        try:
            return Bm25Index.load(folder / self._mark)
        except (EmbeddingError, OSError):
            # One of an earlier program would stand in the way of what is made now.
            shutil.rmtree(folder / self._mark, ignore_errors=True)
            index = self._lexical_made()
            _kept(index, folder, self._mark)
            return index

    def _lexical_made(self) -> Bm25Index:
        import numpy as np

        from embeddings import Bm25Index

        columns = (tables.passages.c.id, tables.passages.c.report, tables.passages.c.text)
        with self._reading() as connection:
            rows = connection.execute(select(*columns).order_by(tables.passages.c.id)).all()
        ids, groups = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
        return Bm25Index.build(ids, [row.text for row in rows], groups)

    def close(self) -> None:
        """Let go of the connections."""
        self._release()


# One a program and address: asked every second whether there is a newer version.
_WATCHING: dict[ServerAddress, Engine] = {}


def _watching(server: ServerAddress) -> Engine:
    if server not in _WATCHING:
        _WATCHING[server] = server.engine(pool_size=1)
        atexit.register(_WATCHING[server].dispose)
    return _WATCHING[server]


def _dispose(engine: Engine) -> None:
    engine.dispose()


def _current(connection: Connection) -> int | None:
    """The version in force; None where there is none, or no schema yet."""
    from sqlalchemy import text

    there = connection.execute(text(f"SELECT to_regclass('{schema.versions.name}')")).scalar()
    return schema.current(connection) if there else None


def _kept(index: Bm25Index, folder: Path, name: str) -> None:
    """Keep an index for the next program that opens its version, in the place of older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
    index.save(aside)
    try:
        aside.rename(folder / name)
    except OSError:
        # Another program was faster.
        shutil.rmtree(aside, ignore_errors=True)
    for other in folder.iterdir():
        # What is open stays readable without its name. One of another program may be aside yet.
        if other.name < name and not other.name.startswith("."):
            shutil.rmtree(other, ignore_errors=True)
