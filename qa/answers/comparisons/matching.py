"""Facts that tell of a side's topic, inside the lexicon or outside it, by the words of their names."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from embeddings.terms import bigrams
from qa.answers.comparisons.sides import Side
from qa.facts.fact import Fact, Measure
from qa.facts.figures import UnitKind, find_figures
from qa.facts.lexicon import Indicator, canonical, names_of, same_family
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.moments import OVER_SPANS, asks_average
from qa.reports.clean_text import fold
from qa.reports.periods import span_of
from qa.reports.report import Passage
from qa.thesaurus import find_sayings

# What a topic's word counts for in the fact's own name, in its clause, and nowhere near it.
_IN_NAME, _IN_CLAUSE = 1.0, 0.6
# An indicator of the lexicon counts as much as this many words of middling rarity.
_INDICATOR_WORDS = 4
# The reports' words for a colloquial question (any of them) count as much as so many words.
_FORMAL_WORDS = 3
# An indicator told in a clause that does not use one of its names.
_WORDED_OTHERWISE = 0.9
# What a fact loses for words in its name that are not asked for: 区重点项目完成投资 is not 区重点项目.
_UNASKED = 0.25
# ... and for telling what came new where all there is is asked for.
_NEW_UNASKED = 0.3
# Of what a body's figure is called (地铁线网单日最高客运量) so much may not be asked for; else it is
# another of its figures.
_MOST_UNASKED = 0.8
# What a measure gains for the unit, or the kind, that the question asks for.
_UNIT_ASKED, _UNIT_OTHER, _KIND_ASKED = 0.25, -0.35, 0.3
# What a term counts for that no clause holds, and beside an indicator, which says what is asked.
_UNHELD, _UNHELD_BESIDE = 0.15, 0.1
# A result before a target, one year before a span, where the question names no time.
_RESULT, _ONE_YEAR, _CURRENT = 0.15, 0.05, 0.1
# Facts worse than this are about something else.
LEAST_FIT = 0.4
_MOST = 12

_ASKS_GROWTH = re.compile(
    r"增长|增速|增幅|增得|涨|跌|下降|降幅|降了|快|慢|回落|grow|rise|rose|fell|faster|slower", re.I
)
_ASKS_AMOUNT = re.compile(r"总量|总额|规模|绝对额|体量")
_ASKS_POINTS = re.compile(r"百分点|个点|几个?点|percentage point", re.I)
_ASKED_UNIT = re.compile(r"(?:多少|几)(?P<scale>[万亿]*)(?P<unit>[一-龥]?)")
_NO_UNIT = frozenset("是的呢吗了倍成点分百多少高低年月日号")


@dataclass(frozen=True, slots=True)
class Match:
    """A measure of a fact, and how well it is what a side asks for (about 1 is sure)."""

    held: HeldFact
    measure: Measure
    kind: Kind
    fit: float

    @property
    def fact(self) -> Fact:
        return self.held.fact


@dataclass(frozen=True, slots=True)
class Kind:
    """What must be alike in figures to be compared: growth or level, unit kind, basis of growth."""

    growth: bool
    unit: str
    basis: str = ""

    @property
    def is_rate(self) -> bool:
        return self.growth or self.unit == "%"


# What only says how it is measured (总里程, 运营线路总长) is named by what stands before it.
_BARE = re.compile(
    r"(?:全[市省区国县]|累计|新增|运营|营运|通车|营业|线路|线网|建成|总)*"
    r"(?:里程|总长度?|长度|总数量?|数量|总量|规模|面积|总额)"
)
_NEW_ASKED = re.compile(r"新|增")
_NEW = re.compile(r"新增|净增|新建|新开通")
# 谁更长 is not told by how many ride.
_ASKS_LENGTH = re.compile(r"[更最]长(?![一-龥]{0,2}时间|期)|谁长|长(?:多少|几)|里程")
_LENGTHS = ("里", "米", "年", "天", "月", "小时", "分钟")


def words_before(held: Iterable[HeldFact], library: Library) -> dict[HeldFact, str]:
    """What the sentence says before a figure whose own name says only how it is measured."""
    bare = [
        one
        for one in held
        if one.passage is not None and _BARE.fullmatch(one.fact.printed_indicator)
    ]
    numbers = list(dict.fromkeys(one.passage for one in bare if one.passage is not None))
    passages = dict(zip(numbers, library.passages(numbers), strict=True)) if numbers else {}
    return {one: _before(one.fact, passages[one.passage or 0]) for one in bare}


def _before(fact: Fact, passage: Passage) -> str:
    opening = next((a for a, b in passage.sentences if a <= fact.start < b), fact.start)
    return passage.text[opening - passage.start : fact.start - passage.start]


def matches(
    side: Side, held: Iterable[HeldFact], before: Mapping[HeldFact, str] | None = None
) -> list[Match]:
    """The measures that may be what a side asks for, best first; ``before`` are the words that name
    what a bare figure measures."""
    timely = [one for one in held if _is_timely(one.fact, side)]
    told = {one: _terms_told(one, side, (before or {}).get(one, "")) for one in timely}
    weights = _weights(side, list(told.values()))
    found = [
        Match(
            one,
            measure,
            kind,
            fit + _asked(side.question.text, kind, measure) + _usual(one.fact, side),
        )
        for one in timely
        if (fit := _fit(one.fact, side, weights, told[one])) >= LEAST_FIT
        for measure, kind in _measures(one.fact)
        if not _is_of_a_span(one.fact, kind, side) and _is_length_if_asked(kind, side)
    ]
    # A part (商务区固定资产投资) is often printed by the whole's name: of equals the largest is the whole.
    return sorted(found, key=lambda match: (-match.fit, -match.measure.low))[:_MOST]


def _terms_told(held: HeldFact, side: Side, before: str) -> frozenset[str]:
    """The terms of a fact's clause and of what names it; of words that mean one thing (地铁, 轨道交通)
    each is told where one is."""
    text = f"{before} {held.fact.quote}"
    for saying in find_sayings(side.topic):
        printed = saying.printed.split()
        if saying.said in printed and any(word in text for word in printed):
            text = f"{text} {saying.printed}"
    return _quote_terms(text)


def _is_timely(fact: Fact, side: Side) -> bool:
    if side.statuses and fact.status not in side.statuses:
        return False
    if not side.periods:
        return True
    first, last = span_of(fact.period)
    return any(_same_time(fact, period, first, last) for period in side.periods)


def _same_time(fact: Fact, period: str, first: int, last: int) -> bool:
    """True for the period itself, and for the figure of a span's last year."""
    asked = span_of(period)
    return fact.period == period or (asked == (last, last) and fact.level is not None)


def _is_of_a_span(fact: Fact, kind: Kind, side: Side) -> bool:
    """True for growth over several years where the growth of one year is asked for: 年均增长7.1% stands
    with the amount of 2017 and is not how that year grew."""
    if not side.periods or asks_average(side.question.text):
        return False
    first, last = span_of(side.periods[0])
    return first == last and kind.growth and fact.basis in OVER_SPANS


def _is_length_if_asked(kind: Kind, side: Side) -> bool:
    asked = _ASKS_LENGTH.search(side.question.text)
    return not asked or kind.growth or kind.unit.endswith(_LENGTHS)


def _weights(side: Side, quotes: Sequence[frozenset[str]]) -> Mapping[str, float]:
    """Term of the topic → its rarity among the facts' clauses; a term that none of them holds is
    mostly a seam between words, or of the question's frame."""
    weights = {}
    for term in dict.fromkeys(bigrams(side.topic)):
        if len(term) < 2:
            continue
        holding = sum(term in quote for quote in quotes)
        share = 1.0 if holding else _UNHELD_BESIDE if side.question.indicators else _UNHELD
        weights[term] = math.log(1 + len(quotes) / max(1, holding)) * share
    return weights


@lru_cache(maxsize=20_000)
def _quote_terms(quote: str) -> frozenset[str]:
    return frozenset(bigrams(fold(quote).replace("\n", "")))


def _fit(fact: Fact, side: Side, weights: Mapping[str, float], quote: frozenset[str]) -> float:
    """Share of the topic that the fact is about, less what its name says beside."""
    middling = max(1.0, sum(weights.values()) / len(weights)) if weights else 1.0
    indicators = side.question.indicators
    formal = side.question.formal.split()
    whole = sum(weights.values()) + middling * _INDICATOR_WORDS * len(indicators)
    whole += middling * _FORMAL_WORDS * bool(formal)
    if not whole:
        return 0.0
    name = set(bigrams(fact.printed_indicator))
    told = sum(
        weight * (_IN_NAME if term in name else _IN_CLAUSE if term in quote else 0.0)
        for term, weight in weights.items()
    )
    told += (
        middling
        * _FORMAL_WORDS
        * max(
            (_share(one, name | quote) for one in formal if not _is_another(fact, one)), default=0
        )
    )
    named = sum(_named(fact, indicator, quote) for indicator in indicators)
    told += middling * _INDICATOR_WORDS * named
    asked = {*weights, *(term for one in formal for term in bigrams(one))}
    asked |= {*(term for i in indicators for n in names_of(i) for term in bigrams(n))}
    if side.name and _is_another_of_its_figures(name - set(bigrams(side.name)), asked):
        return 0.0
    bare = _BARE.fullmatch(fact.printed_indicator)
    beside = 0.0 if bare else len(name - asked) / max(1, len(name))
    new = _NEW.search(fact.printed_indicator) and not _NEW_ASKED.search(side.question.text)
    return told / whole - _UNASKED * beside - _NEW_UNASKED * bool(new)


def _is_another_of_its_figures(name: Collection[str], asked: Collection[str]) -> bool:
    return sum(term not in asked for term in name) > _MOST_UNASKED * len(name)


def _is_another(fact: Fact, name: str) -> bool:
    """True if fact and name are indicators of the lexicon, and not the same: town is not country."""
    known = canonical(name) is not None and canonical(fact.indicator) is not None
    return known and not same_family(fact.indicator, name)


def _share(words: str, terms: Collection[str]) -> float:
    wanted = set(bigrams(words))
    return len(wanted.intersection(terms)) / len(wanted) if wanted else 0.0


def _named(fact: Fact, indicator: Indicator, quote: Collection[str]) -> float:
    if same_family(fact.indicator, indicator.name):
        return 1.0
    if canonical(fact.indicator) is not None:
        return 0.0
    printed = {*bigrams(fact.printed_indicator), *quote}
    terms = [set(bigrams(name)) for name in names_of(indicator)]
    return _WORDED_OTHERWISE * max(len(t & printed) / len(t) for t in terms if t)


def _usual(fact: Fact, side: Side) -> float:
    """What a fact gains for being what is meant where no time is named: the result of the year that
    its report looks back on."""
    if side.periods:
        # 城镇新增就业 of 2013-2017 is not that of 2017 where 2017 has one of its own.
        return _ONE_YEAR * (fact.period in side.periods)
    if side.statuses:
        return 0.0
    is_current = fact.period in {report.reviewed_period for report in side.reports}
    return (
        _RESULT * (fact.status == "actual")
        + _ONE_YEAR * ("-" not in fact.period)
        + _CURRENT * is_current
    )


def _measures(fact: Fact) -> Iterable[tuple[Measure, Kind]]:
    """The fact's amount and its growth, each with its kind; a range can't be compared."""
    if fact.level and fact.level.low == fact.level.high:
        # 1409万、1305万人次: the first has its unit from the last.
        unit = unit_of(fact.level) or (fact.unit or "").lstrip(_MULTIPLIERS)
        yield fact.level, Kind(False, "" if unit in _RATIOS else _SAME_UNIT.get(unit, unit))
    if fact.growth and fact.growth.low == fact.growth.high:
        basis = (fact.basis or "yoy").removesuffix("_real")
        yield fact.growth, Kind(True, "%", basis)


_SAME_UNIT = {
    "标准箱": "标箱",
    "TEU": "标箱",
    "微克每立方米": "微克/立方米",
    "微克/每立方米": "微克/立方米",
    "户": "家",
    "名": "人",
    "位": "人",
    "部": "台",
    "宗": "件",
    "起": "件",
    "辆": "台",
} | dict.fromkeys("处所座块片项", "个")


_MULTIPLIERS = "十百千万亿"
# A ratio is printed as 1.53, as 1.72倍 and as 2.27:1.
_RATIOS = ("倍", ":1", "∶1")


def unit_of(measure: Measure) -> str:
    """The unit without multiplier and qualifier: 亿元 and 万元 are 元, 户 is 家."""
    figures = find_figures(measure.text)
    if not figures:
        return ""
    if figures[0].kind in _BASE_UNITS:
        return _BASE_UNITS[figures[0].kind]
    bare = figures[0].unit.lstrip(_MULTIPLIERS)
    return _SAME_UNIT.get(bare, bare)


_BASE_UNITS: Mapping[UnitKind, str] = {"percent": "%", "point": "%", "multiple": "", "bare": ""}


def _asked(text: str, kind: Kind, measure: Measure) -> float:
    """What a measure gains or loses for the kind and the unit that the question asks for."""
    score = 0.0
    if _ASKS_AMOUNT.search(text) and not _ASKS_GROWTH.search(text):
        score -= _KIND_ASKED * 2 * kind.growth
    if _ASKS_GROWTH.search(text):
        score += _KIND_ASKED * kind.growth
    elif _ASKS_POINTS.search(text):
        score += _KIND_ASKED * kind.is_rate
    else:
        score += 0.1 * (not kind.growth)
    asked = [(m["scale"], m["unit"]) for m in _ASKED_UNIT.finditer(text)]
    units = {unit for _, unit in asked if unit and unit not in _NO_UNIT}
    if kind.is_rate:
        return score - _KIND_ASKED * any(scale for scale, _ in asked) * (
            not _ASKS_GROWTH.search(text)
        )
    if not units:
        return score
    wanted = {"元" if unit == "钱" else _SAME_UNIT.get(unit, unit) for unit in units}
    alike = any(kind.unit.startswith(unit) or kind.unit.endswith(unit) for unit in wanted)
    return score + (_UNIT_ASKED if alike else _UNIT_OTHER)
