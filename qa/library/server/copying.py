"""From the servers to a library on this disk, and the copy that changes are made on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from qa.errors import LibraryError
from qa.library import source_rows, storage, tables
from qa.library.indexing import Progress, VectorMaker, complete_vectors, finish_texts
from qa.library.integrity import ORIGINALS
from qa.library.locking import unwritable
from qa.library.server import schema
from qa.library.server.address import ServerAddress
from qa.library.server.keys import vector_key
from qa.library.server.library import ServerLibrary
from qa.library.server.originals import take_originals
from qa.library.server.publishing import publish, sweep, writing
from qa.library.server.rows import sentences
from qa.library.server.vectors import open_index

_AT_A_TIME = 1_000
_MARKER = "copy-of.json"


@contextmanager
def changing(server: ServerAddress, vectors: VectorMaker, progress: Progress) -> Iterator[Path]:
    """A library on this disk to change instead of the servers'; what the block makes of it is published at
    its end. If it fails, or this machine does, the servers' library is as it was.

    Raises ``LibraryBusyError`` if another program is changing it, ``LibraryUnavailableError``.
    """
    with writing(server) as connection:
        library = connection.execute(select(schema.identity.c.id)).scalar_one()
        newest = schema.current(connection)
        connection.commit()
        folder = server.cache / "server" / library / "copy"
        _refresh(folder, server, newest, vectors, progress)
        before = _state(folder)
        yield folder
        if _state(folder) == before:
            return
        version = publish(connection, folder, server, vectors, progress)
        _mark(folder, version)
        sweep(connection, server)


def _refresh(
    folder: Path,
    server: ServerAddress,
    newest: int | None,
    vectors: VectorMaker,
    progress: Progress,
) -> None:
    """Bring the copy to the version in force, unless it is it."""
    try:
        told = json.loads((folder / _MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        told = None
    if told == {"version": newest, "state": _state(folder)} and _is_sound(folder):
        return
    _clear(folder)
    if newest is not None:
        library = ServerLibrary(server)
        try:
            take_out(library, folder, vectors, progress)
        finally:
            library.close()
    _mark(folder, newest)


def _clear(folder: Path) -> None:
    """Remove a copy but for its originals: named by their bytes, they are as good for the next one."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name == ORIGINALS:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_sound(folder: Path) -> bool:
    try:
        return not storage.has_library(folder) or bool(storage.require_vouched(folder))
    except LibraryError:
        return False


def _state(folder: Path) -> str | None:
    """What changes whenever the copy does."""
    try:
        return (folder / "CURRENT").read_text("utf-8")
    except OSError:
        return None


def _mark(folder: Path, version: int | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = {"version": version, "state": _state(folder)}
    (folder / _MARKER).write_text(json.dumps(told), "utf-8")


def take_out(
    library: ServerLibrary, folder: Path, vectors: VectorMaker, progress: Progress
) -> None:
    """Write the servers' version as the first of an embedded library at ``folder``; vectors come along, none
    is made anew.

    Raises ``LibraryUnavailableError``, ``LibraryUnwritableError``, ``embeddings.EmbeddingError``.
    """
    held = library.manifest
    with storage.exclusive(folder), tables.damage_reported(folder):
        with storage.new_version(folder) as aside:
            _write_rows(library, aside / storage.DATABASE, progress)
            _take_originals(library, folder)
            manifest = storage.Manifest(
                storage.FORMAT, held.embedding, held.model_id, held.dimension, has_vectors=False
            )
            finish_texts(aside, manifest, progress, base=None)
        if held.has_vectors:
            _fetch_vectors(library, folder, vectors)
            complete_vectors(folder, vectors, progress, reembed=False)


def _write_rows(library: ServerLibrary, database: Path, progress: Progress) -> None:
    engine = tables.open_database(database, writable=True)
    tables.METADATA.create_all(engine)
    try:
        with library._reading() as there, engine.begin() as here:
            for number, table in enumerate(schema.TABLES):
                progress("copy", number, len(schema.TABLES))
                rows = there.execute(select(table).execution_options(yield_per=_AT_A_TIME))
                for part in rows.partitions():
                    here.execute(insert(table), [dict(row._mapping) for row in part])
    finally:
        engine.dispose()
    progress("copy", len(schema.TABLES), len(schema.TABLES))


def _take_originals(library: ServerLibrary, folder: Path) -> None:
    with library._reading() as there:
        named = set(source_rows.originals_of(there).values())
        try:
            take_originals(there, sorted(named), folder / ORIGINALS)
        except OSError as error:
            raise unwritable(folder, error) from error


def _fetch_vectors(library: ServerLibrary, folder: Path, vectors: VectorMaker) -> None:
    """Bring the vectors into this machine's cache, where it lacks them."""
    import numpy as np

    held = library.manifest
    assert held.model_id
    assert held.dimension
    engine = tables.open_database(storage.current_version(folder) / storage.DATABASE)
    with (
        engine.connect() as connection,
        library._reading() as there,
        vectors.open_cache() as cache,
    ):
        index = open_index(library.server, there, held.model_id, held.dimension)
        for part in _parts(sentences(connection)):
            known = cache.get_many(held.model_id, [one.text for one in part])
            missing = [one for one in part if one.text not in known]
            added = library.added_in([one.sentence for one in missing])
            keys = {vector_key(added[one.sentence], one.sentence): one.text for one in missing}
            found = index.vectors(np.array(list(keys), np.int64)) if keys else {}
            cache.put_many(held.model_id, {keys[key]: found[key] for key in found})
    engine.dispose()


def _parts(things: Any) -> Iterator[list[Any]]:
    iterator = iter(things)
    while part := list(islice(iterator, _AT_A_TIME)):
        yield part


def put_in(
    library: Path, server: ServerAddress, vectors: VectorMaker, progress: Progress, *, replace: bool
) -> int:
    """Publish an embedded library; returns the version's number. One that holds reports already is only
    replaced if told so.

    Raises ``LibraryError``, ``embeddings.EmbeddingError``, with the servers' library as it was.
    """
    with writing(server) as connection:
        newest = schema.current(connection)
        connection.commit()
        if newest is not None and not replace:
            raise LibraryError("server_not_empty", path=server)
        version = publish(connection, library, server, vectors, progress)
        sweep(connection, server)
        return version
