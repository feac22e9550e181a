"""One writer at a time: a lock that falls with its process, and says whose it is."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from qa.errors import LibraryBusyError, LibraryUnwritableError

LOCK = "lock"
_LOG = logging.getLogger("wenzheng.library")
# Looking whether a library is written holds the lock for an instant: that is no other writer.
_TRIES, _TRY_SECONDS = 5, 0.02


@contextlib.contextmanager
def lock_for_writing(library: Path) -> Iterator[None]:
    """Hold the writer's lock of a library; the one of a dead process is free.

    Raises ``LibraryBusyError``, which says who holds it, ``LibraryUnwritableError``.
    """
    try:
        handle = (library / LOCK).open("a+")
    except OSError as error:
        raise unwritable(library, error) from error
    with handle:
        for _ in range(_TRIES):
            if locked(handle, fcntl.LOCK_EX, library):
                break
            time.sleep(_TRY_SECONDS)
        else:
            raise busy(library)
        if died := holder(library):
            _LOG.warning(
                "the library %s was being written by %s, which ended within its work: what it had not "
                "finished is not in force; do it again",
                library,
                died,
            )
        _say(handle, _signature())
        try:
            yield
        finally:
            _say(handle, "")


def locked(handle: IO[str], kind: int, library: Path) -> bool:
    """Lock a file without waiting; False if another has it. Raises ``LibraryUnwritableError``."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # A file system without locks: two writers would not know of each other.
        raise unwritable(library, error) from error
    return True


def is_being_written(library: Path) -> bool:
    """True while a writer, in this process or another, holds the library."""
    try:
        handle = (library / LOCK).open()
    except OSError:
        return False
    with handle:
        return not locked(handle, fcntl.LOCK_SH, library)


def left_by_the_dead(library: Path) -> str | None:
    """The writer that ended without letting go of the library, in words; None if there is none."""
    return None if is_being_written(library) else holder(library)


def busy(library: Path) -> LibraryBusyError:
    """The error for a library that another writes; it says who that is."""
    return LibraryBusyError("library_busy", path=library, holder=holder(library) or "?")


def holder(library: Path) -> str | None:
    """Who holds the library for writing, in words; None if nobody said so."""
    try:
        told = json.loads((library / LOCK).read_text("utf-8"))
        return f"{told['command']}, pid {told['pid']} on {told['host']}, since {told['since']}"
    except (OSError, ValueError, TypeError, KeyError):
        return None


def unwritable(library: Path, error: OSError) -> LibraryUnwritableError:
    """The error for a library that cannot be written."""
    return LibraryUnwritableError("unwritable", path=library, reason=error.strerror or error)


def _signature() -> str:
    told = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": _command(sys.argv[1:]),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(told)


def _command(words: Sequence[str]) -> str:
    """What runs, by its name: not the options before it, which say where (``--library DIR``)."""
    while words and words[0].startswith("-"):
        words = words[1 if "=" in words[0] else 2 :]
    return " ".join(["wenzheng", *words[:1]])


def _say(handle: IO[str], text: str) -> None:
    # It only helps whoever has to wait: a full disk is told where something has to be kept. Unbuffered,
    # for what a full disk leaves in a buffer would fail once more when the lock is let go.
    with contextlib.suppress(OSError):
        os.ftruncate(handle.fileno(), 0)
        os.write(handle.fileno(), text.encode())
