"""An address to documents: fetched, then read in the process that reads files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from qa.errors import InputError
from qa.reports.fetching.addresses import parse_address, readable
from qa.reports.fetching.fetcher import Fetcher, Unmodified
from qa.reports.fetching.gathered import Gathered, Validators, WebDocument
from qa.reports.reading import Document, SourceReader
from qa.reports.report import Source


class Gatherer:
    """Gathers what addresses give; for one event loop, as its fetcher is."""

    def __init__(self, fetcher: Fetcher, reader: SourceReader) -> None:
        self._fetcher = fetcher
        self._reader = reader
        self._reading = asyncio.Lock()

    async def gather_all(
        self,
        texts: Iterable[str],
        known: Mapping[str, Validators],
        proceed: Callable[[], None] = lambda: None,
    ) -> list[Gathered]:
        """What each address gives, in their order; hosts at the same time, each one in turns.

        ``proceed`` is called with each.
        """

        async def one(text: str) -> Gathered:
            gathered = await self.gather(text, known)
            proceed()
            return gathered

        return list(await asyncio.gather(*map(one, texts)))

    async def gather(self, text: str, known: Mapping[str, Validators]) -> Gathered:
        """What an address gives; ``known`` are the versions held, by address. An error is its document."""
        url = text
        try:
            url = parse_address(text, self._fetcher.rules).url
            found = await self._fetcher.fetch(url, known.get(url))
        except InputError as error:
            return Gathered(url, (WebDocument(url, error),))
        if isinstance(found, Unmodified):
            return Gathered(url, unmodified=True, validators=known.get(url))
        documents = await self._read(found.file, readable(url))
        given = tuple(_web_document(url, found.url, document) for document in documents)
        return Gathered(url, given, validators=found.validators)

    async def _read(self, file: Path, name: str) -> list[Document]:
        # The reader serves one at a time.
        async with self._reading:
            documents = await asyncio.to_thread(lambda: list(self._reader.read(file, name)))
        file.unlink()
        return documents


def _web_document(url: str, final: str, document: Document) -> WebDocument:
    key = f"{url}#{document.part.lstrip('#')}" if document.part else url
    source = document.source
    if isinstance(source, InputError):
        return WebDocument(key, source)
    return WebDocument(key, _cited(source, final, is_row=document.part.startswith("#")))


def _cited(source: Source, final: str, *, is_row: bool) -> Source:
    """The source with the address that its citations name: the one that gave it, or the one that it
    names as its own. A page of another host may not call itself this one's."""
    own = source.origin.url
    if own and (is_row or _is_same_host(own, final)):
        return source
    return replace(source, origin=replace(source.origin, url=final))


def _is_same_host(own: str, final: str) -> bool:
    try:
        named, given = urlsplit(own), urlsplit(final)
    except ValueError:
        return False
    # Sites that name their front page on each page mean nothing by it.
    is_front = named.path in ("", "/") and given.path not in ("", "/")
    return named.hostname == given.hostname and not is_front
