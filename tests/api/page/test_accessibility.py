"""axe-core on every view, in both themes: nothing serious."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from qa.settings import Settings
from tests.api.page.asking import ask
from tests.api.page.conftest import OpenPage
from tests.api.page.test_evaluation import LAST

_SERIOUS = ("serious", "critical")


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with where it stands."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    violations = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in violations
        if one["impact"] in _SERIOUS
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_asking(open_page: OpenPage, site: str, theme: str) -> None:
    page = open_page(site, color_scheme=theme)
    expect(page.locator(".examples button").first).to_be_visible()
    assert findings(page) == []
    ask(page, "2023年固定资产投资,上城区和越城区哪个增得快?")
    ask(page, "深圳2023年GDP是多少?")
    assert findings(page) == []
    page.locator(".marker").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("reports", "tbody tr"),
        ("figures", "svg.chart"),
        ("figures?mode=facts", "tbody tr"),
        ("evaluation", "main p"),
    ],
)
def test_other_views(open_page: OpenPage, site: str, theme: str, view: str, shown: str) -> None:
    page = open_page(f"{site}/#/{view}", color_scheme=theme)
    expect(page.locator(shown).first).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_report_and_an_evaluation(
    open_page: OpenPage, own_site: str, own_settings: Settings, theme: str
) -> None:
    (own_settings.library / "evaluation.json").write_text(json.dumps(LAST), "utf-8")
    page = open_page(f"{own_site}/#/evaluation", color_scheme=theme)
    expect(page.locator("meter").first).to_be_visible()
    page.locator("summary").first.click()
    assert findings(page) == []
    page.goto(f"{own_site}/#/reports")
    page.get_by_role("link", name="2024年越城区政府工作报告").click()
    expect(page.locator(".full")).to_be_visible()
    assert findings(page) == []
