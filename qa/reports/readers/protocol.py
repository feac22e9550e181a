"""What a reader takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qa.errors import InputError
from qa.reports.limits import ReadLimits
from qa.reports.origin import UNKNOWN, Origin


@dataclass(frozen=True, slots=True)
class Read:
    """A document's text, never empty, and what its form tells beside it."""

    text: str
    origin: Origin = UNKNOWN


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document of a file under its name (``archive.zip/inner.txt``), or why it cannot be read."""

    name: str
    read: Read | InputError


@dataclass(frozen=True, slots=True)
class Task:
    """A file's bytes to read. ``proceed()`` is called with every page that takes long."""

    data: bytes
    name: str
    limits: ReadLimits
    proceed: Callable[[], None] = lambda: None


Reader = Callable[[Task], Read]
"""One file, one document; raises ``InputError``."""

Unpacker = Callable[[Task], Iterator[Outcome]]
"""One file, many documents; raises ``InputError`` if the file as a whole cannot be read."""
