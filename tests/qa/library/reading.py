"""What the tests look at in a library, and nothing the product needs."""

from pathlib import Path

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
