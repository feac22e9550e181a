"""What the tests look at in a library, and nothing the product needs."""

import json
from pathlib import Path

from qa.library import storage
from qa.library.holdings import HeldReport
from qa.library.library import Library


def held(library: Path) -> list[HeldReport]:
    opened = Library(library)
    try:
        return list(opened.held)
    finally:
        opened.close()


def names_of(library: Path) -> dict[str, tuple[str, ...]]:
    """Title of each report → the names its file came under."""
    return {one.report.title: one.sources for one in held(library)}


def versions(library: Path) -> list[str]:
    return sorted(path.name for path in (library / "versions").iterdir())


def state(library: Path) -> tuple[bytes, list[str]]:
    """What must not change when a command fails."""
    return (library / "CURRENT").read_bytes(), versions(library)


def finds_by_words(library: Path, words: str) -> bool:
    """True if the lexical index of the version in force finds a passage with ``words``."""
    opened = Library(library)
    try:
        ids, _ = opened.lexical.search(words, 3)
        return any(words in passage.text for passage in opened.passages([int(i) for i in ids]))
    finally:
        opened.close()


def has_vectors(library: Path) -> bool:
    opened = Library(library)
    try:
        return opened.manifest.has_vectors
    finally:
        opened.close()


def as_of_format_1(library: Path) -> Path:
    """The library, told of as by the programs before files had digests; whatever was done to it."""
    folder = storage.version_in_force(library)
    path = folder / "manifest.json"
    fields = json.loads(path.read_text("utf-8"))
    del fields["files"]
    path.write_text(json.dumps({**fields, "format": 1}), "utf-8")
    (library / "CURRENT").write_text(folder.name)
    if (folder / "vectors").exists():
        _as_without_groups(folder / "vectors")
    return library


def _as_without_groups(vectors: Path) -> None:
    path = vectors / "metadata.json"
    fields = json.loads(path.read_text("utf-8"))
    del fields["checksums"]["groups.npy"]
    # It may be shared with a version that keeps it.
    path.unlink()
    path.write_text(json.dumps({**fields, "format_version": 1}), "utf-8")
    (vectors / "groups.npy").unlink()
