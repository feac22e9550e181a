"""Scores as text for a terminal, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from tabulate import tabulate

from eval.comparison import Change
from eval.facts import FactCounts, FactOutcome
from eval.judge import Advice, advice
from eval.metrics.answers import correct, fault
from eval.outcomes import Outcome, Run
from eval.scores import (
    METRICS,
    by_type,
    clusters_of,
    reliabilities,
    score_cases,
    spreads,
    summarise,
)


def run_json(run: Run) -> dict[str, Any]:
    """Scores of a run: over the hand-made cases, over the generated ones, and by type."""
    made = [o for o in run.outcomes if not o.case.generated]
    generated = [o for o in run.outcomes if o.case.generated]
    return {
        "system": run.system,
        "cases": run.cases,
        "scores": _scores_json(made),
        "generated": _scores_json(generated),
        "reliability": _reliability_json(made),
        "generated_reliability": _reliability_json(generated),
        "by_type": {name: _scores_json(group) for name, group in by_type(run.outcomes).items()},
        "faults": dict(sorted(faults(run.outcomes).items())),
        "costs": {name: asdict(spread) for name, spread in spreads(run.outcomes).items()},
        "advisory": _advice_json(advice(run)),
        "failed": [_failed_json(o) for o in run.outcomes if correct(o) == 0.0],
    }


def _advice_json(told: Advice | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "judge": asdict(told.score) if told.score else None,
        "model": told.model,
        "answers": told.answers,
        "unjudged": told.unjudged,
        "kappa": told.kappa,
        "compared": told.compared,
        "agreeing": told.agreeing,
        "disputed": [
            {"id": o.case.id, **asdict(o.judgement)} for o in told.disputed if o.judgement
        ],
    }


def _failed_json(outcome: Outcome) -> dict[str, Any]:
    """A wrong answer beside what is right."""
    case, answer = outcome.case, outcome.answer
    return {
        "id": case.id,
        "type": case.type,
        "fault": fault(outcome),
        "turns": case.turns,
        "question": case.question,
        "answer": answer.text if answer else None,
        "refusal": answer.refusal if answer else None,
        "citations": [asdict(cited) for cited in answer.citations] if answer else [],
        "gold": {
            "answer": case.answer,
            "refusal": case.refusal,
            "evidence": [asdict(evidence) for evidence in case.evidence],
        },
    }


def _scores_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    scores = summarise(score_cases(outcomes), clusters_of(outcomes))
    return {name: asdict(score) for name, score in scores.items()}


def _reliability_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {name: asdict(told) for name, told in reliabilities(outcomes).items()}


def faults(outcomes: Iterable[Outcome]) -> Counter[str]:
    """How many answers fall into each class."""
    return Counter(name for o in outcomes if (name := fault(o)) is not None)


def run_table(run: Run) -> str:
    """All scores of a run with their 95 % intervals, hand-made and generated cases apart."""
    parts = []
    for title, generated in ((f"{run.system}: {run.cases}", False), ("generated", True)):
        outcomes = [o for o in run.outcomes if o.case.generated == generated]
        if outcomes:
            parts.append(f"{title} ({len(outcomes)} cases)\n{_score_table(outcomes)}")
            parts += _reliability_lines(outcomes)
    parts.append(_cost_lines(run))
    told = advice(run)
    if told:
        parts.append(_advice_lines(told))
    return "\n\n".join(parts)


def _score_table(outcomes: Sequence[Outcome]) -> str:
    scores = summarise(score_cases(outcomes), clusters_of(outcomes))
    rows = [
        (
            name,
            scores[name].cases,
            scores[name].mean,
            f"{scores[name].low:.3f}–{scores[name].high:.3f}",
        )
        for name in METRICS
        if name in scores
    ]
    return tabulate(rows, ("metric", "cases", "mean", "95 %"), floatfmt=".3f")


def _reliability_lines(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [
        f"confidence ({name}): AUC {'–' if told.auc is None else f'{told.auc:.3f}'}, "
        f"Brier {told.brier:.3f}, calibration error {told.calibration_error:.3f} ({told.cases} cases)"
        for name, told in reliabilities(outcomes).items()
    ]
    return ["\n".join(lines)] if lines else []


def _advice_lines(told: Advice) -> str:
    lines = [f"advisory, never gates: {told.answers} answers judged by {told.model}"]
    if told.score:
        score = told.score
        lines.append(
            f"judge: {score.mean:.3f} ({score.low:.3f}–{score.high:.3f}) over {score.cases} answers"
        )
    if told.compared:
        kappa = "undefined" if told.kappa is None else f"{told.kappa:.3f}"
        lines.append(
            f"agreement with correct: {told.agreeing} of {told.compared}, Cohen's kappa {kappa}"
        )
    if told.unjudged:
        lines.append(f"no verdict for {told.unjudged} of {told.answers} answers")
    return "\n".join(lines)


def _cost_lines(run: Run) -> str:
    lines = [
        f"{name}: median {spread.p50:.0f}, 95 % {spread.p95:.0f}, most {spread.highest:.0f}"
        for name, spread in spreads(run.outcomes).items()
    ]
    told = faults(run.outcomes)
    if told:
        lines.append("answers: " + ", ".join(f"{n} {name}" for name, n in told.most_common()))
    return "\n".join(lines)


def comparison_table(changes: Iterable[Change], first: str, second: str) -> str:
    """Two runs side by side; ``*`` marks what chance does not explain (5 %)."""
    rows = [
        (
            c.metric,
            c.cases,
            c.first,
            c.second,
            f"{c.difference:+.3f}{'*' if c.is_significant else ''}",
            f"{c.low:+.3f}–{c.high:+.3f}",
            "" if c.p is None else f"{c.p:.2g}",
            f"+{len(c.better)} -{len(c.worse)}",
        )
        for c in changes
    ]
    if not rows:
        return f"{first} and {second} score no metric on the same cases"
    heads = ("metric", "cases", first, second, "difference", "95 %", "McNemar p", "flipped")
    return tabulate(rows, heads, floatfmt=".3f", disable_numparse=[4, 5, 6, 7])


def facts_table(outcomes: Sequence[FactOutcome]) -> str:
    """Extraction by report and over all."""
    rows = [_facts_row(outcome.label, outcome.counts) for outcome in outcomes]
    if outcomes:
        total = outcomes[0].counts
        for outcome in outcomes[1:]:
            total = total + outcome.counts
        rows.append(_facts_row("all", total))
    heads = ("report", "gold", "recall", "strict", "facts", "precision", "strict", "contradictions")
    return tabulate(rows, heads, floatfmt=".3f", missingval="–")


def _facts_row(label: str, counts: FactCounts) -> tuple[Any, ...]:
    return (
        label, counts.gold, counts.recall, counts.strict_recall, counts.extracted,
        counts.precision, counts.strict_precision, counts.contradictions,
    )  # fmt: skip
