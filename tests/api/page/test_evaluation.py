"""The last evaluation on the page."""

from __future__ import annotations

import json
from typing import Any, get_args

from playwright.sync_api import expect

from eval.metrics.answers import Fault
from eval.questions import read_case_set
from eval.scores import COSTS, METRICS
from qa.settings import Settings
from tests.api.page.asking import fits
from tests.api.page.conftest import OpenPage

_SCORE = {"mean": 0.957, "low": 0.942, "high": 0.97, "cases": 883}
LAST: dict[str, Any] = {
    "finished": "2026-11-26T08:00:00+00:00",
    "sources": "samples",
    "runs": [
        {
            "system": "wenzheng",
            "cases": "shipped",
            "scores": {"correct": _SCORE, "mrr": {**_SCORE, "mean": 0.94}},
            "generated": {},
            "faults": {"right": 4, "wrong": 1},
            "costs": {"milliseconds": {"cases": 5, "p50": 30.4, "p95": 83.2, "highest": 304.0}},
            "reliability": {
                "answerable": {"cases": 5, "auc": None, "brier": 0.063, "calibration_error": 0.169, "bins": []}
            },
            "advisory": {"judge": _SCORE, "model": "openai:judge", "kappa": 0.8},
            "by_type": {"compare": {"correct": {**_SCORE, "mean": 0.5, "cases": 4}}},
            "failed": [
                {
                    "id": "q-1",
                    "type": "compare",
                    "fault": "wrong",
                    "turns": [],
                    "question": "谁<b>高</b>?",
                    "answer": "不知道",
                    "gold": {"answer": "越城区", "refusal": None, "evidence": []},
                }
            ],
            "wrong": 120,
        }
    ],
    "comparisons": [
        {
            "system": "wenzheng",
            "beside": "vanilla",
            "changes": [
                {"metric": "correct", "first": 0.3, "second": 0.957, "difference": 0.657, "low": 0.6, "high": 0.7, "is_significant": True}
            ],
        }
    ],
}  # fmt: skip


def test_scores_comparison_and_wrong_answers_are_shown(
    open_page: OpenPage, own_site: str, own_settings: Settings
) -> None:
    (own_settings.library / "evaluation.json").write_text(json.dumps(LAST), "utf-8")
    page = open_page(f"{own_site}/#/evaluation")
    row = page.get_by_role("row").filter(has_text="回答正确").first
    expect(row).to_contain_text("0.957")
    expect(row).to_contain_text("0.942–0.970")
    expect(page.get_by_role("heading", name="wenzheng 与 vanilla 相比")).to_be_visible()
    cells = page.get_by_role("row").filter(has_text="+0.657").get_by_role("cell").all_inner_texts()
    assert cells == ["0.300", "0.957", "+0.657", "+0.600 至 +0.700", "是"]
    summary = page.get_by_text("答错的题（120）")
    summary.click()
    expect(page.get_by_text("只列前 1 题。")).to_be_visible()
    expect(page.get_by_role("heading", name="谁<b>高</b>?")).to_be_visible()
    assert fits(page)


def test_what_was_measured_and_how_sure_the_system_was_is_told(
    open_page: OpenPage, own_site: str, own_settings: Settings
) -> None:
    (own_settings.library / "evaluation.json").write_text(json.dumps(LAST), "utf-8")
    page = open_page(f"{own_site}/#/evaluation", locale="en-GB")
    expect(page.locator(".lead")).to_contain_text("The reports in the folder samples were measured")
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == [
        "Answers",
        "Search",
        "Right answers by type",
        "What became of the answers (cases)",
        "wenzheng beside vanilla",
        "Time and length",
        "Confidence",
        "A language model's judgement (advisory only)",
    ]
    expect(page.get_by_role("row").filter(has_text="milliseconds a question")).to_contain_text(
        "304"
    )
    # Undefined is no zero.
    expect(page.get_by_role("row").filter(has_text="that the reports state it")).to_contain_text(
        "–"
    )


def test_every_metric_type_and_fault_has_words_in_both_languages(
    open_page: OpenPage, own_site: str, own_settings: Settings
) -> None:
    cases = read_case_set("shipped")
    run: dict[str, Any] = {
        **LAST["runs"][0],
        "scores": dict.fromkeys(METRICS, _SCORE),
        "by_type": {case.type: {"correct": _SCORE} for case in cases},
        "faults": dict.fromkeys(get_args(Fault), 1),
        "costs": {name: {"cases": 1, "p50": 1, "p95": 1, "highest": 1} for name in COSTS},
    }
    told = json.dumps({**LAST, "runs": [run]})
    (own_settings.library / "evaluation.json").write_text(told, "utf-8")
    for locale in ("zh-CN", "en-GB"):
        page = open_page(f"{own_site}/#/evaluation", locale=locale)
        heads = page.locator("tbody th")
        expect(heads.first).to_be_visible()
        assert [text for text in heads.all_inner_texts() if " " not in text.strip()] == []


def test_without_an_evaluation_the_page_says_how_to_run_one(
    open_page: OpenPage, own_site: str
) -> None:
    page = open_page(f"{own_site}/#/evaluation")
    expect(page.locator("main")).to_contain_text("wenzheng eval run")


def test_a_damaged_evaluation_is_told(
    open_page: OpenPage, own_site: str, own_settings: Settings
) -> None:
    (own_settings.library / "evaluation.json").write_text("{", "utf-8")
    page = open_page(f"{own_site}/#/evaluation")
    expect(page.locator("main .wrong")).to_contain_text("evaluation.json")
