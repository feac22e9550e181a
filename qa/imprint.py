"""When and by whom a report was put on the web, from the page's own line above it.

Such a line (``发布时间: 2023-02-08 浏览次数: 来源: 海曙新闻网``) is furniture of the page: it is in no
passage, and read only for a question that asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.library.library import Library
from qa.questions import Question
from qa.reports.report import Passage, Report

Field = Literal["published", "publisher"]

_PUBLISHES = r"(?:挂到?|登|刊|发布|发表|公布|上网|上传|转载|贴|放到)"
_WHEN = r"(?:哪(?:一)?天|什么时候|何时|几[号日]|哪年哪月|日期|时间)"
_ASKS_WHEN = re.compile(
    rf"{_WHEN}.{{0,4}}{_PUBLISHES}|{_PUBLISHES}[^,。?]{{0,6}}{_WHEN}"
    r"|(?:when|what da(?:te|y)|which day).{0,60}(?:published|posted|put online)",
    re.I,
)
_ASKS_WHERE = re.compile(
    r"来源(?:是|于|为|:)|转载?自(?:哪|什么)|哪家(?:媒体|报纸|报社|网站)|哪个(?:媒体|网站|报纸)"
    r"|(?:which|what) (?:site|website|paper|newspaper|medium|media)|published by|source of",
    re.I,
)
_SPEAKS_OF_REPORT = re.compile(r"报告(?![中里]|提|说|称|指出)|\breport\b", re.I)
# No further: a report's own text may speak of 来源.
_MOST_CHARS = 1_000
_SALUTATION = re.compile(r"^\s*(?:各位代表|同志们|各位同志)", re.M)
_PRINTED: dict[Field, re.Pattern[str]] = {
    "published": re.compile(
        r"(?:发布(?:时间|日期)|时间|日期)\s*[:\uff1a]\s*"
        r"(?P<value>(?:19|20)\d\d[年./-]\d{1,2}[月./-]\d{1,2}日?)(?:[ \u3000]\d{1,2}:\d\d(?::\d\d)?)?"
    ),
    "publisher": re.compile(r"(?:信息)?来源\s*[:\uff1a]\s*(?P<value>[^\s:\uff1a|]{2,30})"),
}


@dataclass(frozen=True, slots=True)
class Imprint:
    """A field as printed: ``value`` is the day or the publisher, ``passage`` the line's part."""

    field: Field
    value: str
    passage: Passage


def fields_asked(question: Question) -> tuple[Field, ...]:
    """What the question asks of a report's publication; empty if nothing."""
    if not _SPEAKS_OF_REPORT.search(question.text):
        return ()
    asked: list[Field] = []
    if _ASKS_WHEN.search(question.text):
        asked.append("published")
    if _ASKS_WHERE.search(question.text):
        asked.append("publisher")
    return tuple(asked)


def imprints_of(report: Report, library: Library, fields: Sequence[Field]) -> list[Imprint]:
    """The fields that the page prints above or below the report, in the order asked for."""
    text = library.source_text(report.report_id)
    stretches = (_above(report, library, text), _below(report, library, text))
    return [
        Imprint(field, found["value"], _passage(report, text, found))
        for field in fields
        if (found := _printed(field, text, stretches))
    ]


def imprint_passages(
    question: Question, reports: Sequence[Report], library: Library
) -> Iterator[tuple[Report, Passage]]:
    """The lines that answer a question for the publication of one report; none for any other."""
    asked = fields_asked(question) if len(reports) == 1 else ()
    if asked:
        for imprint in imprints_of(reports[0], library, asked):
            yield reports[0], imprint.passage


def _printed(field: Field, text: str, stretches: Sequence[tuple[int, int]]) -> re.Match[str] | None:
    found = (_PRINTED[field].search(text, start, end) for start, end in stretches)
    return next((match for match in found if match), None)


def _above(report: Report, library: Library, text: str) -> tuple[int, int]:
    """From the end of the report before it in the file, or the file's start, to its salutation."""
    before = [other.end for other in _of_one_file(report, library) if other.end <= report.start]
    opening = _SALUTATION.search(text, report.start)
    end = min(opening.start() if opening else len(text), report.start + _MOST_CHARS)
    return max(0, report.start - _MOST_CHARS, *before), end


def _below(report: Report, library: Library, text: str) -> tuple[int, int]:
    after = [other.start for other in _of_one_file(report, library) if other.start >= report.end]
    return report.end, min(len(text), report.end + _MOST_CHARS, *after)


def _of_one_file(report: Report, library: Library) -> list[Report]:
    return [one for one in library.reports.values() if one.source == report.source]


def _passage(report: Report, text: str, found: re.Match[str]) -> Passage:
    start, end = found.span()
    return Passage(
        report_id=report.report_id,
        source=report.source,
        start=start,
        end=end,
        text=text[start:end],
        headings=(),
        kind="other",
        period=None,
        sentences=((start, end),),
    )
