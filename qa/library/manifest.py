"""What a version of a library says of itself, and what its files are held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qa.errors import LibraryDamagedError, LibraryFormatError, LibraryOutdatedError
from qa.library.disk import FileDigest, file_fault

# 2: digests of all files in the manifest. 3: indexes in segments, row ids that are never used again.
FORMAT = 3
# What lists the digests of its files.
_FIRST_WITH_DIGESTS = 2
MANIFEST = "manifest.json"
DATABASE = "library.sqlite"
# The texts once more: what has been lost of the database comes from there.
KEPT = "kept"
# Larger files are known at an opening by their length: to read gigabytes would take longer than
# all questions of a session. ``wenzheng doctor`` reads them, and so does whoever writes them on.
_READ_AT_OPENING = 256 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds. ``model_id`` is None until the first vectors are made.

    ``files`` maps the path of each file in the version, but for the manifest itself, to its digests;
    ``library`` is an id that all versions of one library share.
    """

    format: int
    embedding: str
    model_id: str | None
    dimension: int | None
    has_vectors: bool
    files: Mapping[str, FileDigest] = field(default_factory=dict)
    library: str | None = None

    @property
    def has_digests(self) -> bool:
        """False for a version of the first format, which is vouched for by nothing."""
        return self.format >= _FIRST_WITH_DIGESTS

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a version's manifest.

        Raises ``LibraryDamagedError``, ``LibraryOutdatedError`` and ``LibraryFormatError`` for one that
        an earlier or a later program made.
        """
        manifest = cls.read_any(folder)
        if manifest.format > FORMAT:
            raise LibraryFormatError("library_format", held=manifest.format, ours=FORMAT)
        if manifest.format < FORMAT:
            path = folder.parents[1]
            raise LibraryOutdatedError(
                "library_outdated", path=path, held=manifest.format, ours=FORMAT
            )
        return manifest

    @classmethod
    def read_any(cls, folder: Path) -> Manifest:
        """Read the manifest of a version of any format; raises ``LibraryDamagedError``."""
        try:
            fields = json.loads((folder / MANIFEST).read_text("utf-8"))
            if not isinstance(fields["format"], int):
                raise TypeError(f"format {fields['format']!r}")  # noqa: TRY301
            # What a later program adds is its own affair.
            known = {
                name: fields[name] for name in cls.__slots__ if name not in ("files", "library")
            }
            listed = fields["files"] if fields["format"] >= _FIRST_WITH_DIGESTS else {}
            files = {name: FileDigest(**digest) for name, digest in listed.items()}
            return cls(**known, files=files, library=fields.get("library"))
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise damaged(folder.parents[1], f"{folder.name}/{MANIFEST}: {error}") from error
        except KeyError as error:
            raise damaged(folder.parents[1], f"{folder.name}/{MANIFEST} lacks {error}") from error

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / MANIFEST).write_text(text, "utf-8")


def damaged(library: Path, reason: object) -> LibraryDamagedError:
    """The error for a library of which a part is missing or altered."""
    return LibraryDamagedError("library_damaged", path=library, reason=reason)


def is_read_at_opening(digest: FileDigest) -> bool:
    """False for a file so large that its length has to do until somebody has time."""
    return digest.size <= _READ_AT_OPENING


def require_intact(library: Path, folder: Path, manifest: Manifest, part: str = "") -> None:
    """Compare the files of a version, or of one part of it, with the manifest, large ones by their length.

    Raises ``LibraryDamagedError``.
    """
    for name, digest in manifest.files.items():
        if part in ("", name, name.partition("/")[0]):
            fault = file_fault(folder / name, digest, sized_only=not is_read_at_opening(digest))
            if fault:
                raise damaged(library, f"{folder.name}/{name} {fault}")


def require_same(library: Path, folder: Path, manifest: Manifest, name: str) -> None:
    """Read one file of a version, however large, and compare it with the manifest.

    Raises ``LibraryDamagedError``.
    """
    digest = manifest.files.get(name)
    if digest and (fault := file_fault(folder / name, digest)):
        raise damaged(library, f"{folder.name}/{name} {fault}")


def manifest_digest(content: bytes) -> str:
    """What ``CURRENT`` knows a manifest by."""
    return hashlib.sha256(content).hexdigest()
