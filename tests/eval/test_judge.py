from collections.abc import Callable
from pathlib import Path

import pytest

from eval.comparison import sheet_of
from eval.judge import Opinion, advice, judge, judge_run
from eval.outcomes import Judgement, Run, read_run, write_run
from eval.questions import QuestionCase
from eval.report_page import report_page
from eval.scores import METRICS
from eval.summary import run_json, run_table
from tests.eval.outcomes import A, answered, case, refused, searched
from tests.eval.scripted_model import ScriptedModel

ASKED = case(A, must=(("7",),), answer="增长7%", question="增长多少?")
RUN = Run(
    "ours",
    "c",
    (
        answered(ASKED, "增长7%[1]"),
        answered(case(A, must=(("7",),), id="w"), "8"),
        searched(case()),
    ),
)


def saying(*answers: object) -> ScriptedModel:
    """A model that says these, one after the other; exceptions are raised."""
    left = list(answers)

    def script(prompt: str) -> object:
        said = left.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    return ScriptedModel(script=script)


def opinion(verdict: str) -> Opinion:
    return Opinion.model_validate({"verdict": verdict, "reason": "<因为>"})


def shown(asked: QuestionCase, answer: str) -> str:
    prompts: list[str] = []
    note: Callable[[str], object] = lambda prompt: prompts.append(prompt) or opinion("right")  # noqa: E731
    judge(ScriptedModel(script=note), asked, answer)
    return prompts[0]


def test_the_judge_sees_question_reference_and_answer() -> None:
    prompt = shown(ASKED, "增长{7}%")
    assert "<问题>\n增长多少?\n</问题>" in prompt
    assert "<参考>\n增长7%\n…\n</参考>" in prompt
    assert "<回答>\n增长{7}%\n</回答>" in prompt


def test_a_refusal_is_the_reference_of_what_the_reports_do_not_answer() -> None:
    assert "应当拒答" in shown(case(answer="无"), "没有写明。")


def test_verdicts_are_kept_with_the_outcomes_and_stored(tmp_path: Path) -> None:
    told = judge_run(RUN, saying(opinion("right"), opinion("partly")), "m")
    assert [o.judgement for o in told.outcomes] == [
        Judgement("right", "<因为>"), Judgement("partly", "<因为>"), None,
    ]  # fmt: skip
    write_run(told, tmp_path / "run.json")
    assert read_run(tmp_path / "run.json") == told


@pytest.mark.parametrize("nonsense", [TimeoutError("slow"), None, {"verdict": "right"}, "right"])
def test_a_model_that_fails_or_talks_nonsense_gives_no_verdict_and_never_zero(
    nonsense: object,
) -> None:
    told = advice(judge_run(RUN, saying(nonsense, opinion("right")), "m"))
    assert told is not None
    assert told.score is not None
    assert (told.score.mean, told.score.cases) == (1.0, 1)
    assert (told.unjudged, told.answers) == (1, 2)
    none = judge_run(RUN, saying(nonsense, nonsense), "m")
    assert "no verdict for 2 of 2 answers" in run_table(none)
    assert "judge:" not in run_table(none)
    assert run_json(none)["advisory"]["judge"] is None


def test_a_model_that_is_down_is_not_asked_for_every_case() -> None:
    many = Run("ours", "c", (refused(case()),) * 20)
    model = saying(*[TimeoutError()] * 2, opinion("right"), *[TimeoutError()] * 5)
    told = advice(judge_run(many, model, "m"))
    assert told is not None
    assert told.unjudged == 19


def test_progress_counts_the_answers() -> None:
    steps: list[tuple[str, int, int]] = []
    judge_run(RUN, saying(opinion("right"), None), "m", lambda *step: steps.append(step))
    assert steps == [("judge", 1, 2), ("judge", 2, 2)]


def test_it_is_shown_apart_and_in_no_score_gate_or_baseline() -> None:
    told = judge_run(RUN, saying(opinion("wrong"), opinion("wrong")), "openai:x")
    assert sheet_of(told) == sheet_of(RUN)
    assert "judge" not in METRICS
    scores, _, advised = run_table(told).partition(
        "advisory, never gates: 2 answers judged by openai:x"
    )
    assert "judge" not in scores
    # right and wrong by the metric, wrong and wrong by the judge: half agree, as chance would.
    assert "agreement with correct: 1 of 2, Cohen's kappa 0.000" in advised
    assert run_json(told)["advisory"]["disputed"] == [
        {"id": "q", "verdict": "wrong", "reason": "<因为>"}
    ]
    assert "judge" not in run_json(told)["scores"]
    page = report_page([told])
    assert "advisory, judged by openai:x" in page
    assert "wrong: &lt;因为&gt;" in page


def test_without_a_judge_nothing_is_advised() -> None:
    assert advice(RUN) is None
    assert run_json(RUN)["advisory"] is None
    assert "advisory" not in report_page([RUN]) + run_table(RUN)
