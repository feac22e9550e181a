"""What a version of a library says of itself, and what its files are held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qa.errors import LibraryDamagedError, LibraryFormatError, LibraryOutdatedError
from qa.library.disk import FileDigest, file_fault

# 2: digests of all files in the manifest.
FORMAT = 2
MANIFEST = "manifest.json"
DATABASE = "library.sqlite"
# The texts once more: what has been lost of the database comes from there.
KEPT = "kept"


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
            listed = fields["files"] if fields["format"] >= FORMAT else {}
            files = {name: FileDigest(**digest) for name, digest in listed.items()}
            return cls(**known, files=files, library=fields.get("library"))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise damaged(folder.parents[1], f"{folder.name}/{MANIFEST}: {error}") from error
        except KeyError as error:
            raise damaged(folder.parents[1], f"{folder.name}/{MANIFEST} lacks {error}") from error

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / MANIFEST).write_text(text, "utf-8")


def damaged(library: Path, reason: object) -> LibraryDamagedError:
    """The error for a library of which a part is missing or altered."""
    return LibraryDamagedError("library_damaged", path=library, reason=reason)


def require_intact(library: Path, folder: Path, manifest: Manifest, part: str = "") -> None:
    """Read the files of a version, or of one part of it, and compare them with the manifest.

    Raises ``LibraryDamagedError``.
    """
    for name, digest in manifest.files.items():
        if name.startswith(part) and (fault := file_fault(folder / name, digest)):
            raise damaged(library, f"{folder.name}/{name} {fault}")


def manifest_digest(content: bytes) -> str:
    """What ``CURRENT`` knows a manifest by."""
    return hashlib.sha256(content).hexdigest()
