"""Question cases: JSON Lines with answers and evidence labelled as spans of the source text.

Labels are spans, not passages, so they survive a change of chunking. docs/evaluation.md describes
the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.case_lines import naming_line, read_objects
from eval.errors import CaseFileError

__all__ = [
    "HELD_OUT",
    "CaseFileError",
    "Evidence",
    "ExpectedFigure",
    "QuestionCase",
    "Span",
    "case_json",
    "case_of",
    "read_case_set",
    "read_questions",
    "write_questions",
]

_CASES = Path(__file__).parent / "cases"
# Apart from the shipped ones: a gate that names its lost cases would have people look at them.
HELD_OUT = tuple(sorted(_CASES.glob("held-out*.jsonl")))


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
class ExpectedFigure:
    """A figure the answer must state: ``text`` as printed with its verb (``增长7.6%``).

    What is None is not judged. ``period`` is a year or a span, ``status`` actual or target.
    """

    text: str
    place: str | None = None
    period: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionCase:
    """A question with its reference.

    A right answer holds, for every list of ``must``, at least one of its strings, and none of
    ``must_not``. Without ``evidence`` the right answer is a refusal, for the reason ``refusal`` if
    one is given. ``generated`` cases are scored apart from those written by people.
    """

    id: str
    type: str
    question: str
    turns: tuple[str, ...]
    answer: str
    must: tuple[tuple[str, ...], ...]
    must_not: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    refusal: str | None = None
    figures: tuple[ExpectedFigure, ...] = ()
    generated: bool = False

    @property
    def is_answerable(self) -> bool:
        return bool(self.evidence) and self.refusal is None


def read_case_set(name: str = "shipped") -> list[QuestionCase]:
    """The cases of a set: a path, the stem of a file in ``eval/cases``, or ``shipped``.

    ``shipped`` is all of that folder but the held-out sets. Raises ``CaseFileError``.
    """
    if name == "shipped":
        files = sorted(path for path in _CASES.glob("*.jsonl") if path not in HELD_OUT)
        return [case for file in files for case in read_questions(file)]
    named = _CASES / f"{name}.jsonl"
    return read_questions(named if named.exists() else Path(name))


def read_questions(path: Path) -> list[QuestionCase]:
    """The cases of a JSON Lines file; raises ``CaseFileError``."""
    cases = list(_read(path))
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise CaseFileError("same_id", name=path.name, id=case.id)
        seen.add(case.id)
    return cases


def _read(path: Path) -> Iterator[QuestionCase]:
    for number, data in read_objects(path):
        with naming_line(path, number):
            case = case_of(data)
        yield case


def case_of(data: dict[str, Any]) -> QuestionCase:
    """The case of a line of a case file; raises ``KeyError`` or ``TypeError``."""
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
        refusal=data.get("refusal"),
        figures=tuple(ExpectedFigure(**figure) for figure in data.get("figures", ())),
        generated=bool(data.get("generated", False)),
    )


def case_json(case: QuestionCase) -> dict[str, Any]:
    """A case as a line of a case file."""
    return asdict(case)


def write_questions(cases: Iterable[QuestionCase], path: Path) -> None:
    """Write a case file that ``read_questions`` reads back equal."""
    lines = [json.dumps(case_json(case), ensure_ascii=False) for case in cases]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
