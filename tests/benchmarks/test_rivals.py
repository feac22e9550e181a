"""The pure parts of the comparison: matching by text, ratios, tables, environments."""

import sys
from pathlib import Path

import pytest

from benchmarks.rivals import environments
from benchmarks.rivals.environments import NotInstalledError, Rival, environment
from benchmarks.rivals.figures import (
    Ratio,
    figures_of,
    ingest_ratio,
    read_round,
    recall_ratio,
    recall_table,
    setup_table,
    share,
    time_ratio,
    time_table,
)
from benchmarks.rivals.matching import Corpus, signs, within
from eval.questions import Evidence, QuestionCase, Span

TEXT = "一、回顾\n全年 增长7.6%。\n二、目标\n力争增长 7%。"


def _case(*quotes: str) -> QuestionCase:
    evidence = tuple(
        Evidence(quote, (Span("t", TEXT.index(quote), TEXT.index(quote) + len(quote)),))
        for quote in quotes
    )
    return QuestionCase("a", "figure", "?", (), "", (), (), evidence)


def test_white_space_makes_no_difference():
    corpus = Corpus({"t": TEXT})
    assert corpus.holds(_case("全年 增长7.6%"), [("t", "回顾 全年增长\n7.6%。")])


def test_a_passage_of_another_source_holds_nothing():
    corpus = Corpus({"t": TEXT, "u": TEXT})
    assert not corpus.holds(_case("全年 增长7.6%"), [("u", TEXT)])


def test_all_evidence_is_wanted_whole():
    corpus = Corpus({"t": TEXT})
    case = _case("全年 增长7.6%", "力争增长 7%")
    assert not corpus.holds(case, [("t", "全年增长7.6%。"), ("t", "力争增长")])
    assert corpus.holds(case, [("t", "全年增长7.6%。"), ("t", "力争增长"), ("t", "增长7%。")])


def test_lines_are_found_where_a_passage_left_others_out():
    corpus = Corpus({"t": TEXT})
    shortened = ("t", "全年增长7.6%。\n# 目标\n力争增长7%。")
    assert corpus.holds(_case("全年 增长7.6%", "力争增长 7%"), [shortened])
    assert corpus.placed_share([shortened]) == pytest.approx(16 / 19)


def test_a_repeated_passage_stands_wherever_it_does():
    corpus = Corpus({"t": "甲乙 丙 甲乙"})
    assert corpus.place(("t", "甲 乙")) == [Span("t", 0, 2), Span("t", 3, 5)]
    assert corpus.placed_share([("t", "甲乙")]) == 1.0


def test_a_budget_of_signs_cuts_the_passage_that_exceeds_it():
    passages = [("a", "一 二 三"), ("b", "四 五 六"), ("c", "七")]
    assert within(passages, 5) == [("a", "一 二 三"), ("b", "四五")]
    assert signs(within(passages, 5)) == 5
    assert within(passages, 100) == passages


def test_ratios_are_ours_over_theirs_and_paired():
    ours = {"a": 10.0, "b": 20.0}
    theirs = {"a": 5.0, "b": 10.0}
    ratio = time_ratio(ours, theirs, {})
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2.0, 2.0, 2.0))
    assert ingest_ratio([4.0, 9.0, 2.0], [2.0, 3.0, 2.0]) == Ratio(2.0, 1.0, 3.0)


def test_recall_ratios_draw_the_same_reports_for_both():
    ours = {f"{n}": float(n % 2) for n in range(8)}
    clusters = {case: str(int(case) // 2) for case in ours}
    assert recall_ratio(ours, ours, clusters) == Ratio(1.0, 1.0, 1.0)
    assert share(ours, clusters).value == 0.5


def test_the_tables_relate_every_row_to_the_first():
    data = {
        "settings": "default", "versions": {"one": "1.0"}, "ingest_s": 2.0, "ingest_cpu_s": 3.0,
        "peak_mb": 100.0, "disk_mb": 1.5, "embedded": 4000, "cut": 1, "ms": {"a": 4.0}, "cpu_ms": {"a": 2.0},
        "found": {"a": [["t", TEXT]]},
    }  # fmt: skip
    slow = {**data, "ingest_s": 4.0, "ms": {"a": 8.0}}
    figures = {
        name: figures_of([read_round(each)], [_case("全年 增长7.6%")], Corpus({"t": TEXT}))
        for name, each in (("ours", data), ("it", slow))
    }
    first, second = time_table(figures, {"a": "r"}).splitlines()[2:]
    assert first == "| ours | 2.0 | 1 | 3.0 | 1 | 4.0 | 4.0 | 1 | 2.0 | 1 |"
    assert second.startswith("| it | 4.0 | 0.50 | 3.0 | 1.00 | 8.0 | 8.0 | 0.50 [0.50, 0.50] |")
    assert "| default | one 1.0 | 100 | 1.5 | 4,000 | 1 | 100.0% |" in setup_table(figures)
    row = recall_table(figures, {"a": "r"}).splitlines()[2]
    assert row.startswith("| ours | 1.00 [1.00, 1.00] | 1 | 24 |")


def test_an_environment_is_made_once_and_again_when_its_pins_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(environments, "_HERE", tmp_path)
    rival = Rival("nothing", (), ())
    rival.requirements.write_text("# nothing\n")
    python = environment(rival, tmp_path, [sys.executable])
    made = (tmp_path / "nothing" / "ready").stat().st_mtime_ns
    assert python.exists()
    # What is there needs no interpreter to be made with.
    assert environment(rival, tmp_path, []) == python
    assert (tmp_path / "nothing" / "ready").stat().st_mtime_ns == made
    rival.requirements.write_text("no-such-package-of-anyone ==\n")
    with pytest.raises(NotInstalledError):
        environment(rival, tmp_path, [sys.executable])
    assert not (tmp_path / "nothing" / "ready").exists()


def test_a_rival_that_needs_a_newer_python_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(environments, "_HERE", tmp_path)
    rival = Rival("later", (), (), (9, 0))
    rival.requirements.write_text("# nothing\n")
    with pytest.raises(NotInstalledError, match=r"needs Python 9\.0 or later"):
        environment(rival, tmp_path, [sys.executable])
