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

from api.care_commands import add_care
from api.eval_commands import add_eval
from api.fact_commands import add_compare, add_facts
from api.ingest_commands import add_ingest, add_watch
from api.key_commands import add_keys
from api.mcp_command import add_mcp
from api.migrate_command import add_migrate
from api.terminal import json_line, say, say_json
from qa.errors import InputError, WenzhengError
from qa.reports.correcting import FIELDS
from qa.settings import Settings, load_settings

if TYPE_CHECKING:
    from qa.chain import Chain

_OK, _FAILED = 0, 1


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
    say(f"wenzheng: {message}", to=sys.stderr)
    return _FAILED


# --- commands ----------------------------------------------------------------------------------


def _reports(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import library_of
    from api.rendering import report_json, report_line

    held = library_of(settings).held
    if arguments.json:
        _print_json([report_json(report) for report in held])
    else:
        _print_lines(report_line(report, language()) for report in held)
    return _OK


def _set(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import changing, library_of, model_of, vector_maker_of
    from api.progress import ProgressBars
    from api.rendering import report_json, report_line
    from qa.library.correcting import correct
    from qa.reports.correcting import read_assignments

    changes = {arguments.report_id: read_assignments(arguments.changes)}
    vectors = vector_maker_of(settings)
    with ProgressBars(language()) as progress, changing(settings, vectors, progress) as library:
        notes = correct(
            library,
            changes,
            vectors,
            passage_max_chars=settings.passage_max_chars,
            progress=progress,
            model=model_of(settings),
        )
    for note in notes:
        say(f"wenzheng: {note.said(language())}", to=sys.stderr)
    held = next(o for o in library_of(settings).held if o.report.report_id == arguments.report_id)
    if arguments.json:
        _print_json(report_json(held))
    else:
        say(report_line(held, language()))
    return _OK


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import changing, vector_maker_of
    from api.progress import ProgressBars
    from qa.library.ingest import remove

    vectors = vector_maker_of(settings)
    with ProgressBars(language()) as progress, changing(settings, vectors, progress) as library:
        remove(library, arguments.report_id, vectors, progress)
    return _OK


def _search(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import chain_of
    from api.rendering import search_json, search_text

    findings = chain_of(settings).search(arguments.question, arguments.k)
    if arguments.json:
        _print_json(search_json(findings))
    else:
        say(search_text(findings))
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
        say(answer_text(chain.ask(arguments.question, arguments.turn)))
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
                say(event.text, end="")
            elif isinstance(event, Answer):
                say(f"\n{sources_text(event)}".rstrip("\n"))


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
        output.write(json_line(answer.as_json()) + "\n")


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


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.server import serve

    serve(load_settings(library=settings.library, host=arguments.host, port=arguments.port))
    return _OK


def _print_json(value: object) -> None:
    say_json(value)


def _print_lines(lines: Iterable[str], stream: TextIO | None = None) -> None:
    for line in lines:
        say(line, to=stream)


# --- usage -------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wenzheng", description="Cited answers over Chinese government work reports (问政)."
    )
    parser.add_argument("--library", type=Path, help="folder of the library")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add_ingest(commands)
    add_watch(commands)

    reports = commands.add_parser("reports", help="list the reports held")
    reports.add_argument("--json", action="store_true", help="print report objects as JSON")
    reports.set_defaults(run=_reports)
    _add_set(reports.add_subparsers(metavar="set"))

    remove = commands.add_parser("remove", help="delete a report")
    remove.add_argument("report_id", metavar="REPORT_ID")
    remove.set_defaults(run=_remove)

    search = commands.add_parser("search", help="passages for a question, no answer")
    search.add_argument("question", metavar="QUESTION")
    search.add_argument("-k", type=_positive, default=10, help="how many passages (default 10)")
    search.add_argument("--json", action="store_true", help="print the hits as JSON")
    search.set_defaults(run=_search)

    _add_ask(commands)
    add_facts(commands)
    add_compare(commands)

    serve = commands.add_parser("serve", help="HTTP API (/api, /v1, /mcp) and page; docs/api.md")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8000)")
    serve.set_defaults(run=_serve)
    add_mcp(commands)
    add_keys(commands)
    add_care(commands)
    add_migrate(commands)
    add_eval(commands)
    return parser


def _add_set(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    known = ", ".join(FIELDS)
    one = commands.add_parser(
        "set",
        help="correct a report's metadata",
        description=f"Correct what was read of a report: {known}. An empty value takes a "
        "correction back, - says that there is none. docs/corrections.md",
    )
    one.add_argument("report_id", metavar="REPORT_ID")
    one.add_argument("changes", nargs="+", metavar="FIELD=VALUE")
    one.add_argument("--json", action="store_true", help="print the report object")
    one.set_defaults(run=_set)


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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
