"""Files to sources: which files a path names, and the text of each, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from qa.errors import (
    EmptySourceError,
    InputError,
    NotAReportError,
    SourceVanishedError,
    TooLargeError,
)
from qa.reports.decoding import decode
from qa.reports.limits import ReadLimits
from qa.reports.readers.process import ReaderProcess
from qa.reports.readers.protocol import NO_LINKS, Links, Read
from qa.reports.readers.sniffing import HEAD_BYTES, kind_of
from qa.reports.report import Source

# What is taken from a folder; a file that is named itself is read whatever it is called. Pictures
# are not: most that lie in folders are no pages.
READABLE_SUFFIXES = frozenset(
    {".txt", ".text", ".md", ".html", ".htm", ".xhtml", ".shtml", ".pdf", ".docx", ".doc", ".wps"}
    | {".rtf", ".odt", ".csv", ".tsv", ".jsonl", ".ndjson", ".zip"}
)


def files_of(path: Path) -> list[Path]:
    """The file itself, or the files below a folder that may hold reports.

    Raises ``NotAReportError`` if there is none.
    """
    if not path.is_dir():
        return [path]
    inside = sorted(
        p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in READABLE_SUFFIXES
    )
    if not inside:
        raise NotAReportError("no_files", name=path.name)
    return inside


@dataclass(frozen=True, slots=True)
class Document:
    """A source, or why there is none; ``path`` is its file's, with the member of an archive or the row
    of a table behind it (``archive.zip/inner.txt``, ``data.csv#12``), which alone is ``part``.
    ``links`` are those of a page that belong to it."""

    path: Path
    source: Source | InputError
    part: str = ""
    links: Links = NO_LINKS


class SourceReader:
    """Reads files of any form. Use it as a context: a process that parses may run until its end.

    Plain text is decoded here: that is a call of Python's own, which cannot be made to hang or burst,
    and a hundred reports of it are read in the time that the other process takes to start.
    """

    def __init__(self, limits: ReadLimits | None = None, originals: Path | None = None) -> None:
        """The bytes of files whose form is parsed are written into the folder ``originals``, if one is
        given, as ``SHA256.part``; their sources name them."""
        self._limits = limits or ReadLimits()
        self._process = ReaderProcess(self._limits, originals)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.__exit__(kind, error, trace)

    def read(self, path: Path, name: str | None = None) -> Iterator[Document]:
        """The documents of a file, at least one; ``name`` is what it is called, by default its own."""
        name = name or path.name
        try:
            if _is_plain_text(path, name, self._limits):
                yield Document(path, read_source(path, name))
                return
        except InputError as error:
            yield Document(path, error)
            return
        for outcome in self._process.read(path, name):
            # A member's name has slashes: it is a path below the archive that no file system knows.
            part = outcome.name.removeprefix(name)
            inner = Path(f"{path}{part}")
            links = outcome.read.links if isinstance(outcome.read, Read) else NO_LINKS
            yield Document(inner, _source_of(outcome.name, outcome.read), part, links)


def _source_of(name: str, read: Read | InputError) -> Source | InputError:
    return Source(name, read.text, read.origin) if isinstance(read, Read) else read


def _is_plain_text(path: Path, name: str, limits: ReadLimits) -> bool:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise SourceVanishedError("unreadable", name=name, reason=error.strerror) from error
    if size > limits.file_max_bytes:
        raise TooLargeError("too_large", name=name, most=f"{limits.file_max_bytes:,}")
    return kind_of(head) == "text"


def read_source(path: Path, name: str | None = None) -> Source:
    """Read and decode a file of plain text; raises ``InputError`` with the reason."""
    name = name or path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceVanishedError("unreadable", name=name, reason=error.strerror) from error
    if not data:
        raise EmptySourceError("empty", name=name)
    return Source(name, decode(data, name))
