"""One figure for each side: of one kind, and as well named as can be had together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.terms import bigrams
from qa.answers.comparisons.bodies import is_of
from qa.answers.comparisons.matching import Kind, Match, matches, words_before
from qa.answers.comparisons.sides import Side
from qa.library.library import Library
from qa.moments import is_start_of_move
from qa.reports.periods import span_of
from qa.search import Findings

# What figures gain for being called alike: 新增市场主体 goes with 新增市场主体, not with 市场主体.
_ALIKE = 0.5
# Of several figures of each side those of one period go together.
_SAME_TIME = 0.1
# Below this fit, on average, the figures are not sure to be those asked for.
_LEAST_MEAN = 0.58
# A side this well matched tells what is asked; one matched worse than this does not.
_SURELY, _SURELY_NOT = 0.85, 0.6
_ASKS_MONEY = re.compile(r"多少钱|多少(?:[万亿]+|元)|差[额价]?多少[万亿]*元")
# 相差多少元 is answered by no rate, in points least of all.
_ASKS_YUAN = re.compile(r"多少钱|多少[万亿]*元|\byuan\b", re.I)
# Which gap closed by more is told by neither of its present figures.
_ASKS_MOVE = re.compile(r"(?:缩小|收窄|扩大|拉大)(?:[了得]?(?:更|最|较)?[多快大]|了?(?:多少|几))")
_ASKS_RATE = re.compile(r"涨幅|增速|增幅|降幅|增得|涨得|谁[的]?.{0,4}[快慢]")


@dataclass(frozen=True, slots=True)
class Choice:
    """The figures set side by side, in the order of ``sides``; all of one kind."""

    sides: tuple[Side, ...]
    matches: tuple[Match, ...]

    @property
    def kind(self) -> Kind:
        return self.matches[0].kind


def choose(findings: Findings, sides: Sequence[Side], library: Library) -> list[Choice]:
    """The best figures for the sides, once for each kind asked for; empty if a side has none."""
    found = [_present(side, _matches(side, library)) for side in sides]
    text = findings.question.text
    if not all(found) or _ASKS_MOVE.search(text):
        return []
    if _ASKS_MONEY.search(text) and _ASKS_RATE.search(text):
        several = [
            _best([[m for m in one if m.kind.growth == growth] for one in found])
            for growth in (False, True)
        ]
    else:
        several = [_best(found)]
    return [Choice(tuple(sides), best) for best in several if best]


def _present(side: Side, found: Sequence[Match]) -> list[Match]:
    """The candidates without the earlier of two figures (从2.50缩小至2.27) where no time is asked for."""
    return [one for one in found if side.periods or not is_start_of_move(one.fact)]


def told_alone(sides: Sequence[Side], library: Library) -> list[tuple[Side, Match | None]]:
    """The sides of a comparison of places with the figure of each that surely has one, where others
    surely have none; empty if it is not so clear."""
    if len({report.report_id for side in sides for report in side.reports}) < 2:
        return []
    text = sides[0].question.text
    best = [next(iter(_matches(side, library)), None) for side in sides]
    told = [one if one and one.fit >= _SURELY and _is_the_same(one, text) else None for one in best]
    unclear = any(one and _SURELY_NOT <= one.fit < _SURELY for one in best)
    if unclear or all(told) or not any(told):
        return []
    return list(zip(sides, told, strict=True))


def _is_the_same(match: Match, text: str) -> bool:
    """False for what came new where all there is was asked for: 新增里程 is not 里程."""
    return "新增" not in match.fact.printed_indicator or "增" in text


def ends_of(findings: Findings, side: Side, library: Library) -> list[Choice]:
    """The first and the last figure of what a sentence tells to have grown (从2.2万家增加到4.9万家), if
    it is surely what is asked about."""
    for match in _matches(side, library):
        if match.fit < _SURELY:
            break
        fact = match.fact
        twins = [
            other
            for other in _matches(side, library)
            if other.kind == match.kind
            and (other.fact.start, other.fact.indicator) == (fact.start, fact.indicator)
            and other.fact.period != fact.period
        ]
        if twins:
            first, last = sorted((match, twins[0]), key=lambda one: span_of(one.fact.period))
            return [Choice((side, side), (last, first))]
    return []


def only_growth(sides: Sequence[Side], library: Library) -> Match | None:
    """A growth of what amounts were asked for, where the reports give growth for each side and for no
    side the amount; a result before a target."""
    if not sides[0].question.indicators or not _asks_amounts(sides[0]):
        return None
    best = _best([_of_either_kind(side, library) for side in sides])
    if best is None or not best[0].kind.growth or any(_matches(side, library) for side in sides):
        return None
    return min(best, key=lambda match: match.fact.status == "target")


def _matches(side: Side, library: Library) -> list[Match]:
    """The candidates of a side; amounts alone where an amount of money is asked for and no rate."""
    found = _of_either_kind(side, library)
    return [one for one in found if not one.kind.is_rate] if _asks_amounts(side) else found


def _asks_amounts(side: Side) -> bool:
    text = side.question.text
    return bool(_ASKS_YUAN.search(text)) and not _ASKS_RATE.search(text)


def _of_either_kind(side: Side, library: Library) -> list[Match]:
    held = library.facts([report.report_id for report in side.reports])
    if side.name:
        held = [one for one in held if is_of(one.fact, side.name)]
    return matches(side, held, words_before(held, library))


def _best(found: Sequence[Sequence[Match]]) -> tuple[Match, ...] | None:
    """For each candidate of each side the others that go best with it; the best of all these."""
    best: tuple[float, tuple[Match, ...]] | None = None
    for reference in (match for side in found for match in side):
        chosen = [_companion(reference, side) for side in found]
        if any(one is None for one in chosen):
            continue
        whole = tuple(one for one in chosen if one is not None)
        if len({(m.fact.start, m.measure.start, m.fact.source) for m in whole}) < len(whole):
            continue
        score = sum(_together(reference, one) for one in whole) / len(whole)
        if best is None or score > best[0] + 1e-9:
            best = score, whole
    if best is None or sum(match.fit for match in best[1]) / len(best[1]) < _LEAST_MEAN:
        return None
    return best[1]


def _companion(reference: Match, side: Sequence[Match]) -> Match | None:
    comparable = [match for match in side if match.kind == reference.kind]
    return max(comparable, key=lambda match: _together(reference, match), default=None)


def _together(reference: Match, match: Match) -> float:
    one, other = (set(bigrams(m.fact.printed_indicator)) for m in (reference, match))
    alike = len(one & other) / max(1, len(one | other))
    if match.fact.indicator == reference.fact.indicator:
        alike = max(alike, 0.9)
    same_time = match.fact.period == reference.fact.period
    return match.fit + _ALIKE * alike + _SAME_TIME * same_time
