"""Figures that code computed: each must follow exactly from supported figures of the same answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations
from math import fsum

from qa.answers.claims import Claim, common_scale, differences
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.sentences import BLANK, Told
from qa.answers.verification.support import last_named
from qa.facts.lexicon import same_family
from qa.places import NATION, full_names_in

_SUM = re.compile(r"合计|共计|总计|总共|之和|加起来|in total|combined|sum", re.I)
_RATIO = re.compile(r"倍|占|比重|比例|times|share", re.I)
_LABEL = re.compile(r"(?P<name>[^()、;:]*)\([^()\d]{0,6}$")
_LABEL_PERIOD = re.compile(r"(?P<period>(?:19|20)\d\d(?:-(?:19|20)\d\d)?)年?_?(?:目标|预计)?$")
_ESTIMATE = re.compile(r"预计|estimate", re.I)
_TARGET_LABEL = re.compile(r"目标|target", re.I)
# 比 turns the order of what is compared; 降幅 the order of the numbers.
_HIGHER = re.compile(r"\)(?:比.*\)[多高]|高于|多于|is (?:above|more than))")
_LOWER = re.compile(r"\)(?:比.*\)[少低]|低于|少于|is (?:below|less than))")
_FELL_MORE = re.compile(r"\)的降幅比.*\)大|is the larger fall")
_FELL_LESS = re.compile(r"\)的降幅比.*\)小|is the smaller fall")
_PLAIN_VERDICT = re.compile(
    r"(?P<first>[^()]+?)比(?P<last>[^()]+?)(?P<way>[多高少低])$"
    r"|(?P<first_en>[^()]+?)is (?P<way_en>more than|above|less than|below)(?P<last_en>[^()]+?)by_?$"
)
_EQUAL = re.compile(r"相同|相等|are equal")
_DOWN = re.compile(r"从[高多大快]到[低少小慢]|from high to low", re.I)
_UP = re.compile(r"从[低少小慢]到[高多大快]|from low to high", re.I)
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Supported:
    """A figure of the answer that a citation supports, with what it was told of.

    ``period`` is None where its sentence names none. ``measure`` is level, growth or average (a growth
    over several years), empty where no fact tells; ``printed`` are the words of its clause before a
    figure that is quoted.
    """

    claim: Claim
    evidence: Evidence
    indicators: tuple[str, ...]
    period: str | None
    status: str
    measure: str = ""
    printed: str = ""

    @property
    def value(self) -> float:
        return self.claim.sign * self.claim.low


def repeated(claim: Claim, told: Told, pool: Sequence[Supported]) -> Supported | None:
    """The supported figure that a computed sentence repeats, of the same place, period and
    indicator where it names them: 上城区(11.1%); None if there is none."""
    label = _LABEL.search(told.text[: claim.at])
    name = label["name"] if label else ""
    return next((one for one in pool if _repeats(claim, name, told, one)), None)


def _repeats(claim: Claim, name: str, told: Told, one: Supported) -> bool:
    if differences(one.claim, claim) - {"period", "status", "place"}:
        return False
    return _is_placed(name, told, one) and _is_timed(name, one) and _is_named(name, one)


def _is_placed(name: str, told: Told, one: Supported) -> bool:
    places = full_names_in(name) or ([NATION] if name.endswith(NATION) else [])
    if places:
        return places[-1] in one.evidence.names
    if BLANK not in name:
        return True
    # Titles were taken out of the text, in order; a blank stands for each.
    before = told.text.index(name) if name in told.text else 0
    index = told.text[:before].count(BLANK) + name.count(BLANK) - 1
    return told.titles[index : index + 1] == (one.evidence.title,)


def _is_timed(name: str, one: Supported) -> bool:
    dated = _LABEL_PERIOD.search(name)
    if dated is None:
        return True
    target = bool(_TARGET_LABEL.search(name))
    estimate = bool(_ESTIMATE.search(name))
    told = "target" if target else "estimate" if estimate else "actual"
    return dated["period"] == one.period and told == one.status


def _is_named(name: str, one: Supported) -> bool:
    named = last_named(name)
    if not named or not one.indicators:
        return True
    return any(same_family(a, b) for a in named for b in one.indicators)


def derived_from(
    claim: Claim, told: Told, again: Sequence[Supported], pool: Sequence[Supported]
) -> tuple[Supported, ...]:
    """The figures that the claim follows from: two that its sentence repeats (of the answer's, if it
    repeats fewer) and that differ by it, or those it is the sum or the ratio of, where it says so;
    empty if it follows from none, or has a qualifier.

    A figure in brackets behind a name, 2023年(100家), is one that the sentence repeats: that it is also
    the difference of two others is chance.
    """
    if claim.qualifier is not None or is_labelled(claim, told):
        return ()
    if _SUM.search(told.text):
        return _summands(claim, told, again) or _summands(claim, told, pool)
    basis = list(again) if len(again) > 1 else list(pool)
    if _RATIO.search(told.text):
        ratio = next((pair for pair in permutations(basis, 2) if _is_ratio(claim, *pair)), ())
        if ratio:
            return ratio
    pairs = (pair for pair in permutations(basis, 2) if _is_difference(claim, *pair))
    return next((pair for pair in pairs if _is_as_compared(claim, told, *pair)), ())


def is_labelled(claim: Claim, told: Told) -> bool:
    """True for a figure in brackets behind a name: 上城区(200亿元)."""
    return _LABEL.search(told.text[: claim.at]) is not None


def must_follow(claim: Claim, told: Told, labelled: int) -> bool:
    """True for what a verdict computes of its sides, ``labelled`` in number: that it equals one of them
    (200亿元 is 100亿元 more than 100亿元) makes it no repetition."""
    is_verdict = labelled > 1 or _PLAIN_VERDICT.match(told.text[: claim.at]) is not None
    return is_verdict and not is_labelled(claim, told)


def is_told_twice(claims: Sequence[Claim], told: Told) -> bool:
    """True if a verdict has one side twice: 越城区(9.9%)与越城区(9.9%)相同."""
    labels = [_LABEL.search(told.text[: claim.at]) for claim in claims]
    names = [label["name"].lstrip("比与和") for label in labels if label]
    return any(name and names.count(name) > 1 for name in names)


def is_sum(told: Told) -> bool:
    """True if the sentence adds up: what it computes may be compared in its turn."""
    return bool(_SUM.search(told.text))


def _is_difference(claim: Claim, one: Supported, other: Supported) -> bool:
    if not _is_of_kind(claim, one) or not _is_of_kind(claim, other):
        return False
    return _equal(abs(one.value - other.value), claim, max(one.claim.low, other.claim.low))


def _is_as_compared(claim: Claim, told: Told, one: Supported, other: Supported) -> bool:
    """True unless the sentence compares two by name alone (越城区比上城区多24件), and these are
    others, or the other way round. Figures it repeats are held against their labels elsewhere."""
    match = _PLAIN_VERDICT.match(told.text[: claim.at])
    if match is None:
        return True
    first, last = match["first"] or match["first_en"], match["last"] or match["last_en"]
    is_more = (match["way"] or match["way_en"]) in ("多", "高", "more than", "above")
    of_both = _is_placed(first, told, one) and _is_placed(last, told, other)
    return of_both and (one.value > other.value) == is_more


# Sums of some of more figures are not looked for: any number is near one of them.
_MOST_SUMMANDS = 6


def _summands(claim: Claim, told: Told, basis: Sequence[Supported]) -> tuple[Supported, ...]:
    """Figures of its kind, and of the place that it names, that add up to the claim: all of them, or
    some where they are few; each is added once, however often it is told."""
    name = told.text[: claim.at]
    alike = {
        (one.evidence.n, one.value): one
        for one in basis
        if _is_of_kind(claim, one) and _is_placed(name, told, one)
    }
    least = 2 if len(alike) <= _MOST_SUMMANDS else len(alike)
    return next(
        (
            some
            for count in range(len(alike), least - 1, -1)
            for some in combinations(alike.values(), count)
            if _equal(fsum(one.value for one in some), claim, claim.low)
        ),
        (),
    )


def _is_ratio(claim: Claim, one: Supported, other: Supported) -> bool:
    """The ratio rounded to the digits printed; in per cent if it is told so."""
    if claim.kind not in ("multiple", "percent", "bare") or not other.value:
        return False
    if one.claim.kind != other.claim.kind:
        return False
    if claim.kind == "multiple" and _step(claim) == 1.0 and abs(one.value) < abs(other.value):
        # Half of something, rounded, is not once as much: 62 is no multiple of 124.
        return False
    scale = 100.0 if claim.kind == "percent" else 1.0
    return abs(scale * one.value / other.value - claim.low) <= 0.5 * _step(claim) + _EXACT


def _step(claim: Claim) -> float:
    decimals = re.search(r"\.(\d+)", claim.text)
    return float(10.0 ** -(len(decimals.group(1)) if decimals else 0))


def _is_of_kind(claim: Claim, operand: Supported) -> bool:
    """Rates differ in points; amounts in their own unit (a number without one will do)."""
    if operand.claim.kind == "percent":
        return claim.kind == "point"
    if operand.claim.kind == "bare" or claim.kind == "bare":
        return operand.claim.kind == claim.kind
    return operand.claim.unit == claim.unit or "" in (operand.claim.unit, claim.unit)


def _equal(value: float, claim: Claim, magnitude: float) -> bool:
    return abs(value - claim.low) <= _EXACT * max(magnitude, 1.0)


def is_in_order(told: Told, again: Sequence[Supported]) -> bool:
    """True unless the sentence puts its figures in an order that they do not have."""
    values = [one.value for one in again]
    if len(values) < 2:
        return True
    return all(
        all(holds(a, b) for a, b in pairwise(values))
        for pattern, holds in _ORDERS
        if pattern.search(told.text)
    )


# --- courses -----------------------------------------------------------------------------------

_COURSE = re.compile(
    r"(?P<rises>只升不降|rises and never falls)|(?P<falls>只降不升|falls and never rises)"
    r"|(?P<up>总的看上升|both ways and ends higher)|(?P<down>总的看下降|both ways and ends lower)"
    r"|(?P<back>首尾相同|both ways and ends where it began)|(?P<level>没有变化|does not change)(?=_?\()"
)
_HIGHEST, _LOWEST = re.compile("最高是|highest,"), re.compile("最低是|lowest,")
_ENDS = 2


def is_true_course(told: Told, figures: Sequence[Supported], pool: Sequence[Supported]) -> bool:
    """True unless the sentence says how figures moved over the years (总的看上升), and those of its kind
    in the answer did not, or are not first, last, highest and lowest as told."""
    course = _COURSE.search(told.text) if told.is_computed else None
    if course is None:
        return True
    if len(figures) < _ENDS:
        return False
    series = _series(figures[0], (*pool, *figures))
    years = sorted(series)
    if [one.period for one in figures[:_ENDS]] != [years[0], years[-1]]:
        return False
    values = [series[year] for year in years]
    return course.lastgroup == _course_of(values) and all(
        series.get(one.period or "") == extreme(values)
        for pattern, extreme in ((_HIGHEST, max), (_LOWEST, min))
        for one in _behind(pattern, told, figures)
    )


def _series(like: Supported, pool: Iterable[Supported]) -> dict[str, float]:
    """Year → value of the figures of the same thing; of falls the size."""
    alike = [one for one in pool if one.period and _is_comparable(like, one)]
    sign = -1 if alike and all(one.value < 0 for one in alike) else 1
    return {
        one.period: sign * one.value * common_scale(one.claim.unit)[1]
        for one in alike
        if one.period and len(one.period) == _YEAR
    }


_YEAR = 4


def _is_comparable(like: Supported, other: Supported) -> bool:
    units = {common_scale(one.claim.unit)[0] for one in (like, other)}
    targets = {one.status == "target" for one in (like, other)}
    same_place = (like.evidence.place or like.evidence.title) == (
        other.evidence.place or other.evidence.title
    )
    named = any(same_family(a, b) for a in like.indicators for b in other.indicators)
    return (
        same_place and named and len(units) == len(targets) == 1 and like.measure == other.measure
    )


def _course_of(values: Sequence[float]) -> str:
    if min(values) == max(values):
        return "level"
    steps = {a < b for a, b in pairwise(values) if a != b}
    if len(steps) == 1:
        return "rises" if True in steps else "falls"
    first, last = values[0], values[-1]
    return "back" if first == last else "up" if first < last else "down"


def _behind(pattern: re.Pattern[str], told: Told, figures: Sequence[Supported]) -> list[Supported]:
    """The figure that the words stand before, if they stand in the sentence."""
    match = pattern.search(told.text)
    return [one for one in figures if match and one.claim.at >= match.end()][:1]


_ORDERS: tuple[tuple[re.Pattern[str], Callable[[float, float], bool]], ...] = (
    (_HIGHER, lambda a, b: a > b),
    (_LOWER, lambda a, b: a < b),
    (_FELL_MORE, lambda a, b: a < b),
    (_FELL_LESS, lambda a, b: a > b),
    (_EQUAL, lambda a, b: a == b),
    (_DOWN, lambda a, b: a >= b),
    (_UP, lambda a, b: a <= b),
)
