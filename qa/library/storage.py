"""Versions of a library on disk: written aside, synced, made current by one rename.

::

    LIBRARY/
      CURRENT                 the name of the version in force, and its manifest's digest
      lock                    held by the process that writes; says which that is
      versions/000007/
        manifest.json         format, embedding model, whether the vectors are there, the digests of
                              all files; locked by whoever reads the version
        library.sqlite        sources, reports, passages, sentences
        lexical/              BM25 over passages
        vectors/              nearest neighbours over sentences
        vectors-before/       until they are made: those of the version before
        kept/                 the texts once more, packed
      originals/SHA256        files as they came whose form was parsed, named by the versions' databases;
                              there before a version that names them, gone after the last of these
      originals/incoming-*/   of an ingest that runs, or that was killed

``CURRENT`` vouches for the manifest and the manifest for every file, so that no byte of a version can
change unseen. What one ``exclusive`` block writes is in force as a whole or not at all.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path

from embeddings.syncing import sync_path, write_synced
from qa.errors import (
    LibraryError,
    LibraryNotFoundError,
    LibraryUnwritableError,
)
from qa.library.disk import (
    FileDigest,
    digest_of,
    make_folder,
    sync_tree,
)
from qa.library.locking import is_being_written as is_being_written
from qa.library.locking import lock_for_writing, locked, unwritable
from qa.library.manifest import DATABASE as DATABASE
from qa.library.manifest import FORMAT as FORMAT
from qa.library.manifest import MANIFEST, damaged, manifest_digest, require_intact, require_same
from qa.library.manifest import Manifest as Manifest

LEXICAL = "lexical"
VECTORS = "vectors"
VECTORS_BEFORE = "vectors-before"
_CURRENT = "CURRENT"
# A reader of the one before still finds its files, and a repair a whole one to fall back to.
_KEPT_VERSIONS = 3


# --- the version in force ----------------------------------------------------------------------


@dataclass(slots=True)
class _Writing:
    """What one ``exclusive`` block has written so far: its last version is in force at its end."""

    library: Path
    made: list[Path] = field(default_factory=list)

    @property
    def folder(self) -> Path | None:
        return self.made[-1] if self.made else None


_WRITING: ContextVar[_Writing | None] = ContextVar("writing", default=None)


def version_in_force(library: Path) -> Path:
    """The folder of the version that readers get.

    Raises ``LibraryNotFoundError``, ``LibraryDamagedError``.
    """
    return _pointed_to(library)[0]


def current_version(library: Path) -> Path:
    """The folder of the latest version: the one in force or, within the block that holds the library
    for writing, what that has written; raises ``LibraryNotFoundError``, ``LibraryDamagedError``."""
    writing = _writing(library)
    return writing.folder if writing and writing.folder else version_in_force(library)


def _writing(library: Path) -> _Writing | None:
    writing = _WRITING.get()
    return writing if writing and writing.library == library else None


def _pointed_to(library: Path) -> tuple[Path, str | None]:
    """The folder that ``CURRENT`` names and its manifest's digest, None before format 2."""
    try:
        name, _, digest = (library / _CURRENT).read_text("utf-8").strip().partition(" ")
    except FileNotFoundError as error:
        # The first version alone was never pointed to: its writer was killed just before.
        if any(int(name) > 1 for name in version_names(library)):
            raise damaged(library, f"{_CURRENT} is missing") from error
        raise LibraryNotFoundError("no_library", path=library) from error
    except (OSError, ValueError) as error:
        raise damaged(library, f"{_CURRENT}: {error}") from error
    folder = library / "versions" / name
    # The name is one path segment of digits: whatever else it says was not written by us.
    if not (name.isdigit() and folder.is_dir()):
        raise damaged(library, f"no version {name!r}")
    return folder, digest or None


def vouched_version(library: Path) -> Path | None:
    """The version whose manifest is the one that was made current, whatever has become of its name."""
    try:
        digest = (library / _CURRENT).read_text("utf-8").partition(" ")[2].strip()
    except (OSError, ValueError):
        return None
    for name in version_names(library):
        path = library / "versions" / name / MANIFEST
        if path.is_file() and manifest_digest(path.read_bytes()) == digest:
            return path.parent
    return None


def require_vouched(library: Path) -> Path:
    """The folder of the version in force, its manifest being the one that was made current.

    Raises ``LibraryNotFoundError``, ``LibraryDamagedError``.
    """
    folder, digest = _pointed_to(library)
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise damaged(library, f"{folder.name}/{MANIFEST}: {error.strerror}") from error
    if digest is None:
        # Written by an earlier program, or cut off.
        if Manifest.read_any(folder).has_digests:
            raise damaged(library, f"{_CURRENT} is cut off")
    elif digest != manifest_digest(content):
        raise damaged(library, f"{_CURRENT} or {folder.name}/{MANIFEST} is altered")
    return folder


def hold_current(library: Path) -> tuple[Path, int]:
    """The folder of the version in force, and a descriptor that keeps it from being removed.

    The folder may go once the descriptor is closed, which the end of the process does too. Raises
    ``LibraryNotFoundError``, ``LibraryDamagedError``.
    """
    while True:
        folder = version_in_force(library)
        try:
            handle = os.open(folder / MANIFEST, os.O_RDONLY)
        except OSError as error:
            if not folder.exists():
                continue
            raise damaged(library, f"{folder.name}/{MANIFEST}: {error.strerror}") from error
        # Where a file system knows no locks, the versions kept are all that protects a reader.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH)
        # It may have been removed, or followed by another, before the lock was had.
        if os.fstat(handle).st_nlink and version_in_force(library) == folder:
            try:
                require_vouched(library)
            except BaseException:
                os.close(handle)
                raise
            return folder, handle
        os.close(handle)


def has_library(library: Path) -> bool:
    """Whether anything was made current; raises ``LibraryUnwritableError`` where that may not be seen."""
    try:
        return (library / _CURRENT).exists()
    except PermissionError as error:
        raise unwritable(library, error) from error


# --- writing -----------------------------------------------------------------------------------


@contextlib.contextmanager
def exclusive(library: Path) -> Iterator[None]:
    """Hold the library for writing; what the block writes is in force at its end, or nothing of it.

    Only where nothing whole is in force yet, versions are as soon as they are made: words answer while
    the vectors of a first ingest are being made. Raises ``LibraryBusyError`` if another process holds
    it, ``LibraryUnwritableError``.
    """
    try:
        make_folder(library)
    except OSError as error:
        raise unwritable(library, error) from error
    with lock_for_writing(library):
        writing = _Writing(library)
        token = _WRITING.set(writing)
        try:
            yield
            if writing.made:
                last = writing.made.pop()
                _discard(writing.made)
                _commit(library, last)
        finally:
            _WRITING.reset(token)
            _discard(writing.made)


def _discard(made: list[Path]) -> None:
    """Remove what never comes into force, or was but a step to what does."""
    while made:
        shutil.rmtree(made.pop(), ignore_errors=True)


def _commit(library: Path, folder: Path) -> None:
    try:
        _switch(library, folder)
    except OSError as error:
        # After the rename it is in force, were it only until the power fails.
        if not _is_in_force(library, folder):
            shutil.rmtree(folder, ignore_errors=True)
        raise unwritable(library, error) from error
    _remove_old(library, folder.name)
    _remove_unnamed_originals(library)


@contextlib.contextmanager
def new_version(library: Path, *, over_damage: bool = False) -> Iterator[Path]:
    """A folder to write the next version into, complete if the block ends well.

    Call it under ``exclusive``. An error or a kill leaves the library as it was. What it is made from is
    checked first, unless it replaces what is damaged: raises ``LibraryDamagedError``,
    ``LibraryUnwritableError``.
    """
    if not over_damage:
        _require_sound_base(library)
    number = _last_number(library) + 1
    folder = library / "versions" / f"{number:06d}"
    aside = folder.with_name(f"{folder.name}.part")
    try:
        _remove_leftovers(library, keep_unknown=over_damage)
        aside.mkdir(parents=True)
        try:
            yield aside
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _keep_texts(library, aside)
        # What a repair takes over it has checked itself, against more than the manifest in force.
        _seal(library, aside, {} if over_damage else _digests_by_inode(library))
        sync_tree(aside)
        aside.rename(folder)
        sync_path(folder.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise unwritable(library, error) from error
    writing = _writing(library)
    if writing is None or not _answers_wholly(library):
        _commit(library, folder)
    else:
        writing.made.append(folder)


def _is_in_force(library: Path, folder: Path) -> bool:
    try:
        return version_in_force(library) == folder
    except LibraryError:
        return False


def _require_sound_base(library: Path) -> None:
    """What a version is made from would be vouched for anew: damage must not be.

    The database is copied, so it is read whatever its size. Of the indexes' large files those that
    are shared keep the digests they were made with, and those that are read are checked by who reads them.
    """
    writing = _writing(library)
    if writing and writing.folder:
        return
    try:
        folder = require_vouched(library)
    except LibraryNotFoundError:
        # A first version of which nobody ever was told would be the base of the next.
        shutil.rmtree(library / "versions", ignore_errors=True)
        return
    manifest = Manifest.read_any(folder)
    require_intact(library, folder, manifest)
    require_same(library, folder, manifest, DATABASE)


def _answers_wholly(library: Path) -> bool:
    try:
        return Manifest.read_any(version_in_force(library)).has_vectors
    except LibraryError:
        return False


def _keep_texts(library: Path, folder: Path) -> None:
    # Not above: a command that only lists must not wait for what writes.
    from qa.library.keeping import keep_texts

    base = None
    with contextlib.suppress(LibraryError):
        base = current_version(library)
    keep_texts(folder, base)


def _seal(library: Path, folder: Path, known: Mapping[int, FileDigest]) -> None:
    """List the digests of a version's files in its manifest.

    A file shared with the version before keeps those that it was made with, ``known`` by its inode: to
    read it again would vouch for whatever has become of it.
    """
    if not (folder / MANIFEST).exists():
        return
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            files[name] = known.get(path.stat().st_ino) or digest_of(path)
    manifest = replace(Manifest.read_any(folder), files=files, library=_identity(library))
    manifest.write(folder)


def _identity(library: Path) -> str:
    """The id of the library: that of its versions, or a new one."""
    for name in reversed(version_names(library)):
        with contextlib.suppress(LibraryError):
            if held := Manifest.read_any(library / "versions" / name).library:
                return held
    return uuid.uuid4().hex


def _digests_by_inode(library: Path) -> dict[int, FileDigest]:
    with contextlib.suppress(LibraryError):
        folder = current_version(library)
        files = Manifest.read_any(folder).files
        paths = {name: folder / name for name in files}
        return {p.stat().st_ino: files[name] for name, p in paths.items() if p.exists()}
    return {}


def _switch(library: Path, folder: Path) -> None:
    """Make a version current: its files, then its name, are on the disk before it is pointed to."""
    pending = library / f"{_CURRENT}.part"
    text = folder.name
    if (folder / MANIFEST).exists():
        text += f" {manifest_digest((folder / MANIFEST).read_bytes())}"
    write_synced(pending, text.encode())
    sync_path(library / "versions")
    pending.replace(library / _CURRENT)
    sync_path(library)


def _last_number(library: Path) -> int:
    return max((int(name) for name in version_names(library)), default=0)


def version_names(library: Path) -> list[str]:
    """The names of all complete versions, oldest first, whether they were ever in force or not."""
    found = (library / "versions").glob("[0-9]*")
    return sorted((p.name for p in found if p.name.isdigit()), key=int)


def _remove_leftovers(library: Path, *, keep_unknown: bool) -> None:
    """Remove what killed or failed writers left: versions half made, and those never made current."""
    for leftover in (library / "versions").glob("*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    if keep_unknown or not has_library(library):
        return
    writing = _writing(library)
    current = int(version_in_force(library).name)
    for name in version_names(library):
        if int(name) > current and not (writing and writing.folder and writing.folder.name == name):
            shutil.rmtree(library / "versions" / name, ignore_errors=True)


def _remove_old(library: Path, current: str) -> None:
    """Keep the latest versions that were in force, and all that are read."""
    names = version_names(library)
    for name in names[:-_KEPT_VERSIONS]:
        if name != current:
            _remove_unless_read(library / "versions" / name)


def _remove_unnamed_originals(library: Path) -> None:
    # Not above: as for the texts that are kept.
    from qa.library.originals import remove_unnamed

    remove_unnamed(library)


def _remove_unless_read(folder: Path) -> None:
    """Remove a version, but leave one that is being read for the next time."""
    with contextlib.ExitStack() as held:
        # A version without a manifest is not read by anybody; neither is its lock to be had.
        with contextlib.suppress(OSError, LibraryUnwritableError):
            handle = held.enter_context((folder / MANIFEST).open("r+"))
            if not locked(handle, fcntl.LOCK_EX, folder.parents[1]):
                return
        shutil.rmtree(folder, ignore_errors=True)
