"""The last evaluation is kept beside the library and read again."""

import json
from pathlib import Path

import pytest

from eval.errors import NotEvaluatedError, RunFileError
from eval.last_run import keep_last, read_last
from eval.outcomes import Outcome, Run
from tests.eval.outcomes import A, answered, case, cited, refused


def _run(system: str, *outcomes: Outcome) -> Run:
    return Run(system, "made", outcomes)


RIGHT = answered(case(A, must=(("7.6%",),), id="q1"), "增长7.6%。", cited(1, A))
WRONG = refused(case(A, must=(("7.6%",),), id="q1"))


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    keep_last([_run("ours", RIGHT)], tmp_path)
    last = read_last(tmp_path)
    assert last["finished"].endswith("+00:00")
    (run,) = last["runs"]
    assert (run["system"], run["cases"], run["wrong"]) == ("ours", "made", 0)
    assert run["scores"]["correct"]["mean"] == 1.0
    assert (last["comparisons"], last["sources"]) == ([], None)


def test_the_first_system_is_set_beside_each_other(tmp_path: Path) -> None:
    keep_last([_run("ours", RIGHT), _run("other", WRONG)], tmp_path)
    (comparison,) = read_last(tmp_path)["comparisons"]
    assert (comparison["system"], comparison["beside"]) == ("ours", "other")
    (correct,) = (one for one in comparison["changes"] if one["metric"] == "correct")
    assert (correct["first"], correct["second"], correct["difference"]) == (0.0, 1.0, 1.0)


def test_wrong_answers_are_counted_and_the_first_hundred_kept(tmp_path: Path) -> None:
    wrong = [refused(case(A, must=(("1",),), id=f"q{n}")) for n in range(120)]
    keep_last([_run("ours", *wrong)], tmp_path)
    (run,) = read_last(tmp_path)["runs"]
    assert (run["wrong"], len(run["failed"])) == (120, 100)


def test_a_folder_that_was_measured_instead_is_named_without_its_path(tmp_path: Path) -> None:
    keep_last([_run("ours", RIGHT)], tmp_path, tmp_path / "samples")
    assert read_last(tmp_path)["sources"] == "samples"


def test_a_library_that_does_not_exist_yet_gets_its_folder(tmp_path: Path) -> None:
    keep_last([_run("ours", RIGHT)], tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["evaluation.json"]


def test_nothing_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotEvaluatedError):
        read_last(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", json.dumps("x").encode() + b"]"])
def test_a_damaged_file_is_told_by_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "evaluation.json").write_bytes(content)
    with pytest.raises(RunFileError, match=r"evaluation\.json"):
        read_last(tmp_path)
