"""Steps that tests of the page take."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def ask(page: Page, question: str) -> Locator:
    """Ask on the page; the turn, once it is answered."""
    turn = put(page, question)
    expect(turn.locator(".answer")).not_to_have_attribute("data-state", "coming")
    return turn


def put(page: Page, question: str) -> Locator:
    """Ask on the page; the turn, which may not be answered yet."""
    turns = page.locator(".turn")
    before = turns.count()
    page.get_by_role("textbox", name="问题").fill(question)
    page.keyboard.press("Enter")
    expect(turns).to_have_count(before + 1)
    return turns.nth(before)


def fits(page: Page) -> bool:
    """True if nothing stands out of the window sideways."""
    width: int = page.locator("html").evaluate("root => root.scrollWidth - root.clientWidth")
    return width <= 0
