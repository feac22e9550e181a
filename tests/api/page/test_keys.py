"""The page where the service asks for keys or says that there were too many requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from api.http import Service, create_app
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.serving import served
from tests.api.page.asking import ask, put
from tests.api.page.conftest import OpenPage

KEY = "k" * 40
GROWTH = "越城区2023年GDP增长多少?"


@pytest.fixture
def guarded(bundled_chain: Chain, bundled_settings: Settings) -> Iterator[Callable[..., str]]:
    """Serves the samples with other settings of who may."""
    with ExitStack() as stack:

        def serve(**settings: object) -> str:
            given = {"library": bundled_settings.library, "cache": bundled_settings.cache}
            service = Service(Settings.model_validate({**given, **settings}), lambda: bundled_chain)
            service.open()
            return stack.enter_context(served(create_app(service)))

        yield serve


def _give(page: Page, key: str, *, remember: bool = False) -> None:
    dialog = page.get_by_role("dialog", name="API 密钥")
    dialog.get_by_label("密钥", exact=True).fill(key)
    if remember:
        dialog.get_by_label("在这台设备上记住").check()
    dialog.get_by_role("button", name="使用").click()


def test_a_key_is_asked_for_once_and_used(open_page: OpenPage, guarded: Callable[..., str]) -> None:
    address = guarded(api_keys=f"read:{KEY}")
    page = open_page(address)
    _give(page, KEY)
    expect(page.locator(".examples button").first).to_be_visible()
    expect(ask(page, GROWTH).locator(".text")).to_contain_text("7.6%")
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator(".examples button").first).to_be_visible()


def test_a_wrong_key_is_told_and_another_asked_for(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    page = open_page(guarded(api_keys=f"read:{KEY}"))
    _give(page, "w" * 40)
    expect(page.get_by_role("dialog")).to_contain_text("这个密钥不被接受")
    _give(page, KEY)
    expect(page.locator(".examples button").first).to_be_visible()


def test_who_gives_no_key_is_told_what_is_wrong(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    page = open_page(guarded(api_keys=f"read:{KEY}"))
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(page.locator(".offers .wrong")).to_be_visible()


def test_only_a_key_to_be_remembered_outlives_the_window(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    address = guarded(api_keys=f"read:{KEY}")
    page = open_page(address)
    _give(page, KEY, remember=True)
    expect(page.locator(".examples button").first).to_be_visible()
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator(".examples button").first).to_be_visible()


def test_a_remembered_key_can_be_forgotten(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    page = open_page(guarded(api_keys=f"read:{KEY}"))
    manage = page.get_by_role("button", name="密钥")
    expect(manage).to_be_hidden()
    _give(page, KEY, remember=True)
    manage.click()
    dialog = page.get_by_role("dialog", name="API 密钥")
    expect(dialog).to_contain_text("以 kkkk 结尾")
    dialog.get_by_role("button", name="不再使用").click()
    expect(manage).to_be_hidden()
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    page.reload()
    expect(dialog).to_be_visible()


def test_a_key_that_may_only_read_deletes_nothing(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    page = open_page(f"{guarded(api_keys=f'read:{KEY}')}/#/reports")
    _give(page, KEY)
    page.get_by_role("button", name="删除 2024年越城区政府工作报告").click()
    dialog = page.get_by_role("dialog", name="删除报告？")
    dialog.get_by_role("button", name="删除").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    expect(page.locator("tbody tr")).to_have_count(8)


def test_too_many_requests_are_told_with_when_to_come_again(
    open_page: OpenPage, guarded: Callable[..., str]
) -> None:
    page = open_page(guarded(rate_limit="3/minute"))
    expect(page.locator(".examples button").first).to_be_visible()
    ask(page, GROWTH)
    turn = put(page, "上城呢?")
    expect(turn.locator(".wrong")).to_contain_text("秒后重试")
