"""Places, reports and periods by name, in the language of the question."""

from __future__ import annotations

import re

from prompts import messages
from qa.questions import Language
from qa.reports.report import Passage, Report

_THIS_YEAR = re.compile("今年")


def place_name(name: str, language: Language) -> str:
    """A place's name: 越城区, or Yuecheng District (越城区)."""
    if language == "zh":
        return name
    from qa.english.naming import place_in_english

    return place_in_english(name)


def title_of(report: Report, language: Language) -> str:
    """A report's title; in English what it is the report of."""
    if language == "zh":
        return report.title
    from qa.english.naming import title_in_english

    return title_in_english(report.title)


def report_name(report: Report, language: Language) -> str:
    """What an answer calls a report by: its place, or its title where it names none."""
    if report.place:
        return place_name(report.place, language)
    return messages("answers", language)["unnamed"].format(title=title_of(report, language))


def period_told(passage: Passage, report: Report, language: Language, quote: str = "") -> str:
    """What a quote's head says of time: the passage's period, else the report's year, and whether as
    a plan, so that a target does not read as achieved; empty if neither is known. What a review tells
    of 今年 is of the year of the report."""
    period = passage.period or (str(report.year) if report.year else "")
    if report.year and passage.kind == "review" and _THIS_YEAR.search(quote):
        period = str(report.year)
    if not period:
        return ""
    said = messages("answers", language)
    return said["told_in_plan" if passage.kind == "plan" else "told_in"].format(period=period)
