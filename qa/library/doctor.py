"""What a doctor finds: each part of a library and its settings, how it is and what helps."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.exc import DatabaseError

from prompts import messages
from qa.errors import LibraryError, WenzhengError
from qa.library import storage
from qa.library.integrity import (
    ORIGINALS,
    Damage,
    database_faults,
    originals_damage,
    pointer_damage,
    version_damage,
)
from qa.library.locking import holder, is_being_written
from qa.library.manifest import FORMAT, Manifest
from qa.library.originals import missing_originals
from qa.settings import Settings

Severity = Literal["ok", "warning", "error"]
# A new version is a copy of the database with indexes beside it, made while the old one stays.
_ROOM_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is. ``key`` names its message in ``prompts/doctor.*.toml``."""

    name: str
    severity: Severity
    key: str
    fields: dict[str, Any] = field(default_factory=dict)

    def message(self, language: str) -> str:
        return self._said(language)[0]

    def remedy(self, language: str) -> str:
        """What to do, empty if nothing has to be done."""
        return self._said(language)[2]

    def _said(self, language: str) -> tuple[str, str, str]:
        said = messages("doctor", language)
        told = dict(self.fields)
        if "fault" in told:
            told["fault"] = _fault(str(told["fault"]), said)
        return " ".join(said[self.key].format(**told).split()).partition(" || ")

    def as_json(self, language: str) -> dict[str, str]:
        return {
            "name": self.name,
            "severity": self.severity,
            "message": self.message(language),
            "remedy": self.remedy(language),
        }


def _fault(fault: str, said: Mapping[str, str]) -> str:
    """What is wrong with a part in a language; what SQLite or the system says stays as they say it."""
    kind, colon, reason = fault.partition(": ")
    return said.get(f"fault_{kind.replace(' ', '_')}", kind) + colon + reason


def examine(settings: Settings, *, deep: bool = False) -> Iterator[Finding]:
    """Look at everything; changes nothing. ``deep`` reads older versions and every text, too."""
    library = settings.library
    yield _cache(settings)
    try:
        pointer = pointer_damage(library)
    except LibraryError:
        yield Finding("library", "warning", "no_library", {"path": library})
        return
    if pointer is not None:
        yield _damaged("library", pointer)
    try:
        folder = storage.version_in_force(library)
        manifest = Manifest.read_any(folder)
    except LibraryError:
        yield from _writing(library)
        return
    yield from _version(library, folder, manifest, settings)
    yield from _parts(folder)
    yield from _originals(library, folder)
    yield from _writing(library)
    yield _room(library, folder)
    if deep:
        yield from _deep(library, folder)


def _damaged(name: str, damage: Damage) -> Finding:
    return Finding(name, "error", "damaged", {"part": damage.part, "fault": damage.fault})


def _cache(settings: Settings) -> Finding:
    cache = settings.cache
    above = next(path for path in (cache, *cache.parents) if path.exists())
    if os.access(above, os.W_OK):
        return Finding("cache", "ok", "cache_ok", {"path": cache})
    return Finding("cache", "warning", "cache_unwritable", {"path": cache})


def _version(
    library: Path, folder: Path, manifest: Manifest, settings: Settings
) -> Iterator[Finding]:
    fields = {"path": library, "version": folder.name, "held": manifest.format, "ours": FORMAT}
    if manifest.format > FORMAT:
        yield Finding("format", "error", "format_newer", fields)
    elif manifest.format < FORMAT:
        yield Finding("format", "warning", "format_older", fields)
    else:
        yield Finding("library", "ok", "library_ok", fields)
    if manifest.embedding != settings.embedding:
        told = {"held": manifest.embedding, "set": settings.embedding}
        yield Finding("embedding", "error", "other_embedding", told)
    if not manifest.has_vectors:
        yield Finding("vectors", "warning", "no_vectors")


def _parts(folder: Path) -> Iterator[Finding]:
    found = version_damage(folder)
    for damage in found:
        yield _damaged(damage.part.split("/")[1], damage)
    files = {} if found else Manifest.read_any(folder).files
    # An earlier format lists none.
    if files:
        size = sum(digest.size for digest in files.values())
        yield Finding("files", "ok", "files_ok", {"files": len(files), "size": f"{size:,}"})


def _originals(library: Path, folder: Path) -> Iterator[Finding]:
    found = originals_damage(library)
    for damage in found:
        yield Finding("originals", "error", "damaged", {"part": damage.part, "fault": damage.fault})
    missing: list[str] = []
    # What is told of a damaged database is told above.
    with contextlib.suppress(DatabaseError):
        missing = missing_originals(library, folder)
    if missing:
        told = {"count": len(missing), "first": missing[0]}
        yield Finding("originals", "warning", "originals_missing", told)
    if not (found or missing) and (library / ORIGINALS).is_dir():
        yield Finding("originals", "ok", "originals_ok")


def _writing(library: Path) -> Iterator[Finding]:
    try:
        if is_being_written(library):
            yield Finding("lock", "warning", "being_written", {"holder": holder(library) or "?"})
        elif told := holder(library):
            yield Finding("lock", "warning", "broken_off", {"holder": told})
    except WenzhengError as error:
        yield Finding("lock", "error", "no_locks", {"reason": error})


def _room(library: Path, folder: Path) -> Finding:
    if not os.access(library, os.W_OK):
        return Finding("space", "warning", "read_only", {"path": library})
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(library).free
    told = {"free": f"{free / 1e9:.1f}", "needed": f"{_ROOM_FACTOR * size / 1e9:.1f}"}
    if free < _ROOM_FACTOR * size:
        return Finding("space", "warning", "little_space", told)
    return Finding("space", "ok", "space_ok", told)


def _deep(library: Path, folder: Path) -> Iterator[Finding]:
    faults = database_faults(folder / storage.DATABASE)
    for fault in faults:
        yield Finding("contents", "error", "contents", {"fault": fault})
    if not faults:
        yield Finding("contents", "ok", "contents_ok")
    for name in storage.version_names(library):
        older = library / "versions" / name
        for damage in version_damage(older) if older != folder else ():
            yield Finding("older", "warning", "older", {"part": damage.part, "fault": damage.fault})
