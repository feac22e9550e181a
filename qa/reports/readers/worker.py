"""The process that parses and draws: tasks as lines of JSON on stdin, what comes of them on stdout.

Started by ``process.py``. JSON and not pickles: what a parser that was taken over sends must not be
able to run code in the process that asked.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from qa.errors import InputError, SourceVanishedError, TooLargeError
from qa.reports.limits import ReadLimits
from qa.reports.readers.forms import drawn, read_documents
from qa.reports.readers.protocol import Task
from qa.reports.readers.wire import pieces_of, row_of

# What a converter may write to disk.
_MOST_WRITTEN = 1 << 30


def main() -> None:
    """Read tasks until stdin ends."""
    channel = _own_channel()
    first = True
    for line in sys.stdin:
        asked = json.loads(line)
        limits = ReadLimits(**asked["limits"])
        if first:
            _limit(limits)
            first = False
        for row in _rows(asked, limits, channel):
            _tell(channel, row)
            if row.get("exhausted"):
                # The heap is full of holes: the next file gets a process of its own.
                return
        _tell(channel, {"done": True})


def _own_channel() -> IO[str]:
    """Where outcomes go. What libraries print goes nowhere: it would break the lines of JSON."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    sys.stdout = os.fdopen(os.dup(nowhere), "w")
    return channel


def _limit(limits: ReadLimits) -> None:
    # macOS has the name of this limit but refuses to set it: there the clock alone ends a reader.
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_WRITTEN, _MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_time(limits: ReadLimits) -> None:
    """The processor's time that the next document or page may take; all cores count.

    The clock of the process that asked is what usually ends a reader; this holds if that one died.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + limits.timeout_seconds * (os.cpu_count() or 1)) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _rows(
    asked: Mapping[str, Any], limits: ReadLimits, channel: IO[str]
) -> Iterator[dict[str, Any]]:
    name = asked["name"]

    def proceed() -> None:
        _allow_time(limits)
        _tell(channel, {"proceeding": True})

    _allow_time(limits)
    try:
        task = Task(_bytes_of(Path(asked["path"]), name, limits), name, limits, proceed)
        if "draw" in asked:
            yield from pieces_of(drawn(task, *asked["draw"]))
            return
        for outcome in read_documents(task):
            if outcome.data and len(outcome.data) <= limits.original_max_bytes:
                yield from pieces_of(outcome.data)
            yield row_of(outcome.name, outcome.read)
            _allow_time(limits)
    except InputError as error:
        yield row_of(name, error)
    except MemoryError:
        exhausted = TooLargeError("read_memory", name=name, most=f"{limits.memory_bytes:,}")
        yield {**row_of(name, exhausted), "exhausted": True}


def _bytes_of(path: Path, name: str, limits: ReadLimits) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limits.file_max_bytes + 1)
    except OSError as error:
        raise SourceVanishedError("unreadable", name=name, reason=error.strerror) from error
    if len(data) > limits.file_max_bytes:
        raise TooLargeError("too_large", name=name, most=f"{limits.file_max_bytes:,}")
    return data


def _tell(channel: IO[str], row: dict[str, Any]) -> None:
    channel.write(json.dumps(row) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
