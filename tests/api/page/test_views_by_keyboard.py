"""Reports, figures and evaluation without a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.api.page.conftest import OpenPage


def _tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until the element has the focus; what cannot be reached so is out of reach."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"not reached by {most} tabs: {wanted}")


def test_a_report_is_chosen_read_and_left(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    link = page.get_by_role("link", name="2024年越城区政府工作报告")
    expect(link).to_be_visible()
    _tab_to(page, page.get_by_role("button", name="报告人"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="报告人")).to_have_attribute("aria-sort", "ascending")  # fmt: skip
    _tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.locator(".full")).to_be_visible()
    entry = page.get_by_role("button", name="二、2024年主要工作任务")
    _tab_to(page, entry)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="二、2024年主要工作任务")).to_be_focused()
    page.go_back()
    expect(link).to_be_visible()


def test_a_deletion_is_begun_and_given_up(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    button = page.get_by_role("button", name="删除 2024年越城区政府工作报告")
    expect(button).to_be_visible()
    _tab_to(page, button)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="删除报告？")
    # Enter pressed twice must delete nothing.
    expect(dialog.get_by_role("button", name="取消")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(8)


def test_files_are_chosen(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    expect(page.locator("tbody tr")).to_have_count(8)
    _tab_to(page, page.locator("#files"))
    with page.expect_file_chooser():
        # A key pressed before the browser hands choosers over opens one that nobody is told of.
        page.wait_for_timeout(300)
        page.keyboard.press("Enter")


def test_figures_are_compared_and_a_source_opened_and_closed(open_page: OpenPage, site: str) -> None:  # fmt: skip
    page = open_page(f"{site}/#/figures")
    expect(page.locator("tbody tr").first).to_be_visible()
    _tab_to(page, page.get_by_label("地区", exact=True))
    page.keyboard.type("越城区")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th").first).to_have_text("越城区")
    _tab_to(page, page.get_by_label("排名"))
    page.keyboard.press("Space")
    expect(page.locator("thead")).to_contain_text("排名")
    figure = page.locator(".figure").first
    _tab_to(page, figure)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(figure).to_be_focused()


def test_a_chart_s_choice_keeps_the_focus(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/figures?indicator=地区生产总值&period=2023")
    measure = page.locator('[data-choice="measure"]')
    expect(measure).to_be_visible()
    measure.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("figcaption")).to_contain_text("亿元")
    expect(measure).to_be_focused()
