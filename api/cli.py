"""The command line: ``wenzheng COMMAND``. Results on stdout, progress and errors on stderr."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from api.eval_commands import add_eval
from api.key_commands import add_keys
from qa.errors import InputError, WenzhengError
from qa.settings import Settings, load_settings

if TYPE_CHECKING:
    from qa.chain import Chain
    from qa.facts.fact import Fact

_OK, _FAILED = 0, 1
_STATUSES = ("actual", "target", "estimate")
_NOTHING_MATCHES = {"zh": "没有符合条件的数据", "en": "no fact matches"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 1 failed, 2 wrong usage (argparse)."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if getattr(arguments, "output", "-") != "-" and not getattr(arguments, "input", True):
        parser.error("--output goes with --input")
    try:
        settings = load_settings(library=arguments.library)
        status: int = arguments.run(arguments, settings)
    except WenzhengError as error:
        return _fail(error.said(language()))
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from embeddings import EmbeddingError

        if not isinstance(error, EmbeddingError):
            raise
        return _fail(str(error))
    return status


def language() -> Literal["zh", "en"]:
    """The language of messages: Chinese where the locale is Chinese, else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "zh" if (locale or "").lower().startswith("zh") else "en"


def _fail(message: str) -> int:
    print(f"wenzheng: {message}", file=sys.stderr)
    return _FAILED


# --- commands ----------------------------------------------------------------------------------


def _ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import model_of, vector_maker_of
    from api.progress import ProgressBars
    from api.rendering import summary_json, summary_line
    from qa.library.ingest import ingest

    with ProgressBars(language()) as progress:
        maker = vector_maker_of(settings, lambda done, total: progress("unpack", done, total))
        summary = ingest(
            settings.library,
            [Path(path) for path in arguments.paths],
            maker,
            passage_max_chars=settings.passage_max_chars,
            progress=progress,
            reembed=arguments.reembed,
            model=model_of(settings),
        )
    for failure in summary.failed:
        print(f"wenzheng: {failure.path}: {failure.error.said(language())}", file=sys.stderr)
    for note in summary.notes:
        print(f"wenzheng: {note.said(language())}", file=sys.stderr)
    if arguments.json:
        _print_json(summary_json(summary, language()))
    else:
        print(summary_line(summary, language()))
    return _FAILED if summary.failed else _OK


def _reports(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import library_of
    from api.rendering import report_json, report_line

    held = library_of(settings).held
    if arguments.json:
        _print_json([report_json(report) for report in held])
    else:
        _print_lines(report_line(report, language()) for report in held)
    return _OK


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import vector_maker_of
    from api.progress import ProgressBars
    from qa.library.ingest import remove

    with ProgressBars(language()) as progress:
        remove(settings.library, arguments.report_id, vector_maker_of(settings), progress)
    return _OK


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import chain_of
    from api.rendering import search_json, search_text

    findings = chain_of(settings).search(arguments.question, arguments.k)
    if arguments.json:
        _print_json(search_json(findings))
    else:
        print(search_text(findings))
    return _OK


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import chain_of
    from api.rendering import answer_text
    from qa.event_loop import EVENT_LOOP

    if arguments.input:
        return _ask_batch(arguments, settings)
    chain = chain_of(settings)
    if arguments.json:
        _print_json(chain.ask(arguments.question, arguments.turn).as_json())
    elif chain.assistant is None:
        print(answer_text(chain.ask(arguments.question, arguments.turn)))
    else:
        EVENT_LOOP.run(_print_as_told, chain, arguments.question, arguments.turn)
    return _OK


async def _print_as_told(chain: Chain, question: str, turns: Sequence[str]) -> None:
    """Each sentence of a language model as soon as it is checked: its whole answer takes a while."""
    from api.rendering import sources_text
    from qa.answers.answer import Answer
    from qa.answers.telling import Told

    async with aclosing(chain.stream(question, turns)) as events:
        async for event in events:
            if isinstance(event, Told):
                print(event.text, end="", flush=True)
            elif isinstance(event, Answer):
                print(f"\n{sources_text(event)}".rstrip("\n"))


def _ask_batch(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import chain_of

    # Every line is read before the first is answered: a broken one costs no half-done batch.
    questions = _read_batch(Path(arguments.input))
    chain = chain_of(settings)
    if arguments.output == "-":
        _answer_batch(chain, questions, sys.stdout)
        return _OK
    try:
        with Path(arguments.output).open("w", encoding="utf-8") as output:
            _answer_batch(chain, questions, output)
    except OSError as error:
        raise InputError("unwritable_file", name=arguments.output, reason=error.strerror) from error
    return _OK


def _answer_batch(chain: Chain, questions: Iterable[dict[str, Any]], output: Any) -> None:
    for row in questions:
        answer = chain.ask(row["question"], row.get("turns") or ()).identified(str(row["id"]))
        output.write(json.dumps(answer.as_json(), ensure_ascii=False) + "\n")


def _read_batch(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("unreadable", name=path.name, reason=error) from error
    return [_batch_row(path, n, line) for n, line in enumerate(lines, 1) if line.strip()]


def _batch_row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError("wrong_batch", name=path.name, line=number, reason=error) from error
    if not (isinstance(row, dict) and isinstance(row.get("question"), str) and "id" in row):
        raise InputError(
            "wrong_batch", name=path.name, line=number, reason="id or question missing"
        )
    turns = row.get("turns") or []
    if not (isinstance(turns, list) and all(isinstance(turn, str) for turn in turns)):
        raise InputError(
            "wrong_batch", name=path.name, line=number, reason="turns is no list of texts"
        )
    return row


def _facts(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.fact_tables import conflict_lines, facts_csv, facts_json_lines, facts_table
    from qa.facts.conflicts import find_conflicts
    from qa.facts.selection import FactFilter

    asked = FactFilter(
        tuple(arguments.place),
        tuple(arguments.indicator),
        _given(arguments.period),
        _given(arguments.status),
    )
    found, codes, failures = _all_facts(arguments, settings)
    facts = asked.select(found, codes)
    if not facts and not failures:
        print(f"wenzheng: {_NOTHING_MATCHES[language()]}", file=sys.stderr)
    if arguments.json:
        sys.stdout.write(facts_json_lines(facts))
    elif arguments.csv:
        sys.stdout.writelines(facts_csv(facts))
    else:
        print(facts_table(facts, language()))
    _print_lines(conflict_lines(find_conflicts(facts), language()), sys.stderr)
    for error in failures:
        _fail(error.said(language()))
    return _FAILED if failures else _OK


def _all_facts(
    arguments: argparse.Namespace, settings: Settings
) -> tuple[list[Fact], dict[str, str | None], list[InputError]]:
    """Facts of the files named, the library untouched, or of the library if none is named; the place
    codes of their reports; and what could not be read."""
    from api.assembly import library_of
    from qa.facts.extraction import extract_facts
    from qa.reports.parsing import parse_reports
    from qa.reports.reading import files_of, read_source

    if not arguments.paths:
        library = library_of(settings)
        return [held.fact for held in library.facts()], library.place_codes, []
    facts: list[Fact] = []
    codes: dict[str, str | None] = {}
    failures: list[InputError] = []
    files: list[Path] = []
    for path in arguments.paths:
        try:
            files += files_of(Path(path))
        except InputError as error:
            failures.append(error)
    for file in files:
        try:
            source = read_source(file)
            for report in parse_reports(source, settings.passage_max_chars):
                facts += extract_facts(source, report)
                codes[report.report_id] = report.place_code
        except InputError as error:
            failures.append(error)
    return facts, codes, failures


def _given(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _compare(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import library_of
    from api.comparison_tables import comparison_csv, comparison_text
    from qa.tables import compare

    comparison = compare(
        library_of(settings),
        arguments.place,
        arguments.indicator,
        arguments.period,
        arguments.status,
        [column for column in ("rank", "difference_to_target") if getattr(arguments, column)],
    )
    if arguments.json:
        _print_json(comparison.as_json(language()))
    elif arguments.csv:
        sys.stdout.writelines(comparison_csv(comparison))
    else:
        print(comparison_text(comparison, language()))
    return _OK


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.server import serve

    serve(load_settings(library=settings.library, host=arguments.host, port=arguments.port))
    return _OK


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print_lines(lines: Iterable[str], stream: TextIO | None = None) -> None:
    for line in lines:
        print(line, file=stream)


# --- usage -------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wenzheng", description="Cited answers over Chinese government work reports (问政)."
    )
    parser.add_argument("--library", type=Path, help="folder of the library")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    ingest = commands.add_parser("ingest", help="read files and folders into the library")
    ingest.add_argument("paths", nargs="+", metavar="PATH")
    ingest.add_argument("--json", action="store_true", help="print the summary as JSON")
    ingest.add_argument("--reembed", action="store_true", help="make all vectors anew")
    ingest.set_defaults(run=_ingest)

    reports = commands.add_parser("reports", help="list the reports held")
    reports.add_argument("--json", action="store_true", help="print report objects as JSON")
    reports.set_defaults(run=_reports)

    remove = commands.add_parser("remove", help="delete a report")
    remove.add_argument("report_id", metavar="REPORT_ID")
    remove.set_defaults(run=_remove)

    search = commands.add_parser("search", help="passages for a question, no answer")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("-k", type=_positive, default=10, help="how many passages (default 10)")
    search.add_argument("--json", action="store_true", help="print the hits as JSON")
    search.set_defaults(run=_search)

    _add_ask(commands)
    _add_facts(commands)
    _add_compare(commands)

    serve = commands.add_parser("serve", help="HTTP API and page")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8000)")
    serve.set_defaults(run=_serve)
    add_keys(commands)
    add_eval(commands)
    return parser


def _add_ask(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser("ask", help="answer a question, or a file of them")
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION")
    what.add_argument("--input", metavar="Q.jsonl", help="answer each line {id, question, turns?}")
    ask.add_argument("--output", default="-", metavar="A.jsonl", help="where to (default stdout)")
    ask.add_argument(
        "--turn",
        action="append",
        default=[],
        metavar="EARLIER",
        help="an earlier question of the conversation; repeat in order",
    )
    ask.add_argument("--json", action="store_true", help="print the answer object")
    ask.set_defaults(run=_ask)


def _add_facts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    facts = commands.add_parser("facts", help="every figure of the library, or of files")
    facts.add_argument("paths", nargs="*", metavar="PATH", help="files; default: the library")
    _add_names(facts)
    facts.add_argument("--period", metavar="Y", help="2023 or 2021-2025")
    facts.add_argument("--status", metavar="S", choices=_STATUSES)
    form = facts.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON Lines of fact objects")
    form.add_argument("--csv", action="store_true", help="CSV with a header")
    facts.set_defaults(run=_facts)


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = commands.add_parser("compare", help="indicators of places side by side, cited")
    _add_names(compare)
    _add_repeated(compare, "--period", "Y", "2023 or 2021-2025; repeat for more")
    _add_repeated(compare, "--status", "S", "actual, target or estimate; repeat for more")
    compare.add_argument("--rank", action="store_true", help="add each figure's rank")
    compare.add_argument(
        "--difference",
        action="store_true",
        dest="difference_to_target",
        help="add how far results are from targets",
    )
    form = compare.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the table as JSON")
    form.add_argument("--csv", action="store_true", help="CSV, a line a figure")
    compare.set_defaults(run=_compare)


def _add_names(command: argparse.ArgumentParser) -> None:
    _add_repeated(command, "--place", "P", "full or short name; repeat for more")
    _add_repeated(command, "--indicator", "I", "any name: GDP, 固投, 老旧小区; repeat for more")


def _add_repeated(command: argparse.ArgumentParser, name: str, letter: str, about: str) -> None:
    command.add_argument(name, metavar=letter, action="append", default=[], help=about)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
