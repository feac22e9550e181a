"""Questions from facts, for reports without hand-made ones. Marked as generated, scored apart.

Answers are the facts' own figures. A question without an answer asks for what no fact and no text
of the library states: the indicator's name must not stand in the report at all, or the year or the
place is not held.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from eval.questions import Evidence, ExpectedFigure, QuestionCase, Span
from eval.statements import printed_figures
from qa.facts.fact import Fact
from qa.facts.lexicon import all_indicators, canonical, names_of
from qa.reports.clean_text import fold
from qa.reports.report import Report

# Far enough from any report that its year is held by none.
_YEARS_AWAY = 20
_OTHER_PLACES = ("柯桥区", "南山区", "昌平区", "雨花台区", "武侯区", "沙坪坝区")


@dataclass(frozen=True, slots=True)
class _Known:
    """What questions are made of: facts that a question can name without doubt."""

    facts: Sequence[Fact]
    texts: Mapping[str, str]
    places: frozenset[str]


def generate_questions(
    facts: Iterable[Fact],
    reports: Iterable[Report],
    texts: Mapping[str, str],
    per_kind: int = 20,
    seed: int = 0,
) -> list[QuestionCase]:
    """At most ``per_kind`` questions of each kind; the same ones for the same seed.

    ``texts`` are the decoded sources by name.
    """
    told = {r.report_id: texts[r.source][r.start : r.end] for r in reports}
    named = [fact for fact in facts if fact.place and canonical(fact.indicator)]
    known = _Known(_unambiguous(named), told, frozenset(f.place for f in named if f.place))
    makers = (_figures, _targets, _comparisons, _follow_ups, _removed, _other_years, _other_places)
    return [case for maker in makers for case in _some(list(maker(known)), per_kind, seed)]


def _some(cases: Sequence[QuestionCase], count: int, seed: int) -> list[QuestionCase]:
    # A result and a target of one year, both shifted, are the same question.
    different = list({case.id: case for case in cases}.values())
    chosen = random.Random(seed).sample(range(len(different)), min(count, len(different)))
    return [different[i] for i in sorted(chosen)]


def _unambiguous(facts: Sequence[Fact]) -> list[Fact]:
    """Facts that are alone with their place, indicator, period and status."""
    groups: dict[tuple[str | None, str, str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.place, fact.indicator, fact.period, fact.status].append(fact)
    return [group[0] for group in groups.values() if len(group) == 1]


def _figures(known: _Known) -> Iterator[QuestionCase]:
    for fact in known.facts:
        if fact.status == "actual":
            asked = f"{fact.place}{fact.period}年{fact.indicator}{_wanted(fact)}?"
            yield _case("figure", asked, [fact])


def _targets(known: _Known) -> Iterator[QuestionCase]:
    for fact in known.facts:
        if fact.status == "target":
            yield _case(
                "target", f"{fact.place}{fact.period}年{fact.indicator}的目标是多少?", [fact]
            )


def _wanted(fact: Fact) -> str:
    return "是多少" if fact.level else "增长了多少"


def _comparisons(known: _Known) -> Iterator[QuestionCase]:
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in known.facts:
        if fact.status == "actual" and fact.growth:
            groups[fact.indicator, fact.period].append(fact)
    for (indicator, period), group in groups.items():
        for one, other in pairwise(group):
            if one.place != other.place:
                asked = f"{one.place}和{other.place}{period}年{indicator}各增长多少?"
                yield _case("comparison", asked, [one, other])


def _follow_ups(known: _Known) -> Iterator[QuestionCase]:
    by_report: dict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    for fact in known.facts:
        by_report[fact.report_id, fact.period, fact.status].append(fact)
    for (_, period, status), group in by_report.items():
        for first, second in pairwise(group):
            link = "的目标是多少?" if status == "target" else "是多少?"
            earlier = f"{first.place}{period}年{first.indicator}{link}"
            yield _case("follow_up", f"那{second.indicator}呢?", [second], turns=(earlier,))


def _removed(known: _Known) -> Iterator[QuestionCase]:
    """An indicator that the report names nowhere, under any of its names."""
    for report_id, text in known.texts.items():
        place = next((f.place for f in known.facts if f.report_id == report_id), None)
        period = next((f.period for f in known.facts if f.report_id == report_id), None)
        folded = fold(text)
        for indicator in all_indicators():
            if place and not any(name in folded for name in names_of(indicator)):
                asked = f"{place}{period}年{indicator.name}是多少?"
                yield _unanswerable("no_indicator", asked, "not_stated")


def _other_years(known: _Known) -> Iterator[QuestionCase]:
    for fact in known.facts:
        if fact.period.isdigit():
            year = int(fact.period) - _YEARS_AWAY
            asked = f"{fact.place}{year}年{fact.indicator}{_wanted(fact)}?"
            yield _unanswerable("other_year", asked, "period_not_held")


def _other_places(known: _Known) -> Iterator[QuestionCase]:
    strangers = [place for place in _OTHER_PLACES if place not in known.places]
    for i, fact in enumerate(known.facts):
        place = strangers[i % len(strangers)]
        asked = f"{place}{fact.period}年{fact.indicator}{_wanted(fact)}?"
        yield _unanswerable("other_place", asked, "place_not_held")


def _case(
    kind: str, question: str, facts: Sequence[Fact], turns: tuple[str, ...] = ()
) -> QuestionCase:
    figures = [
        ExpectedFigure(t, f.place, f.period, f.status) for f in facts for t in _asked(kind, f)
    ]
    return QuestionCase(
        id=_id(kind, "".join(turns) + question),
        type=kind,
        question=question,
        turns=turns,
        answer=";".join(
            f"{f.place}{f.period}年{f.indicator}{'、'.join(_asked(kind, f))}" for f in facts
        ),
        must=tuple((_number(figure.text),) for figure in figures),
        must_not=(),
        evidence=tuple(Evidence(f.quote, (Span(f.source, f.start, f.end),)) for f in facts),
        figures=tuple(figures),
        generated=True,
    )


def _asked(kind: str, fact: Fact) -> list[str]:
    """The figures a right answer must state: of an amount and its growth the one asked for."""
    printed = printed_figures(fact)
    return printed[-1:] if kind == "comparison" else printed[:1]


def _number(text: str) -> str:
    return text.removeprefix("增长").removeprefix("下降")


def _unanswerable(kind: str, question: str, reason: str) -> QuestionCase:
    return QuestionCase(
        _id(kind, question), kind, question, (), "", (), (), (), refusal=reason, generated=True
    )


def _id(kind: str, text: str) -> str:
    return f"gen-{kind}-{sha256(text.encode()).hexdigest()[:8]}"
