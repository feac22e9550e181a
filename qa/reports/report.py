"""The values everything else speaks of: Source, Section, Passage, Report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from qa.places import Level
from qa.reports.correcting import Correction
from qa.reports.origin import UNKNOWN, Mark, Origin, Spot, spot_of

SectionKind = Literal["review", "plan", "government", "other"]


@dataclass(frozen=True)
class Source:
    """A file as ingested: its name, its decoded text (never changed), its content hash.

    ``origin`` is what the file's form told beside the text.
    """

    name: str
    text: str
    origin: Origin = field(default=UNKNOWN, repr=False)

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the decoded text in UTF-8: the same report in another encoding is equal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a report with one purpose.

    ``period`` is the year (``"2023"``) or span (``"2021-2025"``) the section tells of, None if
    unknown. ``start`` and ``end`` are source offsets.
    """

    kind: SectionKind
    period: str | None
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: whole sentences of one section.

    Invariant: ``source_text[start:end] == text``. ``headings`` is the path from the section's
    title down; ``sentences`` are the source offsets of its sentences.
    """

    report_id: str
    source: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    kind: SectionKind
    period: str | None
    sentences: tuple[tuple[int, int], ...]
    marks: tuple[Mark, ...] = field(default=(), repr=False, compare=False)

    def spot(self, start: int, end: int) -> Spot:
        """Page, paragraph and box of source offsets inside the passage, as far as they are known."""
        return spot_of(self.marks, start, end)

    @property
    def id(self) -> str:
        """Sixteen hex digits: the hash of the passage's address."""
        address = f"{self.report_id}:{self.start}:{self.end}"
        return hashlib.sha256(address.encode()).hexdigest()[:16]

    def sentence_texts(self) -> tuple[str, ...]:
        """The passage's sentences as printed."""
        return tuple(self.text[a - self.start : b - self.start] for a, b in self.sentences)


@dataclass(frozen=True, slots=True)
class Copy:
    """Another source of a report: its file's name, its address, and the report it is held as."""

    name: str
    url: str | None
    report_id: str

    def as_json(self) -> dict[str, str]:
        """``url`` is there if the source names one."""
        told = {"name": self.name, "report_id": self.report_id}
        return told | ({"url": self.url} if self.url else {})


def copies_json(copies: Sequence[Copy]) -> dict[str, list[dict[str, str]]]:
    """``also_in``, where there are other sources; nothing where there are none."""
    return {"also_in": [copy.as_json() for copy in copies]} if copies else {}


@dataclass(frozen=True, slots=True)
class Report:
    """One work report. What the text does not say is None.

    ``year`` is the year of delivery; ``reviewed_period`` and ``planned_period`` are printed years
    or spans; ``mentioned_years`` are all years its text prints. ``start`` and ``end`` are offsets into
    ``source``, ``url`` is the address that the source names as its own. ``correction`` is what a person
    corrected, ``copies`` are the other sources of the same report; only a library knows them.
    """

    report_id: str
    title: str
    source: str
    start: int
    end: int
    place: str | None = None
    place_code: str | None = None
    province: str | None = None
    level: Level | None = None
    year: int | None = None
    delivered: str | None = None
    speaker: str | None = None
    reviewed_period: str | None = None
    planned_period: str | None = None
    mentioned_years: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    sections: tuple[Section, ...] = field(default=(), repr=False)
    passages: tuple[Passage, ...] = field(default=(), repr=False)
    url: str | None = None
    correction: Correction | None = field(default=None, repr=False)
    copies: tuple[Copy, ...] = field(default=(), repr=False)

    @property
    def mark(self) -> str:
        """Eight hex digits that name the text and its rank in the file, whatever is read of it."""
        return self.report_id.rpartition("-")[2]

    @property
    def text(self) -> str:
        """The passages' texts: the report without page furniture."""
        return "\n".join(passage.text for passage in self.passages)
