"""Corrections put in force: the reports they are of read again, as the next version of the library."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from qa.errors import WenzhengError
from qa.library import storage, tables
from qa.library.indexing import (
    Progress,
    VectorMaker,
    complete_vectors,
    copy_indexes,
    finish_texts,
    manifest_of,
    refuse_other_embedding,
)
from qa.library.migrations import bring_up_to_date
from qa.library.rereading import Rereading, reread, wanted_corrections
from qa.reports.correcting import Change, Correction, Field

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def correct(
    library: Path,
    changes: Mapping[str, Mapping[Field, Change]],
    vectors: VectorMaker,
    *,
    passage_max_chars: int,
    progress: Progress,
    model: BaseChatModel | None = None,
) -> list[WenzhengError]:
    """Correct the metadata of reports (id → changes) and all that follows from it; the ids stay.

    Returns what failed by the way. Raises ``ReportNotFoundError``, ``CorrectionError`` and
    ``LibraryError``, with the library left as it was.
    """
    storage.current_version(library)
    bring_up_to_date(library)
    with storage.exclusive(library), tables.damage_reported(library):
        refuse_other_embedding(library, vectors.embedding, reembed=False)
        how = Rereading(vectors.embedding, passage_max_chars, model, progress)
        with reading(library) as connection:
            wanted = wanted_corrections(connection, changes)
        notes = put_in_force(library, wanted, how)
        complete_vectors(library, vectors, progress, reembed=False)
        return notes


def put_in_force(
    library: Path, wanted: Mapping[str, Correction], how: Rereading
) -> list[WenzhengError]:
    """Make a version with these corrections in force, if they change anything."""
    if not wanted:
        return []
    old = storage.current_version(library)
    with storage.new_version(library) as folder:
        shutil.copy2(old / storage.DATABASE, folder / storage.DATABASE)
        same, notes = reread(folder / storage.DATABASE, wanted, how)
        if same:
            copy_indexes(old, folder)
        else:
            manifest = manifest_of(library, how.embedding)
            finish_texts(folder, manifest, how.progress, base=old)
    return notes


@contextmanager
def reading(library: Path) -> Iterator[Connection]:
    """A connection to the version in force."""
    engine = tables.open_database(storage.current_version(library) / storage.DATABASE)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
