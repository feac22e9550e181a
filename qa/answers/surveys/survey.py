"""A question over several reports, and what the reports are called in its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prompts import messages
from qa.library.library import Library
from qa.places import Place
from qa.questions import Question
from qa.reports.report import Report

# Lines of an answer, names in a line: what a chat window shows at once. The table has everything.
LINES = 8
NAMES = 12


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words a mention is asked of; ``negated`` if the reports without them are asked for,
    ``without`` are words that the reports asked for do not print (提到了A却没提B)."""

    words: str
    quoted: tuple[str, ...] = ()
    negated: bool = False
    without: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """A question over ``reports``; ``text`` is the question in clean form, ``absent`` are places
    named whose reports are not held."""

    question: Question
    text: str
    phrase: Phrase | None
    library: Library
    reports: tuple[Report, ...]
    absent: tuple[Place, ...] = ()

    @property
    def said(self) -> Mapping[str, str]:
        return messages("surveys", self.question.language)

    @property
    def report_ids(self) -> list[str]:
        return [report.report_id for report in self.reports]

    def name(self, report: Report) -> str:
        """What people call the report: its place, with the year where a place has several."""
        if report.place is None:
            unnamed = messages("answers", self.question.language)["unnamed"]
            return unnamed.format(title=report.title)
        if sum(one.place == report.place for one in self.reports) < 2 or not report.year:
            return report.place
        return self.said["of_year"].format(place=report.place, year=report.year)

    def names(self, reports: Sequence[Report]) -> str:
        """Their names in a line; of many the first, and how many there are."""
        listed = self.said["separator"].join(self.name(report) for report in reports[:NAMES])
        if len(reports) <= NAMES:
            return listed
        return self.said["and_more"].format(names=listed, count=len(reports))
