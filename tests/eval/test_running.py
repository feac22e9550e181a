import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import RunFileError, SourceMissingError, SystemNotFoundError, WrongReplyError
from eval.outcomes import Run, read_run, write_run
from eval.questions import (
    Evidence,
    QuestionCase,
    Span,
    read_case_set,
    read_questions,
    write_questions,
)
from eval.running import run_cases
from eval.systems import Bench, Quoted, Reply, Wenzheng, build_system
from qa.answers.answer import Answer, Refusal
from qa.reports.report import Report, Section

TEXT = "甲区地区生产总值增长7.6%。乙区地区生产总值增长4%。"
EVIDENCE = Evidence(TEXT[:14], (Span("t", 0, 14),))
CASE = QuestionCase("q", "actual", "甲区GDP?", (), "7.6%", (("7.6%",),), (), (EVIDENCE,))
REPORT = Report(
    "r1", "", "t", 0, 14, sections=(Section("review", "2023", "", 0, 14),)
)  # fmt: skip


class Parrot:
    """Says the same to every question."""

    def __init__(self, bench: Bench | None = None) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        self.asked.append((question, tuple(turns)))
        quotes = [Quoted(1, Span("t", 0, 14), TEXT[:14]), Quoted(2, Span("t", 1, 14), TEXT[:14])]
        return Reply([Span("t", 0, 14)], "7.6%[1][2]", quotes)


def bench(texts: dict[str, str] | None = None) -> Bench:
    def nothing():  # type: ignore[no-untyped-def]
        raise AssertionError("not asked for")

    return Bench({"t": TEXT} if texts is None else texts, [REPORT], nothing, nothing, nothing)


def run(*cases: QuestionCase) -> Run:
    return run_cases("parrot", Parrot(), bench(), cases, "c")


def test_an_outcome_notes_what_the_metrics_look_at() -> None:
    (outcome,) = run(CASE).outcomes
    assert outcome.gold_reports == ("r1",)
    assert outcome.gold_periods == ("2023",)
    assert outcome.answer is not None
    assert [(c.exact, c.report) for c in outcome.answer.citations] == [(True, "r1"), (False, "r1")]
    assert outcome.milliseconds is not None


def test_earlier_turns_are_handed_on() -> None:
    parrot = Parrot()
    run_cases("parrot", parrot, bench(), [replace(CASE, turns=("先前",))], "c")
    assert parrot.asked == [("甲区GDP?", ("先前",))]


@pytest.mark.parametrize("texts", [{}, {"t": "另一个版本"}])
def test_cases_of_other_texts_are_not_scored(texts: dict[str, str]) -> None:
    with pytest.raises(SourceMissingError, match="case q"):
        run_cases("parrot", Parrot(), bench(texts), [CASE], "c")


def test_a_run_is_read_back(tmp_path: Path) -> None:
    stored = run(CASE, replace(CASE, id="r", evidence=(), refusal="not_stated"))
    write_run(stored, tmp_path / "run.json")
    assert read_run(tmp_path / "run.json") == stored


class Sure(Parrot):
    """Gives a confidence with every reply."""

    def __init__(self, confidence: float) -> None:
        super().__init__()
        self.confidence = confidence

    def reply(self, question: str, turns: Sequence[str]) -> Reply:
        return replace(super().reply(question, turns), confidence=self.confidence, tokens=7)


def test_confidence_and_tokens_are_stored(tmp_path: Path) -> None:
    stored = run_cases("sure", Sure(0.25), bench(), [CASE], "c")
    write_run(stored, tmp_path / "run.json")
    answer = read_run(tmp_path / "run.json").outcomes[0].answer
    assert answer is not None
    assert (answer.confidence, answer.tokens) == (0.25, 7)


def test_a_run_stored_before_there_was_a_confidence_is_read(tmp_path: Path) -> None:
    write_run(run(CASE), tmp_path / "run.json")
    data = json.loads((tmp_path / "run.json").read_text("utf-8"))
    del data["outcomes"][0]["answer"]["confidence"]
    (tmp_path / "run.json").write_text(json.dumps(data), "utf-8")
    assert read_run(tmp_path / "run.json") == replace_times(run(CASE), data["milliseconds"])


def test_our_answers_keep_their_confidence() -> None:
    answer = Answer(
        "refused", "没有写明。", "?", refusal=Refusal("not_stated", "x"), confidence=0.2
    )
    chain = argparse.Namespace(
        search=lambda *asked: argparse.Namespace(hits=[]), ask=lambda *asked: answer
    )
    assert Wenzheng(chain).reply("?", ()).confidence == 0.2  # type: ignore[arg-type]


def replace_times(run: Run, times: dict[str, float]) -> Run:
    outcomes = tuple(replace(o, milliseconds=times[o.case.id]) for o in run.outcomes)
    return replace(run, outcomes=outcomes)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, 93.0, float("nan")])
def test_a_confidence_that_is_none_is_told(confidence: float) -> None:
    with pytest.raises(WrongReplyError, match="case q"):
        run_cases("sure", Sure(confidence), bench(), [CASE], "c")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', '{"format": 1, "outcomes": 3}'])
def test_what_is_no_run_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(RunFileError, match=r"run\.json"):
        read_run(tmp_path / "run.json")


def test_cases_are_written_as_they_are_read(tmp_path: Path) -> None:
    cases = [*read_case_set("questions-1"), replace(CASE, generated=True, refusal="unclear")]
    write_questions(cases, tmp_path / "cases.jsonl")
    assert read_questions(tmp_path / "cases.jsonl") == cases


def test_a_system_may_come_from_a_python_entry() -> None:
    assert isinstance(build_system("tests.eval.test_running:Parrot", bench()), Parrot)


@pytest.mark.parametrize("name", ["nobody", "no.such:thing", "tests.eval.test_running:Nobody"])
def test_an_unknown_system_is_told(name: str) -> None:
    with pytest.raises(SystemNotFoundError, match=name.partition(":")[0]):
        build_system(name, bench())
