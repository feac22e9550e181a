"""What a process that serves for long asks of the system's memory."""

from __future__ import annotations

import contextlib
import ctypes

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
