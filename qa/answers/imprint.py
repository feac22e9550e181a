"""When and by whom a report was put on the web: answered from the page's line above it."""

from __future__ import annotations

import re

from prompts import messages
from qa.answers.answer import Answer, Citation
from qa.answers.naming import title_of
from qa.imprint import Imprint, fields_asked, imprints_of
from qa.library.library import Library
from qa.search import Findings

_DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})")


def answer_with_imprint(findings: Findings, library: Library) -> Answer | None:
    """Day of publication and publisher of the one report asked about; None if the question asks
    for neither or its page prints none."""
    question = findings.question
    asked = fields_asked(question)
    if not asked or len(findings.scope.report_ids) != 1:
        return None
    report = library.reports[next(iter(findings.scope.report_ids))]
    found = imprints_of(report, library, asked)
    if not found:
        return None
    said = messages("answers", question.language)
    title = title_of(report, question.language)
    citations = tuple(
        Citation.of(n, report, imprint.passage, (imprint.passage.start, imprint.passage.end))
        for n, imprint in enumerate(found, 1)
    )
    lines = [
        said[imprint.field].format(title=title, value=_value(imprint, question.language), n=n)
        for n, imprint in enumerate(found, 1)
    ]
    missing = [said[f"{field}_name"] for field in asked if field not in {i.field for i in found}]
    notes = [said["metadata_missing"].format(title=title, missing=name) for name in missing]
    return Answer(
        status="partial" if missing else "answered",
        text="".join(line[:1].upper() + line[1:] for line in lines),
        question=question.text,
        citations=citations,
        notes=tuple(notes),
    )


def _value(imprint: Imprint, language: str) -> str:
    day = _DAY.match(imprint.value) if imprint.field == "published" else None
    if not day:
        return imprint.value
    year, month, date = (int(part) for part in day.groups())
    return f"{year}年{month}月{date}日" if language == "zh" else f"{year}-{month:02}-{date:02}"
