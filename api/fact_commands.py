"""``wenzheng facts`` and ``wenzheng compare``: figures as tables, for people, programs and spreadsheets."""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from api.terminal import say, say_json
from qa.errors import InputError
from qa.harmless import escaped
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.facts.fact import Fact

_OK, _FAILED = 0, 1
_NOTHING_MATCHES = {"zh": "没有符合条件的数据", "en": "no fact matches"}
_STATUSES = ("actual", "target", "estimate")


def _facts(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.cli import language
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
        say(f"wenzheng: {_NOTHING_MATCHES[language()]}", to=sys.stderr)
    if arguments.json:
        sys.stdout.write(escaped(facts_json_lines(facts)))
    elif arguments.csv:
        sys.stdout.writelines(facts_csv(facts))
    else:
        say(facts_table(facts, language()))
    for line in conflict_lines(find_conflicts(facts), language()):
        say(line, to=sys.stderr)
    for error in failures:
        say(f"wenzheng: {error.said(language())}", to=sys.stderr)
    return _FAILED if failures else _OK


def _all_facts(
    arguments: argparse.Namespace, settings: Settings
) -> tuple[list[Fact], dict[str, str | None], list[InputError]]:
    """Facts of the files named, the library untouched, or of the library if none is named; the place
    codes of their reports; and what could not be read."""
    from api.assembly import library_of
    from qa.facts.extraction import extract_facts
    from qa.reports.parsing import parse_reports
    from qa.reports.reading import SourceReader, files_of

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
    with SourceReader(settings.read_limits) as reader:
        for document in chain.from_iterable(map(reader.read, files)):
            source = document.source
            try:
                if isinstance(source, InputError):
                    raise source
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
    from api.cli import language
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
        say_json(comparison.as_json(language()))
    elif arguments.csv:
        sys.stdout.writelines(comparison_csv(comparison))
    else:
        say(comparison_text(comparison, language()))
    return _OK


# --- usage -------------------------------------------------------------------------------------


def add_facts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``facts`` to the command line."""
    facts = commands.add_parser("facts", help="every figure of the library, or of files")
    facts.add_argument("paths", nargs="*", metavar="PATH", help="files; default: the library")
    _add_names(facts)
    facts.add_argument("--period", metavar="Y", help="2023 or 2021-2025")
    facts.add_argument("--status", metavar="S", choices=_STATUSES)
    form = facts.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON Lines of fact objects")
    form.add_argument("--csv", action="store_true", help="CSV with a header")
    facts.set_defaults(run=_facts)


def add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``compare`` to the command line."""
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
