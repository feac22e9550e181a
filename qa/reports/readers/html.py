"""Web pages: main text, title, date and address through trafilatura, the only door to it."""

from __future__ import annotations

import codecs
import re
from typing import Any

import trafilatura

from qa.errors import EmptySourceError
from qa.reports.decoding import decode
from qa.reports.origin import Origin
from qa.reports.readers.protocol import Read, Task

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([\w-]{2,20})""", re.I)
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(https?://[^\s>]+)")
# Where so little is left of a page that holds so many times more, its main text was not recognised.
_LITTLE_CHARS, _TIMES_MORE = 2000, 2
_PAGE_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")


def read_html(task: Task) -> Read:
    """The main text, a paragraph or a table's row on a line; scripts and menus left out.

    The title stands first if the main text does not begin with it. Raises ``EmptySourceError``.
    """
    page = _decoded(task)
    found: Any = trafilatura.bare_extraction(
        page,
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        deduplicate=False,
    )
    text = _whole(page, (found.text or "") if found else "")
    if not text.strip():
        raise EmptySourceError("empty", name=task.name)
    title = found.title if found else None
    if title and title not in text[: len(title) + 200]:
        text = f"{title}\n{text}"
    return Read(text, Origin(url=_address(page, found), title=title, published=_date(found)))


def _decoded(task: Task) -> str:
    """The page's own word on its encoding first; it is wrong often enough to be tested."""
    told = _CHARSET.search(task.data[:4096])
    if told and not task.data.startswith(
        (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    ):
        name = told.group(1).decode("ascii").lower()
        # GB2312 is written where its superset is meant.
        name = "gb18030" if name.startswith("gb") else name
        try:
            return task.data.decode(name)
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(task.data, task.name)


def _whole(page: str, text: str) -> str:
    if len(text) >= _LITTLE_CHARS:
        return text
    everything: str = trafilatura.html2txt(page)
    return everything if len(everything) > _TIMES_MORE * len(text) else text


def _address(page: str, found: Any) -> str | None:
    saved = _SAVED_FROM.search(page[:2000])
    url = saved.group(1) if saved else (found.url if found else None)
    return url if url and url.startswith(("http://", "https://")) else None


def _date(found: Any) -> str | None:
    date = found.date if found else None
    return date if date and _PAGE_DATE.fullmatch(date) else None
