"""Shares asked for (民生支出占财政支出的比重): an amount is none, and a share is known by its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.facts.lexicon import Indicator, canonical
from qa.library.reading import HeldFact

_ASKS_SHARE = re.compile(
    r"占比|占[^,。?!;]{0,20}(?:比重|比例|份额|几成|百分之几)|比重|\bshare\b|\bper cent of\b", re.I
)
_SHARE_OF_ALL = re.compile(r"(?:占[^,。]{0,14})?(?:比重|占比|比例)$")


def asks_share(text: str) -> bool:
    return bool(_ASKS_SHARE.search(text))


def are_amounts(indicators: Sequence[Indicator]) -> bool:
    """True if none of them is a share or a rate itself."""
    return not any(one.kind in ("share", "rate", "index") for one in indicators)


def shares_among(held: Sequence[HeldFact]) -> list[HeldFact]:
    return [one for one in held if one.fact.level and one.fact.unit == "%"]


def under_shares(
    held: Sequence[HeldFact], indicators: Sequence[Indicator]
) -> tuple[list[HeldFact], dict[HeldFact, str]]:
    """The facts, those under a share's name that are that share by the words of their own (民生及社会公共
    事业支出占一般公共预算支出比重 is a 民生支出占比), and what the report calls these."""
    shares = [(one.name, _form(one)) for one in indicators if one.kind == "share"]
    found, printed = [], {}
    for one in held:
        name = _share_of(one, shares)
        if name:
            own = one.fact.printed_indicator
            one = replace(one, fact=replace(one.fact, indicator=name, printed_indicator=name))
            printed[one] = own
        found.append(one)
    return found, printed


def _form(indicator: Indicator) -> re.Pattern[str]:
    """The pairs of signs of what has the share, in order, then that it is one: 民生…支出…占…比重."""
    of = _SHARE_OF_ALL.sub("", indicator.name)
    pairs = [of[i : i + 2] for i in range(0, len(of) - 1, 2)]
    named = "[^,。]{0,10}?".join(map(re.escape, pairs))
    return re.compile(rf"{named}[^,。]{{0,4}}占[^,。]{{0,14}}(?:比重|比例)$")


def _share_of(held: HeldFact, shares: Sequence[tuple[str, re.Pattern[str]]]) -> str | None:
    fact = held.fact
    if fact.unit != "%" or canonical(fact.indicator) is not None:
        return None
    return next((name for name, form in shares if form.match(fact.printed_indicator)), None)
