"""Files to sources: which files a path names, and their decoded text."""

from __future__ import annotations

from pathlib import Path

from qa.errors import EmptySourceError, NotAReportError, SourceVanishedError
from qa.reports.decoding import decode
from qa.reports.report import Source

READABLE_SUFFIXES = frozenset({".txt", ".text", ".md"})


def files_of(path: Path) -> list[Path]:
    """The file itself, or the text files below a folder; raises ``NotAReportError`` if none."""
    if not path.is_dir():
        return [path]
    inside = sorted(
        p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in READABLE_SUFFIXES
    )
    if not inside:
        raise NotAReportError("no_files", name=path.name)
    return inside


def read_source(path: Path) -> Source:
    """Read and decode a file; raises ``InputError`` with the reason."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceVanishedError("unreadable", name=path.name, reason=error.strerror) from error
    if not data:
        raise EmptySourceError("empty", name=path.name)
    return Source(path.name, decode(data, path.name))
