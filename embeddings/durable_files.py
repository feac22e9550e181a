"""Files that are on the disk when we say so, and known when they were altered."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import IndexDamagedError, IndexMismatchError

METADATA_FILE = "metadata.json"


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_path(path: Path) -> None:
    """Wait until a file that a library wrote, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class IndexMetadata:
    """What an index folder says about itself.

    `model_id` and `dimension` are "" and 0 for an index that holds no vectors; `checksums` maps
    each file's name to its sha256.
    """

    kind: str
    format_version: int
    model_id: str
    dimension: int
    count: int
    checksums: dict[str, str]


def write_metadata(folder: Path, metadata: IndexMetadata) -> None:
    """Write the metadata last, so that a folder that has it is complete."""
    content = json.dumps(asdict(metadata), ensure_ascii=False, indent=1)
    write_synced(folder / METADATA_FILE, content.encode())
    sync_path(folder)


def synced_checksums(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Sync the named files of a folder and return their checksums."""
    checksums = {}
    for name in names:
        sync_path(folder / name)
        checksums[name] = sha256_of(folder / name)
    return checksums


def read_metadata(folder: Path, *, kind: str, format_version: int) -> IndexMetadata:
    """Read an index folder's metadata and check its files against it.

    Raises:
        IndexDamagedError: a file is missing, altered, or not what this kind of index writes.
        IndexMismatchError: the folder was written by another version of this program.
    """
    metadata = _parse_metadata(folder)
    if metadata.kind != kind:
        raise damaged(folder, f"holds {metadata.kind!r}, not {kind!r}")
    if metadata.format_version != format_version:
        raise IndexMismatchError(
            f"the index {folder} has format {metadata.format_version}, not {format_version}",
            "rebuild the index",
        )
    for name, checksum in metadata.checksums.items():
        _check_file(folder, name, checksum)
    return metadata


def damaged(folder: Path, reason: str) -> IndexDamagedError:
    """The error for an index folder that cannot be used."""
    return IndexDamagedError(f"the index {folder} {reason}", "rebuild the index")


def _check_file(folder: Path, name: str, checksum: str) -> None:
    try:
        found = sha256_of(folder / name)
    except OSError as error:
        raise damaged(folder, f"lacks {name}") from error
    if found != checksum:
        raise damaged(folder, f"has an altered {name}")


def _parse_metadata(folder: Path) -> IndexMetadata:
    try:
        fields: dict[str, Any] = json.loads((folder / METADATA_FILE).read_bytes())
        return IndexMetadata(**fields)
    except OSError as error:
        raise damaged(folder, f"lacks {METADATA_FILE}") from error
    except (ValueError, TypeError) as error:
        raise damaged(folder, f"has an unreadable {METADATA_FILE}") from error
