"""What a reader takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from qa.errors import InputError
from qa.reports.limits import ReadLimits
from qa.reports.origin import UNKNOWN, Origin


@dataclass(frozen=True, slots=True)
class Links:
    """What a page links that belongs to it: its next part, and attached files with their words.

    Addresses are as the page writes them: relative to its own.
    """

    next_page: str | None = None
    attachments: tuple[tuple[str, str], ...] = ()


NO_LINKS = Links()


@dataclass(frozen=True, slots=True)
class Read:
    """A document's text, never empty, and what its form tells beside it."""

    text: str
    origin: Origin = UNKNOWN
    links: Links = NO_LINKS


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document of a file under its name (``archive.zip/inner.txt``), or why it cannot be read.

    ``data`` are its bytes, where it is a file of its own whose form was parsed.
    """

    name: str
    read: Read | InputError
    data: bytes | None = field(default=None, repr=False, compare=False)


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
