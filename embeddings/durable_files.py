"""Files that are on the disk when we say so, and known when they were altered."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexDamagedError, IndexMismatchError
from embeddings.syncing import sync_path, write_synced

METADATA_FILE = "metadata.json"
# Larger files are known at an opening by their size alone: to read gigabytes for a checksum would take
# longer than all questions of a session.
_READ_WHOLE = 16 << 20


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class IndexMetadata:
    """What an index folder says about itself.

    `model_id` and `dimension` are "" and 0 for an index that holds no vectors; `checksums` maps
    each file's name to its sha256, `sizes` to its length in bytes.
    """

    kind: str
    format_version: int
    model_id: str
    dimension: int
    count: int
    checksums: dict[str, str]
    sizes: dict[str, int] = field(default_factory=dict)


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


def sizes_of(folder: Path, names: Iterable[str]) -> dict[str, int]:
    """The lengths of the named files of a folder, in bytes."""
    return {name: (folder / name).stat().st_size for name in names}


def link_or_copy(source: Path, target: Path) -> None:
    """Share a file between folders that are never written to once they are made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def write_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write the bare numbers of an array; `map_array` is told their type."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.ascontiguousarray(array).tofile(path)


def map_array(path: Path, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """The numbers of a file, (n,), left on the disk until they are asked for.

    Raises:
        IndexDamagedError: the file is missing or not a whole number of them.
    """
    try:
        if path.stat().st_size == 0:
            return np.empty(0, dtype)
        return np.asarray(np.memmap(path, dtype, mode="r"))
    except (OSError, ValueError) as error:
        raise damaged(path.parent, f"has an unreadable {path.name}") from error


def kind_of(folder: Path) -> str:
    """What kind of index a folder holds.

    Raises:
        IndexDamagedError: it holds none.
    """
    return _parse_metadata(folder).kind


def check_files(folder: Path, names: Iterable[str]) -> None:
    """Read files of an index folder, however large, and compare them with their checksums: what is written on
    from damage would be vouched for anew.

    Raises:
        IndexDamagedError: a file is missing or altered.
    """
    checksums = _parse_metadata(folder).checksums
    for name in names:
        _check_file(folder, name, checksums[name])


def read_metadata(folder: Path, *, kind: str, format_version: int) -> IndexMetadata:
    """Read an index folder's metadata and check its files against it, large ones by their size.

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
        if metadata.sizes.get(name, 0) > _READ_WHOLE:
            _check_size(folder, name, metadata.sizes[name])
        else:
            _check_file(folder, name, checksum)
    return metadata


def damaged(folder: Path, reason: str) -> IndexDamagedError:
    """The error for an index folder that cannot be used."""
    return IndexDamagedError(f"the index {folder} {reason}", "rebuild the index")


def _check_size(folder: Path, name: str, size: int) -> None:
    try:
        found = (folder / name).stat().st_size
    except OSError as error:
        raise damaged(folder, f"lacks {name}") from error
    if found != size:
        raise damaged(folder, f"has an altered {name}")


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
