"""What is wrong with a library: every part of it held against what vouches for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from qa.errors import LibraryDamagedError, LibraryError, LibraryNotFoundError
from qa.library import storage, tables
from qa.library.disk import file_fault
from qa.library.manifest import Manifest

ORIGINALS = "originals"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """A part that is not as it was made: its path in the library, and what is wrong with it."""

    part: str
    fault: str


def pointer_damage(library: Path) -> Damage | None:
    """What is wrong with the name of the version in force or with its manifest.

    Raises ``LibraryNotFoundError``.
    """
    try:
        storage.require_vouched(library)
    except LibraryNotFoundError:
        raise
    except LibraryDamagedError as error:
        reason = str(error.fields["reason"])
        for fault in ("is missing", "is altered"):
            if reason.endswith(f" {fault}"):
                return Damage(reason.removesuffix(f" {fault}"), fault)
        return Damage("CURRENT", reason.removeprefix("CURRENT: "))
    return None


def version_damage(folder: Path, *, sized_only: bool = False) -> list[Damage]:
    """The parts of a version that its manifest does not vouch for."""
    try:
        manifest = Manifest.read_any(folder)
    except LibraryError as error:
        return [Damage(f"{folder.name}/manifest.json", str(error.fields["reason"]))]
    found = []
    for name, digest in manifest.files.items():
        if fault := file_fault(folder / name, digest, sized_only=sized_only):
            found.append(Damage(f"{folder.name}/{name}", fault))
    return found


def originals_damage(library: Path) -> list[Damage]:
    """The kept original files that are not what their name, a sha256, says."""
    folder = library / ORIGINALS
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file() and len(path.name) == 64:
            fault = original_fault(path)
            if fault:
                found.append(Damage(path.relative_to(library).as_posix(), fault))
    return found


def original_fault(path: Path, sha256: str | None = None) -> str | None:
    """What is wrong with a kept original file, None if its bytes are those of its name or ``sha256``."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if digest.hexdigest() == (sha256 or path.name) else "is altered"


def database_faults(database: Path) -> list[str]:
    """What contradicts itself within a database, whatever vouches for the file; none if it is sound.

    SQLite checks its pages; texts are held against their digests, passages and quotes of facts against
    the texts they are slices of.
    """
    if not database.is_file():
        return ["is missing"]
    try:
        engine = tables.open_database(database)
        with engine.connect() as connection:
            found = [*_page_faults(connection)] or [*_content_faults(connection)]
        engine.dispose()
    except DatabaseError as error:
        return [str(error.orig)]
    return found


def _page_faults(connection: Connection) -> Iterator[str]:
    for (told,) in connection.exec_driver_sql("PRAGMA integrity_check(5)"):
        if told != "ok":
            yield str(told)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{row[0]} {row[1]} belongs to nothing in {row[2]}"


def _content_faults(connection: Connection) -> Iterator[str]:
    slices = (
        (
            "passages",
            "SELECT r.source_id, p.start, p.end, p.text FROM passages p JOIN reports r ON r.id = p.report",
        ),
        (
            "facts",
            "SELECT r.source_id, f.start, f.end, f.quote FROM facts f JOIN reports r ON r.id = f.report",
        ),
    )
    texts: dict[int, str] = {}
    for number, sha256, text in connection.exec_driver_sql("SELECT id, sha256, text FROM sources"):
        texts[number] = str(text)
        if hashlib.sha256(texts[number].encode("utf-8", "surrogatepass")).hexdigest() != sha256:
            yield f"the text {number} is altered"
    for name, query in slices:
        for number, start, end, piece in connection.exec_driver_sql(query):
            if texts.get(number, "")[start:end] != piece:
                yield f"{name}: {start}-{end} of the text {number} is altered"
                break
