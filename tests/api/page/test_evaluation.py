"""The last evaluation on the page."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from qa.settings import Settings
from tests.api.page.asking import fits
from tests.api.page.conftest import OpenPage

_SCORE = {"mean": 0.957, "low": 0.942, "high": 0.97, "cases": 883}
LAST = {
    "finished": "2026-11-26T08:00:00+00:00",
    "runs": [
        {
            "system": "wenzheng",
            "cases": "shipped",
            "scores": {"correct": _SCORE},
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
            "wrong": 1,
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
    expect(page.get_by_role("row").filter(has_text="+0.657")).to_contain_text("显著")
    page.get_by_text("答错的题(1)").click()
    expect(page.get_by_role("heading", name="谁<b>高</b>?")).to_be_visible()
    assert fits(page)


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
