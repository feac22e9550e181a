"""How an index of segments grows: what is new becomes a segment, and small ones are merged.

A segment is merged with those before it that are not much larger, so that n documents lie in some
log n segments and each document is written some log n times, whatever the order it came in.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from embeddings.durable_files import check_files

# A neighbour up to so many times larger is merged with what follows it.
_MUCH_LARGER = 4
# A segment that has lost more than this share of its rows is written anew.
_LOST = 0.25
_FOLDER = re.compile(r"\d{6}")


def first_to_merge(sizes: Sequence[int], fresh: int) -> int:
    """From which of the old segments, of ``sizes`` rows, on to merge with ``fresh`` new rows."""
    first = len(sizes)
    while first and fresh and sizes[first - 1] <= _MUCH_LARGER * fresh:
        first -= 1
        fresh += sizes[first]
    return first


def is_worn(rows: int, removed: int) -> bool:
    """True if a segment has lost so much that it should be written anew."""
    return removed > _LOST * rows


def folder_name(number: int) -> str:
    """The name of the folder of a segment."""
    return f"{number:06d}"


def check_segments(index: Path, segments: Iterable[Path]) -> None:
    """Read the files of an index's segments and compare them with their checksums.

    Raises:
        IndexDamagedError: a file is missing or altered.
    """
    files = (path for segment in segments for path in sorted(segment.iterdir()))
    check_files(index, [path.relative_to(index).as_posix() for path in files])


def segment_folders(folder: Path) -> list[Path]:
    """The folders of an index's segments, in order."""
    return sorted(path for path in folder.iterdir() if _FOLDER.fullmatch(path.name))
