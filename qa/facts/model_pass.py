"""The optional model pass: a language model reads the sentences whose figures no rule claimed.

It may add, never alter, and is not trusted: a proposed fact is kept only if its figure stands in the
sentence it names. Everything else of the fact is built from the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from prompts import load
from qa.errors import ModelUnavailableError
from qa.facts.fact import Fact, Measure
from qa.facts.figures import Figure, find_figures
from qa.facts.lexicon import canonical
from qa.reports.clean_text import CleanText, clean
from qa.reports.report import Report, Section, Source

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_SENTENCES_A_CALL = 20
_SECTION_WORDS = {
    "review": "回顾(多为已实现)",
    "plan": "计划(多为目标)",
    "government": "政府自身建设",
}


class ProposedFact(BaseModel):
    """A fact as a model proposes it; ``sentence`` is the number it was shown under."""

    indicator: str = Field(min_length=1, max_length=60)
    figure: str = Field(min_length=1, max_length=40)
    is_growth: bool = False
    falls: bool = False
    period: str = Field(pattern=r"^(?:19|20)\d\d(?:-(?:19|20)\d\d)?$")
    status: Literal["actual", "target", "estimate"]
    sentence: int = Field(ge=1)


class ProposedFacts(BaseModel):
    """What a model answers with."""

    facts: list[ProposedFact] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sentence:
    section: Section
    text: CleanText
    unclaimed: tuple[Figure, ...]


def add_facts(
    model: BaseChatModel, source: Source, report: Report, known: Sequence[Fact]
) -> list[Fact]:
    """Facts of ``report`` that only the model found, in the order of the text.

    Raises ``ModelUnavailableError`` if the model does not answer or answers with something else.
    """
    found: list[Fact] = []
    sentences = list(_unclaimed(source, report, known))
    for section in report.sections:
        inside = [sentence for sentence in sentences if sentence.section == section]
        for start in range(0, len(inside), _SENTENCES_A_CALL):
            shown = inside[start : start + _SENTENCES_A_CALL]
            for proposed in _propose(model, report, section, shown).facts:
                fact = _kept(proposed, shown, source, report)
                if fact is not None:
                    found.append(fact)
    return sorted(dict.fromkeys(found), key=lambda fact: fact.start)


def _unclaimed(source: Source, report: Report, known: Sequence[Fact]) -> Iterator[_Sentence]:
    """Sentences with figures that no fact of ``known`` holds."""
    claimed = {m.start for fact in known for m in (fact.level, fact.growth) if m}
    for passage in report.passages:
        section = next(
            (s for s in report.sections if s.start <= passage.start < s.end and s.kind != "other"),
            None,
        )
        for start, end in passage.sentences if section else ():
            text = clean(source.text, start, end)
            figures = [f for f in find_figures(text.text) if text.origins[f.left] not in claimed]
            if figures and section:
                yield _Sentence(section, text, tuple(figures))


def _propose(
    model: BaseChatModel, report: Report, section: Section, shown: Sequence[_Sentence]
) -> ProposedFacts:
    listed = "\n".join(f"{n}. {sentence.text.text}" for n, sentence in enumerate(shown, 1))
    prompt = load("extract_facts.md").format(
        year=report.year or "未知",
        section=f"{section.title} {_SECTION_WORDS.get(section.kind, '')} {section.period or ''}",
        sentences=listed,
    )
    try:
        answer = model.with_structured_output(ProposedFacts).invoke(prompt)
    except Exception as error:
        # Every provider has its own errors; whichever it is, the rules' facts stand without it.
        raise ModelUnavailableError("model_unavailable", reason=error) from error
    if not isinstance(answer, ProposedFacts):
        raise ModelUnavailableError("model_unavailable", reason="no structured answer")
    return answer


def _kept(
    proposed: ProposedFact, shown: Sequence[_Sentence], source: Source, report: Report
) -> Fact | None:
    """The fact, if its figure is one of the sentence's unclaimed ones."""
    if proposed.sentence > len(shown):
        return None
    sentence = shown[proposed.sentence - 1]
    wanted = find_figures(clean(proposed.figure).text)
    figure = next(
        (
            f
            for f in sentence.unclaimed
            if wanted and (f.number, f.unit) == (wanted[0].number, wanted[0].unit)
        ),
        None,
    )
    if figure is None or proposed.indicator not in sentence.text.text:
        return None
    return _fact(proposed, figure, sentence.text, source, report)


def _fact(
    proposed: ProposedFact, figure: Figure, text: CleanText, source: Source, report: Report
) -> Fact:
    sign = -1 if proposed.falls else 1
    start, end = text.span(figure.left, figure.right)
    measure = Measure(
        text.text[figure.left : figure.right],
        start,
        end,
        min(sign * figure.low, sign * figure.high),
        max(sign * figure.low, sign * figure.high),
        figure.step,
        figure.qualifier,
    )
    growth = proposed.is_growth and figure.unit == "%"
    quote = text.span(0, len(text.text))
    known = canonical(proposed.indicator)
    return Fact(
        report_id=report.report_id,
        place=report.place,
        indicator=known.name if known else proposed.indicator,
        value=None if growth else figure.number,
        unit=None if growth else figure.unit,
        growth_percent=measure.low if growth else None,
        basis="yoy" if growth else None,
        qualifier=figure.qualifier,
        period=proposed.period,
        status=proposed.status,
        source=source.name,
        start=quote[0],
        end=quote[1],
        quote=source.text[quote[0] : quote[1]],
        printed_indicator=proposed.indicator,
        level=None if growth else measure,
        growth=measure if growth else None,
    )
