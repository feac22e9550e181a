"""What it costs to hold every byte of a library against its digests: ``python -m benchmarks.opening [LIBRARY]``."""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import xxhash

from qa.library import storage
from qa.library.library import Library
from qa.library.manifest import Manifest
from qa.settings import load_settings

_BYTES = 64 << 20
_REPORTS = (8, 37, 1_000, 10_000)
_KINDS: dict[str, Callable[[bytes], object]] = {
    "sha256": hashlib.sha256,
    "blake2b": hashlib.blake2b,
    "xxh3_128": xxhash.xxh3_128,
}


def main() -> None:
    content = os.urandom(_BYTES)
    speeds = {name: _BYTES / _seconds(kind, content) for name, kind in _KINDS.items()}
    library = Path(sys.argv[1]) if len(sys.argv) > 1 else load_settings().library
    opened = Library(library)
    reports = len(opened.held)
    opened.close()
    files = Manifest.read(storage.version_in_force(library)).files
    parts = {
        part: _share(files, part, reports)
        for part in ("library.sqlite", "lexical", "vectors", "kept")
    }
    print("bytes a report:", {part: f"{size:,.0f}" for part, size in parts.items()})
    for name, speed in speeds.items():
        seconds = {n: f"{n * sum(parts.values()) / speed:.2f} s" for n in _REPORTS}
        print(f"{name}: {speed / 2**20:,.0f} MiB/s; all parts of so many reports: {seconds}")


def _share(files, part: str, reports: int) -> float:  # type: ignore[no-untyped-def]
    return sum(d.size for name, d in files.items() if name.startswith(part)) / reports


def _seconds(kind: Callable[[bytes], object], content: bytes) -> float:
    def once() -> float:
        started = time.perf_counter()
        kind(content)
        return time.perf_counter() - started

    return statistics.median(once() for _ in range(5))


if __name__ == "__main__":
    main()
