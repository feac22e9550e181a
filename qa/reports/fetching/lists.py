"""Lists of addresses: text with one a line, sitemaps and indexes of them, gzip of these.

The door to ``defusedxml``: a list from the web is a stranger's.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The name of an error only: defusedxml parses.
from xml.etree.ElementTree import ParseError  # nosec B405

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from qa.errors import InputError, SourceVanishedError, TooLargeError, WrongListError
from qa.reports.decoding import decode
from qa.reports.fetching.fetcher import Fetched, Fetcher
from qa.reports.fetching.gathered import is_address

# What sitemaps.org allows a sitemap to have.
_MOST_BYTES = 50 * 1024 * 1024
_MOST_ENTRIES = 200_000
_MOST_SITEMAPS, _MOST_DEPTH = 2_000, 3
_MOST_ELEMENTS = 1_000_000
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31

Entry = Path | str
"""A file, or an address."""


@dataclass(slots=True)
class ListRead:
    """What a list names, each once and in order, and the sitemaps of it that could not be read."""

    entries: dict[Entry, None] = field(default_factory=dict)
    failed: list[tuple[str, InputError]] = field(default_factory=list)


async def read_list(name: str, fetcher: Fetcher) -> ListRead:
    """The list in a file or at an address; raises ``InputError``.

    A list of this machine may name files, relative to its folder; one of the web only addresses.
    """
    found, sitemaps = ListRead(), [(name, 0)]
    seen = {name}
    while sitemaps:
        at, depth = sitemaps.pop(0)
        try:
            # What an index names is never a file of this machine, whatever it looks like.
            data = await _bytes_of(at, fetcher, of_web=depth > 0 or is_address(at))
            for entry in _inner(data, at, found):
                if entry not in seen and depth < _MOST_DEPTH and len(seen) < _MOST_SITEMAPS:
                    seen.add(entry)
                    sitemaps.append((entry, depth + 1))
        except InputError as error:
            if depth == 0:
                raise
            found.failed.append((at, error))
    if not found.entries and not found.failed:
        raise WrongListError("empty_list", name=name)
    return found


async def _bytes_of(at: str, fetcher: Fetcher, *, of_web: bool) -> bytes:
    path = Path(at)
    if of_web:
        fetched = await fetcher.fetch(at)
        assert isinstance(fetched, Fetched)
        path = fetched.file
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SourceVanishedError("unreadable", name=at, reason=error.strerror) from error
    if data.startswith(_GZIP):
        data = _unpacked(data, at)
    if len(data) > _MOST_BYTES:
        raise TooLargeError("list_too_large", name=at, most=f"{_MOST_BYTES:,}")
    return data


def _unpacked(data: bytes, at: str) -> bytes:
    """At most one byte more than is allowed."""
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unpacked = inflater.decompress(data, _MOST_BYTES + 1)
    except zlib.error as error:
        raise WrongListError("wrong_list", name=at, reason=error) from error
    if not inflater.eof and len(unpacked) <= _MOST_BYTES:
        raise WrongListError("wrong_list", name=at, reason="gzip")
    return unpacked


def _inner(data: bytes, at: str, found: ListRead) -> Iterator[str]:
    """Add what the list names to ``found``; yields the sitemaps that an index names."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for line in decode(data, at).lstrip("\ufeff").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                _add(_entry(line.strip(), at), at, found)
        return
    for kind, url in _locations(data, at):
        if kind == "sitemap":
            yield url
        else:
            _add(url, at, found)


def _entry(line: str, at: str) -> Entry:
    if is_address(line) or is_address(at):
        return line
    return Path(at).parent / line


def _add(entry: Entry, at: str, found: ListRead) -> None:
    found.entries[entry] = None
    if len(found.entries) > _MOST_ENTRIES:
        raise TooLargeError("list_too_long", name=at, most=f"{_MOST_ENTRIES:,}")


def _locations(data: bytes, at: str) -> Iterator[tuple[str, str]]:
    """``url`` or ``sitemap``, and the address, of each ``loc`` of a sitemap."""
    try:
        stream = iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
        _, root = next(stream)
        if _tag(root.tag) not in ("urlset", "sitemapindex"):
            raise WrongListError("wrong_list", name=at, reason=f"<{_tag(root.tag)}>"[:60])
        for number, (event, element) in enumerate(stream):
            if number > _MOST_ELEMENTS:
                raise TooLargeError("list_too_long", name=at, most=f"{_MOST_ENTRIES:,}")
            if event == "end" and (kind := _tag(element.tag)) in ("url", "sitemap"):
                for child in element:
                    if _tag(child.tag) == "loc" and (child.text or "").strip():
                        yield kind, child.text.strip()
                # Kept, a million elements would take the memory of all of them.
                root.clear()
    except (ParseError, DefusedXmlException, StopIteration, LookupError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"[:120]
        raise WrongListError("wrong_list", name=at, reason=reason) from error


def _tag(name: object) -> str:
    return str(name).rsplit("}", 1)[-1]
