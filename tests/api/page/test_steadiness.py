"""The page is light, needs nothing from elsewhere, and stands still while it fills."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

import api
from tests.api.page.conftest import OpenPage

PAGE = Path(api.__file__).parent / "page"
MOST_BYTES = 300_000
# What counts as good: https://web.dev/articles/cls
MOST_SHIFT = 0.1

_VIEWS = [
    ("", ".examples button"),
    ("reports", "tbody tr"),
    ("figures", "svg.chart"),
    ("figures?mode=facts", "tbody tr"),
    ("evaluation", "main p"),
]


def test_all_of_the_page_is_light() -> None:
    assert sum(path.stat().st_size for path in PAGE.rglob("*") if path.is_file()) < MOST_BYTES


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(("view", "shown"), _VIEWS)
def test_nothing_jumps_and_nothing_comes_from_elsewhere(
    open_page: OpenPage, site: str, view: str, shown: str, width: int
) -> None:
    page = open_page("about:blank", viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        " for (const one of list.getEntries()) window.shift += one.value;"
        " }).observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(f"{site}/#/{view}")
    expect(page.locator(shown).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") < MOST_SHIFT
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
