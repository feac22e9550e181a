"""An address to documents: fetched, then read in the process that reads files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from qa.errors import InputError
from qa.reports.fetching.addresses import parse_address, readable
from qa.reports.fetching.fetcher import Fetched, Fetcher, Unmodified
from qa.reports.fetching.gathered import Gathered, Validators, WebDocument
from qa.reports.fetching.parts import (
    chosen_attachments,
    is_promising,
    is_report,
    is_sibling,
    joined,
)
from qa.reports.readers.protocol import NO_LINKS, Links
from qa.reports.reading import Document, SourceReader
from qa.reports.report import Source

_MOST_PAGES = 50


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
        """What an address gives; ``known`` are the versions held, by address. An error is its document.

        A page's further parts are joined to it, and where it is no report its attachments are what it
        gives. Such an address has no version: that of its first page says nothing of the rest.
        """
        url = text
        try:
            url = parse_address(text, self._fetcher.rules).url
            found = await self._fetcher.fetch(url, known.get(url))
            if isinstance(found, Unmodified):
                return Gathered(url, unmodified=True, validators=known.get(url))
            documents = await self._read(found.file, readable(url))
            given = [_web_document(url, found.url, document) for document in documents]
            links = documents[0].links
            # A page within an archive has no neighbours.
            if links == NO_LINKS or documents[0].part:
                return Gathered(url, tuple(given), validators=found.validators)
            page = await self._whole_page(given[0], found.url, links)
            attached = await self._attached(page, found.url, links)
        except InputError as error:
            return Gathered(url, (WebDocument(url, error),))
        is_alone = page == given[0] and not attached
        return Gathered(url, attached or (page,), validators=found.validators if is_alone else None)

    async def _whole_page(self, first: WebDocument, final: str, links: Links) -> WebDocument:
        """A page with all its further parts; raises ``InputError`` if one of them cannot be had: a part
        of a report would be told as all of it."""
        if isinstance(first.source, InputError) or not is_promising(first.source.text):
            return first
        parts, at, seen = [first.source], final, {final}
        while links.next_page and len(parts) < _MOST_PAGES:
            following = parse_address(links.next_page, self._fetcher.rules, base=at).url
            if following in seen or not is_sibling(following, at):
                break
            fetched = await self._fetched(following)
            seen |= {following, fetched.url}
            (document,) = await self._read(fetched.file, readable(following))
            if isinstance(document.source, InputError):
                raise document.source
            parts.append(document.source)
            at, links = fetched.url, document.links
        return first if len(parts) == 1 else replace(first, source=joined(parts))

    async def _attached(
        self, page: WebDocument, final: str, links: Links
    ) -> tuple[WebDocument, ...]:
        """The documents of the files attached to a page that is no report itself."""
        if isinstance(page.source, InputError) or is_report(page.source):
            return ()
        chosen = chosen_attachments(links.attachments, page.source.text)
        found = [await self._attachment(page.key, href, final) for href in chosen]
        return tuple(document for documents in found for document in documents)

    async def _attachment(self, url: str, href: str, base: str) -> list[WebDocument]:
        key = f"{url}#{href}"
        try:
            at = parse_address(href, self._fetcher.rules, base=base).url
            key = f"{url}#{at}"
            fetched = await self._fetched(at)
        except InputError as error:
            return [WebDocument(key, error)]
        documents = await self._read(fetched.file, readable(at))
        return [_web_document(key, fetched.url, document) for document in documents]

    async def _fetched(self, url: str) -> Fetched:
        found = await self._fetcher.fetch(url)
        assert isinstance(found, Fetched)
        return found

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
