"""What a report says of the thing where no fact was made of it: quoted, never called silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from qa.answers.figures import names_with_figure
from qa.answers.trends.series import Status
from qa.facts.clocks import Clock, read_time
from qa.facts.lexicon import Indicator, names_of
from qa.library.library import Library
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report

_CLAUSE = re.compile(r"[^,，;；。!?！？:：\n]+")
_KINDS = {"actual": "review", "target": "plan"}


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause as printed, with the span of the sentence it stands in."""

    words: str
    report: Report
    passage: Passage
    span: tuple[int, int]


def find_quote(
    report: Report, indicator: Indicator, status: Status, year: int, library: Library
) -> Quote | None:
    """The first clause of the report's review, or plan, that names the indicator beside a figure and
    no other time than the year."""
    keys = library.passage_ids(report.report_id)
    for passage in library.passages(keys):
        if passage.kind == _KINDS[status]:
            for span, text in _sentences(passage, names_of(indicator)):
                words = _clause(text, indicator)
                if words and _is_of(year, text, words, passage, report):
                    return Quote(words, report, passage, span)
    return None


def _sentences(passage: Passage, names: Collection[str]) -> Iterator[tuple[tuple[int, int], str]]:
    """The sentences that print one of the names: the lexicon reads no others."""
    for span, text in zip(passage.sentences, passage.sentence_texts(), strict=True):
        folded = fold(text)
        if any(name in folded for name in names):
            yield span, text


def _clause(text: str, indicator: Indicator) -> str:
    clauses = (clause.strip() for clause in _CLAUSE.findall(text))
    return next((one for one in clauses if names_with_figure(fold(one), indicator)), "")


def _is_of(year: int, text: str, words: str, passage: Passage, report: Report) -> bool:
    clock = Clock(passage.kind, passage.period, report.year)
    moment = read_time(fold(text), clock).moment_at(fold(text).find(fold(words)) + len(fold(words)))
    return (moment.period if moment else clock.default) == str(year)
