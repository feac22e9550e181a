"""What a process that serves for long asks of the system's memory."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

# ``mallopt`` in malloc.h of the GNU C library; others have no arenas, or do not tell.
_M_ARENA_MAX = -8
_ARENAS = 2
# More of files than this is not kept resident by one process: a laptop of 8 GiB has other things to do.
MAPPED_AT_MOST = 1 << 30
_OF_PROCESS = Path("/proc/self")
# A line of maps in proc(5): addresses, rights, offset, device, inode and the path, if it is a file's.
_WITH_PATH = 6


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


def give_back_mapped(folder: Path, above: int = MAPPED_AT_MOST) -> bool:
    """Let go of the pages of the files below ``folder`` that this process only reads, if it holds more than
    ``above`` bytes of files; False if it does not, or on systems without ``/proc``.

    The system keeps what it has room for in its cache, so that they are had again without reading the disk.
    Else the process of a library of a million passages looks as if it needed 8 GB, and is the first to be
    killed where memory is scarce.
    """
    if not (_OF_PROCESS / "maps").exists() or _bytes_of_files() <= above:
        return False
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for first, end in _read_only_below(folder):
        madvise(first, end - first, mmap.MADV_DONTNEED)
    return True


def _read_only_below(folder: Path) -> Iterator[tuple[int, int]]:
    """First and last address of each mapped file below ``folder``; what may be written may differ from its
    file, and would be lost."""
    below = f"{folder.resolve()}{os.sep}"
    for line in (_OF_PROCESS / "maps").read_text("utf-8", "surrogateescape").splitlines():
        columns = line.split(maxsplit=5)
        if len(columns) == _WITH_PATH and columns[5].startswith(below) and "w" not in columns[1]:
            first, end = columns[0].split("-")
            yield int(first, 16), int(end, 16)


def _bytes_of_files() -> int:
    """How many bytes of files are resident; see statm in proc(5)."""
    shared = int((_OF_PROCESS / "statm").read_text("ascii").split()[2])
    return shared * mmap.PAGESIZE
