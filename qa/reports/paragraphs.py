"""Lines of a file joined to paragraphs, and paragraphs told apart as headings and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qa.reports.clean_text import fold

HeadingStyle = Literal["numbered", "bracketed", "plain"]

_NUMERAL = "[一二三四五六七八九十]"
_NUMBERED = re.compile(rf"^(?:{_NUMERAL}{{1,3}}、|第{_NUMERAL}{{1,3}}(?:部分|章|篇)[、:\s]?)")
_BRACKETED = re.compile(rf"^\(({_NUMERAL}{{1,3}}|\d{{1,2}})\)")
_ENDS_SENTENCE = re.compile(r"[。!?;:…][”’\")》]*$")
_LINE_END = re.compile(r"\r\n|\n|\r")
# A plain heading has at most this many signs; longer lines without a full stop are prose.
_HEADING_MAX = 40
_NOT_A_HEADING = re.compile(
    r"^(?:各位代表|同志们|摄|图为|来源|时间|发布|信息来源|注:|附[:件])|记者|[。;]|[与和的在是同对及或把被由从向以、]$"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``text`` is the clean form of ``source[start:end]``; ``gap`` counts blank lines before it."""

    start: int
    end: int
    text: str
    gap: int

    @property
    def heading_style(self) -> HeadingStyle | None:
        """How the paragraph is a heading as a whole, or None if it is prose."""
        if len(self.text) > 2 * _HEADING_MAX or _ENDS_SENTENCE.search(self.text):
            return None
        if _NUMBERED.match(self.text):
            return "numbered"
        if len(self.text) > _HEADING_MAX:
            return None
        if _BRACKETED.match(self.text):
            return "bracketed"
        if _NOT_A_HEADING.search(self.text) or not _has_han(self.text):
            return None
        return "plain"


def paragraphs(source: str, start: int = 0, end: int | None = None) -> list[Paragraph]:
    """The paragraphs of ``source[start:end]``, in order, without blank ones.

    Lines broken inside a sentence (PDF text, inline links) are joined.
    """
    end = len(source) if end is None else end
    joined: list[Paragraph] = []
    for line in _lines(source, start, end):
        if joined and _continues(source, joined[-1], line):
            whole = fold(source[joined[-1].start : line.end]).replace("\n", "")
            joined[-1] = Paragraph(joined[-1].start, line.end, whole, joined[-1].gap)
        else:
            joined.append(line)
    return joined


def _lines(source: str, start: int, end: int) -> Iterator[Paragraph]:
    blank = 0
    position = start
    while position < end:
        line_end = _LINE_END.search(source, position, end)
        stop = line_end.start() if line_end else end
        text = fold(source[position:stop])
        if text:
            left, right = _strip(source, position, stop)
            yield Paragraph(left, right, text, blank)
            blank = 0
        else:
            blank += 1
        position = line_end.end() if line_end else end


def _strip(source: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not fold(source[start]):
        start += 1
    while end > start and not fold(source[end - 1]):
        end -= 1
    return start, end


def _continues(source: str, before: Paragraph, line: Paragraph) -> bool:
    if line.gap or _ENDS_SENTENCE.search(before.text):
        return False
    if line.text[0] in "》”),、,。;%" or before.text[-1] in "《“(、,":
        return True
    indented = source[max(0, line.start - 1) : line.start] in ("\u3000", " ")
    starts_anew = indented or _NUMBERED.match(line.text) or _BRACKETED.match(line.text)
    is_heading = _NUMBERED.match(before.text) and "," not in before.text
    is_prose = len(before.text) >= 30 and re.search(r"[,、。]", before.text)
    return bool(is_prose) and not (starts_anew or is_heading)


def _has_han(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def inline_heading(text: str) -> str | None:
    """The heading that opens a prose paragraph: ``(一)聚力“三件大事”,持续厚植发展动力``."""
    if not (_NUMBERED.match(text) or _BRACKETED.match(text)):
        return None
    first = re.split(r"[。:]", text, maxsplit=1)[0]
    return first if len(first) <= 60 else None
