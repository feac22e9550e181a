"""An answer in Slack's blocks, cut to what a message may hold.

Reports and questions stand in rich text, whose texts are literal: in Slack's own markup a ``*`` or a
``<!channel>`` of theirs would format or call people. https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.bots.rendering import Shown, Source, said, split_text
from qa.answers.answer import Cell, Table

Block = dict[str, Any]

_SECTION_CHARS = 3000
_MOST_BLOCKS = 50
# Of the text of all blocks of a message; beyond some 13,000 Slack refuses with msg_blocks_too_long.
_MESSAGE_CHARS = 12_000
_TABLE_ROWS, _TABLE_COLUMNS, _TABLE_CHARS = 100, 20, 9_000
# What notifications show; chat.update takes 4,000.
_FALLBACK_CHARS = 3000
_BUTTONS = 5
_MARKER = re.compile(r"(\[\d+\])")
SOURCE_ACTION = "source"


@dataclass(frozen=True, slots=True)
class Message:
    """What one message has: ``text`` for notifications, in Slack's markup, and its blocks."""

    text: str
    blocks: tuple[Block, ...]

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "blocks": list(self.blocks)}


def escape(text: str) -> str:
    """A text that Slack's markup leaves alone: no mention and no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def units(text: str) -> int:
    """The length of a text as Slack counts it."""
    return len(text.encode("utf-16-le")) // 2


def messages_of(shown: Shown) -> list[Message]:
    """The messages of an answer, one for nearly all."""
    fallback = _fallback(shown.text)
    packed = list(_packed(_blocks(shown)))
    return [Message(fallback if n == 0 else "…", tuple(blocks)) for n, blocks in enumerate(packed)]


def line(text: str) -> Message:
    """A message of one line of ours, or of the beginning of an answer."""
    blocks = tuple(rich(part) for part in split_text(text, _SECTION_CHARS, units)[:4])
    return Message(_fallback(text), blocks)


def _fallback(text: str) -> str:
    parts = split_text(escape(text), _FALLBACK_CHARS, units)
    return parts[0] + ("…" if len(parts) > 1 else "") if parts else "…"


def _blocks(shown: Shown) -> Iterator[Block]:
    urls = {source.n: source.url for source in shown.sources}
    for part in split_text(shown.text, _SECTION_CHARS, units):
        yield _rich(_linked(part, urls))
    if shown.table is not None:
        yield from _tables(shown.table, urls)
    for note in shown.notes:
        yield from (rich(part) for part in split_text(note, _SECTION_CHARS, units))
    for few in _batched(shown.sources, _BUTTONS):
        yield from map(_source, few)
        yield _buttons(few, shown.language)
    if shown.hint:
        yield rich(shown.hint, italic=True)


def rich(text: str, **style: bool) -> Block:
    """A block of one literal text."""
    return _rich([_text(text, **style)])


def _rich(elements: Sequence[Block]) -> Block:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


def _text(text: str, **style: bool) -> Block:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _linked(text: str, urls: dict[int, str]) -> list[Block]:
    """The text with each marker a link to its source."""
    return [_marker(part, urls) or _text(part) for part in _MARKER.split(text) if part]


def _marker(part: str, urls: dict[int, str]) -> Block | None:
    if not _MARKER.fullmatch(part) or int(part[1:-1]) not in urls:
        return None
    return {"type": "link", "url": urls[int(part[1:-1])], "text": part}


def _source(source: Source) -> Block:
    title = {"type": "link", "url": source.url, "text": f"[{source.n}] {source.title}"}
    return _rich([title, _text(f"\n“{source.quote}”")])


def _buttons(sources: Iterable[Source], language: str) -> Block:
    elements = [
        {
            "type": "button",
            "action_id": f"{SOURCE_ACTION}-{source.n}",
            "text": {"type": "plain_text", "text": said("open_source", language, n=source.n)},
            "url": source.url,
        }
        for source in sources
    ]
    return {"type": "actions", "elements": elements}


# --- tables ------------------------------------------------------------------------------------


def _tables(table: Table, urls: dict[int, str]) -> Iterator[Block]:
    """The table in blocks of as many rows and columns as one may have; the first column is repeated."""
    for first in range(1, max(2, len(table.columns)), _TABLE_COLUMNS - 1):
        kept = [0, *range(first, min(len(table.columns), first + _TABLE_COLUMNS - 1))]
        head = [{"type": "raw_text", "text": table.columns[n] or " "} for n in kept]
        rows = [[_cell(row[n], urls) for n in kept] for row in table.rows]
        for few in _fitting(rows, _length(head)):
            yield {"type": "table", "rows": [head, *few]}


def _fitting(rows: list[list[Block]], head: int) -> Iterator[list[list[Block]]]:
    few: list[list[Block]] = []
    room = _TABLE_CHARS - head
    for row in rows:
        if few and (len(few) == _TABLE_ROWS - 1 or _length(row) > room):
            yield few
            few, room = [], _TABLE_CHARS - head
        few.append(row)
        room -= _length(row)
    if few:
        yield few


def _cell(cell: Cell, urls: dict[int, str]) -> Block:
    if cell.citation is None:
        # An empty text is refused.
        return {"type": "raw_text", "text": cell.text or " "}
    return _rich(_linked(f"{cell.text} [{cell.citation}]", urls))


# --- messages ----------------------------------------------------------------------------------


def _packed(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks in messages; Slack takes one table in each."""
    few: list[Block] = []
    length, has_table = 0, False
    for block in blocks:
        size, is_table = _length(block), block["type"] == "table"
        full = len(few) == _MOST_BLOCKS or length + size > _MESSAGE_CHARS
        if few and (full or (is_table and has_table)):
            yield few
            few, length, has_table = [], 0, False
        few.append(block)
        length += size
        has_table = has_table or is_table
    if few:
        yield few


def _length(value: Any) -> int:
    """Characters that are read in a block, or in a list of them."""
    if isinstance(value, dict):
        return sum(
            units(v) if k == "text" and isinstance(v, str) else _length(v) for k, v in value.items()
        )
    return sum(map(_length, value)) if isinstance(value, list) else 0


def _batched(sources: Sequence[Source], size: int) -> Iterator[Sequence[Source]]:
    for at in range(0, len(sources), size):
        yield sources[at : at + size]
