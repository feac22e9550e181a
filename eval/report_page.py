"""One self-contained HTML page of one or more runs: tables, plots, every failed case.

Everything that comes from cases and systems is escaped; the page runs no script and fetches
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from html import escape

from eval import plots
from eval.comparison import Change, compare, sheet_of
from eval.judge import Advice, advice
from eval.metrics.answers import correct, fault
from eval.metrics.costs import milliseconds
from eval.metrics.reliability import Bin, Reliability
from eval.metrics.retrieval import recall
from eval.outcomes import Outcome, Run
from eval.resampling import wilson_interval
from eval.scores import (
    METRICS,
    Metric,
    Score,
    by_type,
    clusters_of,
    reliabilities,
    score_cases,
    spreads,
    summarise,
)
from qa.harmless import harmless

_DEPTHS = range(1, 21)
# More would stretch a row over several lines; `wenzheng eval compare --flips` lists all.
_FLIPS_SHOWN = 12
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--faint:#66727f;--rule:#d8dee4;--paper:#fff;--panel:#f5f7f9;
--s0:#1f5fa8;--s1:#c8602a;--s2:#3a8f4d;--s3:#7a4fa3;--bad:#b3261e;--good:#20703a}
@media (prefers-color-scheme:dark){:root{--ink:#e3e8ee;--faint:#98a4b0;--rule:#38424d;--paper:#14191f;
--panel:#1d242c;--s0:#74aef0;--s1:#f0995f;--s2:#7ccb8d;--s3:#bd97e3;--bad:#ff8a80;--good:#7fd79b}}
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:66rem;margin:2rem auto;
padding:0 1rem;color:var(--ink);background:var(--paper)}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.4rem 0;font-variant-numeric:tabular-nums}
td,th{border-bottom:1px solid var(--rule);padding:.15rem .6rem;text-align:left;white-space:nowrap;font-size:.93em}
td:first-child,th:first-child{padding-left:0}td.wide{white-space:normal;min-width:10rem;color:var(--faint)}th{color:var(--faint);font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(29rem,100%),1fr));gap:0 1.5rem}
figure{margin:.8rem 0;overflow-x:auto}figcaption{font-weight:600;margin-bottom:.3rem}
details{border:1px solid var(--rule);border-radius:6px;padding:.4rem .8rem;margin:.5rem 0;background:var(--panel)}
summary{cursor:pointer}summary .fault{color:var(--bad);font-weight:600}summary .id{color:var(--faint)}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.3rem .8rem;margin:.6rem 0}dt{color:var(--faint)}
dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.note{color:var(--faint);margin:.3rem 0}
"""


def report_page(runs: Sequence[Run]) -> str:
    """The page; the first run is compared with each of the others."""
    parts = [
        _scores(runs),
        _comparisons(runs),
        _plots(runs),
        *map(_confidence, runs),
        _costs(runs),
        *map(_advisory, runs),
        *map(_failures, runs),
    ]
    title = "Evaluation: " + ", ".join(run.system for run in runs)
    return harmless(
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}{plots.STYLE}</style><h1>{escape(title)}</h1>"
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
                "",
            ],
            [_change_row(change) for change in compare(other, first)],
            wide=8,
        )
        + '<p class="note">* more than chance explains (5 %)</p>'
        for other in others
    )


def _change_row(change: Change) -> list[str]:
    more = len(change.worse) - _FLIPS_SHOWN
    return [
        change.metric,
        f"{change.first:.3f}",
        f"{change.second:.3f}",
        f"{change.difference:+.3f}{' *' if change.is_significant else ''}",
        f"[{change.low:+.3f}, {change.high:+.3f}]",
        "" if change.p is None else f"{change.p:.2g}",
        f"{len(change.better)}",
        f"{len(change.worse)}",
        " ".join(change.worse[:_FLIPS_SHOWN]) + (f" … +{more}" if more > 0 else ""),
    ]


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]], wide: int | None = None) -> str:
    """``wide`` is the column whose text may break into lines."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(_cell(cell, i == wide) for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _cell(text: str, is_wide: bool) -> str:
    return f"<td{' class=wide' if is_wide else ''}>{escape(text)}</td>"


# --- plots -------------------------------------------------------------------------------------


def _plots(runs: Sequence[Run]) -> str:
    drawn = [_recall_plot(runs), _latency_plot(runs), *map(_type_plot, runs)]
    return f'<div class="plots">{"".join(drawn)}</div>' if any(drawn) else ""


def _recall_plot(runs: Sequence[Run]) -> str:
    series = {
        run.system: [(float(k), _mean(run.outcomes, partial(recall, k=k))) for k in _DEPTHS]
        for run in runs
        if any(recall(outcome, 1) is not None for outcome in run.outcomes)
    }
    title = "Evidence found within the first k passages"
    return plots.lines(series, title, "passages") if series else ""


def _mean(outcomes: Iterable[Outcome], metric: Metric) -> float:
    scores = [score for o in outcomes if (score := metric(o)) is not None]
    return sum(scores) / len(scores) if scores else 0.0


def _type_plot(run: Run) -> str:
    rows = [
        (name, scores["correct"])
        for name, group in by_type(run.outcomes).items()
        if "correct"
        in (scores := summarise(score_cases(group, {"correct": correct}), clusters_of(group)))
    ]
    title = f"{run.system}: right answers by type, with 95 % intervals"
    return plots.bars(rows, title) if rows else ""


def _confidence(run: Run) -> str:
    """What the system's confidence is worth; nothing if it gives none."""
    told = reliabilities(_chosen(run, False))
    if not told:
        return ""
    rows = [_reliability_row(name, value) for name, value in told.items()]
    drawn = "".join(
        plots.points([_point(b) for b in value.bins], f"Share {name} by confidence", "confidence")
        for name, value in told.items()
    )
    return (
        f"<h2>{escape(run.system)}: confidence</h2>"
        + _table(["holds if", "cases", "AUC", "Brier", "calibration error"], rows)
        + f'<div class="plots">{drawn}</div>'
        + '<p class="note">Bins of one tenth with their numbers of cases and 95 % intervals (Wilson); on the dashes confidence is earned.</p>'
    )


def _reliability_row(name: str, told: Reliability) -> list[str]:
    auc = "–" if told.auc is None else f"{told.auc:.3f}"
    return [name, f"{told.cases}", auc, f"{told.brier:.3f}", f"{told.calibration_error:.3f}"]


def _point(told: Bin) -> plots.Point:
    low, high = wilson_interval(told.holding, told.cases)
    return plots.Point(told.confidence, told.share, low, high, told.cases)


def _costs(runs: Sequence[Run]) -> str:
    rows = [
        [run.system, name, f"{s.cases}", f"{s.p50:.0f}", f"{s.p95:.0f}", f"{s.highest:.0f}"]
        for run in runs
        for name, s in spreads(run.outcomes).items()
    ]
    heads = ["system", "cost", "cases", "median", "95 %", "most"]
    return "<h2>Costs</h2>" + _table(heads, rows) if rows else ""


def _latency_plot(runs: Sequence[Run]) -> str:
    series = {run.system: times for run in runs if (times := _cumulative(run))}
    return plots.lines(series, "Share of cases done within a time", "ms") if series else ""


def _cumulative(run: Run) -> list[tuple[float, float]]:
    times = sorted(t for o in run.outcomes if (t := milliseconds(o)) is not None)
    return [(time, rank / len(times)) for rank, time in enumerate(times, 1)]


# --- advice ------------------------------------------------------------------------------------


def _advisory(run: Run) -> str:
    """The judge's scores apart from all others; nothing if none was asked."""
    told = advice(run)
    if told is None:
        return ""
    rows = [
        [o.case.id, fault(o) or "", o.judgement.verdict, o.judgement.reason, o.case.question]
        for o in told.disputed
        if o.judgement
    ]
    heads = ["case", "metrics say", "judge says", "reason", "question"]
    return (
        f"<h2>{escape(run.system)}: advisory, judged by {escape(told.model)}</h2>"
        + '<p class="note">A language model\'s opinion; it gates nothing and is in no baseline.</p>'
        + _table(
            ["judge", "no verdict", "agrees with correct", "Cohen's kappa"], [_advice_row(told)]
        )
        + (_table(heads, rows, wide=3) if rows else "")
    )


def _advice_row(told: Advice) -> list[str]:
    return [
        _interval(told.score),
        f"{told.unjudged} of {told.answers}",
        f"{told.agreeing} of {told.compared}",
        "–" if told.kappa is None else f"{told.kappa:.3f}",
    ]


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
        (
            "judge",
            f"{outcome.judgement.verdict}: {outcome.judgement.reason}" if outcome.judgement else "",
        ),
    ]
    body = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in parts if text)
    head = (
        f'<span class="fault">{fault(outcome)}</span> {escape(case.question)} '
        f'<span class="id">{escape(f"{case.id} · {case.type}")}</span>'
    )
    return f"<details><summary>{head}</summary><dl>{body}</dl></details>"
