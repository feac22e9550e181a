"""The answer object: what every door shows, each in its own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from qa.harmless import harmless
from qa.reports.origin import NOWHERE, Spot
from qa.reports.report import Copy, Passage, Report, copies_json

_MARKER_OF_A_SOURCE = re.compile(r"\[(\d+)\]")
AnswerStatus = Literal["answered", "partial", "refused"]
RefusalReason = Literal[
    "place_not_held",
    "period_not_held",
    "not_stated",
    "only_target_stated",
    "only_actual_stated",
    "out_of_scope",
    "unclear",
]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted stretch of a source: ``decoded[start:end] == quote``, always."""

    n: int
    report_id: str
    report_title: str
    place: str | None
    year: int | None
    source: str
    start: int
    end: int
    quote: str
    headings: tuple[str, ...]
    url: str | None = None
    spot: Spot = NOWHERE
    also_in: tuple[Copy, ...] = ()

    @classmethod
    def of(cls, n: int, report: Report, passage: Passage, span: tuple[int, int]) -> Citation:
        """Citation number ``n`` of the source offsets ``span``, which lie inside ``passage``."""
        start, end = span
        return cls(
            n=n,
            report_id=report.report_id,
            report_title=report.title,
            place=report.place,
            year=report.year,
            source=passage.source,
            start=start,
            end=end,
            quote=passage.text[start - passage.start : end - passage.start],
            headings=passage.headings,
            url=report.url,
            spot=passage.spot(start, end),
            also_in=report.copies,
        )

    def as_json(self) -> dict[str, Any]:
        """The citation object of the public contract; ``url``, ``page``, ``paragraph`` and ``box`` are
        there if the file's form tells them, ``also_in`` if the report is held from other sources, too."""
        told = {**asdict(self), "headings": list(self.headings)}
        del told["spot"], told["url"], told["also_in"]
        told |= ({"url": self.url} if self.url else {}) | self.spot.as_json()
        return told | copies_json(self.also_in)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer; ``detail`` is one sentence for the user."""

    reason: RefusalReason
    detail: str


@dataclass(frozen=True, slots=True)
class Check:
    """A figure of the answer and whether the citation it stands beside holds it."""

    figure: str
    supported: bool
    citation: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell and the citation it rests on."""

    text: str
    citation: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def harmless(self) -> Table:
        """The same table without signs that act on a screen."""
        return Table(
            tuple(map(harmless, self.columns)),
            tuple(tuple(replace(c, text=harmless(c.text)) for c in row) for row in self.rows),
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a language model read and wrote, as its endpoint counts them."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with markers ``[1]``; refused if and only if it has no citations.

    ``confidence`` is how sure the chain is that the reports state what was asked, 0 to 1; a refusal
    carries the score that made it refuse. None where nothing was scored. ``usage`` is what a
    language model took part for, None where none did. ``withheld`` is how many sentences and cells
    were removed because their citation does not support them; only metrics tell it.
    """

    status: AnswerStatus
    text: str
    question: str
    citations: tuple[Citation, ...] = ()
    refusal: Refusal | None = None
    table: Table | None = None
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    generator: str = "extractive"
    id: str = ""
    confidence: float | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: Usage | None = None
    withheld: int = 0

    def identified(self, id: str) -> Answer:
        """The same answer under the id its asker gave it."""
        return replace(self, id=id)

    def harmless(self) -> Answer:
        """The same answer without signs that act on a screen; its quotes stay as they are written."""
        refusal, table = self.refusal, self.table
        return replace(
            self,
            text=harmless(self.text),
            refusal=refusal and replace(refusal, detail=harmless(refusal.detail)),
            table=table and table.harmless(),
            notes=tuple(map(harmless, self.notes)),
        )

    def as_json(self) -> dict[str, Any]:
        """The answer object of the public contract; ``usage`` is there if a model was asked."""
        told = {
            "id": self.id,
            "question": self.question,
            "status": self.status,
            "answer": self.text,
            "citations": [citation.as_json() for citation in self.citations],
            "refusal": None
            if self.refusal is None
            else {"reason": self.refusal.reason, "detail": self.refusal.detail},
            "table": None if self.table is None else _table_json(self.table),
            "checks": [
                {"figure": c.figure, "supported": c.supported, "citation": c.citation}
                for c in self.checks
            ],
            "notes": list(self.notes),
            "generator": self.generator,
            "timings_ms": {name: round(ms, 2) for name, ms in self.timings_ms.items()},
        }
        if self.usage is not None:
            told["usage"] = asdict(self.usage)
        return told


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "columns": list(table.columns),
        "rows": [
            [{"text": cell.text, "citation": cell.citation} for cell in row] for row in table.rows
        ],
    }


def without_markers(text: str) -> str:
    """A source's own [9] in other brackets: every marker of an answer is one of its citations."""
    return _MARKER_OF_A_SOURCE.sub(r"［\1］", text)
