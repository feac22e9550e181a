"""From a library on this disk to the servers: what differs, in one transaction."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError

from qa.errors import LibraryBusyError
from qa.library import storage, tables
from qa.library.indexing import VectorMaker
from qa.library.integrity import ORIGINALS
from qa.library.originals import originals_named_by
from qa.library.server import schema
from qa.library.server.address import ServerAddress
from qa.library.server.keys import group_key, groups_of_version, vector_key
from qa.library.server.migrations import upgrade
from qa.library.server.originals import put_originals, sweep_originals
from qa.library.server.rows import Embedded, key_columns, rows_of, sentences
from qa.library.server.vectors import drop_others, open_index

if TYPE_CHECKING:
    from embeddings import MilvusIndex

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
_ROWS_AT_A_TIME = 1_000
# The writer's lock in the database; it falls with the connection.
_WRITER = 0x77656E7B
_TRIES, _TRY_SECONDS = 5, 0.1
# A replica opens a new version within seconds; a long answer may still read an old one.
_KEPT_VERSIONS, _KEPT_MINUTES = 3, 60


@contextmanager
def writing(server: ServerAddress) -> Iterator[Connection]:
    """The connection that alone may publish, on a database that is brought up to date.

    Raises ``LibraryBusyError`` if another program holds it, ``LibraryUnavailableError``.
    """
    engine = server.engine(pool_size=1)
    try:
        with server.reported(), engine.connect() as connection:
            upgrade(connection)
            connection.commit()
            if not _locked(connection):
                raise LibraryBusyError("library_busy", path=server, holder=_holder(connection))
            try:
                yield connection
            finally:
                _unlock(connection)
    finally:
        # Not back into a pool: the lock is the connection's.
        engine.dispose()


def _locked(connection: Connection) -> bool:
    """Take the writer's lock; that of a program that has just died may be held for an instant yet."""
    for _ in range(_TRIES):
        got = connection.execute(select(func.pg_try_advisory_lock(_WRITER))).scalar()
        connection.commit()
        if got:
            return True
        time.sleep(_TRY_SECONDS)
    return False


def _unlock(connection: Connection) -> None:
    # A connection that was lost has lost the lock as well.
    with contextlib.suppress(DBAPIError):
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(_WRITER)))
        connection.commit()


def _holder(connection: Connection) -> str:
    query = text(
        "SELECT a.client_addr, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objid = :lock LIMIT 1"
    )
    row = connection.execute(query, {"lock": _WRITER}).first()
    return f"{row.client_addr or 'local'}, since {row.backend_start:%F %T}" if row else "?"


def publish(
    connection: Connection,
    library: Path,
    server: ServerAddress,
    vectors: VectorMaker,
    progress: Progress,
) -> int:
    """Make the version in force at ``library`` the servers'; returns its number. Readers see it at once and
    as a whole: files and vectors are kept before the database tells of them.

    Raises ``LibraryUnavailableError``, ``LibraryError``, ``embeddings.EmbeddingError``, with the servers'
    library as it was.
    """
    folder = storage.current_version(library)
    manifest = storage.Manifest.read(folder)
    put_originals(connection, library / ORIGINALS, originals_named_by(folder))
    version = _begun(connection)
    engine = tables.open_database(folder / storage.DATABASE)
    try:
        with connection.begin(), engine.connect() as held:
            fresh: dict[str, set[tuple[Any, ...]]] = {}
            for number, table in enumerate(schema.TABLES):
                progress("publish", number, len(schema.TABLES))
                fresh[table.name] = _change(connection, held, table, version, manifest.model_id)
            embedded = {key[0] for key in fresh[tables.sentences.name]}
            embedded |= _left_of_groups(connection, version)
            if manifest.model_id and manifest.dimension and manifest.has_vectors:
                model = (manifest.model_id, manifest.dimension)
                index = open_index(server, connection, *model, makes=True)
                # Of another program's attempt of that number, after the database alone was restored.
                index.remove_between(*groups_of_version(version))
                added = dict.fromkeys(embedded, version) | _lost(connection, index, version)
                _add_vectors(index, held, added, vectors, progress)
            told: dict[str, object] = {
                "embedding": manifest.embedding,
                "model_id": manifest.model_id,
            }
            told |= {"dimension": manifest.dimension, "has_vectors": manifest.has_vectors}
            row = {"version": version, "manifest": json.dumps(told)}
            connection.execute(schema.versions.insert().values(row))
            connection.execute(schema.begun.delete().where(schema.begun.c.version == version))
    finally:
        engine.dispose()
    progress("publish", len(schema.TABLES), len(schema.TABLES))
    return version


def _begun(connection: Connection) -> int:
    """The number of a new attempt, which is kept: should it fail, its vectors are known by it."""
    with connection.begin():
        version = int(connection.execute(select(schema.ATTEMPTS.next_value())).scalar_one())
        connection.execute(schema.begun.insert().values(version=version))
    return version


def _change(
    connection: Connection, held: Connection, table: Table, version: int, model_id: str | None
) -> set[tuple[Any, ...]]:
    """Bring a table's rows to those that are held; returns the keys of the new ones."""
    rows = schema.OF_TABLE[table.name]
    keys = [rows.c[name] for name in key_columns(table)]
    query = select(*keys, rows.c.digest).where(rows.c.removed.is_(None))
    there = {tuple(row[:-1]): bytes(row[-1]) for row in connection.execute(query)}
    gone, fresh, added = dict.fromkeys(there), set(), []
    for row in rows_of(held, table, model_id):
        if there.get(row.key) == row.digest:
            del gone[row.key]
            continue
        fresh.add(row.key)
        added.append({**row.values, "added": version, "digest": row.digest})
        if len(added) == _ROWS_AT_A_TIME:
            connection.execute(rows.insert(), added)
            added = []
    if added:
        connection.execute(rows.insert(), added)
    for part in _parts(list(gone)):
        old = tuple_(*keys).in_(part) & rows.c.removed.is_(None) & (rows.c.added < version)
        connection.execute(update(rows).where(old).values(removed=version))
    return fresh


def _left_of_groups(connection: Connection, version: int) -> set[int]:
    """Add anew the sentences whose group of vectors has lost another: a group is searched as a whole, and
    what it has lost would be found with what it holds. Returns their row ids.

    Seldom any: a report is removed as a whole, unless another library takes its place.
    """
    rows, passages = schema.OF_TABLE["sentences"], schema.OF_TABLE["passages"].alias()
    of_gone = schema.OF_TABLE["passages"].alias()
    gone = rows.alias()
    torn = (
        select(gone.c.added, of_gone.c.report)
        .distinct()
        .where(gone.c.removed == version, of_gone.c.id == gone.c.passage)
        .where(of_gone.c.added < version)
        .where(of_gone.c.removed.is_(None) | (of_gone.c.removed == version))
        .subquery()
    )
    query = (
        select(rows.c.id)
        .where(rows.c.removed.is_(None), rows.c.added == torn.c.added)
        .where(passages.c.report == torn.c.report, passages.c.removed.is_(None))
        .where(passages.c.id == rows.c.passage)
    )
    left = list(connection.execute(query).scalars())
    names = [*(column.name for column in tables.sentences.columns), "digest"]
    for part in _parts(left):
        these = rows.c.id.in_(part) & rows.c.removed.is_(None) & (rows.c.added < version)
        copied = select(*(rows.c[name] for name in names), literal(version)).where(these)
        connection.execute(rows.insert().from_select([*names, "added"], copied))
        connection.execute(update(rows).where(these).values(removed=version))
    return set(left)


def _lost(connection: Connection, index: MilvusIndex, version: int) -> dict[int, int]:
    """Sentences of earlier versions, with the version that added each, whose vectors Milvus has lost. They
    are looked for only if it holds fewer than it should."""
    import numpy as np

    rows = schema.OF_TABLE["sentences"].c
    there = rows.removed.is_(None) & (rows.added < version)
    if len(index) >= _count(connection, there):
        return {}
    found: dict[int, int] = {}
    for part in _parts(connection.execute(select(rows.id, rows.added).where(there))):
        keys = {vector_key(row.added, row.id): row for row in part}
        held = index.holds(np.array(list(keys), np.int64))
        found |= {row.id: row.added for key, row in keys.items() if key not in held}
    return found


def lacks_vectors(connection: Connection, server: ServerAddress) -> bool:
    """Whether Milvus has lost vectors of the version in force; the next to publish stores them again.

    Raises ``embeddings.IndexUnavailableError``.
    """
    newest = schema.current(connection)
    manifest = json.loads(_manifest_of(connection, newest)) if newest is not None else {}
    try:
        if not manifest.get("has_vectors"):
            return False
        model = (manifest["model_id"], manifest["dimension"])
        index = open_index(server, connection, *model, makes=True)
        there = schema.OF_TABLE["sentences"].c.removed.is_(None)
        return len(index) < _count(connection, there)
    finally:
        connection.commit()


def _count(connection: Connection, sentences: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(sentences)).scalar_one()


def _manifest_of(connection: Connection, version: int) -> str:
    query = select(schema.versions.c.manifest).where(schema.versions.c.version == version)
    manifest: str = connection.execute(query).scalar_one()
    return manifest


def _add_vectors(
    index: MilvusIndex,
    held: Connection,
    added: Mapping[int, int],
    vectors: VectorMaker,
    progress: Progress,
) -> None:
    """Add the vectors of the sentences ``added``, each in the version that added it."""
    from embeddings import embed_with_cache

    embedder = vectors.load() if added else None
    done = 0
    if embedder is not None:
        with vectors.open_cache() as cache:
            for part in _parts(sentences(held, added.keys())):
                matrix = embed_with_cache(embedder, [one.text for one in part], cache)
                index.add(_batch(part, matrix, added), [one.labels for one in part])
                done += len(part)
                progress("store", done, len(added))
    index.settle()


def _batch(part: Sequence[Embedded], matrix: Any, added: Mapping[int, int]) -> Any:
    import numpy as np

    from embeddings import VectorBatch

    ids = np.array([vector_key(added[one.sentence], one.sentence) for one in part], np.int64)
    groups = np.array([group_key(added[one.sentence], one.report) for one in part], np.int64)
    return VectorBatch(ids, groups, matrix)


def sweep(connection: Connection, server: ServerAddress) -> None:
    """Forget versions that nobody reads any more, and what attempts that failed left in Milvus."""
    newest = schema.current(connection)
    if newest is None:
        return
    manifest = json.loads(_manifest_of(connection, newest))
    index = None
    if manifest["model_id"]:
        model = (manifest["model_id"], manifest["dimension"])
        index = open_index(server, connection, *model, makes=True)
    connection.commit()
    _forget_failed(connection, index)
    _forget_old(connection, index)
    sweep_originals(connection)
    told = connection.execute(select(schema.versions.c.manifest)).scalars()
    kept = [(one["model_id"], one["dimension"]) for one in map(json.loads, told)]
    drop_others(server, connection, [model for model in kept if model[0]])
    connection.commit()


def _forget_failed(connection: Connection, index: MilvusIndex | None) -> None:
    """Remove what failed attempts left in Milvus. Their numbers are kept for a while: the program of one
    may be stopped, not dead, and go on."""
    begun = schema.begun.c
    failed = list(connection.execute(select(begun.version)).scalars())
    connection.commit()
    for attempt in failed:
        if index is not None:
            index.remove_between(*groups_of_version(attempt))
    with connection.begin():
        is_old = begun.made < func.now() - text(f"interval '{_KEPT_MINUTES} minutes'")
        connection.execute(schema.begun.delete().where(begun.version.in_(failed), is_old))


def _forget_old(connection: Connection, index: MilvusIndex | None) -> None:
    """Rows that were removed before the oldest version that may be read."""
    with connection.begin():
        query = select(schema.versions.c.version).order_by(schema.versions.c.version.desc())
        kept = list(connection.execute(query.limit(_KEPT_VERSIONS)).scalars())
        is_old = schema.versions.c.made < func.now() - text(f"interval '{_KEPT_MINUTES} minutes'")
        oldest = connection.execute(
            select(func.min(schema.versions.c.version)).where(~is_old)
        ).scalar()
        keep_from = min([*kept, *([oldest] if oldest else [])])
        gone = _groups_gone(connection, keep_from)
        for rows in schema.OF_TABLE.values():
            connection.execute(rows.delete().where(rows.c.removed <= keep_from))
        connection.execute(schema.versions.delete().where(schema.versions.c.version < keep_from))
    if index is not None and gone:
        import numpy as np

        index.remove(np.array(sorted(gone), np.int64))


def _groups_gone(connection: Connection, keep_from: int) -> set[int]:
    """Groups of vectors of which no sentence is in any version that is kept."""
    of_sentence, of_passage = schema.OF_TABLE["sentences"], schema.OF_TABLE["passages"]
    joined = of_sentence.join(of_passage, of_passage.c.id == of_sentence.c.passage)
    removed = of_sentence.c.removed <= keep_from
    columns = (of_passage.c.report, of_sentence.c.added)
    query = select(*columns, func.bool_and(func.coalesce(removed, False))).select_from(joined)
    rows = connection.execute(query.group_by(*columns)).all()
    return {group_key(row[1], row[0]) for row in rows if row[2]}


def _parts(things: Any) -> Iterator[list[Any]]:
    iterator = iter(things)
    while part := list(islice(iterator, _ROWS_AT_A_TIME)):
        yield part
