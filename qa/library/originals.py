"""Files as they came, kept by their content beside the versions that name them.

A file is on the disk before the version that names it is in force, is shared by all versions that do,
and goes with the last of them: what was deleted stays as long as the texts of older versions do.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from embeddings.syncing import sync_path
from qa.errors import LibraryError
from qa.library import source_rows, storage, tables
from qa.library.disk import make_folder
from qa.library.integrity import ORIGINALS, original_fault
from qa.library.locking import unwritable
from qa.library.read_files import ReadFile

_INCOMING = "incoming-"
_NAME = re.compile(r"[0-9a-f]{64}")
# What a killed run left is removed when no run can still be at it.
_STALE_SECONDS = 24 * 60 * 60


@contextmanager
def incoming(library: Path) -> Iterator[Path]:
    """A folder that files may be written into as they come; it is made by who does, and goes with what
    is left in it."""
    folder = library / ORIGINALS / f"{_INCOMING}{uuid.uuid4().hex}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            # Of a library of plain text nothing is kept.
            folder.parent.rmdir()


def keep_originals(library: Path, read: Iterable[ReadFile]) -> list[ReadFile]:
    """Put the files of new sources where versions find them, safe from a loss of power.

    A source that is held already stays with the file it first came as: its pages and boxes are of that
    one. Call it under ``storage.exclusive``; raises ``LibraryUnwritableError``.
    """
    held = _held(library)
    try:
        return [_kept(library, file, held.get(file.source.sha256)) for file in read]
    except OSError as error:
        raise unwritable(library, error) from error


def _held(library: Path) -> dict[str, str]:
    """sha256 of a text → that of the file it came as, of those kept."""
    if not storage.has_library(library):
        return {}
    return _named_by(storage.current_version(library))


def originals_named_by(version: Path) -> list[str]:
    """The files that a version names; raises ``DatabaseError``."""
    return sorted(set(_named_by(version).values()))


def _named_by(version: Path) -> dict[str, str]:
    engine = tables.open_database(version / storage.DATABASE)
    try:
        with engine.connect() as connection:
            return source_rows.originals_of(connection)
    finally:
        engine.dispose()


def _kept(library: Path, file: ReadFile, held: str | None) -> ReadFile:
    sha256 = file.source.origin.original
    if sha256 is None:
        return file
    folder = library / ORIGINALS
    if held and (folder / held).is_file():
        sha256 = held
    elif not _place(folder, sha256):
        sha256 = None
    origin = replace(file.source.origin, original=sha256)
    return replace(file, source=replace(file.source, origin=origin))


def _place(folder: Path, sha256: str) -> bool:
    """Give a file that came its name; False if it is nowhere."""
    target = folder / sha256
    if target.is_file() and original_fault(target) is None:
        return True
    came = next(folder.glob(f"{_INCOMING}*/{sha256}.part"), None)
    if came is None:
        return False
    make_folder(folder)
    sync_path(came)
    came.replace(target)
    sync_path(folder)
    sync_path(folder.parent)
    return True


def missing_originals(library: Path, version: Path) -> list[str]:
    """The files that a version names and that are not there; raises ``DatabaseError``."""
    return [
        sha256
        for sha256 in originals_named_by(version)
        if not (library / ORIGINALS / sha256).is_file()
    ]


def remove_unnamed(library: Path) -> None:
    """Remove the files that no version names any more, and what killed runs left.

    Call it under ``storage.exclusive``.
    """
    folder = library / ORIGINALS
    if not folder.is_dir():
        return
    named = _named(library)
    for path in folder.iterdir():
        if path.name.startswith(_INCOMING):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
        elif named is not None and _NAME.fullmatch(path.name) and path.name not in named:
            with contextlib.suppress(OSError):
                path.unlink()


def _named(library: Path) -> set[str] | None:
    """What all versions name; None if one of them cannot be read: it may name any."""
    found: set[str] = set()
    for name in storage.version_names(library):
        try:
            found.update(_named_by(library / "versions" / name).values())
        except (LibraryError, DatabaseError):
            return None
    return found
