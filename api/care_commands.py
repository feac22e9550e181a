"""``wenzheng doctor | repair | backup | restore``: looking after a library."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from api.terminal import say, say_json
from prompts import messages
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.library.repair import RepairSummary

_MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.cli import language
    from qa.library.doctor import examine

    findings = []
    for one in examine(settings, deep=arguments.deep):
        findings.append(one.as_json(language()))
        if not arguments.json:
            told = findings[-1]
            line = f"{_MARKS[one.severity]} {told['name']}: {told['message']}"
            say(f"{line}; {told['remedy']}" if told["remedy"] else line)
    if arguments.json:
        say_json(findings)
    return int(any(one["severity"] == "error" for one in findings))


def _repair(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import vector_maker_of
    from api.cli import language
    from api.progress import ProgressBars
    from qa.library.repair import repair

    with ProgressBars(language()) as progress:
        summary = repair(
            settings.library,
            vector_maker_of(settings, lambda done, total: progress("unpack", done, total)),
            passage_max_chars=settings.passage_max_chars,
            progress=progress,
            limits=settings.read_limits,
        )
    if arguments.json:
        say_json(summary.as_json())
    else:
        for line in _lines(summary, messages("care", language())):
            say(line)
    return int(not summary.is_whole)


def _lines(summary: RepairSummary, said: dict[str, str]) -> Iterator[str]:
    if not summary.damage:
        yield said["sound"]
        if summary.rebuilt:
            yield said["rebuilt"].format(parts=", ".join(summary.rebuilt))
        return
    for one in summary.damage:
        yield said["damage"].format(part=one.part, fault=one.fault)
    if summary.version:
        yield from _replaced(summary, said)
    for name in summary.originals_saved:
        yield said["original_saved"].format(name=name)
    for name in summary.originals_lost:
        yield said["original_lost"].format(name=name)
    if summary.is_whole:
        yield said["whole"]


def _replaced(summary: RepairSummary, said: dict[str, str]) -> Iterator[str]:
    if summary.database:
        yield said["kept"].format(version=summary.database)
    else:
        yield said["made_anew"]
    if summary.rebuilt:
        yield said["rebuilt"].format(parts=", ".join(summary.rebuilt))
    for name in summary.saved:
        yield said["saved"].format(name=name)
    for file in summary.lost:
        yield said["lost"].format(name=file.name, path=file.path)
    for report_id in summary.returned:
        yield said["returned"].format(report_id=report_id)
    if not summary.knows_all:
        yield said["unknown_since"].format(version=summary.database or "-")
    for note in summary.notes:
        yield said["vectors_missing"].format(reason=note)
    yield said["in_force"].format(version=summary.version)


def _backup(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import changing
    from qa.library.backup import back_up

    with changing(settings) as library:
        made = back_up(library, Path(arguments.target))
    _say("backed_up", version=made.version, files=made.files, size=f"{made.size:,}", path=made.path)
    say(str(made.path))
    return 0


def _restore(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import changing
    from qa.library.backup import restore

    with changing(settings) as library:
        made = restore(library, Path(arguments.file))
    _say("restored", version=made.version, path=made.path, files=made.files)
    return 0


def _say(key: str, **fields: object) -> None:
    from api.cli import language

    say(messages("care", language())[key].format(**fields), to=sys.stderr)


def add_care(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the program's."""
    doctor = commands.add_parser("doctor", help="check the library and the settings")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    doctor.add_argument(
        "--deep", action="store_true", help="also hold texts and quotes together; older versions"
    )
    doctor.set_defaults(run=_doctor)

    repair = commands.add_parser("repair", help="mend a damaged library; docs/reliability.md")
    repair.add_argument("--json", action="store_true", help="print what was done as JSON")
    repair.set_defaults(run=_repair)

    backup = commands.add_parser("backup", help="write the library into one file, while it serves")
    backup.add_argument("target", metavar="FILE|DIR", help="file to write, or folder to put it in")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="put a backup in force, once it has been checked")
    restore.add_argument("file", metavar="FILE")
    restore.set_defaults(run=_restore)
