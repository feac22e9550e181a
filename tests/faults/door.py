"""A door for faults: counts what a process does to files of a library, and breaks one of it.

What Python does to files it tells its audit hooks first, and a hook that raises keeps it from being
done; ``fsync`` is not told and is wrapped. Nothing of the product knows of it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_WATCHED = {"os.rename", "os.link", "os.mkdir", "sqlite3.connect"}
_REMOVES = {"os.remove", "os.rmdir"}


@dataclass
class Door:
    """Counts the operations on files below ``folder``; at number ``at`` (from 1) ``act`` is called."""

    folder: str
    at: int = 0
    act: Callable[[str], None] = lambda event: None
    seen: int = 0

    def pass_through(self, event: str) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.act(event)


_OPEN: list[Door] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _OPEN:
        return
    if event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITES and _OPEN[-1].folder in _text(path):
            _OPEN[-1].pass_through("open")
    # What is removed may be named by a handle of its folder alone.
    elif event in _REMOVES or (event in _WATCHED and _OPEN[-1].folder in _text(arguments[0])):
        _OPEN[-1].pass_through(event)


def _text(path: object) -> str:
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""


_HOOKED: list[bool] = []


@contextmanager
def door(
    folder: Path, at: int = 0, act: Callable[[str], None] = lambda event: None
) -> Iterator[Door]:
    """Watch what this process does below ``folder`` while the block runs."""
    if not _HOOKED:
        _HOOKED.append(True)
        sys.addaudithook(_hook)
    one = Door(str(folder), at, act)
    fsync = os.fsync

    def watched(handle: int) -> None:
        one.pass_through("fsync")
        fsync(handle)

    os.fsync = watched
    _OPEN.append(one)
    try:
        yield one
    finally:
        _OPEN.pop()
        os.fsync = fsync


def kill_here(event: str) -> None:
    """What a loss of the process at this operation is."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail_with(number: int) -> Callable[[str], None]:
    """Refuse the operation with an error of the system, such as ``errno.ENOSPC``."""

    def fail(event: str) -> None:
        if event == "sqlite3.connect":
            # SQLite has words of its own for it.
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        raise OSError(number, os.strerror(number), event)

    return fail
