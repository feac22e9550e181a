"""The answer over several reports that carries its citations."""

from __future__ import annotations

from collections.abc import Sequence

from qa.answers.answer import Answer, Table
from qa.answers.citing import Citations
from qa.answers.surveys.survey import Survey


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
