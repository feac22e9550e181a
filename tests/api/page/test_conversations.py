"""Conversations on the page: kept in the browser, deleted, shared, copied."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.api.page.asking import ask, put
from tests.api.page.conftest import OpenPage
from tests.api.page.wire import wired

GROWTH = "越城区2023年GDP增长多少?"
COMPARED = "2023年固定资产投资,上城区和越城区哪个增得快?"


def test_a_conversation_outlives_the_window_without_being_asked_again(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(site)
    ask(page, GROWTH)
    ask(page, "上城呢?")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".text")).to_contain_text(["7.6%", "4.3%"])
    page.wait_for_load_state("networkidle")
    assert f"{site}/api/ask" not in asked
    expect(ask(page, "2024年目标呢?").locator(".text")).to_contain_text("4%以上")


def test_conversations_are_kept_in_the_browser_and_can_be_deleted(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(site)
    ask(page, GROWTH)
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.reload()
    page.locator(".past").get_by_role("link", name=GROWTH).click()
    expect(page.locator(".text")).to_contain_text("7.6%")
    page.get_by_role("button", name=f"删除对话“{GROWTH}”").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.reload()
    expect(page.locator(".examples")).to_be_visible()
    expect(page.locator(".past a")).to_have_count(0)


def test_all_conversations_are_deleted_at_once_if_that_is_meant(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(site)
    for question in (GROWTH, COMPARED):
        ask(page, question)
        page.get_by_role("button", name="新对话").click()
    expect(page.locator(".past a")).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="全部删除").click()
    expect(page.locator(".past a")).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="全部删除").click()
    expect(page.locator(".past a")).to_have_count(0)


def test_what_is_deleted_while_it_is_answered_does_not_come_back(
    open_page: OpenPage, site: str
) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        expect(put(page, COMPARED).locator(".text")).to_contain_text("11.1%")
        page.get_by_role("button", name=f"删除对话“{COMPARED}”").click()
        expect(page.get_by_role("button", name="提问")).to_be_visible()
        wire.release()
        page.reload()
        expect(page.locator(".examples")).to_be_visible()
        expect(page.locator(".past a")).to_have_count(0)


def test_a_question_that_was_stopped_is_not_asked_again_unasked(
    open_page: OpenPage, site: str
) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        put(page, COMPARED)
        page.get_by_role("button", name="停止").click()
        expect(page.locator(".turn")).to_contain_text("已停止")
        wire.release()
        page.reload()
        expect(page.locator(".turn")).to_contain_text("已停止")
        page.get_by_role("button", name="重试").click()
        expect(page.locator(".text")).to_contain_text("高1.2个百分点")


def test_a_full_storage_makes_room_by_forgetting_the_oldest(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    page.evaluate(
        """() => {
            const turns = [{ question: "旧".repeat(20_000), answer: null, stopped: true }];
            const old = Array.from({ length: 30 }, (_, id) => ({ id: String(id), turns }));
            localStorage.setItem("wenzheng.conversations", JSON.stringify(old));
            for (let size = 2 ** 22, all = ""; size >= 1; size /= 2) {
                try {
                    localStorage.setItem("filled", all + "x".repeat(size));
                    all += "x".repeat(size);
                } catch { /* Half of it may still fit. */ }
            }
        }"""
    )
    page.reload()
    ask(page, COMPARED)
    ask(page, "GDP呢?")
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)
    assert 0 < page.locator(".past a").count() < 30


def test_a_shared_link_asks_the_questions_again(open_page: OpenPage, site: str) -> None:
    page = open_page(site, permissions=["clipboard-read", "clipboard-write"])
    ask(page, GROWTH)
    ask(page, "上城呢?").get_by_role("button", name="分享链接").click()
    link = page.evaluate("() => navigator.clipboard.readText()")
    other = open_page(link)
    expect(other.locator(".turn")).to_have_count(2)
    expect(other.locator(".text").nth(1)).to_contain_text("上城区2023年地区生产总值")
    assert "q=" not in other.url


def test_a_copied_answer_carries_its_sources(open_page: OpenPage, site: str) -> None:
    page = open_page(site, permissions=["clipboard-read", "clipboard-write"])
    ask(page, GROWTH).get_by_role("button", name="复制").click()
    text = page.evaluate("() => navigator.clipboard.readText()")
    assert text.startswith("越城区2023年地区生产总值增长7.6%[1]。")
    assert "[1] 2024年越城区政府工作报告 › 一、2023年工作回顾" in text
    assert f"{site}/#/reports/" in text
