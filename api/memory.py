"""What a process that serves for long asks of the system's memory."""

from __future__ import annotations

import contextlib
import ctypes
import gc

# ``mallopt`` in malloc.h of the GNU C library; others have no arenas, or do not tell.
_M_ARENA_MAX = -8
_ARENAS = 2


def share_arenas() -> bool:
    """Let all threads take their memory from two arenas of the C library; False where it has none.

    Else each thread has one of its own, and what a version of the library leaves in it is of no use to the
    threads that open the next: a day of uploads grew by 20 MiB a minute (``python -m benchmarks.soak``).
    Python runs one thread at a time, so that nobody waits for an arena.
    """
    with contextlib.suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS))
    return False


def leave_out_of_collections() -> None:
    """Collect what is of no use, and let Python's collector pass over all that is held from now on.

    Else it goes through a library of 20,000 reports again and again: every few dozen questions one waits
    for half a second (``python -m benchmarks.scale``). What a version leaves when the next is opened is
    collected then.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
