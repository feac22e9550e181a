"""The press: pages as pictures for all requests, drawn one at a time in a process of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.http.problems import Problem
from prompts import messages
from qa.reports.drawing import PageDrawer
from qa.reports.limits import ReadLimits

# A page of text has some 200 KB.
_KEPT_BYTES = 64 * 1024 * 1024
_MOST_WAITING = 32
_BUSY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Page:
    """A page (from 1) of a kept file, so many pixels wide; ``name`` is what errors call the file.

    The path ends in the digest of the file's bytes, so that equal pages are the same picture.
    """

    path: Path
    name: str
    number: int
    width: int


class Press:
    """Draws pages and remembers the latest, in memory: what was deleted leaves no picture behind."""

    def __init__(self, limits: ReadLimits, kept_bytes: int = _KEPT_BYTES) -> None:
        self._drawer = PageDrawer(limits)
        self._alone = asyncio.Lock()
        self._waiting = 0
        self._kept = _Kept(kept_bytes)

    async def drawn(self, page: Page, language: str = "zh") -> bytes:
        """The page as PNG; raises ``UnreadableFormError``, and ``Problem`` where too many wait."""
        if (known := self._kept.get(page)) is not None:
            return known
        if self._waiting >= _MOST_WAITING:
            told = messages("paging", language)["pages_busy"].format(seconds=_BUSY_SECONDS)
            raise Problem(503, "pages_busy", told, {"Retry-After": str(_BUSY_SECONDS)})
        self._waiting += 1
        try:
            async with self._alone:
                # Who waited before may have asked for the same.
                if (known := self._kept.get(page)) is not None:
                    return known
                made = await run_in_threadpool(
                    self._drawer.draw, page.path, page.name, page.number, page.width
                )
        finally:
            self._waiting -= 1
        self._kept.add(page, made)
        return made

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End the process that draws when the block ends."""
        try:
            yield
        finally:
            async with self._alone:
                self._drawer.close()


class _Kept:
    """The latest pictures, as many as fit; used in the event loop only."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._found: OrderedDict[Page, bytes] = OrderedDict()

    def get(self, page: Page) -> bytes | None:
        if page in self._found:
            self._found.move_to_end(page)
        return self._found.get(page)

    def add(self, page: Page, made: bytes) -> None:
        self._size += len(made) - len(self._found.pop(page, b""))
        self._found[page] = made
        while self._size > self._most:
            _, oldest = self._found.popitem(last=False)
            self._size -= len(oldest)


def press_of(request: Request) -> Press:
    """The press of the application that a request came to."""
    press = request.app.state.press
    assert isinstance(press, Press)
    return press


ThePress = Annotated[Press, Depends(press_of)]
