import json
from pathlib import Path

import pytest

from eval.errors import CaseFileError, SourceMissingError
from eval.facts import SHIPPED_FACTS, FactCounts, evaluate_facts, gold_files
from eval.summary import facts_table

SOURCE = "000_9190cc2f12ee2c72.txt"
GDP = {
    "source": SOURCE, "start": 359, "end": 375, "quote": "全年实现地区生产总值增长7.6%",
    "indicator": "地区生产总值", "value": None, "unit": None, "growth_percent": 7.6,
    "period": "2023", "status": "actual",
}  # fmt: skip


def counts(tmp_path: Path, samples_dir: Path, **changed: object) -> FactCounts:
    (tmp_path / "gold.jsonl").write_text(json.dumps({**GDP, **changed}), "utf-8")
    (outcome,) = evaluate_facts([tmp_path / "gold.jsonl"], samples_dir, partial=True)
    return outcome.counts


def test_a_fact_is_found_by_its_figures_period_and_status(
    tmp_path: Path, samples_dir: Path
) -> None:
    assert counts(tmp_path, samples_dir) == FactCounts(1, 1, 1, 0, None)


def test_strictly_its_indicator_must_be_the_same(tmp_path: Path, samples_dir: Path) -> None:
    found = counts(tmp_path, samples_dir, indicator="财政总收入")
    assert (found.recall, found.strict_recall) == (1.0, 0.0)


@pytest.mark.parametrize(
    "changed", [{"growth_percent": 7.7}, {"period": "2022"}, {"status": "target"}]
)
def test_another_figure_period_or_status_contradicts(
    tmp_path: Path, samples_dir: Path, changed: dict[str, object]
) -> None:
    found = counts(tmp_path, samples_dir, **changed)
    assert (found.recall, found.contradictions) == (0.0, 1.0)


def test_precision_is_undefined_where_the_gold_is_partial() -> None:
    assert FactCounts(4, 3, 2, 0, None).precision is None
    assert FactCounts(0, 0, 0, 0, 0).recall is None
    both = FactCounts(4, 3, 2, 1, 6) + FactCounts(6, 5, 4, 0, 4)
    assert both == FactCounts(10, 8, 6, 1, 10)
    assert (both.recall, both.precision, both.strict_precision) == (0.8, 0.8, 0.6)
    assert (FactCounts(1, 1, 1, 0, 1) + FactCounts(1, 1, 1, 0, None)).precision is None


def test_the_shipped_gold_is_mostly_found(samples_dir: Path) -> None:
    outcomes = evaluate_facts(gold_files(SHIPPED_FACTS), samples_dir)
    assert len(outcomes) == 8
    assert all(outcome.counts.gold >= 40 for outcome in outcomes)
    total = sum((o.counts for o in outcomes[1:]), outcomes[0].counts)
    assert (total.recall or 0) >= 0.9
    assert (total.precision or 0) >= 0.9
    assert facts_table(outcomes).splitlines()[-1].startswith("all")


def test_gold_may_give_figures_as_printed(tmp_path: Path, samples_dir: Path) -> None:
    line = {
        "key": SOURCE.removesuffix(".txt"), "quote": GDP["quote"], "indicator": "GDP",
        "value": None, "growth": "7.6%", "period": "2023", "kind": "actual",
    }  # fmt: skip
    (tmp_path / "gold.jsonl").write_text(json.dumps(line), "utf-8")
    (outcome,) = evaluate_facts([tmp_path / "gold.jsonl"], samples_dir, partial=True)
    assert outcome.counts.found_strictly == 1


@pytest.mark.parametrize("line", ["{", "[]", '{"source": "000_9190cc2f12ee2c72.txt"}'])
def test_broken_gold_is_told(tmp_path: Path, samples_dir: Path, line: str) -> None:
    (tmp_path / "gold.jsonl").write_text(line, "utf-8")
    with pytest.raises(CaseFileError, match="gold"):
        evaluate_facts([tmp_path / "gold.jsonl"], samples_dir)


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(json.dumps(GDP), "utf-8")
    with pytest.raises(SourceMissingError, match=SOURCE):
        evaluate_facts([tmp_path / "gold.jsonl"], tmp_path)
