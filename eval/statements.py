"""Facts as sentences: what an answer would say, and the figures it must then be judged by."""

from __future__ import annotations

from dataclasses import dataclass

from eval.questions import ExpectedFigure
from qa.facts.fact import Fact, Measure


@dataclass(frozen=True, slots=True)
class Statement:
    """A true sentence about a fact: its ``subject``, what is ``told`` of it, the quote behind it."""

    subject: str
    told: str
    figures: tuple[ExpectedFigure, ...]
    quote: str
    fact: Fact

    @property
    def text(self) -> str:
        """The sentence with the marker ``[1]``."""
        return f"{self.subject}{self.told}[1]。"


def state(fact: Fact, place: str | None = None) -> Statement:
    """``越城区2023年地区生产总值增长7.6%[1]。`` for a fact."""
    subject = f"{place or fact.place or ''}{shown_period(fact.period)}{fact.printed_indicator}"
    told = "、".join(printed_figures(fact))
    link = "的目标是" if fact.status == "target" else "为" if told == fact.value_printed else ""
    figures = tuple(
        ExpectedFigure(text, place or fact.place, fact.period, fact.status)
        for text in printed_figures(fact)
    )
    return Statement(subject, f"{link}{told}", figures, fact.quote, fact)


def printed_figures(fact: Fact) -> list[str]:
    """The fact's figures as printed, the growth with its verb: ``["2668.5亿元", "增长4.3%"]``."""
    level = [fact.level.text] if fact.level else []
    return [*level, f"{direction(fact.growth)}{fact.growth.text}"] if fact.growth else level


def direction(growth: Measure) -> str:
    """增长 or 下降."""
    return "下降" if growth.low < 0 else "增长"


def shown_period(period: str) -> str:
    """``2023年``, ``2021-2025年``."""
    return f"{period}年"
