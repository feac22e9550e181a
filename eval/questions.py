"""Question cases: JSON Lines with answers and evidence labelled as spans of the source text.

Labels are spans, not passages, so they survive a change of chunking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "cases" / "questions.jsonl"


class CaseFileError(Exception):
    """A case file cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Span:
    """``source``'s decoded text from ``start`` to ``end``, half-open."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence part that supports the answer; each of ``spans`` is one place it stands."""

    quote: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """A question with its reference.

    A right answer holds, for every list of ``must``, at least one of its strings, and none of
    ``must_not``. Without ``evidence`` the right answer is a refusal.
    """

    id: str
    type: str
    question: str
    turns: tuple[str, ...]
    answer: str
    must: tuple[tuple[str, ...], ...]
    must_not: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def read_questions(path: Path = SHIPPED) -> list[QuestionCase]:
    """The cases of a JSON Lines file; raises ``CaseFileError``."""
    return list(_read(path))


def _read(path: Path) -> Iterator[QuestionCase]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _case(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise CaseFileError(f"{path.name}, line {number}: {error!r}") from error


def _case(data: dict[str, Any]) -> QuestionCase:
    return QuestionCase(
        id=data["id"],
        type=data["type"],
        question=data["question"],
        turns=tuple(data.get("turns", ())),
        answer=data["answer"],
        must=tuple(tuple(options) for options in data.get("must", ())),
        must_not=tuple(data.get("must_not", ())),
        evidence=tuple(
            Evidence(e["quote"], tuple(Span(**span) for span in e["spans"]))
            for e in data.get("evidence", ())
        ),
    )
