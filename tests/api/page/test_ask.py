"""Asking on the page: answers as they come, their sources, follow-ups, refusals, outages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from qa.chain import Chain
from tests.api.page.asking import ask, fits, put
from tests.api.page.conftest import OpenPage
from tests.api.page.wire import wired

GROWTH = "越城区2023年GDP增长多少?"
COMPARED = "2023年固定资产投资,上城区和越城区哪个增得快?"


def test_an_answer_comes_with_its_figures_checked_and_its_source(
    open_page: OpenPage, site: str
) -> None:
    turn = ask(open_page(site), GROWTH)
    expect(turn.locator(".text")).to_contain_text("地区生产总值增长7.6%")
    expect(turn.locator(".checked")).to_have_text("7.6%")
    expect(turn.get_by_text("1 个数字均已与出处核对")).to_be_visible()
    expect(turn.locator(".sources li")).to_have_count(1)


def test_every_figure_that_was_checked_says_so_in_text_and_table(
    open_page: OpenPage, site: str
) -> None:
    turn = ask(open_page(site), COMPARED)
    expect(turn.locator(".text .checked")).to_have_text(["11.1%", "9.9%", "1.2个百分点"])
    expect(turn.locator("td .checked")).to_have_text(["11.1%", "9.9%"])
    expect(turn.locator("td .checked").nth(1)).to_have_attribute(
        "data-checked", "已与出处 [2] 核对"
    )


def test_no_line_begins_with_a_marker_or_a_full_stop(open_page: OpenPage, site: str) -> None:
    turn = ask(open_page(site), COMPARED)
    expect(turn.locator(".text .glued")).to_have_text(["11.1%[1]。", "9.9%[2]。"])


def test_a_marker_opens_the_cited_sentence_marked_among_its_neighbours(
    open_page: OpenPage, site: str, bundled_chain: Chain
) -> None:
    page = open_page(site)
    ask(page, GROWTH).get_by_role("button", name="打开第 1 条出处").click()
    (citation,) = bundled_chain.ask(GROWTH).citations
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text(citation.quote)
    around = dialog.locator(".around").inner_text()
    assert len(around) > len(citation.quote) + 100
    expect(dialog.locator(".path")).to_contain_text("2024年越城区政府工作报告")
    expect(dialog.locator(".path")).to_contain_text("一、2023年工作回顾")
    expect(dialog).to_contain_text(citation.source)


def test_a_source_leads_to_the_whole_report_with_the_sentence_marked(
    open_page: OpenPage, site: str, bundled_chain: Chain
) -> None:
    page = open_page(site)
    ask(page, GROWTH).get_by_role("button", name="打开第 1 条出处").click()
    page.get_by_role("link", name="在报告全文中查看").click()
    (citation,) = bundled_chain.ask(GROWTH).citations
    expect(page.locator("main mark")).to_have_text(citation.quote)
    expect(page.locator("main mark")).to_be_in_viewport()


def test_a_follow_up_leans_on_the_question_before(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    ask(page, GROWTH)
    expect(ask(page, "上城呢?").locator(".text")).to_contain_text("上城区2023年地区生产总值")


def test_a_comparison_is_shown_as_a_table_whose_cells_open_their_sentences(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(site)
    table = ask(page, COMPARED).locator("table")
    expect(table.locator("tbody tr")).to_have_count(2)
    table.locator(".marker").nth(1).click()
    expect(page.get_by_role("dialog").locator("mark")).to_contain_text("固定资产投资增长9.9%")


def test_a_refusal_says_why_and_leads_to_what_is_held(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    turn = ask(page, "深圳2023年GDP是多少?")
    expect(turn).to_contain_text("没有收录这个地区")
    expect(turn.locator(".text")).to_contain_text("越城区")
    expect(turn.locator(".examples button")).to_have_count(4)
    turn.get_by_role("link", name="查看收录的报告").click()
    expect(page.get_by_role("heading", name="收录的报告")).to_be_visible()


def test_a_refusal_offers_questions_even_if_they_come_after_it(
    open_page: OpenPage, site: str
) -> None:
    held: list[Route] = []
    page = open_page("about:blank")
    page.route("**/api/facts?**", lambda route: held.append(route))
    page.goto(site)
    turn = ask(page, "深圳2023年GDP是多少?")
    expect(turn.locator(".below")).to_be_visible()
    while len(held) < 2:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(turn.locator(".examples button")).to_have_count(4)


def test_examples_can_be_asked_and_are_answered(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    examples = page.locator(".examples button")
    expect(examples.nth(2)).to_be_visible()
    for number in range(examples.count()):
        page.goto("about:blank")
        page.goto(site)
        examples.nth(number).click()
        expect(page.locator(".answer")).not_to_have_attribute("data-state", "coming")
        expect(page.locator(".sources")).to_be_visible()


def test_without_reports_the_page_says_where_to_add_one(
    open_page: OpenPage, empty_site: str
) -> None:
    page = open_page(empty_site)
    expect(page.locator(".offers")).to_contain_text("还没有收录报告")
    page.get_by_role("link", name="上传一份报告").click()
    expect(page.get_by_role("heading", name="收录的报告")).to_be_visible()


# --- while an answer comes -----------------------------------------------------------------------


def test_sentences_and_stages_are_shown_before_the_answer_is_whole(
    open_page: OpenPage, site: str
) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        turn = put(page, COMPARED)
        expect(turn.locator(".text")).to_contain_text("上城区2023年固定资产投资增长11.1%")
        expect(turn.locator(".stage")).to_have_text("正在核对出处…")
        expect(page.get_by_role("button", name="停止")).to_be_visible()
        wire.release()
        expect(turn.locator(".text")).to_contain_text("高1.2个百分点")


def test_what_is_read_does_not_move_while_the_answer_grows(open_page: OpenPage, site: str) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        turn = put(page, COMPARED)
        first = turn.locator(".text p").first
        expect(first).to_contain_text("11.1%")
        before = first.bounding_box()
        wire.release()
        expect(turn.locator(".answer")).not_to_have_attribute("data-state", "coming")
        assert first.bounding_box() == before


def test_an_answer_can_be_stopped_and_asked_for_again(open_page: OpenPage, site: str) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        turn = put(page, COMPARED)
        page.get_by_role("button", name="停止").click()
        expect(turn).to_contain_text("已停止")
        wire.release()
        turn.get_by_role("button", name="重试").click()
        expect(turn.locator(".text")).to_contain_text("高1.2个百分点")


def test_a_server_that_goes_away_midway_is_told_of_and_asked_again_when_it_is_back(
    open_page: OpenPage, site: str
) -> None:
    with wired(site) as wire:
        page = open_page(wire.address)
        wire.cut_at = "越城区2023年固定资产投资".encode()
        turn = put(page, COMPARED)
        expect(turn.locator(".wrong")).to_contain_text("回答中断")
        turn.get_by_role("button", name="重试").click()
        expect(turn.locator(".wrong")).to_contain_text("连不上服务")
        expect(turn.locator(".asked")).to_have_text(COMPARED)
        wire.mend()
        turn.get_by_role("button", name="重试").click()
        expect(turn.locator(".text")).to_contain_text("高1.2个百分点")
        expect(turn.locator(".wrong")).to_have_count(0)


def test_an_outage_is_never_shown_as_an_answer(open_page: OpenPage, empty_site: str) -> None:
    page = open_page(empty_site)
    turn = put(page, GROWTH)
    expect(turn.locator(".wrong")).to_contain_text("还没有收录报告")
    expect(turn.locator(".text")).to_be_empty()


def test_another_view_may_be_looked_at_while_an_answer_comes(
    open_page: OpenPage, site: str
) -> None:
    with wired(site) as wire:
        wire.hold_at = "越城区2023年固定资产投资".encode()
        page = open_page(wire.address)
        put(page, COMPARED)
        page.get_by_role("link", name="评测", exact=True).click()
        expect(page.get_by_role("heading", name="评测")).to_be_visible()
        page.get_by_role("link", name="提问", exact=True).click()
        wire.release()
        expect(page.locator(".text")).to_contain_text("高1.2个百分点")


@pytest.mark.parametrize("events", ["", 'event: sentence\ndata: {"text": "越城区"}\n\n'])
def test_a_service_that_fails_midway_is_told_and_asked_again(
    open_page: OpenPage, site: str, events: str
) -> None:
    page = open_page(site)
    problem = '{"status": 503, "title": "Service Unavailable", "detail": "磁盘坏了"}'
    body = f"{events}event: error\ndata: {problem}\n\n"
    page.route(
        "**/api/ask", lambda route: route.fulfill(content_type="text/event-stream", body=body)
    )
    turn = put(page, GROWTH)
    expect(turn.locator(".wrong")).to_have_text("磁盘坏了")
    page.unroute("**/api/ask")
    turn.get_by_role("button", name="重试").click()
    expect(turn.locator(".text")).to_contain_text("7.6%")
    # The button is gone: who uses the keyboard goes on from the answer.
    expect(turn).to_be_focused()


def test_a_reply_without_an_end_is_no_answer(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    page.route("**/api/ask", lambda route: route.fulfill(content_type="text/event-stream", body=""))
    expect(put(page, GROWTH).locator(".wrong")).to_contain_text("回答中断")


def test_the_question_just_asked_stands_at_the_top(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    for question in (GROWTH, "上城呢?", COMPARED, "深圳2023年GDP是多少?"):
        turn = ask(page, question)
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    page.wait_for_function(
        "bottom => { const y = [...document.querySelectorAll('.asked')].at(-1)"
        ".getBoundingClientRect().top; return y >= bottom && y < bottom + 48; }",
        arg=bar["y"] + bar["height"],
    )
    expect(turn.locator(".text")).to_be_in_viewport()


# --- keys of the keyboard, languages, windows ------------------------------------------------------


def test_the_keyboard_alone_is_enough(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    expect(page.get_by_role("textbox", name="问题")).to_be_focused()
    page.keyboard.type(GROWTH)
    page.keyboard.press("Enter")
    marker = page.locator(".marker")
    expect(marker).to_be_visible()
    for _ in range(30):
        if marker.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_screen_reader_is_told_every_sentence_once(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    ask(page, COMPARED)
    expect(page.get_by_role("log").locator("p")).to_have_text(
        [
            "正在理解问题…",
            "上城区2023年固定资产投资增长11.1%。",
            "越城区2023年固定资产投资增长9.9%。",
            "上城区(11.1%)比越城区(9.9%)高1.2个百分点(计算)。",
            "出处（2）",
        ]
    )


def test_the_first_key_leads_past_the_navigation(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    expect(page.get_by_role("heading", name="收录的报告")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url.endswith("#/reports")


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(site)
    field = page.get_by_role("textbox", name="问题")
    field.fill("越城区")
    composing = "{bubbles: true, cancelable: true, key: 'Enter', isComposing: true}"
    field.evaluate(f"node => node.dispatchEvent(new KeyboardEvent('keydown', {composing}))")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".turn")).to_have_count(0)
    expect(field).to_have_value("越城区\n")


def test_the_page_speaks_english_to_who_reads_english(open_page: OpenPage, site: str) -> None:
    page = open_page(site, locale="en-US")
    expect(page.get_by_role("heading", name="Ask the government work reports")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("textbox", name="Question").fill("How much did GDP grow in Yuecheng in 2023?")
    page.keyboard.press("Enter")
    expect(page.locator(".text")).to_contain_text("7.6%")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("link", name="提问", exact=True)).to_be_visible()
    expect(page.locator(".text")).to_contain_text("7.6%")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_examples_in_english_are_answered_in_english(open_page: OpenPage, site: str) -> None:
    page = open_page(site, locale="en-US")
    examples = page.locator(".examples button")
    expect(examples).to_have_count(4)
    for number in range(4):
        page.goto("about:blank")
        page.goto(site)
        examples.nth(number).click()
        expect(page.locator(".sources")).to_be_visible()
        expect(page.locator(".text")).to_contain_text("District")


def test_a_chosen_theme_is_kept(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    colour = "body => getComputedStyle(body).backgroundColor"
    light = page.locator("body").evaluate(colour)
    page.get_by_role("button", name="深色").click()
    dark = page.locator("body").evaluate(colour)
    assert dark != light
    page.reload()
    assert page.locator("body").evaluate(colour) == dark
    expect(page.get_by_role("button", name="浅色")).to_be_visible()


def test_the_system_s_dark_theme_is_followed(open_page: OpenPage, site: str) -> None:
    page = open_page(site, color_scheme="dark")
    colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 64


@pytest.mark.parametrize("question", [GROWTH, COMPARED, "深圳2023年GDP是多少?"])
def test_answers_fit_a_phone(open_page: OpenPage, site: str, question: str) -> None:
    page = open_page(site, viewport={"width": 360, "height": 740}, has_touch=True)
    assert fits(page)
    ask(page, question)
    assert fits(page)


def test_a_question_is_text_whatever_it_holds(open_page: OpenPage, site: str) -> None:
    page = open_page(site)
    nasty = '<img src=x onerror="document.title=1"><b>GDP</b>'
    turn = ask(page, nasty)
    expect(turn.locator(".asked")).to_have_text(nasty)
    assert turn.locator("img, b").count() == 0
    assert page.title() == "提问 · 问政"


def test_an_unknown_address_is_told(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/nothing/here")
    expect(page.locator("main")).to_contain_text("没有这个页面")
