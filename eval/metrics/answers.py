"""Is the answer right: by its words, by its figures, and if not, in which way it is wrong.

Undefined for a system that only searches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from eval.metrics.citations import faithfulness
from eval.outcomes import Outcome
from eval.questions import ExpectedFigure, QuestionCase
from qa.answers.claims import Claim, differences, is_near, read_claims
from qa.places import full_names_in, resolve
from qa.reports.clean_text import fold
from qa.reports.periods import years_in

Fault = Literal[
    "right",
    "refused_wrongly",
    "should_have_refused",
    "wrong_place",
    "wrong_year",
    "unsupported",
    "wrong",
]

_MARKER = re.compile(r"\[\d+\]")
_IGNORED = re.compile(r"[\s,]")


def squeezed(text: str) -> str:
    """Text as ``must`` strings are compared: full-width folded, spaces and commas removed."""
    return _IGNORED.sub("", fold(text))


def correct(outcome: Outcome) -> float | None:
    """1 if the answer holds one string of every ``must`` list and none of ``must_not``.

    A case without an answer in the reports is answered correctly by a refusal.
    """
    case, answer = outcome.case, outcome.answer
    if answer is None:
        return None
    if not case.is_answerable:
        return float(answer.refusal is not None)
    if not case.must:
        return None
    text = squeezed(_MARKER.sub("", answer.text))
    told = all(any(squeezed(option) in text for option in options) for options in case.must)
    betrayed = any(squeezed(wrong) in text for wrong in case.must_not)
    return float(answer.refusal is None and told and not betrayed)


def figures_exact(outcome: Outcome) -> float | None:
    """1 if every figure of the reference stands in the answer: value as printed, unit, sign,
    qualifier, and, where they are stated, period, status and place."""
    return _figure_score(outcome, lambda wanted, given: not differences(wanted, given))


def figures_near(outcome: Outcome) -> float | None:
    """As ``figures_exact``, but a value within 1 % will do and qualifiers are not looked at."""
    return _figure_score(
        outcome,
        lambda wanted, given: (
            is_near(wanted, given)
            and not (differences(wanted, given) - {"value", "qualifier", "unit"})
        ),
    )


def _figure_score(outcome: Outcome, agrees: Callable[[Claim, Claim], bool]) -> float | None:
    if outcome.answer is None or not outcome.case.is_answerable:
        return None
    wanted = required_claims(outcome.case)
    if not wanted:
        return None
    text = outcome.answer.text
    given = read_claims(text)
    places = [f.place for f in outcome.case.figures] or [None] * len(wanted)
    told = all(
        any(
            agrees(claim, other) and is_told_of(place, text, other.line)
            for claim in readings
            for other in given
        )
        for readings, place in zip(wanted, places, strict=True)
    )
    return float(told and outcome.answer.refusal is None)


def required_claims(case: QuestionCase) -> list[list[Claim]]:
    """The figures an answer must state, each in the readings that are right.

    They are the case's ``figures``; without those the figures of the reference that stand in
    ``must``, as the reference and the evidence print them.
    """
    if case.figures:
        return [[expected_claim(figure)] for figure in case.figures]
    must = [squeezed(option) for options in case.must for option in options]
    told = [
        claim
        for claim in read_claims(case.answer)
        if any(squeezed(claim.text) in option or option in squeezed(claim.text) for option in must)
    ]
    printed = [c for e in case.evidence for c in read_claims(e.quote)]
    readings = [[claim, *_same_figure(claim, printed)] for claim in told]
    # The words of a reference do not settle the status: reports say 实现 of results and of plans.
    return [[replace(claim, status=None) for claim in several] for several in readings]


def expected_claim(figure: ExpectedFigure) -> Claim:
    """The claim of an expected figure, in its period and status."""
    claim = read_claims(figure.text)[0]
    return replace(claim, period=figure.period, status=figure.status)


def _same_figure(claim: Claim, printed: Iterable[Claim]) -> list[Claim]:
    return [p for p in printed if not differences(claim, p) - {"qualifier", "period", "status"}]


def is_told_of(place: str | None, text: str, line: int) -> bool:
    """True if the line speaks of the place: the first name on it, or in the text if it has none.

    Parents may stand before it (杭州市上城区). None is told of by any line.
    """
    if place is None:
        return True
    found = resolve(place)
    names = found.names if found else (place,)
    above = {name for parent in found.parents for name in parent.names} if found else set()
    for told in (text.split("\n")[line], text):
        others = [n for n in full_names_in(told) if n not in above]
        if others:
            return others[0] in names
    return any(name in text for name in names)


# --- what is wrong with it ---------------------------------------------------------------------


def fault(outcome: Outcome) -> Fault | None:
    """The one class a case's answer falls into; None where ``correct`` is undefined.

    ``wrong_place`` and ``wrong_year`` are wrong answers whose figures all stand in the sentences
    they cite: supported, but of another report or another period than the one asked for.
    """
    right = correct(outcome)
    if right is None or outcome.answer is None:
        return None
    if right == 1.0:
        return "right"
    if outcome.answer.refusal is not None:
        return "refused_wrongly"
    if not outcome.case.is_answerable:
        return "should_have_refused"
    if faithfulness(outcome) not in (None, 1.0):
        return "unsupported"
    if _cites_other_place(outcome):
        return "wrong_place"
    return "wrong_year" if _states_other_year(outcome) else "wrong"


def wrong_context(outcome: Outcome) -> float | None:
    """1 if the answer is supported but of a wrong place or year; undefined for refusals."""
    name = fault(outcome)
    if name in (None, "refused_wrongly") or outcome.answer is None or outcome.answer.refusal:
        return None
    return float(name in ("wrong_place", "wrong_year"))


def _cites_other_place(outcome: Outcome) -> bool:
    answer = outcome.answer
    reports = {c.report for c in answer.citations if c.report} if answer else set()
    return bool(reports) and not reports & set(outcome.gold_reports)


def _states_other_year(outcome: Outcome) -> bool:
    right = set(gold_periods(outcome))
    stated = {c.period for c in read_claims(outcome.answer.text) if c.period} if outcome.answer else set()  # fmt: skip
    return bool(right and stated) and not stated & right


def gold_periods(outcome: Outcome) -> Sequence[str]:
    """The periods a right answer may name: of the question, the reference and the evidence."""
    named = [*years_in(fold(outcome.case.question)), *years_in(fold(outcome.case.answer))]
    return (*outcome.gold_periods, *map(str, named))


def answer_length(outcome: Outcome) -> float | None:
    """Characters of the answer without its markers."""
    return None if outcome.answer is None else float(len(_MARKER.sub("", outcome.answer.text)))
