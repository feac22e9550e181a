"""Web pages: lxml for the text, trafilatura for title, date and address; the only door to both.

The text is not what trafilatura extracts: on pages made of the samples it left out either a table or a
paragraph that it took for a repetition, and what is left out is then told as not stated.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import lxml.html
import trafilatura
from lxml import etree

from qa.errors import EmptySourceError
from qa.places import full_names_in
from qa.reports.decoding import decode
from qa.reports.origin import Origin
from qa.reports.readers.links import links_of
from qa.reports.readers.protocol import Read, Task

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([\w-]{2,20})""", re.I)
_TOLD_BY_BYTES = frozenset(
    {
        "utf-8",
        "utf8",
        "gbk",
        "gb2312",
        "gb18030",
        "iso-8859-1",
        "latin1",
        "windows-1252",
        "us-ascii",
    }
    | {"utf-16", "utf-16le", "utf-16be"}
)
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(https?://[^\s>]+)")
_PAGE_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_NEVER_TEXT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "math",
        "head",
        "nav",
        "footer",
        "aside",
        "form",
        "button",
        "select",
        "option",
        "input",
        "textarea",
        "canvas",
        "audio",
        "video",
        "map",
    }
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "o:p",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
        "img",
    }
)
_FURNITURE = re.compile(
    r"(?:^|[\W_])(?:nav|menu|foot|footer|crumbs?|breadcrumb|share|sidebar|copyright|toolbar|related|recommend"
    r"|pagination|pages?tool|print|qrcode|fontsize)(?:[\W_\d]|$)",
    re.I,
)
# One child that holds so much of an element's text is where the main text is.
_MAIN_SHARE = 0.8
# Blocks that are mostly links, and are not themselves the main text, are menus.
_MOST_LINKED, _MENU_CHARS = 0.6, 1500
_MOST_DEPTH = 200
_CELL_SEPARATOR = " | "
_PAGE_TITLE = re.compile(r"<title[^>]*>([^<]{1,300})</title>", re.I)
_TITLE_PARTS = re.compile(r"\s*[_|\uff5c]\s*|\s+[-–—]+\s+|-{2,}|(?<=报告)\s*[-–—]+\s*")
# A cell that holds more is not a figure's but a frame around prose.
_CELL_CHARS = 300


def read_html(task: Task) -> Read:
    """The main text, a paragraph or a table's row on a line; scripts and menus left out.

    The title stands first if the main text does not begin with it. Raises ``EmptySourceError``.
    """
    page = _decoded(task)
    # Characters, not bytes: the parser would look for an encoding of its own. It does not take a
    # declaration in characters.
    root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", page) or "<p></p>")
    links = links_of(root)
    # A page that does nothing but show a file is told by the file's name.
    text = _main_text(root) or "\n".join(words or at for at, words in links.attachments)
    if not text:
        raise EmptySourceError("empty", name=task.name)
    found: Any = trafilatura.extract_metadata(page)
    title, site = _title_and_site((found.title if found else None) or "", page)
    if title and title not in text[: len(title) + 200]:
        text = f"{title}\n{text}"
    place = tuple(reversed(full_names_in(site)))
    origin = Origin(
        url=_address(page, found), title=title or None, published=_date(found), place=place
    )
    return Read(text, origin, links)


def _title_and_site(found: str, page: str) -> tuple[str, str]:
    """The report's title and what else the page's own says: ``政府工作报告_越城区人民政府``, or the other
    way round. A site's name above a report is no part of it, but tells whose it is."""
    printed = _PAGE_TITLE.search(page)
    whole = html.unescape(" ".join(printed.group(1).split())) if printed else found
    parts = [part for part in _TITLE_PARTS.split(whole) if part]
    named = [part for part in [*_TITLE_PARTS.split(found), *parts] if "报告" in part]
    title = named[0] if named else found
    return title, " ".join(part for part in parts if part != title)


def _decoded(task: Task) -> str:
    """The page's own word on its encoding counts only where its bytes do not tell it: UTF-8 is often
    called GBK or Latin, both of which decode it, to other signs."""
    told = _CHARSET.search(task.data[:4096])
    name = told.group(1).decode("ascii").lower() if told else ""
    if name in _TOLD_BY_BYTES or not name or _is_utf8(task.data):
        return decode(task.data, task.name)
    try:
        return task.data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return decode(task.data, task.name)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _address(page: str, found: Any) -> str | None:
    saved = _SAVED_FROM.search(page[:2000])
    url = saved.group(1) if saved else (found.url if found else None)
    return url if url and url.startswith(("http://", "https://")) else None


def _date(found: Any) -> str | None:
    date = found.date if found else None
    return date if date and _PAGE_DATE.fullmatch(date) else None


# --- main text ---------------------------------------------------------------------------------


def _main_text(root: Any) -> str:
    """The main text below a root, which loses all else."""
    body = root.find("body")
    body = root if body is None else body
    etree.strip_elements(body, etree.Comment, *_NEVER_TEXT, with_tail=False)
    for element in list(body.iter(etree.Element)):
        if element is not body and element.getparent() is not None and _is_furniture(element, body):
            element.drop_tree()
    lines = (" ".join(line.split()) for line in "".join(_parts(_main(body), 0)).split("\n"))
    return "\n".join(line for line in lines if line)


def _main(element: Any) -> Any:
    """The smallest element that holds most of the text of each one around it."""
    while True:
        whole = _length(element)
        inside = [child for child in element if isinstance(child.tag, str)]
        larger = [child for child in inside if _length(child) > _MAIN_SHARE * whole]
        if not larger or larger[0].tag in _INLINE | {"p", "tr"}:
            return element
        element = larger[0]


def _is_furniture(element: Any, body: Any) -> bool:
    length = _length(element)
    if length > _MENU_CHARS or element.tag in _INLINE:
        return False
    if _FURNITURE.search(f"{element.get('class', '')} {element.get('id', '')}"):
        return True
    linked = sum(_length(link) for link in element.iter("a"))
    return length > 0 and linked > _MOST_LINKED * length and element.tag not in ("p", "td", "tr")


def _length(element: Any) -> int:
    return sum(len(piece.strip()) for piece in element.itertext())


def _parts(element: Any, depth: int) -> Iterator[str]:
    """The text below an element; every block begins and ends a line."""
    if depth > _MOST_DEPTH:
        yield "".join(element.itertext())
        return
    if element.tag == "table" and (rows := _rows(element)) is not None:
        yield from (f"\n{row}\n" for row in rows)
        return
    block = element.tag not in _INLINE
    yield "\n" if block else ""
    yield _spaced(element, element.text)
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif isinstance(child.tag, str):
            yield from _parts(child, depth + 1)
        yield _spaced(element, child.tail)
    yield "\n" if block else ""


def _spaced(element: Any, text: str | None) -> str:
    """Line ends of the markup are spaces, or nothing between Chinese signs; in ``pre`` they count."""
    if not text or element.tag == "pre":
        return text or ""
    return re.sub(r"(?<=[^\x00-\xff])[ \t]*[\r\n]\s*(?=[^\x00-\xff])", "", text).replace("\n", " ")


def _rows(table: Any) -> list[str] | None:
    """The rows as lines of cells; None for a table that is a frame around prose or other tables."""
    rows = []
    for row in table.iter("tr"):
        cells = ["".join(cell.itertext()) for cell in row if cell.tag in ("td", "th")]
        if (
            any(len(cell) > _CELL_CHARS for cell in cells)
            or next(row.iter("table"), None) is not None
        ):
            return None
        texts = [" ".join(cell.split()) for cell in cells]
        if any(texts):
            rows.append(_CELL_SEPARATOR.join(texts))
    return rows
