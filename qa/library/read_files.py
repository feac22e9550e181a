"""The reading side of an ingest: files, folders and what was gathered, to reports that are not yet stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.errors import InputError
from qa.facts.fact import Fact
from qa.reports.fetching.gathered import Gathered, is_address
from qa.reports.limits import ReadLimits
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader, files_of
from qa.reports.report import Report, Source

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A path, or an address, that could not be taken in, and why."""

    path: Path | str
    error: InputError


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A document with its reports. ``path`` is the document's; ``whole`` is the key of what it came from: another where it is a part
    of an archive, a table or a page."""

    whole: str
    path: Path | str
    source: Source
    reports: list[Report]
    facts: Mapping[str, list[Fact]] | None = None
    """Report id → its facts, once they are known; a report without is one that is held already."""

    @property
    def key(self) -> str:
        """What the library knows it by."""
        return key_of(self.path)


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """A file that was read elsewhere: what it gave, and the bytes of originals by their sha256."""

    path: Path
    files: Sequence[ReadFile]
    failed: Sequence[Failure]
    originals: Mapping[str, bytes]

    def put_originals(self, folder: Path) -> None:
        """Write them where a reader would have left them; raises ``OSError``."""
        for sha256, content in self.originals.items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{sha256}.part").write_bytes(content)


Item = Path | Gathered | ReadBefore


def key_of(path: Path | str) -> str:
    """What the library knows a file or an address by."""
    return path if isinstance(path, str) else str(path.resolve())


def read_all(
    items: Iterable[Item],
    max_chars: int,
    limits: ReadLimits | None,
    failed: list[Failure],
    progress: Progress,
    originals: Path | None = None,
) -> Iterator[ReadFile]:
    """What can be read; what cannot is added to ``failed``, and ``progress`` is told of each file.

    ``originals`` as for ``SourceReader``.
    """
    files = list(_files(items, failed))
    with SourceReader(limits, originals) as reader:
        for number, item in enumerate(files, 1):
            if isinstance(item, ReadBefore):
                failed += item.failed
                if originals:
                    item.put_originals(originals)
                yield from item.files
                continue
            whole = item.url if isinstance(item, Gathered) else key_of(item)
            for path, source in _documents(item, reader):
                try:
                    yield _read(whole, path, source, max_chars)
                except InputError as error:
                    failed.append(Failure(path, error))
            progress("read", number, len(files))


def _documents(
    item: Path | Gathered, reader: SourceReader
) -> Iterator[tuple[Path | str, Source | InputError]]:
    if isinstance(item, Gathered):
        yield from ((document.key, document.source) for document in item.documents)
    else:
        yield from ((document.path, document.source) for document in reader.read(item))


def _files(items: Iterable[Item], failed: list[Failure]) -> Iterator[Item]:
    for item in items:
        if not isinstance(item, Path):
            yield item
            continue
        try:
            yield from files_of(item)
        except InputError as error:
            failed.append(Failure(item, error))


def _read(whole: str, path: Path | str, source: Source | InputError, max_chars: int) -> ReadFile:
    if isinstance(source, InputError):
        raise source
    return ReadFile(whole, path, source, parse_reports(source, max_chars))


def wholes_of(key: str) -> list[str]:
    """The key itself and all that it may be a part of.

    Behind an address a slash leads to another address: parts of one stand behind ``#``, which no
    address holds.
    """
    ends = "#" if is_address(key) else "/#"
    return [key, *(key[:at] for at, sign in enumerate(key) if sign in ends and at)]
