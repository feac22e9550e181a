"""A comparison in words: each figure with its sentence, then what code computes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from prompts import messages
from qa.answers.answer import Answer, Cell, Table
from qa.answers.citing import Citations
from qa.answers.comparisons.choosing import Choice
from qa.answers.comparisons.matching import Match
from qa.answers.comparisons.numbers import amount_in_words, exact, plain
from qa.answers.comparisons.sides import Side
from qa.answers.figures import fact_words, indicator_name
from qa.answers.naming import report_name
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.places import Place
from qa.reports.report import Passage, Report
from qa.search import Findings

_WHICH = re.compile(r"哪|谁|which|who", re.I)
_LOWEST = re.compile(r"更?低|更少|更慢|最少|最慢|更小|最小|少[?？]|lower|less|slower|fewer", re.I)
_EITHER = re.compile(r"还是")
# 目标调高了还是调低了: numbers, too, are then higher or lower.
_LEVELS = re.compile(r"[更调谁个区][高低]|[高低](?:还是|了|些)|上调|下调")
_FALL = re.compile(r"降幅|下降|降得|跌|减幅|fell|drop", re.I)
_DISTANCE = re.compile(r"差|多多少|多几|高多少|高几|difference|gap", re.I)
_RATIO = re.compile(r"几倍|多少倍|倍数|how many times", re.I)
_SUM = re.compile(r"加(?:起来|在一起|上)|总数|合计|之和|相加|总和|combined|together|in total", re.I)


def answer_in_words(
    findings: Findings, groups: Sequence[Sequence[Choice]], library: Library
) -> Answer:
    """The figures, the verdicts, and a table where several places are compared."""
    choices = [choice for group in groups for choice in group]
    worded = _Worded(findings, choices, library)
    return worded.answer()


def answer_of_one_side(
    findings: Findings, told: Sequence[tuple[Side, Match | None]], library: Library
) -> Answer:
    """The figures that some places give, and which places give none: nothing is compared."""
    matches = tuple(match for _, match in told if match)
    worded = _Worded(findings, [Choice(tuple(side for side, _ in told), matches)], library)
    return worded.one_sided([side for side, match in told if match is None])


class _Worded:
    def __init__(self, findings: Findings, choices: Sequence[Choice], library: Library) -> None:
        self._findings = findings
        self._question = findings.question
        self._said = messages("answers", self._question.language)
        self._choices = choices
        self._library = library
        self._citations = Citations()
        self._passages = _passages(choices, library)

    def answer(self) -> Answer:
        lines = [self._line(match) for match in self._facts_told()]
        verdicts = self._totals() or [
            line for choice in self._choices for line in self._verdict(choice)
        ]
        absent = self._absent()
        notes = [note for choice in self._choices for note in self._notes(choice)]
        if absent:
            names = self._said["separator"].join(place.name for place in absent)
            notes.append(self._said["absent_places"].format(places=names))
        if not self._findings.dense:
            notes.append(self._said["no_vectors"])
        return Answer(
            status="partial" if absent else "answered",
            text="\n".join([*lines, *verdicts]),
            question=self._question.text,
            citations=self._citations.made,
            table=self._table(),
            notes=tuple(dict.fromkeys(notes)),
        )

    def _absent(self) -> list[Place]:
        """The places whose reports are not held, without those that another's report tells of."""
        told = "".join(side.name for choice in self._choices for side in choice.sides)
        return [one for one in self._findings.scope.absent if one.short_name not in told]

    def one_sided(self, silent: Sequence[Side]) -> Answer:
        lines = [self._line(match) for match in self._facts_told()]
        named = self._choices[0].matches[0].fact.printed_indicator
        missing = [
            self._said["not_mentioned"].format(
                place=side.reports[0].place or side.reports[0].title, indicator=named, period=""
            )
            for side in silent
        ]
        return Answer(
            status="partial",
            text="\n".join([*lines, *missing]),
            question=self._question.text,
            citations=self._citations.made,
            notes=(*missing, self._said["not_comparable"]),
        )

    def _facts_told(self) -> list[Match]:
        """Each fact once, in the order of the sides: a fact's amount and growth share a line."""
        first: dict[HeldFact, Match] = {}
        for choice in self._choices:
            for match in choice.matches:
                first.setdefault(match.held, match)
        return list(first.values())

    def _line(self, match: Match) -> str:
        words = fact_words(match.fact, self._report(match), self._question.language)
        n = self._cite(match)
        return self._said[f"figure_{match.fact.status}"].format(**words, n=n)

    def _cite(self, match: Match) -> int:
        passage = self._passages[match.held.passage or 0]
        return self._citations.cite_fact(self._report(match), passage, match.fact).n

    def _report(self, match: Match) -> Report:
        return self._library.reports[match.fact.report_id]

    # --- verdicts

    def _totals(self) -> list[str]:
        """The sums of several things in each place, where those are asked for (加在一起谁多)."""
        first = self._choices[0]
        alike = all(choice.kind == first.kind for choice in self._choices)
        if len(self._choices) < 2 or not alike or not _SUM.search(self._question.text):
            return []
        totals = [
            sum((exact(choice.matches[i].measure) for choice in self._choices), Decimal(0))
            for i in range(len(first.matches))
        ]
        lines = [
            self._said["total_of"].format(name=self._place(match), total=self._amount(total, first))
            for match, total in zip(first.matches, totals, strict=True)
        ]
        if len(totals) == 2 and totals[0] != totals[1]:
            more = 0 if totals[0] > totals[1] else 1
            lines.append(
                self._said["compared_more"].format(
                    first=self._place(first.matches[more]),
                    last=self._place(first.matches[1 - more]),
                    difference=self._amount(abs(totals[0] - totals[1]), first),
                )
            )
        return lines

    def _place(self, match: Match) -> str:
        return report_name(self._report(match), self._question.language)

    def _verdict(self, choice: Choice) -> list[str]:
        values = [exact(match.measure) for match in choice.matches]
        text = self._question.text
        if _SUM.search(text) and not choice.kind.is_rate:
            total = self._amount(sum(values, Decimal(0)), choice)
            return [self._said["summed"].format(total=total)]
        if len(values) > 2:
            return [self._ranking(choice, values), *self._extremes(choice, values)]
        first, last = self._order(choice, values)
        if _RATIO.search(text) and values[last]:
            times = f"{(values[first] / values[last]).quantize(Decimal('0.01')).normalize():f}"
            return [self._sentence("times", choice, first, last, times)]
        difference = abs(values[first] - values[last])
        if not difference:
            return [self._sentence("compared_equal", choice, first, last, "")]
        return [self._sentence(*self._key(choice, values, first, last), self._amount(difference, choice))]  # fmt: skip

    def _key(
        self, choice: Choice, values: Sequence[Decimal], first: int, last: int
    ) -> tuple[str, Choice, int, int]:
        more = values[first] > values[last]
        if choice.kind.growth and max(values) < 0:
            # 降幅更大 is said of the lower of two falls.
            return "fell_less" if more else "fell_more", choice, first, last
        is_level = choice.matches[0].fact.indicator.endswith(("浓度", "率", "比", "标准"))
        if choice.kind.is_rate or is_level or _LEVELS.search(self._question.text):
            return "compared_higher" if more else "compared_lower", choice, first, last
        return "compared_more" if more else "compared_less", choice, first, last

    def _order(self, choice: Choice, values: Sequence[Decimal]) -> tuple[int, int]:
        """Which side the sentence is about: the winner of 哪个…, else the one named first."""
        text = self._question.text
        facts = [match.fact for match in choice.matches]
        moments = [(fact.status == "target", fact.period) for fact in facts]
        if len({fact.report_id for fact in facts}) == 1 and moments[0] != moments[1]:
            later = max((0, 1), key=lambda i: moments[i])
            return later, 1 - later
        if not _WHICH.search(text) or _EITHER.search(text):
            return 0, 1
        both_fall = max(values) < 0 and _FALL.search(text)
        lowest = bool(_LOWEST.search(text)) != bool(both_fall)
        winner = values.index(min(values) if lowest else max(values))
        return winner, 1 - winner

    def _sentence(self, key: str, choice: Choice, first: int, last: int, difference: str) -> str:
        labels = [self._label(match, choice) for match in choice.matches]
        return self._said[key].format(first=labels[first], last=labels[last], difference=difference)

    def _ranking(self, choice: Choice, values: Sequence[Decimal]) -> str:
        upwards = bool(re.search(r"从[低小少慢]到", self._question.text))
        order = sorted(range(len(values)), key=lambda i: values[i], reverse=not upwards)
        ranked = self._said["separator"].join(self._label(choice.matches[i], choice) for i in order)
        return self._said["ranked_up" if upwards else "ranked_down"].format(ranked=ranked)

    def _extremes(self, choice: Choice, values: Sequence[Decimal]) -> list[str]:
        """The distance of the first and the last of a ranking, where it is asked for."""
        if not _DISTANCE.search(self._question.text):
            return []
        key = "compared_higher" if choice.kind.is_rate else "compared_more"
        most, least = values.index(max(values)), values.index(min(values))
        return [
            self._sentence(
                key, choice, most, least, self._amount(max(values) - min(values), choice)
            )
        ]

    def _label(self, match: Match, choice: Choice) -> str:
        """What tells a figure from the others: its place, what it is, or its period."""
        facts = [one.fact for one in choice.matches]
        figure = self._figure(match)
        bodies = {
            one.held: side.label for one, side in zip(choice.matches, choice.sides, strict=True)
        }
        if any(bodies.values()) or len({fact.place or fact.report_id for fact in facts}) > 1:
            name = bodies[match.held] or self._place(match)
            return self._said["label"].format(name=name, figure=figure)
        if len({(fact.period, fact.status == "target") for fact in facts}) > 1:
            key = f"label_{match.fact.status}"
            return self._said[key].format(period=match.fact.period, figure=figure)
        name = indicator_name(match.fact.indicator, self._question.language)
        return self._said["label"].format(name=name, figure=figure)

    def _figure(self, match: Match) -> str:
        if match.kind.growth and match.measure.low < 0:
            return self._said["falls"].format(basis="", growth=match.measure.text)
        return match.measure.text

    def _amount(self, value: Decimal, choice: Choice) -> str:
        """A computed number in the figures' own unit, or, where those differ, in a round one."""
        if choice.kind.is_rate:
            return self._said["points"].format(value=plain(value))
        measures = [match.measure for match in choice.matches]
        return amount_in_words(value, measures, choice.kind.unit)

    # --- notes and table

    def _notes(self, choice: Choice) -> list[str]:
        facts = [match.fact for match in choice.matches]
        notes = []
        if any(match.measure.qualifier for match in choice.matches):
            notes.append(self._said["qualified"])
        if len({fact.indicator for fact in facts}) > 1 and len({f.report_id for f in facts}) > 1:
            names = self._said["separator"].join(dict.fromkeys(f.printed_indicator for f in facts))
            notes.append(self._said["named_otherwise"].format(names=names))
        periods = sorted({fact.period for fact in facts})
        if len(periods) > 1 and len({fact.report_id for fact in facts}) > 1:
            joined = self._said["separator"].join(periods)
            notes.append(self._said["other_years"].format(years=joined))
        return notes

    def _table(self) -> Table | None:
        first = self._choices[0]
        if len({match.fact.report_id for match in first.matches}) < 2:
            return None
        rows = []
        for choice in self._choices:
            for match in choice.matches:
                words = fact_words(match.fact, self._report(match), self._question.language)
                rows.append(
                    (
                        Cell(words["place"]),
                        Cell(words["period"]),
                        Cell(words["indicator"]),
                        Cell(self._figure(match), self._cite(match)),
                    )
                )
        heads = ("place_head", "period_head", "indicator_head", "figure_head")
        return Table(tuple(self._said[head] for head in heads), tuple(rows))


def _passages(choices: Sequence[Choice], library: Library) -> dict[int, Passage]:
    cited = (m.held.passage for choice in choices for m in choice.matches)
    numbers = list(dict.fromkeys(number for number in cited if number is not None))
    return dict(zip(numbers, library.passages(numbers), strict=True))
