"""Does a cited sentence support a figure: value, unit, sign, qualifier, indicator, place, time, status."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from qa.answers.claims import (
    Claim,
    claims_in,
    differences,
    period_at,
    plain,
    qualifier_class,
    status_in,
)
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.sentences import BLANK, Told
from qa.facts.clocks import read_time
from qa.facts.fact import Fact, Measure
from qa.facts.lexicon import IndicatorMention, find_indicators, same_family
from qa.places import NATION, full_names_in
from qa.reports.periods import span_of

Reason = Literal[
    "value",
    "unit",
    "sign",
    "qualifier",
    "indicator",
    "place",
    "period",
    "status",
    "quote",
    "marker",
    "computed",
]
# What differs first is named: a figure of another place usually has another value too.
_ORDER: tuple[Reason, ...] = (
    "value", "unit", "sign", "qualifier", "indicator", "place", "period", "status",
)  # fmt: skip
_EXACT = 1e-9
_DIGITS = re.compile(r"\d[\d.,·]*")
_LINKS = re.compile("(?:为|的目标是|预计|达到|达)+$")
_GOAL = re.compile(r"目标|target", re.I)
_GOAL_BEHIND = re.compile(r"^[^,;。\d]{0,6}(?:目标|target)")
_CONNECTIVES = re.compile(
    r"[、,;和及与并\s_\ufffc]|同比|年均|平均|累计|实际|分别|增长|下降|增加|减少|(?:up|down|grew|fell|rose)_?",
    re.I,
)
_ESTIMATE = re.compile(r"预计|estimate", re.I)
_PAST = re.compile(r"已|目前|截至|去年|上年|了$|增长了|达到了|完成了|实现了")
# 全国2025年… speaks of the nation, 占全国9成 does not.
_THE_NATION = re.compile(
    rf"(?:^|[;。:])(?P<nation>{NATION})(?=(?:19|20)\d\d|[(:,]|的(?:报告|目标)|$)"
)
_REPORT_OF_YEAR = re.compile(r"\(((?:19|20)\d\d)年报告\)|\(report of_((?:19|20)\d\d)\)")
# 2024年目标增长6%,2023年增长5%: what stands before another year speaks of another figure.
_CLAUSE_OF_ANOTHER_YEAR = re.compile(r"^.*[,;、](?=[^,;、]*?(?:19|20)\d\d年)")
# So many signs tell one thing measured or counted from another.
_MEASURED, _COUNTED = 4, 3
_HAN = re.compile("[一-龥]{3,4}")
# How far before a figure words like 已 and 预计 still speak of it.
_NEAR = 24


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure told: the claim, the words of its sentence before and behind it, ``lead``, the words
    that name it, and the indicators named there, else in a heading above."""

    claim: Claim
    before: str
    behind: str
    lead: str
    indicators: tuple[str, ...]
    told: Told
    tells_status: bool = True


def figures_of(told: Told, carried: Sequence[str], tells_status: bool = True) -> list[Figure]:
    """The figures told outside quotations. ``carried`` are the indicators named above the sentence;
    see ``Context`` for the status."""
    figures: list[Figure] = []
    lead, end = "", 0
    for claim in told.claims():
        words = told.text[end : claim.at]
        # 2668.5亿元、增长4.3%: the second figure is told of what the first is told of.
        lead = words if _CONNECTIVES.sub("", words) else lead
        end = claim.at + len(claim.text)
        named = last_named(lead) or tuple(carried)
        before, behind = told.text[: claim.at], told.text[end:]
        figures.append(Figure(claim, before, behind, lead, named, told, tells_status))
    return figures


def is_bare(text: str) -> bool:
    """True if nothing stands in the text but figures and the words that tell how they moved."""
    words = plain(text)
    for claim in reversed(claims_in(words)):
        words = words[: claim.at] + words[claim.at + len(claim.text) :]
    return not _CONNECTIVES.sub("", words)


def last_named(text: str) -> tuple[str, ...]:
    """The names of the indicators mentioned last in a plain text."""
    mentions: list[IndicatorMention] = find_indicators(text)
    return tuple(one.name for one in mentions[-1].indicators) if mentions else ()


def reasons(figure: Figure, evidence: Evidence) -> list[Reason]:
    """Why the evidence does not support the figure, the most telling first; empty if it does."""
    printed, found = _nearest(figure.claim, evidence)
    if found:
        return sorted(found, key=_ORDER.index)
    owners = [fact for fact in evidence.facts if _states(fact, figure.claim)]
    own = _own(figure, evidence, printed, owners)
    if not own:
        found.add("indicator")
    if figure.told.head is None:
        at = (own or printed)[0]
        found |= place_reasons(figure.before, figure.told.titles, evidence)
        found |= _period_reasons(figure, evidence, at, owners)
        found |= _status_reasons(figure, evidence, at, owners)
    return sorted(found, key=_ORDER.index)


def _nearest(claim: Claim, evidence: Evidence) -> tuple[list[Claim], set[Reason]]:
    """The printed figures that differ least from the claim, and in what they differ."""
    least: set[Reason] = {"value"}
    nearest: list[Claim] = []
    for printed in evidence.claims:
        found = _differences(printed, claim, evidence)
        if not nearest or _weight(found) < _weight(least):
            nearest, least = [printed], found
        elif not found:
            nearest.append(printed)
    return nearest, least


def _weight(found: set[Reason]) -> int:
    """How far apart: another number is further than any other difference, in another unit more so."""
    return sum(3 if reason == "value" else 1 for reason in found) + 2 * (found >= {"value", "unit"})


def _differences(printed: Claim, claim: Claim, evidence: Evidence) -> set[Reason]:
    found: set[Reason] = set(differences(printed, claim) - {"period", "status", "place"})
    if "value" in found and _digits(printed) == _digits(claim):
        # 126万亿 told as 126亿: the digits are right.
        found = found - {"value"} | {"unit"}
    if found == {"qualifier"} and _has_qualifier(claim, evidence):
        return set()
    return found


def _digits(claim: Claim) -> list[str]:
    return _DIGITS.findall(claim.text)


def _has_qualifier(claim: Claim, evidence: Evidence) -> bool:
    """True if the fact has it from elsewhere in the sentence: a 左右 that closes a list."""
    return claim.qualifier is not None and any(
        qualifier_class(measure.qualifier) == claim.qualifier
        for fact in evidence.facts
        for measure in (fact.level, fact.growth)
        if measure and _equals(measure, claim)
    )


# --- what it is told of ------------------------------------------------------------------------


def _states(fact: Fact, claim: Claim) -> bool:
    """True if the fact has the figure: number, qualifier, and of a growth the sign."""
    return any(
        measure is not None
        and _equals(measure, claim)
        and qualifier_class(measure.qualifier) == claim.qualifier
        and (measure is fact.level or (measure.low < 0) == (claim.sign < 0))
        for measure in (fact.level, fact.growth)
    )


def measured_as(claim: Claim, evidence: Evidence) -> str:
    """Level, growth or average, as a fact of the evidence has the figure; empty if none has it."""
    fact = next((one for one in evidence.facts if _states(one, claim)), None)
    if fact is None:
        return ""
    if fact.growth is None or not _equals(fact.growth, claim):
        return "level"
    return "average" if _is_over_years(fact) else "growth"


def _is_over_years(fact: Fact) -> bool:
    return (fact.basis or "").startswith(("annual", "cumulative"))


def _has_number(fact: Fact, claim: Claim) -> bool:
    return any(m is not None and _equals(m, claim) for m in (fact.level, fact.growth))


def _equals(measure: Measure, claim: Claim) -> bool:
    """True if the numbers are equal, signs apart; units were compared with the printed figure."""
    ends = sorted((abs(measure.low), abs(measure.high)))
    return all(
        abs(a - b) <= _EXACT * max(a, b, 1.0)
        for a, b in zip(ends, (claim.low, claim.high), strict=True)
    )


def _own(
    figure: Figure, evidence: Evidence, printed: Sequence[Claim], owners: Sequence[Fact]
) -> list[Claim]:
    """Those of the equal printed figures that the sentence tells of the same indicator.

    Empty if it gives them all to others, and what the answer tells of has its own: GDP told to grow
    as investment did, or with the qualifier of investment.
    """
    named = [fact for fact in evidence.facts if _names(figure, fact)]
    if any(fact in owners for fact in named):
        return list(printed)
    if named and (owners or any(_has_number(fact, figure.claim) for fact in named)):
        return []
    alike = [_beside(figure, evidence, word) for word in (_word_before, word_behind)]
    return [
        one
        for one in printed
        if _may_be_of(figure, one, evidence) and all(not some or one in some for some in alike)
    ]


def _beside(figure: Figure, evidence: Evidence, word: Callable[[str, Claim], str]) -> list[Claim]:
    """The printed figures beside the same word as the one told; empty if there is no word."""
    told = word(figure.told.text, figure.claim)
    return [one for one in evidence.claims if told and word(evidence.text, one) == told]


def is_announced(figure: Figure, evidence: Evidence) -> bool:
    """True if the words above the sentence print the figure beside the same word."""
    words = word_behind(figure.told.text, figure.claim)
    return bool(words) and any(
        word_behind(evidence.above, one) == words and not _differences(one, figure.claim, evidence)
        for one in claims_in(evidence.above)
    )


def _word_before(text: str, claim: Claim) -> str:
    """The last signs of what is measured: 出地供地4000亩."""
    words = text[max(0, claim.at - _MEASURED) : claim.at]
    return words if _HAN.fullmatch(words) and len(_CONNECTIVES.sub("", words)) > 1 else ""


def word_behind(text: str, claim: Claim) -> str:
    """The first signs of what is counted: 4个省级美丽乡村."""
    start = claim.at + len(claim.text)
    words = text[start : start + _COUNTED]
    return words if claim.kind in ("count", "weak") and _HAN.fullmatch(words) else ""


def _names(figure: Figure, fact: Fact) -> bool:
    """True if the words before the figure are the fact's: its printed name (which may hold a number:
    100亿元以上2个) or its indicator."""
    name = fact.printed_indicator
    is_printed = name in figure.lead or _LINKS.sub("", figure.before).endswith(name)
    return is_printed or _is_alike((fact.indicator,), figure.indicators)


def _may_be_of(figure: Figure, printed: Claim, evidence: Evidence) -> bool:
    """True if the indicator named last before the printed figure is the one told of, or the
    sentence does not name that one at all."""
    if not figure.indicators or not _is_alike(evidence.indicators, figure.indicators):
        return True
    return _is_alike(last_named(evidence.text[: printed.at]), figure.indicators)


def _is_alike(names: Sequence[str], others: Sequence[str]) -> bool:
    return any(same_family(one, other) for one in names for other in others)


# --- place -------------------------------------------------------------------------------------


def place_reasons(before: str, titles: Sequence[str], evidence: Evidence) -> set[Reason]:
    """Place if what stands before a figure is about another place or report than the one cited,
    period if about a report of another year. Words that name no place say nothing.

    Places above, and places that the cited sentence prints, may stand beside the own one but not in
    its stead.
    """
    found: set[Reason] = set()
    years = _REPORT_OF_YEAR.findall(before)
    if years and "".join(years[-1]) != str(evidence.year):
        found.add("period")
    beside: list[str] = []
    titles = list(titles)[: before.count(BLANK)]
    for piece in reversed(_PIECES.split(before)):
        inside = [titles.pop() for _ in range(piece.count(BLANK)) if titles][::-1]
        own, others = _names_in(piece, inside, evidence)
        beside += [name for name, _ in others if _may_stand_beside(name, evidence)]
        strange = [at for name, at in others if name not in beside]
        if own or strange:
            is_other = min(strange, default=len(piece)) < min(own, default=len(piece))
            return found | {"place"} if is_other else found
    return found | {"place"} if beside and evidence.names else found


# 越城区增长7.6%,上城区: each piece has a subject, the first name in it.
_PIECES = re.compile("[、,;。:]")


def _names_in(
    piece: str, titles: Sequence[str], evidence: Evidence
) -> tuple[list[int], list[tuple[str, int]]]:
    """Where a piece names the place or report cited, and the other names in it.

    A short name (荔湾) counts only as the first word: 荔湾湖 is a lake in it. Titles of laws and plans
    (《…规划》) that the sentence prints name no report.
    """
    own = [at for name in evidence.names for at in _all_of(name, piece)]
    own = [at for at in own if at == 0 or piece.startswith(evidence.place or "", at)]
    others = [
        (name, at)
        for name in dict.fromkeys(full_names_in(piece))
        if name not in evidence.names
        for at in _all_of(name, piece)
    ]
    if evidence.place != NATION:
        others += [(NATION, match.start("nation")) for match in _THE_NATION.finditer(piece)]
    for at, title in zip(_all_of(BLANK, piece), titles, strict=False):
        if title == evidence.title:
            own.append(at)
        elif "报告" in title and title not in evidence.text:
            others.append((title, at))
    return own, others


def _may_stand_beside(name: str, evidence: Evidence) -> bool:
    """True for places above, and for what the sentence prints: 新建区 in 新建区域养老服务中心 too."""
    if name == NATION:
        return False
    printed = (evidence.text, *(fact.printed_indicator for fact in evidence.facts))
    return name in evidence.parents or any(name in words for words in printed)


def _all_of(name: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(name), text)]


# --- time and status ---------------------------------------------------------------------------


def _period_reasons(
    figure: Figure, evidence: Evidence, printed: Claim, owners: Sequence[Fact]
) -> set[Reason]:
    told = told_period(figure, evidence)
    known = _periods(evidence, printed, owners)
    return {"period"} if told and known and told not in known else set()


def told_period(figure: Figure, evidence: Evidence) -> str | None:
    """The period a sentence names for a figure: printed, a plan's name, or relative to the report.
    Times in an indicator's own name (明年新增装机) are none."""
    text = figure.told.text
    for name in {fact.printed_indicator for fact in evidence.facts}:
        text = text.replace(name, " " * len(name))
    at = figure.claim.at
    moment = read_time(text, evidence.clock).moment_at(at)
    return moment.period if moment else period_at(text, at, at + len(figure.claim.text))


def _periods(evidence: Evidence, printed: Claim, owners: Sequence[Fact]) -> set[str]:
    """The periods the figure may be told of: those of its facts, else those its sentence or its
    section names, or the last year of a span, where its levels stand."""
    if owners:
        spans = any(map(_is_over_years, owners))
        section = {evidence.period} if spans and evidence.period else set()
        return {fact.period for fact in owners} | section
    moment = evidence.reading.moment_at(printed.at)
    known = {moment.period if moment else evidence.clock.default, printed.period, evidence.period}
    periods = {period for period in known if period}
    return periods | {str(span_of(period)[1]) for period in periods}


def _status_reasons(
    figure: Figure, evidence: Evidence, printed: Claim, owners: Sequence[Fact]
) -> set[Reason]:
    known = _statuses(evidence, printed, owners) if figure.tells_status else set()
    return {"status"} if known and told_status(figure, owners) not in known else set()


def told_status(figure: Figure, owners: Sequence[Fact]) -> str:
    """Target, estimate or actual, by the words around the figure; those of an indicator's own name
    (计划引进项目) say nothing."""
    before = _CLAUSE_OF_ANOTHER_YEAR.sub("", figure.before)
    for name in (fact.printed_indicator for fact in owners):
        before = before.replace(name, "")
    if status_in(before) == "target" or _GOAL.search(before) or _GOAL_BEHIND.search(figure.behind):
        return "target"
    return "estimate" if _ESTIMATE.search(before) else "actual"


def _statuses(evidence: Evidence, printed: Claim, owners: Sequence[Fact]) -> set[str]:
    """The statuses the figure may be told in; empty if nothing is known of it."""
    if owners:
        return {fact.status for fact in owners}
    before = evidence.text[max(0, printed.at - _NEAR) : printed.at]
    if evidence.kind == "other":
        return set()
    if evidence.clock.is_plan:
        return {"actual", "target"} if _PAST.search(before) else {"target"}
    return {"estimate"} if _ESTIMATE.search(before) else {"actual"}
