import json
from pathlib import Path

import pytest

from api import assembly
from api.cli import main
from eval.judge import Opinion
from eval.questions import read_case_set, write_questions
from qa.settings import Settings
from tests.eval.scripted_model import ScriptedModel


@pytest.fixture
def run_eval(bundled_settings: Settings, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("WENZHENG_CACHE", str(bundled_settings.cache))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str) -> int:
        return main(["--library", str(bundled_settings.library), "eval", *arguments])

    return run


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def test_two_runs_of_the_shipped_set_give_the_same_scores(  # type: ignore[no-untyped-def]
    run_eval, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (stored / name for name in ("one", "two"))
    baseline = str(stored / "baseline.json")
    assert run_eval("run", "--output", str(one), "--write-baseline", baseline, "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert run_eval("run", "--output", str(two), "--baseline", baseline, "--json") == 0
    second = json.loads(capsys.readouterr().out)
    for run in (*first, *second):
        del run["costs"]
    assert first == second
    outcomes = [
        json.loads((f / "wenzheng.json").read_text("utf-8"))["outcomes"] for f in (one, two)
    ]
    assert outcomes[0] == outcomes[1]


def test_ours_beats_vanilla(  # type: ignore[no-untyped-def]
    run_eval, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = stored / "page.html"
    systems = ("--cases", "questions-1", "--system", "wenzheng", "--system", "vanilla")
    assert run_eval("run", *systems, "--output", str(stored), "--report", str(page)) == 0
    compared = capsys.readouterr().out.rpartition("McNemar p")[2]
    (line,) = [line for line in compared.splitlines() if line.startswith("all@5")]
    assert float(line.split()[3]) - float(line.split()[2]) >= 0.2
    assert "*" in line
    assert page.read_text("utf-8").count("<svg") >= 3
    files = [str(stored / f"{name}.json") for name in ("vanilla", "wenzheng")]
    assert run_eval("compare", *files, "--flips") == 0
    assert run_eval("compare", *reversed(files), "--strict") == 1
    assert run_eval("report", *files, "--output", str(page)) == 0


def test_a_floor_that_is_missed_fails(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_questions(read_case_set("questions-1")[10:20], tmp_path / "few.jsonl")
    few = ("run", "--cases", str(tmp_path / "few.jsonl"), "--fail-under")
    assert run_eval(*few, "recall@10=0.5") == 0
    assert run_eval(*few, "recall@1=1.01") == 1
    assert "recall@1 is" in capsys.readouterr().err
    assert run_eval(*few, "recall@1=nan") == 1


def test_a_metric_without_scores_fails(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_questions(read_case_set("questions-1")[10:12], tmp_path / "few.jsonl")
    few = ("run", "--cases", str(tmp_path / "few.jsonl"), "--fail-under")
    assert run_eval(*few, "refusal_reason=0.1") == 1
    assert "nothing was scored by refusal_reason" in capsys.readouterr().err


def test_a_run_without_cases_fails(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.jsonl").touch()
    assert run_eval("run", "--cases", str(tmp_path / "none.jsonl")) == 1
    assert "nothing was scored" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--cases", "nowhere.jsonl"), "nowhere.jsonl"),
        (("run", "--system", "nobody"), "nobody"),
        (("compare", "a.json", "b.json"), "a.json"),
        (("import", "csv", "no.csv", "out"), "no.csv"),
    ],
)
def test_failures_are_one_line(  # type: ignore[no-untyped-def]
    run_eval, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run_eval(*arguments) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("wenzheng: ")
    assert said in error


def test_the_gate_speaks_the_users_language(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    write_questions(read_case_set("questions-1")[10:16], tmp_path / "few.jsonl")
    run = ("run", "--system", "vanilla", "--cases", str(tmp_path / "few.jsonl"))
    scores = {"recall@20": {case.id: 2.0 for case in read_case_set("questions-1")[10:16]}}
    baseline = {"system": "vanilla", "cases": "c", "scores": scores, "clusters": {}}
    (tmp_path / "b.json").write_text(json.dumps(baseline))
    assert run_eval(*run, "--fail-under", "recall@1=2", "--baseline", str(tmp_path / "b.json")) == 1
    said = capsys.readouterr().err
    assert "低于 2.000" in said
    assert "recall@20 从 2.000 降到" in said
    assert run_eval("compare", "a.json", "b.json") == 1
    assert "a.json 无法读取" in capsys.readouterr().err


def test_a_judge_is_advisory(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = iter([Opinion(verdict="wrong", reason="不对"), None])
    model = ScriptedModel(script=lambda prompt: next(said))
    monkeypatch.setattr(assembly, "model_of", lambda settings: model)
    monkeypatch.setenv("WENZHENG_LLM", "openai:scripted")
    write_questions(read_case_set("questions-1")[10:12], tmp_path / "few.jsonl")
    run = ("run", "--judge", "--cases", str(tmp_path / "few.jsonl"), "--json")
    assert run_eval(*run, "--write-baseline", str(tmp_path / "b.json")) == 0
    out, err = capsys.readouterr()
    (scores,) = json.loads(out)
    assert scores["advisory"]["model"] == "openai:scripted"
    assert scores["advisory"]["judge"]["mean"] == 0.0
    assert "judge" not in json.loads((tmp_path / "b.json").read_text("utf-8"))["scores"]
    assert "the judge gave no verdict for 1 of 2 answers" in err


def test_a_judge_without_a_language_model_is_told_before_the_run(  # type: ignore[no-untyped-def]
    run_eval, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_eval("run", "--judge", "--cases", "nowhere.jsonl") == 1
    assert "WENZHENG_LLM" in capsys.readouterr().err


@pytest.mark.parametrize("floor", ["judge=0.5", "nonsense=1", "recall@5=high", "recall@5"])
def test_a_wrong_floor_is_wrong_usage(run_eval, floor: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SystemExit) as stop:
        run_eval("run", "--fail-under", floor)
    assert stop.value.code == 2


def test_generated_questions_can_be_asked(  # type: ignore[no-untyped-def]
    run_eval, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = str(tmp_path / "made.jsonl")
    assert run_eval("generate", made, "--per-kind", "3") == 0
    assert run_eval("run", "--cases", made, "--json") == 0
    (scores,) = json.loads(capsys.readouterr().out)
    assert scores["scores"] == {}
    assert scores["generated"]["correct"]["cases"] >= 15


def test_cases_are_imported_with_their_sources(run_eval, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "c.csv").write_text("question,answer,context\n面积?,59,面积59平方公里\n", "utf-8")
    assert run_eval("import", "csv", str(tmp_path / "c.csv"), str(tmp_path / "out")) == 0
    assert len(list((tmp_path / "out" / "sources").iterdir())) == 1
    cases, sources = str(tmp_path / "out" / "cases.jsonl"), str(tmp_path / "out" / "sources")
    assert run_eval("run", "--system", "vanilla", "--cases", cases, "--sources", sources) == 0


def test_facts_are_scored(run_eval, samples_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    assert run_eval("facts", "--sources", str(samples_dir)) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("all")


def test_retrieval_by_words_alone(run_eval, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    assert run_eval("retrieval", "--leg", "lexical") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("| all | ")
