"""What the comparison beside other systems reads, measures and prints."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import side_by_side
from benchmarks.rivals.environments import OURS, RIVALS
from benchmarks.side_by_side import (
    OURS_LABEL,
    ROOT,
    FailedError,
    clusters_of,
    environments,
    held_cases,
    measure,
    read_texts,
    run,
    told,
)
from eval.questions import Evidence, QuestionCase, Span, read_case_set


def _case(name: str, *evidence: Evidence) -> QuestionCase:
    return QuestionCase(name, "figure", "?", (), "", (), (), evidence)


def _data(settings: str = "default", ms: float = 1.0) -> dict[str, object]:
    return {
        "settings": settings, "versions": {"one": "1.0"}, "ingest_s": 2.0, "ingest_cpu_s": 3.0,
        "peak_mb": 100.0, "disk_mb": 1.5, "embedded": 4, "cut": 1, "ms": {"a": ms}, "cpu_ms": {"a": ms},
        "found": {"a": [["t", "甲乙"]]},
    }  # fmt: skip


def test_texts_have_the_names_of_their_files(tmp_path: Path):
    (tmp_path / "t.txt").write_text("政府工作报告", "utf-8")
    assert read_texts([tmp_path]) == {"t.txt": "政府工作报告"}


def test_two_files_of_one_name_are_refused(tmp_path: Path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.txt").write_text("政府工作报告", "utf-8")
    with pytest.raises(SystemExit, match=r"there is another t\.txt"):
        read_texts([tmp_path])


def test_an_unreadable_file_ends_the_comparison(tmp_path: Path):
    (tmp_path / "t.txt").write_bytes(b"")
    with pytest.raises(SystemExit, match=r"t\.txt"):
        read_texts([tmp_path])


def test_only_cases_whose_evidence_stands_in_the_texts_are_scored():
    here = _case("here", Evidence("乙", (Span("t", 1, 2),)))
    elsewhere = _case("elsewhere", Evidence("乙", (Span("u", 1, 2),)))
    moved = _case("moved", Evidence("乙", (Span("t", 0, 1),)))
    assert held_cases([here, elsewhere, moved], {"t": "甲乙"}) == [here]


def test_cases_about_one_report_are_one_cluster_and_others_stand_for_themselves():
    texts = read_texts([ROOT / "samples"])
    cases = held_cases([c for c in read_case_set() if c.is_answerable and not c.turns], texts)
    clusters = clusters_of(cases, texts)
    several = [c.id for c in cases if len({s.source for e in c.evidence for s in e.spans}) > 1]
    assert several
    assert all(clusters[case] == case for case in several)
    reports = {cluster for case, cluster in clusters.items() if cluster != case}
    assert len(reports) == 8


def test_what_cannot_be_installed_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(side_by_side, "interpreters", lambda named: ["no-such-python"])
    given = Namespace(systems=["txtai"], cache=tmp_path, python=[])
    pythons, failures = environments(given)
    assert pythons == {"wenzheng": Path(sys.executable)}
    assert failures["txtai"].startswith("not installed: needs Python 3.11 or later")


def test_a_form_that_fails_is_dropped_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def measured(rival, form, python, texts, cases):
        if form == "hybrid":
            raise FailedError("out of memory")
        return _data()

    monkeypatch.setattr(side_by_side, "run", measured)
    failures: dict[str, str] = {}
    given = Namespace(rounds=2, results=tmp_path / "kept")
    pythons = {"wenzheng": Path("p"), "txtai": Path("p")}
    rounds = measure(given, pythons, {}, [], failures)
    assert {name: len(of) for name, of in rounds.items()} == {
        OURS_LABEL: 2,
        "txtai, vectors": 2,
        "txtai, hybrid, pairs": 2,
    }
    assert failures == {"txtai, hybrid": "failed: out of memory"}
    assert len(list((tmp_path / "kept").glob("2 txtai, vectors *.json"))) == 1
    assert "**txtai, hybrid was not measured: failed: out of memory**" in _told(rounds, failures)


def _told(rounds, failures) -> str:
    texts = {"t": "甲 乙"}
    case = _case("a", Evidence("乙", (Span("t", 2, 3),)))
    figures = {
        name: side_by_side.figures_of(of, [case], side_by_side.Corpus(texts))
        for name, of in rounds.items()
    }
    return told(figures, {"a": "r"}, failures, texts, 1, 1)


def test_a_comparison_that_was_cut_goes_on_but_not_with_other_texts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    asked = []

    def measured(rival, form, python, texts, cases):
        asked.append(form)
        return _data()

    monkeypatch.setattr(side_by_side, "run", measured)
    given = Namespace(rounds=1, results=tmp_path)
    for texts in ({"t": "甲"}, {"t": "甲"}, {"t": "乙"}):
        assert len(measure(given, {"wenzheng": Path("p")}, texts, [], {})[OURS_LABEL]) == 1
    assert asked == ["default", "default"]


def test_without_ours_there_is_nothing_to_compare(monkeypatch: pytest.MonkeyPatch):
    def fail(*given):
        raise FailedError("no model")

    monkeypatch.setattr(side_by_side, "run", fail)
    with pytest.raises(SystemExit, match="no model"):
        measure(Namespace(rounds=1, results=None), {"wenzheng": Path("p")}, {}, [], {})


def test_a_process_that_fails_says_why():
    with pytest.raises(FailedError, match="No module named"):
        run(RIVALS["txtai"], "vectors", Path(sys.executable), {}, [])


def test_every_rival_has_pins_and_a_module():
    for rival in RIVALS.values():
        pins = rival.requirements.read_text("utf-8").splitlines()[1:]
        assert all("==" in pin for pin in pins)
        names = {pin.partition("==")[0].lower().replace("_", "-") for pin in pins}
        assert {package.lower().replace(".", "-") for package in rival.packages} <= {
            name.replace(".", "-") for name in names
        }
        assert (ROOT / "benchmarks" / "rivals" / f"{rival.module}.py").exists()
    assert OURS.forms == ("default",)
