"""Who delivered each of the reports."""

from __future__ import annotations

import re

from qa.answers.answer import Answer, Cell, Table
from qa.answers.citing import Citations
from qa.answers.refusals import refuse
from qa.answers.surveys.citing import compose
from qa.answers.surveys.sightings import Sighting, first_sighting
from qa.answers.surveys.survey import Survey
from qa.library.library import Library
from qa.reports.report import Report

_ASKS_SPEAKER = re.compile(
    r"作报告的|报告人|(?:区|市|县|省|州)长.{0,8}(?:名字|姓名|名单|是谁|叫什么|分别是)"
    r"|who (?:delivered|gave)|name of the (?:mayor|governor|head)",
    re.I,
)
# The name stands in the title lines, which are among the first passages of a report.
_FRONT_PASSAGES = 6


def answer_with_speakers(survey: Survey) -> Answer | None:
    """The names of those who delivered the reports, each cited by the front line that prints it."""
    if not _ASKS_SPEAKER.search(survey.text):
        return None
    said, citations = survey.said, Citations()
    lines, rows, silent = [], [], []
    for report in survey.reports:
        sighting = _front_line(survey.library, report)
        if sighting is None or report.speaker is None:
            silent.append(report)
            continue
        n = citations.cite(report, sighting.passage, sighting.sentence).n
        name = survey.name(report)
        told = said["marked"].format(told=report.speaker, n=n)
        lines.append(said["line"].format(place=name, quotes=told))
        rows.append((Cell(name), Cell(report.speaker, n)))
    if not lines:
        detail = said["speakers_none"].format(count=len(survey.reports))
        return refuse(survey.question, "not_stated", detail)
    rows += [(Cell(survey.name(one)), Cell(said["cell_silent"])) for one in silent]
    head = said["speakers"].format(count=len(lines))
    closing = [said["no_speaker"].format(names=survey.names(silent))] if silent else []
    table = Table((said["report"], said["speaker"]), tuple(rows))
    return compose(survey, [head, *lines, *closing], table, citations)


def _front_line(library: Library, report: Report) -> Sighting | None:
    if report.speaker is None:
        return None
    keys = library.passage_ids(report.report_id)
    return first_sighting(library.passages(keys[:_FRONT_PASSAGES]), report.speaker)
