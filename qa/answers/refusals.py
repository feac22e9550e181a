"""Refusals: why there is no answer, and what is held instead."""

from __future__ import annotations

from collections.abc import Iterable

from prompts import messages
from qa.answers.answer import Answer, Refusal, RefusalReason
from qa.answers.naming import place_name, report_name, title_of
from qa.questions import Language, Question, asks_work_of_a_year
from qa.reports.report import Report
from qa.search import Findings

_NAMED_AT_MOST = 8
_TOLD_BY_TITLE = 3


def refuse(question: Question, reason: RefusalReason, detail: str) -> Answer:
    """A refused answer; its text is the reason's sentence."""
    detail = detail[:1].upper() + detail[1:]
    return Answer("refused", detail, question.text, refusal=Refusal(reason, detail))


def refuse_missing(findings: Findings, reports: Iterable[Report]) -> Answer:
    """The refusal for a place or period that the library does not hold."""
    question = findings.question
    held = list(reports)
    said = messages("answers", question.language)
    if not held:
        return refuse(question, "not_stated", said["empty_library"])
    if findings.scope.missing == "place_not_held":
        asked = said["separator"].join(
            place_name(m.place.name, question.language) for m in question.places
        )
        detail = said["place_not_held"].format(asked=asked, held=_names(held, question.language))
        return refuse(question, "place_not_held", detail)
    years = question.years or question.report_years
    asked = said["separator"].join(f"{y}年" if question.language == "zh" else str(y) for y in years)
    key = "work_not_held" if asks_work_of_a_year(question) else "period_not_held"
    detail = said[key].format(asked=asked, held=_coverage(question, held, said))
    return refuse(question, "period_not_held", detail)


def refuse_not_stated(findings: Findings, reports: dict[str, Report]) -> Answer:
    """The refusal when the reports in scope do not say it."""
    question = findings.question
    said = messages("answers", question.language)
    scope = sorted(findings.scope.report_ids)
    if len(scope) > _TOLD_BY_TITLE:
        return refuse(question, "not_stated", said["not_stated"])
    titles = said["separator"].join(
        title_of(reports[report_id], question.language) for report_id in scope
    )
    detail = said["not_stated_scope"].format(reports=titles)
    return refuse(question, "not_stated", detail)


def refuse_absent(findings: Findings, reports: dict[str, Report], term: str) -> Answer:
    """The refusal when the reports in scope do not print the term that is asked about."""
    question = findings.question
    said = messages("answers", question.language)
    scope = sorted(findings.scope.report_ids)
    names = [title_of(reports[report_id], question.language) for report_id in scope]
    where = said["separator"].join(names) if len(scope) <= _TOLD_BY_TITLE else said["those_held"]
    return refuse(question, "not_stated", said["term_absent"].format(where=where, term=term))


def _names(reports: list[Report], language: Language) -> str:
    names = list(dict.fromkeys(report_name(report, language) for report in reports))
    more = "…" if len(names) > _NAMED_AT_MOST else ""
    return messages("answers", language)["separator"].join(names[:_NAMED_AT_MOST]) + more


def _coverage(question: Question, reports: list[Report], said: dict[str, str]) -> str:
    asked = {mention.place.name for mention in question.places}
    about = [r for r in reports if not asked or r.place in asked] or reports
    told = [
        said["report_covers"].format(
            title=title_of(r, question.language),
            reviewed=r.reviewed_period or "?",
            planned=r.planned_period or "?",
        )
        for r in about[:3]
    ]
    return said["separator"].join(told)
