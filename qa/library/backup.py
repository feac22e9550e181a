"""A backup: one tar file of the version in force and the kept originals, and a library made of it.

A version never changes, so its copy is consistent while others ingest. The first member lists all
others with their sizes and digests; nothing is replaced before every one of them has been checked.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from embeddings.syncing import sync_path
from qa.errors import BackupError, LibraryFormatError
from qa.library import storage, tables
from qa.library.disk import FileDigest, digest_of
from qa.library.integrity import ORIGINALS, original_fault, version_damage
from qa.library.manifest import FORMAT, Manifest, damaged
from qa.library.migrations import bring_up_to_date, migrate_version
from qa.library.originals import originals_named_by

_LIST = "backup.json"
_VERSION = "version"
_KIND = "wenzheng-backup"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """The file of a backup, the version it holds, and how many files and bytes that is."""

    path: Path
    version: str
    files: int
    size: int


def back_up(library: Path, target: Path) -> BackupSummary:
    """Write the version in force into ``target``, or into a file of its own in the folder ``target``.

    Whatever is ingested meanwhile comes after it. Raises ``LibraryNotFoundError``,
    ``LibraryDamagedError`` (a damaged library is not backed up), ``BackupError``.
    """
    bring_up_to_date(library)
    folder, held = storage.hold_current(library)
    try:
        if found := version_damage(folder):
            raise damaged(library, f"{found[0].part} {found[0].fault}")
        path = _file_at(target, folder.name)
        members = dict(_members(library, folder))
        _write_aside(path, folder.name, members)
        return BackupSummary(path, folder.name, len(members), path.stat().st_size)
    except OSError as error:
        reason = error.strerror or error
        raise BackupError("backup_unwritable", path=target, reason=reason) from error
    finally:
        os.close(held)


def _file_at(target: Path, version: str) -> Path:
    if not target.is_dir():
        return target
    return target / f"wenzheng-{datetime.now(UTC):%Y%m%d-%H%M%S}-{version}.tar"


def _members(library: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Names in the backup → files, with the originals that the version names: those stay while it is
    held. One that is not what its name says is left to a repair."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{_VERSION}/{path.relative_to(folder).as_posix()}", path
    for name in originals_named_by(folder):
        path = library / ORIGINALS / name
        if path.is_file() and original_fault(path) is None:
            yield f"{ORIGINALS}/{name}", path


def _write_aside(path: Path, version: str, members: dict[str, Path]) -> None:
    aside = path.with_name(f"{path.name}.part")
    digests = {name: digest_of(file) for name, file in members.items()}
    listing = {
        "kind": _KIND,
        "format": FORMAT,
        "version": version,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {name: asdict(digest) for name, digest in digests.items()},
    }
    try:
        with tarfile.open(aside, "w", format=tarfile.PAX_FORMAT) as archive:
            text = json.dumps(listing, ensure_ascii=False, indent=1).encode()
            info = tarfile.TarInfo(_LIST)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
            for name, file in members.items():
                archive.add(file, name, recursive=False, filter=_plain)
        sync_path(aside)
        aside.replace(path)
        sync_path(path.parent)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member without its owner; one with further names is a file all the same."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


# --- restoring ---------------------------------------------------------------------------------


def restore(library: Path, backup: Path) -> BackupSummary:
    """Put what a backup holds in force as a new version; the one before stays until it ages out.

    Raises ``BackupError`` if it is none or damaged, ``LibraryFormatError`` if a later program made it,
    ``LibraryUnwritableError``, ``LibraryBusyError``; the library is then as it was.
    """
    with _opened(backup) as archive:
        listing = _listing(archive, backup)
        with storage.exclusive(library), tables.damage_reported(library):
            with storage.new_version(library, over_damage=True) as folder:
                _extract(archive, backup, listing, folder)
                _take_originals(folder / ORIGINALS, library / ORIGINALS)
                _settle(library, folder)
            version = storage.current_version(library).name
    return BackupSummary(backup, version, len(listing), backup.stat().st_size)


@contextlib.contextmanager
def _opened(backup: Path) -> Iterator[tarfile.TarFile]:
    if not backup.is_file():
        raise BackupError("no_backup", path=backup)
    try:
        with tarfile.open(backup, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError) as error:
        raise BackupError("backup_damaged", path=backup, reason=error) from error


def _listing(archive: tarfile.TarFile, backup: Path) -> dict[str, FileDigest]:
    first = archive.next()
    try:
        if first is None or first.name != _LIST:
            raise ValueError(f"{_LIST} is missing")  # noqa: TRY301
        told = json.loads(_reading(archive, first).read())
        if told["kind"] != _KIND:
            raise ValueError(f"{_LIST} says {told['kind']!r}")  # noqa: TRY301
        held = told["format"]
        files = {name: FileDigest(**digest) for name, digest in told["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError("backup_damaged", path=backup, reason=error) from error
    if held > FORMAT:
        raise LibraryFormatError("library_format", held=held, ours=FORMAT)
    return files


def _extract(
    archive: tarfile.TarFile, backup: Path, listing: dict[str, FileDigest], folder: Path
) -> None:
    """Unpack what is listed, and nothing else, each file being what the list says it is."""
    left = dict(listing)
    while info := archive.next():
        digest = left.pop(info.name, None)
        name = PurePosixPath(info.name)
        safe = name.parts[0] in (_VERSION, ORIGINALS) and ".." not in name.parts
        if digest is None or not (safe and info.isreg()):
            raise BackupError("backup_damaged", path=backup, reason=f"{info.name} is not listed")
        inner = name.relative_to(_VERSION) if name.parts[0] == _VERSION else name
        target = folder / inner
        target.parent.mkdir(parents=True, exist_ok=True)
        if _copy(_reading(archive, info), target) != (digest.size, digest.sha256):
            raise BackupError("backup_damaged", path=backup, reason=f"{info.name} is altered")
    if left:
        raise BackupError("backup_damaged", path=backup, reason=f"{next(iter(left))} is missing")


def _reading(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)
    if stream is None:
        raise tarfile.TarError(f"{info.name} is no file")
    return stream


def _copy(stream: IO[bytes], target: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as file:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    return size, digest.hexdigest()


def _take_originals(unpacked: Path, kept: Path) -> None:
    """Originals are beside the versions: they are added, and none is removed."""
    for path in sorted(unpacked.rglob("*")) if unpacked.is_dir() else []:
        target = kept / path.relative_to(unpacked)
        if path.is_file() and not (target.exists() and original_fault(target) is None):
            target.parent.mkdir(parents=True, exist_ok=True)
            sync_path(path)
            path.replace(target)
            sync_path(target.parent)
    shutil.rmtree(unpacked, ignore_errors=True)


def _settle(library: Path, folder: Path) -> None:
    """Bring what was unpacked to today's format; it is sealed with the digests it was made with."""
    held = Manifest.read_any(folder)
    if held.format >= FORMAT:
        return
    old = folder.with_name(f"{folder.name}.old.part")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    folder.mkdir()
    try:
        migrate_version(library, old, folder, held)
    finally:
        shutil.rmtree(old, ignore_errors=True)
