"""Bytes on a disk: what they are known by, and that they are there. xxhash is used here only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import xxhash

from embeddings.syncing import sync_path

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file's length in bytes and two digests of it, in hex.

    ``sha256`` is what a backup and an original are known by anywhere; ``xxh3`` (128 bits) says the same
    of accidental damage seven times as fast, which is what every opening can afford.
    """

    size: int
    sha256: str
    xxh3: str


def digest_of(path: Path) -> FileDigest:
    """Both digests of a file, read once; raises ``OSError``."""
    strong, quick, size = hashlib.sha256(), xxhash.xxh3_128(), 0
    for chunk in _chunks(path):
        strong.update(chunk)
        quick.update(chunk)
        size += len(chunk)
    return FileDigest(size, strong.hexdigest(), quick.hexdigest())


def quick_digest_of(path: Path) -> str:
    """The quick digest alone; raises ``OSError``."""
    quick = xxhash.xxh3_128()
    for chunk in _chunks(path):
        quick.update(chunk)
    return quick.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def file_fault(path: Path, digest: FileDigest, *, sized_only: bool = False) -> str | None:
    """What is wrong with a file: None if it is as it was made; ``sized_only`` reads none of it."""
    try:
        if path.stat().st_size != digest.size:
            return "has another length"
        altered = not sized_only and quick_digest_of(path) != digest.xxh3
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "is altered" if altered else None


def sync_tree(folder: Path) -> None:
    """Wait until a folder and all that it holds are on the disk."""
    for path in [*folder.rglob("*"), folder]:
        sync_path(path)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that a loss of power does not unmake them."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_path(path.parent)


def link(source: str | Path, target: str | Path) -> None:
    """Share a file between versions: versions are never written to once they are made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
