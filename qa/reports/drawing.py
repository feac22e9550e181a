"""Pages of kept files as pictures, drawn in the process that parses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qa.errors import InputError, UnreadableFormError
from qa.reports.limits import ReadLimits
from qa.reports.readers.process import ReaderProcess

# Someone waits for it, and so does whoever wants the next page.
_LONGEST_SECONDS = 20.0


class PageDrawer:
    """Draws pages, one at a time; it is not for two threads. A process that a file kills is replaced."""

    def __init__(self, limits: ReadLimits) -> None:
        seconds = min(limits.timeout_seconds, _LONGEST_SECONDS)
        self._process = ReaderProcess(replace(limits, timeout_seconds=seconds))

    def draw(self, path: Path, name: str, page: int, width: int) -> bytes:
        """A page (from 1) as PNG, at most so many pixels wide; raises ``UnreadableFormError``."""
        try:
            return self._process.draw(path, name, page, width)
        except InputError as error:
            raise UnreadableFormError(
                "page_not_drawn", name=name, page=page, reason=_reason(error)
            ) from error

    def close(self) -> None:
        """End the process; the next page starts another."""
        self._process.close()


def _reason(error: InputError) -> object:
    """What went wrong, without the advice for one who takes a file in."""
    told = error.fields.get("reason")
    return f"{error.key}: {told}" if told else error.key
