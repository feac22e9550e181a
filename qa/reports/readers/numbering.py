"""The automatic numbers of a Word document: 一、(一) 1. are not in its text, but are printed."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_HAN_FORMATS = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "chineseLegalSimplified",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)
_HAN = "零一二三四五六七八九"
_PLACE_IN_LABEL = re.compile(r"%(\d)")
_MOST_LEVELS = 9


class Numbering:
    """Counts the numbered paragraphs of a document as they come; call ``label`` once for each."""

    def __init__(self, document: Document) -> None:
        self._levels = _levels_of(document)
        self._styles = {style.style_id: style for style in document.styles}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def label(self, paragraph: Paragraph) -> str:
        """The number that is printed before the paragraph, empty where there is none."""
        list_id, level = self._place_of(paragraph)
        levels = self._levels.get(list_id or "")
        if levels is None or level not in levels:
            return ""
        counts = self._counts[list_id or ""]
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        return self._printed(levels, counts, level)

    def _place_of(self, paragraph: Paragraph) -> tuple[str | None, int]:
        """The list and the level that the paragraph, or else its style, names."""
        found = _place_in(paragraph._p.pPr)
        style: Any = paragraph.style
        for _ in range(_MOST_LEVELS):
            if found or style is None:
                break
            found = _place_in(style.element.find(qn("w:pPr")))
            style = style.base_style
        return found or (None, 0)

    def _printed(
        self, levels: dict[int, tuple[str, str, int]], counts: dict[int, int], level: int
    ) -> str:
        form, text, _ = levels[level]
        if form in ("bullet", "none"):
            return ""

        def number(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            own = levels.get(at, ("decimal", "", 1))
            return _counted(counts.get(at, own[2]), own[0])

        return _PLACE_IN_LABEL.sub(number, text)


def _place_in(properties: Any) -> tuple[str, int] | None:
    place = properties.find(qn("w:numPr")) if properties is not None else None
    if place is None:
        return None
    list_id, level = place.find(qn("w:numId")), place.find(qn("w:ilvl"))
    if list_id is None:
        return None
    return list_id.get(qn("w:val"), ""), _whole(level.get(qn("w:val")) if level is not None else 0)


def _levels_of(document: Document) -> dict[str, dict[int, tuple[str, str, int]]]:
    """List → level → form of its numbers, text around them, first number."""
    try:
        root: Any = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        # The document has no lists.
        return {}
    drawn = {
        one.get(qn("w:abstractNumId")): {
            _whole(level.get(qn("w:ilvl"))): _level_of(level) for level in one.findall(qn("w:lvl"))
        }
        for one in root.findall(qn("w:abstractNum"))
    }
    found = {}
    for one in root.findall(qn("w:num")):
        of = one.find(qn("w:abstractNumId"))
        if of is not None:
            found[one.get(qn("w:numId"))] = drawn.get(of.get(qn("w:val")), {})
    return found


def _level_of(level: Any) -> tuple[str, str, int]:
    def value(name: str, default: str) -> str:
        found = level.find(qn(name))
        return default if found is None else found.get(qn("w:val"), default)

    return value("w:numFmt", "decimal"), value("w:lvlText", ""), _whole(value("w:start", "1"))


def _whole(text: object) -> int:
    return int(str(text)) if str(text).isdecimal() else 0


def _counted(number: int, form: str) -> str:
    return _han(number) if form in _HAN_FORMATS else str(number)


def _han(number: int) -> str:
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _HAN[ones]
    return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")
