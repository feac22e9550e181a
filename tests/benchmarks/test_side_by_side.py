"""What the comparison beside other libraries computes."""

import pytest

from benchmarks.side_by_side import characters, ratio_interval, ratios, recall, table, within
from eval.questions import Evidence, QuestionCase, Span


def _case(name: str, *spans: Span) -> QuestionCase:
    evidence = tuple(Evidence("", (span,)) for span in spans)
    return QuestionCase(name, "figure", "?", (), "", (), (), evidence)


def test_a_budget_of_characters_cuts_the_passage_that_exceeds_it():
    spans = [Span("a", 0, 60), Span("b", 10, 100), Span("c", 0, 5)]
    assert within(spans, 100) == [Span("a", 0, 60), Span("b", 10, 50)]
    assert characters(within(spans, 100)) == 100


def test_recall_wants_every_piece_of_evidence_whole():
    whole = _case("whole", Span("a", 5, 10))
    cut = _case("cut", Span("a", 5, 10), Span("b", 0, 3))
    found = {"whole": [Span("a", 0, 10)], "cut": [Span("a", 0, 10), Span("b", 0, 2)]}
    share, low, high = recall([whole, cut], found)
    assert share == 0.5
    assert low <= share <= high


def test_ratios_are_paired():
    assert ratio_interval([2.0, 2.0, 2.0]) == pytest.approx((2.0, 2.0, 2.0))
    ours = [{"ingest_s": 2.0, "answers": {"q": {"ms": 10.0}}}]
    rival = [{"ingest_s": 1.0, "answers": {"q": {"ms": 40.0}}}]
    found = ratios(rival, ours)
    assert found["latency_ratio"][0] == pytest.approx(4.0)
    assert found["ingest_ratio"][0] == pytest.approx(0.5)


def test_the_table_has_a_row_for_each_system():
    figures = {
        "settings": "default", "ingest_s": [1.0, 3.0, 2.0], "median_ms": 4.0, "p95_ms": 5.0,
        "peak_mb": 100.0, "disk_mb": 1.5, "characters_5": 500.0, "characters_10": 1000.0,
        "recall_5": (0.5, 0.4, 0.6), "recall_10": (0.6, 0.5, 0.7),
        "recall_characters": (0.7, 0.6, 0.8),
    }  # fmt: skip
    row = table({"one": figures}).splitlines()[2]
    assert "| one | default | 2.0 | 1 | 4.0 / 5.0 |" in row
