"""Citations of an answer over several reports, and the answer that carries them."""

from __future__ import annotations

from collections.abc import Sequence

from qa.answers.answer import Answer, Citation, Table
from qa.answers.surveys.survey import Survey
from qa.reports.report import Passage, Report


class Citations:
    """Citations numbered as they are first used; a sentence is cited once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], Citation] = {}

    def cite(self, report: Report, passage: Passage, span: tuple[int, int]) -> Citation:
        key = (report.report_id, *span)
        if key not in self._made:
            self._made[key] = Citation.of(len(self._made) + 1, report, passage, span)
        return self._made[key]

    @property
    def made(self) -> tuple[Citation, ...]:
        return tuple(self._made.values())


def compose(
    survey: Survey,
    lines: Sequence[str],
    table: Table,
    citations: Citations,
    *,
    notes: Sequence[str] = (),
    partial: bool = False,
) -> Answer:
    return Answer(
        status="partial" if partial else "answered",
        text="\n".join(lines),
        question=survey.question.text,
        citations=citations.made,
        table=table,
        notes=tuple(notes),
    )
