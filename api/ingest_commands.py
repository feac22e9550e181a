"""``wenzheng ingest`` and ``wenzheng watch``: reports from files, folders, addresses and lists of these."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.terminal import json_line, say, say_json
from prompts import messages
from qa.errors import WenzhengError
from qa.reports.fetching.gathered import is_address
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.library.ingest import IngestSummary
    from qa.library.meta_table import MetaTable
    from qa.library.read_files import Failure, Progress
    from qa.library.taking import Taker
    from qa.library.watching import FileOutcome
    from qa.library.web import WebIngest, WebSummary

_OK, _FAILED = 0, 1


def _ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.progress import ProgressBars
    from qa.library.meta_table import read_meta

    _require_usable(arguments)
    # Read first: a table that cannot be used costs no ingest.
    meta = read_meta(Path(arguments.meta)) if arguments.meta else None
    with ProgressBars(_language()) as progress:
        taker = _taker_of(settings, progress)
        if arguments.engine == "ray":
            summary = _by_ray(arguments, settings, taker, meta)
        else:
            summary = _here(arguments, settings, taker, meta)
    _tell_troubles(summary, arguments.meta)
    _tell_summary(summary, as_json=arguments.json, of_list=bool(arguments.list))
    return _FAILED if summary.failed or summary.meta_failed else _OK


def _require_usable(arguments: argparse.Namespace) -> None:
    if not arguments.paths and not arguments.list:
        arguments.wrong("the following arguments are required: PATH, URL or --list")
    if arguments.engine != "ray":
        if arguments.workers is not None:
            arguments.wrong("--workers is of --engine ray")
    elif arguments.list or arguments.reembed or any(map(is_address, arguments.paths)):
        arguments.wrong("--engine ray takes files and folders, without --list and --reembed")


def _here(
    arguments: argparse.Namespace, settings: Settings, taker: Taker, meta: MetaTable | None
) -> IngestSummary:
    from api.assembly import changing

    with ExitStack() as stack:
        # One change of the library, however many ingests a list takes: in force at its end.
        folder = stack.enter_context(changing(settings, taker.vectors, taker.progress))
        taker = replace(taker, library=folder, changing=None)
        if not arguments.list and not any(map(is_address, arguments.paths)):
            return _from_files(arguments, taker, meta)
        summary: IngestSummary = _from_the_web(arguments, settings, taker)
        if meta:
            summary.include(taker.take([], meta=meta))
        return summary


def _by_ray(
    arguments: argparse.Namespace, settings: Settings, taker: Taker, meta: MetaTable | None
) -> IngestSummary:
    from api.assembly import vector_maker_of
    from qa.library.bulk import Work, ingest_in_bulk
    from qa.library.ray_engine import ray_engine

    work = Work(
        vector_maker_of(settings),
        taker.passage_max_chars,
        taker.limits,
        _held_ids(settings),
        finds_facts=taker.model is None,
    )
    engine = ray_engine(arguments.workers)
    summary = ingest_in_bulk(taker, map(Path, arguments.paths), engine, work)
    if meta:
        summary.include(taker.take([], meta=meta))
    return summary


def _held_ids(settings: Settings) -> frozenset[str]:
    from api.assembly import library_of
    from qa.errors import LibraryNotFoundError

    try:
        library = library_of(settings)
    except LibraryNotFoundError:
        return frozenset()
    try:
        return frozenset(one.report.report_id for one in library.held)
    finally:
        library.close()


def _tell_troubles(summary: IngestSummary, meta: str | None) -> None:
    for failure in summary.failed:
        said = failure.error.said(_language())
        # What an address failed for names it already.
        _say(said if str(failure.path) in said else f"{failure.path}: {said}")
    for note in summary.notes:
        _say(note.said(_language()))
    for fault in summary.meta_failed:
        _say(f"{meta}:{fault.line}: {fault.error.said(_language())}")


def _from_files(
    arguments: argparse.Namespace, taker: Taker, meta: MetaTable | None
) -> IngestSummary:
    """At once: an ingest of another process is an error, as nothing is lost by coming back."""
    from qa.library.ingest import ingest

    return ingest(
        taker.library,
        [Path(path) for path in arguments.paths],
        taker.vectors,
        passage_max_chars=taker.passage_max_chars,
        limits=taker.limits,
        progress=taker.progress,
        reembed=arguments.reembed,
        model=taker.model,
        meta=meta,
    )


def _from_the_web(arguments: argparse.Namespace, settings: Settings, taker: Taker) -> WebSummary:
    from qa.library.web import WebIngest

    given = [path if is_address(path) else Path(path) for path in arguments.paths]
    with WebIngest(taker, settings.fetch_rules) as web:
        if not arguments.list:
            return web.take(list(dict.fromkeys(given)), reembed=arguments.reembed)
        return _from_list(web, arguments.list, given, reembed=arguments.reembed)


def _from_list(
    web: WebIngest, given: str, others: Iterable[Path | str], *, reembed: bool
) -> WebSummary:
    from qa.library.read_files import Failure

    name = given if is_address(given) else str(Path(given).resolve())
    read = web.read_list(name)
    entries = list(dict.fromkeys([*others, *read.entries]))
    begun = web.begun(name)
    if settled := sum(str(entry) in begun for entry in entries):
        _say(_words()["continued"].format(name=given, done=settled, total=len(entries)))
    summary = web.take(entries, name, reembed=reembed)
    summary.failed += [Failure(at, error) for at, error in read.failed]
    return summary


def _taker_of(settings: Settings, progress: Progress) -> Taker:
    from api.assembly import changing, model_of, vector_maker_of
    from qa.library.taking import Taker

    maker = vector_maker_of(settings, lambda done, total: progress("unpack", done, total))
    # Loaded with the first of many ingests.
    maker = replace(maker, load=cache(maker.load))
    return Taker(
        settings.library,
        maker,
        settings.passage_max_chars,
        settings.read_limits,
        progress,
        lambda error: _say(_words()["waiting"].format(reason=error.said(_language()))),
        model_of(settings),
        lambda: changing(settings, maker, progress),
    )


def _tell_summary(summary: IngestSummary, *, as_json: bool, of_list: bool) -> None:
    from api.rendering import summary_json, summary_line

    if of_list:
        _tell_list(summary)
    if as_json:
        say_json(summary_json(summary, _language()))
    else:
        say(summary_line(summary, _language()))


def _tell_list(summary: IngestSummary) -> None:
    """What became of the entries, and the reasons of failures from the commonest to the rarest."""
    from qa.library.web import WebSummary

    assert isinstance(summary, WebSummary)
    words = _words()
    _say(
        words["web"].format(
            entries=summary.entries,
            taken=summary.taken,
            unmodified=summary.unmodified,
            earlier=summary.earlier,
            failed=len(summary.failed),
        )
    )
    for reason, count in Counter(map(_kind, summary.failed)).most_common():
        _say(words["reason"].format(count=count, reason=reason))


def _kind(failure: Failure) -> str:
    """The kind of an error in words, with the status of HTTP."""
    kind, status = type(failure.error).__name__, failure.error.fields.get("status")
    return _words().get(kind, kind) + (f" {status}" if status else "")


# --- watching ----------------------------------------------------------------------------------


def _watch(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.progress import ProgressBars
    from qa.library.watching import Stopped, Watcher

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ProgressBars(_language()) as bars:

        def progress(stage: str, done: int, total: int) -> None:
            if stop.is_set():
                raise Stopped
            if stage != "wait" and sys.stderr.isatty():
                bars(stage, done, total)

        watcher = Watcher(
            arguments.folder,
            _taker_of(settings, progress),
            told=lambda outcome: _tell_file(outcome, as_json=arguments.json),
            troubled=_tell_trouble,
            settle_seconds=arguments.settle,
            delete=arguments.delete,
            poll=arguments.poll,
        )
        _say(_words()["watching"].format(path=arguments.folder))
        watcher.run(stop)
    _say(_words()["stopped"].format(path=arguments.folder))
    return _OK


def _tell_file(outcome: FileOutcome, *, as_json: bool) -> None:
    reasons = [failure.error.said(_language()) for failure in outcome.failures]
    if as_json:
        row = {
            "path": str(outcome.path),
            "state": outcome.state,
            "reports": list(outcome.reports),
            "errors": reasons,
        }
        print(json_line(row), flush=True)
        return
    text = _words()[outcome.state].format(
        path=outcome.path, count=len(outcome.reports), reason=" | ".join(reasons)
    )
    if outcome.state != "failed" and reasons:
        text += " | ".join(["", *reasons])
    say(text)


def _tell_trouble(error: Exception) -> None:
    from qa.library.watching import RETRY_SECONDS

    told = error.said(_language()) if isinstance(error, WenzhengError) else str(error)
    _say(_words()["trying_again"].format(reason=told, seconds=f"{RETRY_SECONDS:g}"))


def _say(text: str) -> None:
    say(f"wenzheng: {text}", to=sys.stderr)


def _words() -> dict[str, str]:
    return messages("taking", _language())


def _language() -> str:
    from api.cli import language

    return language()


# --- usage -------------------------------------------------------------------------------------


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workers")
    return int(text)


def add_ingest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``ingest`` to the command line."""
    ingest = commands.add_parser(
        "ingest", help="read files, folders and web addresses into the library"
    )
    ingest.add_argument("paths", nargs="*", metavar="PATH|URL")
    ingest.add_argument(
        "--list",
        metavar="FILE|URL",
        help="take in all that a list names: a text with one path or address a line, or a sitemap",
    )
    ingest.add_argument("--json", action="store_true", help="print the summary as JSON")
    ingest.add_argument(
        "--meta", metavar="FILE.csv", help="correct place, year … of reports; docs/corrections.md"
    )
    ingest.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray reads very many files with many workers, on this machine or RAY_ADDRESS's",
    )
    ingest.add_argument(
        "--workers", type=_count, metavar="N", help="workers of --engine ray (default: processors)"
    )
    ingest.add_argument("--reembed", action="store_true", help="make all vectors anew")
    ingest.set_defaults(run=_ingest, wrong=ingest.error)


def add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``watch`` to the command line."""
    watch = commands.add_parser("watch", help="take in what comes into a folder, until stopped")
    watch.add_argument("folder", type=Path, metavar="DIR")
    watch.add_argument(
        "--delete", action="store_true", help="remove the reports of files that are gone"
    )
    watch.add_argument(
        "--settle",
        type=float,
        default=2.0,
        metavar="SECONDS",
        help="how long a file must stand still before it is read (default 2)",
    )
    watch.add_argument(
        "--poll", action="store_true", help="look every half second: for disks of other machines"
    )
    watch.add_argument("--json", action="store_true", help="print a JSON object a file")
    watch.set_defaults(run=_watch)
