"""What an English question asks: when, a target or a result, growth or an amount."""

from __future__ import annotations

import re
from typing import Literal

from qa.reports.periods import plan_span, span_of

_ORDINALS: tuple[str, ...] = (
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
)
_ORDINALS += ("fourteenth", "fifteenth", "sixteenth")
_FIRST_ORDINAL, _LAST_PLAN = 6, 17
_PLAN = re.compile(
    rf"(?P<end>\b(?:end|close|final year|last year) of (?:the )?(?:period of (?:the )?)?)?"
    rf"\b(?:(?P<number>\d{{1,2}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))\s+five[- ]year\s+plan(?:\s+period)?",
    re.I,
)
_FROM_TO = re.compile(
    r"\b((?:19|20)\d\d)\s*(?:to|through|until|till|–|—)\s*((?:19|20)\d\d)\b"
    r"|\bbetween\s+((?:19|20)\d\d)\s+and\s+((?:19|20)\d\d)\b",
    re.I,
)
_LAST = re.compile(
    r"\b(?:last|the previous|the preceding|the past|the year before) year\b|\bthe year before\b|\ba year ago\b",
    re.I,
)
_THIS = re.compile(r"\b(?:this|the coming|the current|the new) year\b|\bthe year ahead\b", re.I)
_LAST_OF = re.compile(r"\blast year of\b", re.I)
_REPORT_OF = re.compile(
    r"\breports?\s+(?:of|for|from|in)\s+((?:19|20)\d\d)\b"
    # “2022 in the report” names the year of a figure, “2022 government work report” a report.
    r"|\b((?:19|20)\d\d)\s+(?:(?!(?:in|of|the|for|from|and|by|does|do|is|was)\b)[A-Za-z'’]+\s+){0,4}reports?\b",
    re.I,
)

_AIMS = re.compile(
    r"\b(?:targets?|goals?|targeted|aim(?:s|ed|ing)?|wants?|(?:intends?|hopes?|plans?|planned|planning|expects?|expected|set|due|pledged?"
    r"|seeks?|strives?|is|are|going) to|intend|will|planned|planning|intention|expect(?:s|ed|ation)?|ambition|forecast|next year)\b",
    re.I,
)
_PLAN_NAME = re.compile(r"five[- ]year plan", re.I)
_ACHIEVED = re.compile(
    r"\b(?:did|was|were|had|has|have|actual(?:ly)?|achieved?|achievements?|results?|grew|rose|fell|dropped|reached|completed|built|so far)\b",
    re.I,
)
_MET = re.compile(
    r"\b(?:actual(?:ly)?|results?|in fact|met|meet|miss(?:ed)?|exceed(?:ed)?|compared? (?:to|with))\b",
    re.I,
)

_GROWTH = re.compile(
    r"\b(?:grow(?:s|n|th)?|grew|rise|risen|rose|increas(?:e|ed)|fall(?:en)?|fell|declin(?:e|ed)|dropp?(?:ed)?|decreas(?:e|ed)"
    r"|shr[aiu]nk|expand(?:ed)?|how fast|by how much|what percent(?:age)?|growth rate|changed?)\b",
    re.I,
)
_AMOUNT = re.compile(
    r"(?<!by )\bhow (?:much|many|large|big|long|high)\b|\bhow many yuan\b|\b(?:amount(?:ed)? (?:of|to)|value of|total of|size of|in yuan|reach(?:ed)?|volume of)\b",
    re.I,
)
_HOW_MUCH_GROWN = re.compile(
    r"\bhow much\b.{0,80}?\b(?:grow|grown|rise|risen|increase|fall|fallen|decline|drop|decrease|shrink|expand|faster|slower|higher|lower)\b"
    r"|\b(?:to|will|should) (?:grow|rise|increase|fall|decline|drop|decrease)\b",
    re.I,
)
_WANTS_FIGURE = re.compile(
    r"\bhow (?:many|much|fast|large|big|long|high|far|often|old)\b|\bwhat (?:was|is|were|are|will|share|percent|proportion|number|rate|amount|size|figure)\b"
    r"|\b(?:percentage|share|rate|number|amount|growth|target|total|by how)\b",
    re.I,
)


def periods(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The spans that ``text`` names (2016-2020, the 13th Five-Year Plan) and the years they speak of:
    all of a span of years, the last of a plan. The end of a plan is its last year alone."""
    spans, years = [], []
    for match in _PLAN.finditer(text):
        word = (match["word"] or "").lower()
        number = int(match["number"] or _FIRST_ORDINAL + _ORDINALS.index(word))
        if 1 <= number <= _LAST_PLAN:
            span = plan_span(number)
            spans += [] if match["end"] else [span]
            years.append(span_of(span)[1])
    for match in _FROM_TO.finditer(text):
        first, last = (int(year) for year in match.groups() if year)
        # “between 2022 and 2023” sets two years against each other.
        if match[1] or last - first > 1:
            spans.append(f"{first}-{last}")
            years += range(first, last + 1)
    return tuple(dict.fromkeys(spans)), tuple(dict.fromkeys(years))


def time_spans(text: str) -> list[tuple[int, int]]:
    """Where ``text`` says when."""
    patterns = (_PLAN, _FROM_TO, _LAST, _THIS, _REPORT_OF)
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


def relative_years(text: str) -> tuple[int, ...]:
    """-1 for last year, 0 for this one, in the order of the Chinese side: last year first."""
    plain = _LAST_OF.sub("", text)
    return (*((-1,) if _LAST.search(plain) else ()), *((0,) if _THIS.search(plain) else ()))


def report_years(text: str) -> tuple[int, ...]:
    """The years of reports named: the report of 2024, the 2024 government work report."""
    return tuple(dict.fromkeys(int(a or b) for a, b in _REPORT_OF.findall(text)))


def status_asked(text: str) -> Literal["actual", "target"] | None:
    """A target (aims to build), a result (built), or None where neither or both are asked for."""
    plain = _PLAN_NAME.sub("", text)
    if _AIMS.search(plain):
        # Words of the past stand in questions for targets too: what was the target, did it aim.
        return None if _MET.search(plain) else "target"
    return "actual" if _ACHIEVED.search(plain) else None


def asks_growth(text: str) -> bool:
    """True if a rate of change is asked for and no amount."""
    return bool(_GROWTH.search(text)) and not asks_amount(text)


def asks_amount(text: str) -> bool:
    """True if an amount is asked for and no rate of change."""
    if _HOW_MUCH_GROWN.search(text):
        return False
    return bool(_AMOUNT.search(text)) and not _GROWTH.search(text)


def wants_figure(text: str) -> bool:
    """True if the answer is a number."""
    return bool(_WANTS_FIGURE.search(text))
