"""A language model as judge of the answers, beside the metrics and never instead of them.

Its verdicts are kept with the outcomes, apart from the scores: they vary from run to run and are as
good as the model. A model that fails or talks nonsense gives no verdict, which is told, not zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from eval.metrics.answers import correct
from eval.metrics.judgements import cohens_kappa, judge_and_correct, judged
from eval.outcomes import Judgement, Outcome, Run, Verdict
from eval.questions import QuestionCase
from eval.scores import Score, clusters_of, score_cases, summarise
from prompts import load

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Progress = Callable[[str, int, int], None]

# An endpoint that is down would otherwise cost a timeout for every case.
_GIVE_UP_AFTER = 5
_REFUSAL_IS_RIGHT = "报告中没有写明,应当拒答。"


class Opinion(BaseModel):
    """What the model answers with."""

    verdict: Verdict
    reason: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the judge says of a run's answers, and how far it agrees with ``correct``.

    ``score`` counts partly as one half, None without verdicts; ``kappa`` (Cohen's) and ``agreeing``
    are over the ``compared`` cases that both judge; ``unjudged`` answers have no verdict.
    ``disputed`` are those where they disagree.
    """

    model: str
    score: Score | None
    answers: int
    unjudged: int
    compared: int
    agreeing: int
    kappa: float | None
    disputed: tuple[Outcome, ...]


def judge_run(
    run: Run,
    model: BaseChatModel,
    name: str,
    progress: Progress = lambda stage, done, total: None,
) -> Run:
    """The run with the judgements of ``model``, called ``name``, on its answers."""
    answered = sum(outcome.answer is not None for outcome in run.outcomes)
    outcomes: list[Outcome] = []
    asked = failures = 0
    for outcome in run.outcomes:
        judgement = None
        if outcome.answer is not None and failures < _GIVE_UP_AFTER:
            judgement = judge(model, outcome.case, outcome.answer.text)
            failures = 0 if judgement else failures + 1
            asked += 1
            progress("judge", asked, answered)
        outcomes.append(replace(outcome, judgement=judgement))
    return replace(run, judge=name, outcomes=tuple(outcomes))


def judge(model: BaseChatModel, case: QuestionCase, answer: str) -> Judgement | None:
    """The model's judgement of an answer; None if it fails or says something else."""
    prompt = load("judge_answer.md").format(
        question="\n".join([*case.turns, case.question]), reference=_reference(case), answer=answer
    )
    try:
        said = model.with_structured_output(Opinion).invoke(prompt)
    except Exception:
        # Every provider has its own errors; whichever it is, there is no verdict.
        return None
    return Judgement(said.verdict, said.reason) if isinstance(said, Opinion) else None


def _reference(case: QuestionCase) -> str:
    if not case.is_answerable:
        return _REFUSAL_IS_RIGHT
    quotes = [evidence.quote for evidence in case.evidence]
    return "\n".join([case.answer, *quotes] if case.answer else quotes)


def advice(run: Run) -> Advice | None:
    """What the judge said of a run; None if none was asked."""
    if run.judge is None:
        return None
    scores = summarise(score_cases(run.outcomes, {"judge": judged}), clusters_of(run.outcomes))
    answered = [outcome for outcome in run.outcomes if outcome.answer is not None]
    pairs = judge_and_correct(run.outcomes)
    return Advice(
        model=run.judge,
        score=scores.get("judge"),
        answers=len(answered),
        unjudged=sum(outcome.judgement is None for outcome in answered),
        compared=len(pairs),
        agreeing=sum(verdict == right for verdict, right in pairs),
        kappa=cohens_kappa(pairs),
        disputed=tuple(outcome for outcome in answered if _is_disputed(outcome)),
    )


def _is_disputed(outcome: Outcome) -> bool:
    verdict, right = judged(outcome), correct(outcome)
    return None not in (verdict, right) and (verdict == 1.0) != (right == 1.0)
