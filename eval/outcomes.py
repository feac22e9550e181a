"""What a system did with a case: the passages it found, the answer it gave, how long it took.

An outcome holds all that the metrics look at, so a stored run can be scored again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from eval.errors import RunFileError
from eval.questions import QuestionCase, Span, case_of

_FORMAT = 1

Verdict = Literal["right", "partly", "wrong"]


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of an answer. ``exact`` if ``quote`` is what stands at ``span``; ``report`` is the
    id of the report that holds the span."""

    n: int
    span: Span
    quote: str
    exact: bool
    report: str | None = None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as a user sees it: ``text`` with markers ``[1]``, table cells appended as lines.

    ``refusal`` is the reason of a refused answer, else None; ``confidence`` is how sure the system
    is that the texts state what was asked, 0 to 1.
    """

    text: str
    citations: tuple[Cited, ...] = ()
    refusal: str | None = None
    tokens: int | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a language model thinks of an answer, and its reason in one sentence."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case asked of one system.

    ``ranked`` is what its search found, best first, None if it shows no search; ``answer`` is None
    if it only searches. ``gold_reports`` are the ids of the reports that hold the evidence,
    ``gold_periods`` the periods that the evidence's sections tell of. ``judgement`` is None unless a
    judge was asked and gave one.
    """

    case: QuestionCase
    ranked: tuple[Span, ...] | None = None
    answer: GivenAnswer | None = None
    gold_reports: tuple[str, ...] = ()
    gold_periods: tuple[str, ...] = ()
    milliseconds: float | None = None
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of one system over one case set, in the order of the cases.

    ``judge`` names the language model that judged the answers, None without one.
    """

    system: str
    cases: str
    outcomes: tuple[Outcome, ...] = field(repr=False)
    judge: str | None = None


def write_run(run: Run, path: Path) -> None:
    """Store a run; latencies stand under a key of their own, all else is the same every time."""
    data = {
        "format": _FORMAT,
        "system": run.system,
        "cases": run.cases,
        "judge": run.judge,
        "outcomes": [_outcome_json(outcome) for outcome in run.outcomes],
        "milliseconds": {o.case.id: o.milliseconds for o in run.outcomes},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    data = asdict(outcome)
    del data["milliseconds"]
    return data


def read_run(path: Path) -> Run:
    """Read what ``write_run`` wrote; raises ``RunFileError``."""
    data = read_json(path)
    try:
        if data["format"] != _FORMAT:
            raise RunFileError("run_format", name=path, held=data["format"], ours=_FORMAT)
        times = data["milliseconds"]
        outcomes = tuple(_outcome(row, times) for row in data["outcomes"])
        return Run(data["system"], data["cases"], outcomes, data.get("judge"))
    except (KeyError, TypeError, AttributeError) as error:
        raise RunFileError("wrong_run", name=path, reason=repr(error)) from error


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; raises ``RunFileError``."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RunFileError("unreadable", name=path, reason=error.strerror) from error
    except ValueError as error:
        raise RunFileError("wrong_run", name=path, reason=error) from error
    if not isinstance(data, dict):
        raise RunFileError("wrong_run", name=path, reason="not an object")
    return data


def _outcome(row: Mapping[str, Any], times: Mapping[str, float | None]) -> Outcome:
    case = case_of(row["case"])
    return Outcome(
        case=case,
        ranked=None if row["ranked"] is None else _spans(row["ranked"]),
        answer=None if row["answer"] is None else _answer(row["answer"]),
        gold_reports=tuple(row["gold_reports"]),
        gold_periods=tuple(row["gold_periods"]),
        milliseconds=times.get(case.id),
        judgement=Judgement(**row["judgement"]) if row.get("judgement") else None,
    )


def _answer(row: Mapping[str, Any]) -> GivenAnswer:
    cited = tuple(Cited(**{**c, "span": Span(**c["span"])}) for c in row["citations"])
    # Runs stored before answers had a confidence are read too.
    confidence = row.get("confidence")
    return GivenAnswer(row["text"], cited, row["refusal"], row["tokens"], confidence)


def _spans(rows: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**row) for row in rows)
