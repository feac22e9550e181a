"""What was gathered at an address, ready to be taken in. Imports nothing that takes time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.errors import InputError
from qa.reports.report import Source


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server named a version of ``url`` by."""

    url: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class WebDocument:
    """A source, or why there is none. ``key`` is what the library knows it by: the address asked for,
    with ``#`` and the part behind it where that gave more than one document."""

    key: str
    source: Source | InputError


@dataclass(frozen=True, slots=True)
class Gathered:
    """All documents of the address ``url``; none, if it is ``unmodified`` since it was taken in."""

    url: str
    documents: tuple[WebDocument, ...] = ()
    unmodified: bool = False
    validators: Validators | None = None


def is_address(text: str) -> bool:
    """True for what is meant as an address and not as a file's path."""
    return re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text) is not None
