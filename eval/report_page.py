"""One self-contained HTML page of one or more runs: tables, plots, every failed case.

Everything that comes from cases and systems is escaped; the page runs no script and fetches
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from html import escape

from eval.comparison import Change, compare, sheet_of
from eval.metrics.answers import correct, fault
from eval.metrics.costs import milliseconds
from eval.metrics.retrieval import recall
from eval.outcomes import Outcome, Run
from eval.plots import bars, lines
from eval.scores import (
    METRICS,
    Metric,
    Score,
    by_type,
    clusters_of,
    score_cases,
    spreads,
    summarise,
)

_DEPTHS = range(1, 21)
_STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #ddd;padding:.2rem .6rem;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1.5rem 0;overflow-x:auto}
figcaption{font-weight:600}details{border:1px solid #ddd;padding:.4rem .8rem;margin:.4rem 0}
pre{white-space:pre-wrap;margin:.2rem 0;font:inherit}.worse{color:#a22}.better{color:#272}
"""


def report_page(runs: Sequence[Run]) -> str:
    """The page; the first run is compared with each of the others."""
    parts = [
        _scores(runs),
        _comparisons(runs),
        _recall_plot(runs),
        *map(_run_plots, runs),
        _latency_plot(runs),
        *map(_failures, runs),
    ]
    title = "wenzheng · " + ", ".join(run.system for run in runs)
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        + "".join(parts)
        + "</html>\n"
    )


# --- tables ------------------------------------------------------------------------------------


def _scores(runs: Sequence[Run]) -> str:
    """One table of the hand-made cases, one of the generated ones."""
    return "".join(
        _score_table(title, [(r.system, chosen) for r in runs if (chosen := _chosen(r, generated))])
        for title, generated in (("Scores", False), ("Scores on generated cases", True))
    )


def _chosen(run: Run, generated: bool) -> list[Outcome]:
    return [outcome for outcome in run.outcomes if outcome.case.generated == generated]


def _score_table(title: str, groups: Sequence[tuple[str, list[Outcome]]]) -> str:
    if not groups:
        return ""
    scored = [(name, _summary(outcomes)) for name, outcomes in groups]
    rows = [
        [metric, *(_interval(scores.get(metric)) for _, scores in scored)]
        for metric in METRICS
        if any(metric in scores for _, scores in scored)
    ]
    return f"<h2>{title}</h2>" + _table(["metric", *(name for name, _ in scored)], rows)


def _summary(outcomes: Sequence[Outcome]) -> dict[str, Score]:
    return summarise(score_cases(outcomes), clusters_of(outcomes))


def _interval(score: Score | None) -> str:
    if score is None:
        return "–"
    return f"{score.mean:.3f} [{score.low:.3f}, {score.high:.3f}] n={score.cases}"


def _comparisons(runs: Sequence[Run]) -> str:
    first, *others = [sheet_of(run) for run in runs]
    return "".join(
        f"<h2>{escape(first.system)} beside {escape(other.system)}</h2>"
        + _table(
            [
                "metric",
                other.system,
                first.system,
                "difference",
                "95 %",
                "p (McNemar)",
                "better",
                "worse",
            ],
            [_change_row(change) for change in compare(other, first)],
        )
        for other in others
    )


def _change_row(change: Change) -> list[str]:
    return [
        change.metric,
        f"{change.first:.3f}",
        f"{change.second:.3f}",
        f"{change.difference:+.3f}{' *' if change.is_significant else ''}",
        f"[{change.low:+.3f}, {change.high:+.3f}]",
        "" if change.p is None else f"{change.p:.2g}",
        f"{len(change.better)}",
        " ".join(change.worse) or "0",
    ]


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


# --- plots -------------------------------------------------------------------------------------


def _recall_plot(runs: Sequence[Run]) -> str:
    series = {
        run.system: [(float(k), _mean(run.outcomes, partial(recall, k=k))) for k in _DEPTHS]
        for run in runs
        if any(recall(outcome, 1) is not None for outcome in run.outcomes)
    }
    return lines(series, "Evidence found within the first k passages", "passages") if series else ""


def _mean(outcomes: Iterable[Outcome], metric: Metric) -> float:
    scores = [score for o in outcomes if (score := metric(o)) is not None]
    return sum(scores) / len(scores) if scores else 0.0


def _run_plots(run: Run) -> str:
    rows = [
        (name, scores["correct"])
        for name, group in by_type(run.outcomes).items()
        if "correct"
        in (scores := summarise(score_cases(group, {"correct": correct}), clusters_of(group)))
    ]
    return bars(rows, f"{run.system}: right answers by type of question, 95 %") if rows else ""


def _latency_plot(runs: Sequence[Run]) -> str:
    series = {run.system: _cumulative(run) for run in runs if spreads(run.outcomes)}
    return lines(series, "Share of cases done within a time", "ms") if series else ""


def _cumulative(run: Run) -> list[tuple[float, float]]:
    times = sorted(t for o in run.outcomes if (t := milliseconds(o)) is not None)
    return [(time, rank / len(times)) for rank, time in enumerate(times, 1)]


# --- cases -------------------------------------------------------------------------------------


def _failures(run: Run) -> str:
    failed = [o for o in run.outcomes if correct(o) == 0.0]
    if not failed:
        return ""
    cases = "".join(map(_failure, failed))
    return f"<h2>{escape(run.system)}: {len(failed)} wrong answers</h2>{cases}"


def _failure(outcome: Outcome) -> str:
    case, answer = outcome.case, outcome.answer
    cited = [f"[{c.n}] {c.span.source}:{c.span.start} {c.quote}" for c in answer.citations] if answer else []  # fmt: skip
    parts = [
        ("asked", "\n".join([*case.turns, case.question])),
        ("answered", answer.text if answer else ""),
        ("cited", "\n".join(cited)),
        ("right", case.answer or f"refusal ({case.refusal or 'any reason'})"),
        ("evidence", "\n".join(evidence.quote for evidence in case.evidence)),
    ]
    body = "".join(f"<b>{name}</b><pre>{escape(text)}</pre>" for name, text in parts if text)
    head = f"{case.id} · {case.type} · {fault(outcome)} · {case.question}"
    return f"<details><summary>{escape(head)}</summary>{body}</details>"
