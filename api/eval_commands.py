"""``wenzheng eval``: measure, compare, stop a regression. Tables on stdout, errors on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.eval_bench import bench_over
from api.terminal import say, say_json
from qa.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from eval.comparison import Change, Miss, Sheet
    from eval.outcomes import Run
    from eval.questions import QuestionCase
    from eval.systems import Bench

_OK, _FAILED = 0, 1
_Part = Callable[[argparse.Namespace, Settings], int]


# --- parts -------------------------------------------------------------------------------------


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.comparison import compare, sheet_of, write_sheet
    from eval.outcomes import write_run
    from eval.summary import comparison_table, run_json, run_table

    judge = _judge_of(settings) if arguments.judge else None
    with bench_over(arguments.sources, settings) as bench:
        runs = [_ask_all(name, bench, arguments.cases) for name in arguments.system or ["wenzheng"]]
    if judge:
        runs = [_judged(run, judge, str(settings.llm)) for run in runs]
    sheets = [sheet_of(run) for run in runs]
    if arguments.json:
        say_json([run_json(run) for run in runs])
    else:
        say("\n\n".join(run_table(run) for run in runs))
        for other in sheets[1:]:
            say("\n" + comparison_table(compare(other, sheets[0]), other.system, sheets[0].system))
    _keep(runs, settings, arguments.sources)
    if arguments.output:
        for run in runs:
            write_run(run, Path(arguments.output) / f"{run.system.replace(':', '.')}.json")
    if arguments.report:
        _write_report(runs, Path(arguments.report))
    if arguments.write_baseline:
        write_sheet(sheets[0], Path(arguments.write_baseline))
    return _gate(sheets[0], arguments.fail_under, arguments.baseline)


def _ask_all(name: str, bench: Bench, case_set: str) -> Run:
    from api.cli import language
    from api.progress import ProgressBars
    from eval.running import run_cases
    from eval.systems import build_system

    cases = _cases(case_set)
    with ProgressBars(language()) as progress:
        return run_cases(name, build_system(name, bench), bench, cases, case_set, progress)


def _keep(runs: Sequence[Run], settings: Settings, sources: str | None) -> None:
    """Leave the scores for the page; a run is none the less done if they cannot be kept."""
    from eval.last_run import keep_last

    try:
        keep_last(runs, settings.library, Path(sources) if sources else None)
    except OSError as error:
        _say("not_kept", path=settings.library, reason=error.strerror)


def _judge_of(settings: Settings) -> BaseChatModel:
    from api.assembly import model_of
    from eval.errors import JudgeMissingError

    model = model_of(settings)
    if model is None:
        raise JudgeMissingError("no_judge")
    return model


def _judged(run: Run, model: BaseChatModel, name: str) -> Run:
    from api.cli import language
    from api.progress import ProgressBars
    from eval.judge import advice, judge_run

    with ProgressBars(language()) as progress:
        judged = judge_run(run, model, name, progress)
    told = advice(judged)
    if told and told.unjudged:
        _say("unjudged", system=run.system, count=told.unjudged, answers=told.answers)
    return judged


def _cases(case_set: str) -> list[QuestionCase]:
    from eval.questions import read_case_set

    return read_case_set(case_set)


def _gate(sheet: Sheet, floors: Sequence[str], baseline: str | None) -> int:
    """1 if the run scored nothing, misses a floor, or is significantly worse than the baseline."""
    from eval.comparison import below, dropped, read_sheet
    from eval.errors import NothingScoredError

    if not sheet.scores:
        raise NothingScoredError("nothing_scored", system=sheet.system)
    missed = below(sheet, _floors(floors))
    for miss in missed:
        _say_miss(miss)
    worse = dropped(read_sheet(Path(baseline)), sheet) if baseline else []
    for change in worse:
        _say_drop(change)
    return _FAILED if missed or worse else _OK


def _say_miss(miss: Miss) -> None:
    from eval.scores import LOWER_IS_BETTER

    key = "above_ceiling" if miss.metric in LOWER_IS_BETTER else "below_floor"
    _say(key, metric=miss.metric, mean=f"{miss.mean:.3f}", floor=f"{miss.floor:.3f}")


def _say_drop(change: Change) -> None:
    from eval.scores import LOWER_IS_BETTER

    key = "rose" if change.metric in LOWER_IS_BETTER else "fell"
    first, second = f"{change.first:.3f}", f"{change.second:.3f}"
    _say(key, metric=change.metric, first=first, second=second, cases=", ".join(change.worse))


def _say(key: str, **fields: object) -> None:
    """A sentence of ``prompts/evaluation.*.toml`` on stderr, in the user's language."""
    from api.cli import language
    from prompts import messages

    text = messages("evaluation", language())[key].format(**fields)
    say(f"wenzheng: {text}", to=sys.stderr)


def _floors(given: Sequence[str]) -> Mapping[str, float]:
    pairs = (text.partition("=") for text in given)
    return {metric: float(value) for metric, _, value in pairs}


def _compare(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.comparison import compare, dropped, sheet_of
    from eval.outcomes import read_run
    from eval.summary import comparison_table

    first, second = (sheet_of(read_run(Path(p))) for p in (arguments.first, arguments.second))
    changes = compare(first, second)
    say(comparison_table(changes, first.system, second.system))
    for change in changes:
        if arguments.flips and (change.better or change.worse):
            say(f"\n{change.metric}\n  better: {', '.join(change.better)}\n  worse: {', '.join(change.worse)}")  # fmt: skip
    return _FAILED if arguments.strict and dropped(first, second) else _OK


def _retrieval(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import chain_of
    from eval.retrieval import retrieval_table, run_retrieval, search_spans

    chain = chain_of(settings, assisted=False, dense=arguments.leg == "hybrid")
    outcomes = run_retrieval(_cases(arguments.cases), search_spans(chain))
    say(retrieval_table(outcomes))
    return _OK


def _facts(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.facts import SHIPPED_FACTS, evaluate_facts, gold_files
    from eval.summary import facts_table

    given = [Path(path) for path in arguments.gold] or [SHIPPED_FACTS]
    gold = [file for path in given for file in gold_files(path)]
    outcomes = evaluate_facts(gold, Path(arguments.sources), partial=arguments.partial)
    say(facts_table(outcomes))
    if arguments.errors:
        for outcome in outcomes:
            say("\n".join([f"\n{outcome.label}", *(f"  - {gold}" for gold in outcome.missed)]))
            say("\n".join(f"  + {f.indicator} | {f.quote}" for f in outcome.extra))
    return _OK


def _verify(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.verification import drafts, measure, verification_table

    with bench_over(arguments.sources, settings) as bench:
        tally = measure(drafts(bench.chain(), _cases(arguments.cases)), arguments.seed)
    say(verification_table(tally))
    for told in (*tally.rejected, *(f"{m.kind}: {m.told}" for m in tally.missed)):
        say(told, to=sys.stderr)
    return _FAILED if tally.rejected or tally.missed else _OK


def _generate(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.generation import generate_questions
    from eval.questions import write_questions

    with bench_over(arguments.sources, settings) as bench:
        held = bench.chain().searcher.library.facts()
        cases = generate_questions(
            [h.fact for h in held], bench.reports, bench.texts, arguments.per_kind, arguments.seed
        )
    write_questions(cases, Path(arguments.output))
    _say("questions_made", count=len(cases))
    return _OK


def _import(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.importers import import_cases, write_texts
    from eval.questions import write_questions

    imported = import_cases(arguments.format, Path(arguments.path))
    folder = Path(arguments.output)
    write_questions(imported.cases, folder / "cases.jsonl")
    write_texts(imported.texts, folder / "sources")
    _say("cases_imported", cases=len(imported.cases), sources=len(imported.texts))
    return _OK


def _report(arguments: argparse.Namespace, settings: Settings) -> int:
    from eval.outcomes import read_run

    _write_report([read_run(Path(path)) for path in arguments.runs], Path(arguments.output))
    return _OK


def _write_report(runs: Sequence[Run], path: Path) -> None:
    from eval.report_page import report_page

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report_page(runs), "utf-8")


# --- usage -------------------------------------------------------------------------------------


def add_eval(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``eval`` and its parts to the command line."""
    suite = commands.add_parser("eval", help="the evaluation suite")
    parts = suite.add_subparsers(dest="part", required=True, metavar="PART")
    _add_run(parts)
    _add_compare(parts)

    retrieval = _part(parts, "retrieval", _retrieval, "is the evidence among the first passages")
    _add_cases(retrieval)
    retrieval.add_argument("--leg", choices=("hybrid", "lexical"), default="hybrid")

    facts = _part(parts, "facts", _facts, "extracted facts against hand-made ones")
    facts.add_argument(
        "gold", nargs="*", metavar="GOLD", help="files or folders (default: shipped)"
    )
    facts.add_argument("--sources", default="samples", metavar="DIR", help="the reports' files")
    facts.add_argument("--partial", action="store_true", help="gold covers parts of the reports")
    facts.add_argument("--errors", action="store_true", help="list what was missed or is extra")

    verify = _part(parts, "verify", _verify, "true answers accepted, altered ones rejected")
    _add_cases(verify)
    _add_sources(verify)
    verify.add_argument("--seed", type=int, default=0)

    generate = _part(parts, "generate", _generate, "questions from the facts of the reports")
    generate.add_argument("output", metavar="FILE", help="case file to write")
    _add_sources(generate)
    generate.add_argument("--per-kind", type=int, default=20, help="most of each kind (20)")
    generate.add_argument("--seed", type=int, default=0)

    other = _part(parts, "import", _import, "cases from another format")
    other.add_argument("format", choices=("squad", "beir", "rgb", "csv"))
    other.add_argument("path", metavar="PATH")
    other.add_argument("output", metavar="DIR", help="gets cases.jsonl and sources/")

    report = _part(parts, "report", _report, "one HTML page of stored runs")
    report.add_argument("runs", nargs="+", metavar="RUN.json")
    report.add_argument("--output", default="evaluation.html", metavar="FILE")


def _add_run(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _part(parts, "run", _run, "ask every case, score, compare")
    run.add_argument("--system", action="append", default=[], metavar="NAME",
                     help="wenzheng (default), wenzheng-llm, vanilla, vanilla-echo or module:factory; repeat to compare")  # fmt: skip
    _add_cases(run)
    _add_sources(run)
    run.add_argument("--output", metavar="DIR", help="store the outcomes as JSON")
    run.add_argument("--report", metavar="FILE", help="write an HTML report")
    run.add_argument("--judge", action="store_true", help="ask WENZHENG_LLM too; advisory only")
    run.add_argument("--json", action="store_true", help="print the scores as JSON")
    run.add_argument("--fail-under", action="append", default=[], type=_floor,
                     metavar="METRIC=VALUE", help="exit 1 if the first system scores less")  # fmt: skip
    run.add_argument("--baseline", metavar="FILE", help="exit 1 on a significant drop from it")
    run.add_argument("--write-baseline", metavar="FILE", help="store the scores as a baseline")


def _add_compare(parts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = _part(parts, "compare", _compare, "two stored runs, case by case")
    compare.add_argument("first", metavar="FIRST.json")
    compare.add_argument("second", metavar="SECOND.json")
    compare.add_argument("--flips", action="store_true", help="list the cases that moved")
    compare.add_argument("--strict", action="store_true", help="exit 1 on a significant drop")


def _part(
    parts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: _Part, told: str
) -> argparse.ArgumentParser:
    part = parts.add_parser(name, help=told)
    part.set_defaults(run=run)
    return part


def _add_cases(part: argparse.ArgumentParser) -> None:
    part.add_argument("--cases", default="shipped", metavar="SET", help="a name or a file")


def _add_sources(part: argparse.ArgumentParser) -> None:
    part.add_argument("--sources", metavar="DIR", help="measure on these files, not the library")


def _floor(text: str) -> str:
    metric, _, value = text.partition("=")
    from eval.scores import METRICS

    if metric not in METRICS:
        raise argparse.ArgumentTypeError(f"no metric {metric!r}; there are {', '.join(METRICS)}")
    float(value)
    return text
