"""An answer in Feishu's cards (JSON 2.0), cut to what a message may hold.

Quotations and notes stand in plain text, which is literal. Where links are needed the text is Markdown with
its signs as entities: in Feishu's own markup ``*``, ``<at id=all>`` or ``:OK:`` of a report would format,
call people or become pictures. https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from api.bots.rendering import Shown, Source, said, split_text
from qa.answers.answer import Cell, Table

Card = dict[str, Any]
Element = dict[str, Any]

# A request has at most 30 KB; Feishu counts styles beyond what is sent, and does not say how.
_CARD_BYTES = 24_000
_PART_BYTES = 6_000
# 200 are allowed, each text of an element among them.
_MOST_TAGS = 180
# Five are allowed; cards with more than three were refused all the same.
_MOST_TABLES = 3
_TABLE_BYTES = 10_000
# As many as are read on a phone beside the first; the table is swept sideways there.
_TABLE_COLUMNS = 10
_PAGE_ROWS = 10
_CELL_BYTES = 800
_SUMMARY_CHARS = 120
_MARKER = re.compile(r"(\[\d+\])")
# All ASCII signs but those that never begin any markup, such as the point within a figure.
_SIGN = re.compile(r"[!\"#$&'()*+\-/:<=>@\[\\\]^_`{|}~]|(?<!\d)\.|\.(?!\d)")
_INDENT = re.compile(r"^[ \t]+", re.M)
_UNSAFE = re.compile(r"[\s()<>\[\]\\\"'`{|}^]")


def cards_of(shown: Shown) -> list[Card]:
    """The cards of an answer, one for nearly all."""
    return [_card(elements, shown.text) for elements in _packed(_elements(shown))]


def line(text: str) -> Card:
    """A card of one line of ours, or of the beginning of an answer."""
    return _card([_plain(part) for part in split_text(text, _PART_BYTES, size)[:3]], text)


def escape(text: str) -> str:
    """A text that Feishu's Markdown shows as it is: no markup, no mention, no link."""
    return _SIGN.sub(_entity, _flush(text))


def size(text: str) -> int:
    """The bytes of a text in a request, where it stands in JSON within JSON."""
    return len(_twice(text)) - 6


def _flush(text: str) -> str:
    # Four spaces before a line would make it code.
    return _INDENT.sub("", text)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"


def _twice(value: Any) -> bytes:
    inner = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(inner, ensure_ascii=False).encode()


def _card(elements: list[Element], text: str) -> Card:
    summary = " ".join(text[: 2 * _SUMMARY_CHARS].split())[:_SUMMARY_CHARS]
    return {
        "schema": "2.0",
        # Only a shared card may be replaced; the summary is what lists and notifications show.
        "config": {"update_multi": True, "width_mode": "fill", "summary": {"content": summary}},
        "body": {"elements": elements or [_plain("…")]},
    }


def _elements(shown: Shown) -> Iterator[Element]:
    urls = {source.n: _address(source.url) for source in shown.sources}
    for part in split_text(_flush(shown.text), _PART_BYTES, _linked_size(urls)):
        yield _markdown(_linked(_flush(part), urls))
    if shown.table is not None:
        yield from _tables(shown.table, urls)
    for note in shown.notes:
        yield from map(_small, split_text(note, _PART_BYTES, size))
    if shown.sources:
        yield {"tag": "hr"}
    for source in shown.sources:
        yield from _source(source, shown.language)
    if shown.hint:
        yield from map(_small, split_text(shown.hint, _PART_BYTES, size))


def _plain(text: str, **style: str) -> Element:
    return {"tag": "div", "text": {"tag": "plain_text", "content": text, **style}}


def _small(text: str) -> Element:
    return _plain(text, text_size="notation", text_color="grey")


def _markdown(content: str) -> Element:
    return {"tag": "markdown", "content": content}


def _link(text: str, url: str) -> str:
    return f"[{escape(text)}]({url})"


def _linked(text: str, urls: Mapping[int, str]) -> str:
    """The text with each marker a link to its source."""
    return "".join(_marked(part, urls) for part in _MARKER.split(text))


def _marked(part: str, urls: Mapping[int, str]) -> str:
    if _MARKER.fullmatch(part) and (url := urls.get(int(part[1:-1]))):
        return _link(part, url)
    return _SIGN.sub(_entity, part)


def _linked_size(urls: Mapping[int, str]) -> Callable[[str], int]:
    def measure(text: str) -> int:
        return size(_linked(text, urls))

    return measure


def _address(url: str) -> str:
    """An address that does not end the link it stands in."""
    return _UNSAFE.sub(lambda found: f"%{ord(found.group()):02X}", url)


def _source(source: Source, language: str) -> Iterator[Element]:
    link = _link(said("open_source", language, n=source.n), _address(source.url))
    yield _markdown(f"{link} {escape(source.title)}")
    yield _small(f"“{source.quote}”")


# --- tables ------------------------------------------------------------------------------------


def _tables(table: Table, urls: Mapping[int, str]) -> Iterator[Element]:
    """The table in as many as its rows and columns need; the first column is repeated."""
    for first in range(1, max(2, len(table.columns)), _TABLE_COLUMNS - 1):
        kept = [0, *range(first, min(len(table.columns), first + _TABLE_COLUMNS - 1))]
        linked = [n for n in kept if any(row[n].citation is not None for row in table.rows)]
        columns = [_column(n, table.columns[n], n in linked) for n in kept]
        rows = [{f"c{n}": _cell(row[n], urls, n in linked) for n in kept} for row in table.rows]
        yield from (_table(columns, few) for few in _fitting(rows, len(_twice(columns))))


def _column(n: int, name: str, linked: bool) -> Element:
    data_type = "lark_md" if linked else "text"
    return {"name": f"c{n}", "display_name": name or " ", "data_type": data_type, "width": "auto"}


def _cell(cell: Cell, urls: Mapping[int, str], linked: bool) -> str:
    parts = split_text(cell.text, _CELL_BYTES, size)
    text = parts[0] + ("…" if len(parts) > 1 else "") if parts else " "
    if not linked:
        return text
    marker = "" if cell.citation is None else f" [{cell.citation}]"
    return escape(text) + _linked(marker, urls)


def _table(columns: list[Element], rows: list[dict[str, str]]) -> Element:
    return {
        "tag": "table",
        "page_size": min(_PAGE_ROWS, len(rows)),
        "row_height": "auto",
        "freeze_first_column": len(columns) > 2,
        "header_style": {"background_style": "grey", "bold": True, "lines": 2},
        "columns": columns,
        "rows": rows,
    }


def _fitting(rows: list[dict[str, str]], head: int) -> Iterator[list[dict[str, str]]]:
    few: list[dict[str, str]] = []
    room = _TABLE_BYTES - head
    for row in rows:
        length = len(_twice(row))
        if few and length > room:
            yield few
            few, room = [], _TABLE_BYTES - head
        few.append(row)
        room -= length
    if few:
        yield few


# --- cards -------------------------------------------------------------------------------------


def _packed(elements: Iterable[Element]) -> Iterator[list[Element]]:
    few: list[Element] = []
    length = tags = tables = 0
    for element in elements:
        more, count, is_table = len(_twice(element)), _tags(element), element["tag"] == "table"
        full = length + more > _CARD_BYTES or tags + count > _MOST_TAGS
        if few and (full or (is_table and tables == _MOST_TABLES)):
            yield few
            few, length, tags, tables = [], 0, 0, 0
        few.append(element)
        length, tags, tables = length + more, tags + count, tables + is_table
    yield few


def _tags(element: Element) -> int:
    return 1 + sum(_tags(inner) for inner in element.values() if isinstance(inner, dict))
