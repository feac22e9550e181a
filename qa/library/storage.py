"""Versions of a library on disk: written aside, synced, made current by one rename.

::

    LIBRARY/
      CURRENT                 the name of the version in force
      lock                    held by the process that writes
      versions/000007/
        manifest.json         format, embedding model, whether the vectors are there;
                              locked by whoever reads the version
        library.sqlite        sources, reports, passages, sentences
        lexical/              BM25 over passages
        vectors/              nearest neighbours over sentences
        vectors-before/       until they are made: those of the version before
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from qa.errors import (
    LibraryBusyError,
    LibraryDamagedError,
    LibraryNotFoundError,
    LibraryUnwritableError,
)

FORMAT = 1
DATABASE = "library.sqlite"
LEXICAL = "lexical"
VECTORS = "vectors"
VECTORS_BEFORE = "vectors-before"
_MANIFEST = "manifest.json"
_LOCK = "lock"
_CURRENT = "CURRENT"
# An ingest makes two (texts, then vectors): a reader of the one before still finds its files.
_KEPT_VERSIONS = 3
# ``is_being_written`` holds the writer's lock for an instant: that is no other writer.
_TRIES, _TRY_SECONDS = 5, 0.02


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds. ``model_id`` is None until the first vectors are made."""

    format: int
    embedding: str
    model_id: str | None
    dimension: int | None
    has_vectors: bool

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a version's manifest; raises ``LibraryDamagedError``."""
        try:
            manifest = cls(**json.loads((folder / _MANIFEST).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise LibraryDamagedError("library_damaged", path=folder, reason=error) from error
        if manifest.format != FORMAT:
            raise LibraryDamagedError("library_format", held=manifest.format, ours=FORMAT)
        return manifest

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / _MANIFEST).write_text(text, "utf-8")


def current_version(library: Path) -> Path:
    """The folder of the version in force; raises ``LibraryNotFoundError``."""
    try:
        name = (library / _CURRENT).read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise LibraryNotFoundError("no_library", path=library) from error
    except OSError as error:
        raise LibraryDamagedError("library_damaged", path=library, reason=error.strerror) from error
    folder = library / "versions" / name
    if not folder.is_dir():
        raise LibraryDamagedError("library_damaged", path=library, reason=f"no version {name}")
    return folder


def hold_current(library: Path) -> tuple[Path, int]:
    """The folder of the version in force, and a descriptor that keeps it from being removed.

    The folder may go once the descriptor is closed, which the end of the process does too. Raises
    ``LibraryNotFoundError``, ``LibraryDamagedError``.
    """
    while True:
        folder = current_version(library)
        try:
            handle = os.open(folder / _MANIFEST, os.O_RDONLY)
        except OSError as error:
            if not folder.exists():
                continue
            raise LibraryDamagedError("library_damaged", path=folder, reason=error) from error
        # Where a file system knows no locks, the versions kept are all that protects a reader.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)
        # It may have been removed before the lock was had.
        if os.fstat(handle).st_nlink:
            return folder, handle
        os.close(handle)


def is_being_written(library: Path) -> bool:
    """True while a writer, in this process or another, holds the library."""
    try:
        handle = (library / _LOCK).open()
    except OSError:
        return False
    with handle:
        return not _locked(handle, fcntl.LOCK_SH)


def _locked(handle: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def has_library(library: Path) -> bool:
    return (library / _CURRENT).exists()


@contextlib.contextmanager
def exclusive(library: Path) -> Iterator[None]:
    """Hold the writer's lock; it falls with the process, so a killed one leaves none behind.

    Raises ``LibraryBusyError`` if another process holds it, ``LibraryUnwritableError``.
    """
    try:
        library.mkdir(parents=True, exist_ok=True)
        handle = (library / _LOCK).open("a+")
    except OSError as error:
        raise _unwritable(library, error) from error
    with handle:
        for _ in range(_TRIES):
            if _locked(handle, fcntl.LOCK_EX):
                break
            time.sleep(_TRY_SECONDS)
        else:
            raise LibraryBusyError("library_busy", path=library)
        yield


@contextlib.contextmanager
def new_version(library: Path) -> Iterator[Path]:
    """A folder to write the next version into; made current if the block ends well.

    Call it under ``exclusive``. An error or a kill leaves the library as it was.
    """
    folder = library / "versions" / f"{_last_number(library) + 1:06d}"
    aside = folder.with_name(f"{folder.name}.part")
    try:
        _remove_leftovers(library)
        aside.mkdir(parents=True)
        try:
            yield aside
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _sync_tree(aside)
        aside.rename(folder)
        _switch(library, folder.name)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise _unwritable(library, error) from error
    _remove_old(library, folder.name)


def _switch(library: Path, name: str) -> None:
    pending = library / f"{_CURRENT}.part"
    with pending.open("w", encoding="utf-8") as handle:
        handle.write(name)
        handle.flush()
        os.fsync(handle.fileno())
    _sync(library / "versions")
    pending.replace(library / _CURRENT)
    _sync(library)


def _last_number(library: Path) -> int:
    names = [p.name for p in (library / "versions").glob("[0-9]*") if p.name.isdigit()]
    return max(map(int, names), default=0)


def _remove_leftovers(library: Path) -> None:
    for leftover in (library / "versions").glob("*.part"):
        shutil.rmtree(leftover, ignore_errors=True)


def _remove_old(library: Path, current: str) -> None:
    names = sorted(p.name for p in (library / "versions").iterdir() if p.name.isdigit())
    for name in names[:-_KEPT_VERSIONS]:
        if name != current:
            _remove_unless_read(library / "versions" / name)


def _remove_unless_read(folder: Path) -> None:
    """Remove a version, but leave one that is being read for the next time."""
    with contextlib.ExitStack() as locked:
        # A version without a manifest is not read by anybody; neither is its lock to be had.
        with contextlib.suppress(OSError):
            handle = locked.enter_context((folder / _MANIFEST).open("r+"))
            if not _locked(handle, fcntl.LOCK_EX):
                return
        shutil.rmtree(folder, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(library: Path, error: OSError) -> LibraryUnwritableError:
    return LibraryUnwritableError("unwritable", path=library, reason=error.strerror or error)
