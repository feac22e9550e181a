"""Years and spans: five-year plans, relative years, printed years.

A period is a string: a year ``"2023"`` or a span of whole years ``"2021-2025"``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = "〇零一二三四五六七八九"
_PLAN_NUMERALS = (
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "七",
    "八",
    "九",
    "十",
    "十一",
    "十二",
    "十三",
    "十四",
    "十五",
    "十六",
    "十七",
)
_PLAN = re.compile(
    r"“?(十[一二三四五六七]?|[一二三四五六七八九])五”?(?:时期|期间|规划|计划|末|以来|初|开局|收官|”|$)|“(十[一二三四五六七]?|[一二三四五六七八九])五”"
)
# Four digits before a unit are an amount: 1937亩, 2000余家, 2046.5亿元.
_YEAR = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)(?![\d.,·]|\s*[余多]?[万亿千百]?[家个户人名件项亩元吨台套所公平米张宗条处座辆%‰])年?"
)
_NUMBERED_PLAN = re.compile("第(十[一二三四五六七]?|[一二三四五六七八九])个五年(?:规划|计划)")
_HAN_YEAR = re.compile(rf"([一二][{_DIGITS}○O0]{{3}})年")


def han_year(text: str) -> int | None:
    """``二〇二六`` (also with ``○`` for the zero) as 2026; None if it is no year."""
    digits = [
        "0" if char in "○O0" else str("〇一二三四五六七八九".find(char.replace("零", "〇")))
        for char in text
    ]
    if len(digits) != 4 or any(len(digit) != 1 for digit in digits):
        return None
    year = int("".join(digits))
    return year if 1900 <= year <= 2099 else None


def years_in(text: str) -> list[int]:
    """Years printed in clean ``text``, in order, in digits or Chinese numerals."""
    found = [(m.start(), int(m.group(1))) for m in _YEAR.finditer(text)]
    for match in _HAN_YEAR.finditer(text):
        year = han_year(match.group(1))
        if year is not None:
            found.append((match.start(), year))
    return [year for _, year in sorted(found)]


def plan_span(number: int) -> str:
    """The span of the n-th five-year plan: the first ran 1953–1957, the third started in 1966."""
    start = {1: 1953, 2: 1958}.get(number, 1966 + 5 * (number - 3))
    return f"{start}-{start + 4}"


def plan_spans_in(text: str) -> list[str]:
    """Spans of the five-year plans named in clean ``text``: “十四五” → ``2021-2025``."""
    named = [(m.start(), m.group(1) or m.group(2)) for m in _PLAN.finditer(text)]
    named += [(m.start(), m.group(1)) for m in _NUMBERED_PLAN.finditer(text)]
    return [plan_span(_PLAN_NUMERALS.index(numeral) + 1) for _, numeral in sorted(named)]


# Few periods are spoken of, by many reports.
@lru_cache(maxsize=4096)
def span_of(period: str) -> tuple[int, int]:
    """First and last year of a period."""
    first, _, last = period.partition("-")
    return int(first), int(last or first)


@lru_cache(maxsize=4096)
def overlaps(period: str, other: str) -> bool:
    """True if two periods share a year."""
    (a, b), (c, d) = span_of(period), span_of(other)
    return a <= d and c <= b
