"""Reports on the page: the list, one in full, upload, deletion."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa.chain import Chain
from tests.api.http.keeping import FILE, HAINING
from tests.api.page.asking import ask, fits
from tests.api.page.conftest import OpenPage
from tests.conftest import Invented


def test_the_list_tells_place_periods_speaker_and_warnings(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    row = page.get_by_role("row").filter(has_text="2024年越城区政府工作报告")
    expect(row).to_contain_text("2023 / 2024")
    expect(row).to_contain_text("钱林江")
    expect(row).to_contain_text("2024-01-16")
    warned = page.get_by_role("row").filter(has_text="2023年临淄区政府工作报告")
    expect(warned).to_contain_text("回顾与计划都写作2023年")
    expect(page.get_by_role("row").filter(has_text="地名未写明")).to_have_count(2)


def test_the_list_is_filtered_by_words_and_year(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(8)
    page.get_by_role("searchbox").fill("浙江")
    expect(rows).to_have_count(4)
    page.get_by_label("年份").select_option("2024")
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("不存在")
    expect(page.get_by_text("没有符合条件的报告。")).to_be_visible()


def test_a_report_is_shown_whole_with_its_contents(
    open_page: OpenPage, site: str, bundled_chain: Chain
) -> None:
    page = open_page(f"{site}/#/reports")
    page.get_by_role("link", name="2024年越城区政府工作报告").click()
    expect(page.get_by_role("heading", name="2024年越城区政府工作报告")).to_be_visible()
    library = bundled_chain.searcher.library
    report = next(r for r in library.reports.values() if r.place == "越城区")
    text = library.source_text(report.report_id)[report.start : report.end]
    assert page.locator(".full").evaluate("node => node.textContent") == text
    entry = page.get_by_role("button", name=re.compile("二、2024年"))
    entry.click()
    expect(page.get_by_text("二、2024年主要工作任务").last).to_be_in_viewport()


def test_the_contents_lead_to_headings_in_the_text(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    page.get_by_role("link", name="2024年越城区政府工作报告").click()
    entries = page.locator(".contents li button").all_inner_texts()
    assert len(entries) == len(set(entries))
    headings = page.locator(".full :is(h2, h3)").all_inner_texts()
    assert headings == entries
    name = "(四)聚力守正创新,持续彰显文化魅力"
    page.get_by_role("button", name=name).click()
    heading = page.get_by_role("heading", name=name)
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()


def test_an_address_marks_its_sentence(
    open_page: OpenPage, site: str, bundled_chain: Chain
) -> None:
    library = bundled_chain.searcher.library
    report = next(r for r in library.reports.values() if r.place == "越城区")
    quote = "一般公共预算收入增长4.5%"
    start = library.source_text(report.report_id).index(quote)
    page = open_page(f"{site}/#/reports/{report.report_id}?start={start}&end={start + len(quote)}")
    mark = page.locator("mark")
    expect(mark).to_have_text(quote)
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()


def test_a_mark_over_a_heading_changes_no_text(
    open_page: OpenPage, site: str, bundled_chain: Chain
) -> None:
    library = bundled_chain.searcher.library
    report = next(r for r in library.reports.values() if r.place == "越城区")
    text = library.source_text(report.report_id)
    start = text.index("一、2023年工作回顾") - 5
    page = open_page(f"{site}/#/reports/{report.report_id}?start={start}&end={start + 20}")
    expect(page.locator("mark")).to_have_count(3)
    assert "".join(page.locator("mark").evaluate_all("all => all.map(one => one.textContent)")) == text[start : start + 20]  # fmt: skip
    assert page.locator(".full").evaluate("node => node.textContent") == text


def test_the_list_sorts_by_its_columns(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports")
    page.get_by_role("button", name="数字").click()
    told = [int(text) for text in page.locator("td.number").all_inner_texts()]
    assert told == sorted(told, reverse=True)
    head = page.get_by_role("columnheader", name="数字")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="报告人").click()
    expect(head).not_to_have_attribute("aria-sort", "descending")
    # Whom no report names stands last.
    assert page.locator("tbody tr").last.locator("td").nth(2).inner_text() == "—"


@pytest.mark.parametrize("address", ["nothing", "nothing?start=1&end=2", "%E0%A4%A"])
def test_an_unknown_report_is_told(open_page: OpenPage, site: str, address: str) -> None:
    page = open_page(f"{site}/#/reports/{address}")
    expect(page.locator("main .wrong")).to_be_visible()
    page.get_by_role("link", name="← 全部报告").click()
    expect(page.get_by_role("heading", name="收录的报告")).to_be_visible()


def test_offsets_count_characters_beyond_the_basic_plane(
    open_page: OpenPage, own_site: str
) -> None:
    page = open_page(f"{own_site}/#/reports")
    rare = Invented("海宁市", 2025, "在𠮷𡈽镇新建学校3所。地区生产总值增长6.3%。")
    page.set_input_files("#files", {"name": FILE, "mimeType": "text/plain", "buffer": rare.text.encode()})  # fmt: skip
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()
    page.goto(own_site)
    ask(page, "海宁市2024年GDP增长多少?").locator(".marker").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_have_text("地区生产总值增长6.3%。")


def test_an_uploaded_report_is_listed_and_answers(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    page.set_input_files("#files", {"name": FILE, "mimeType": "text/plain", "buffer": HAINING.text.encode()})  # fmt: skip
    expect(page.get_by_text("新增 1 份报告，0 份没有变化。")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="海宁市")).to_have_count(1)
    expect(
        page.locator(".told").get_by_role("link", name="2025年海宁市政府工作报告")
    ).to_be_visible()
    page.get_by_role("link", name="提问", exact=True).click()
    expect(ask(page, "海宁市2024年GDP增长多少?").locator(".text")).to_contain_text("6.3%")


def test_files_can_be_dropped(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    expect(page.locator(".drop")).to_be_visible()
    dropped = page.evaluate_handle(
        "([name, text]) => { const data = new DataTransfer();"
        " data.items.add(new File([text], name)); return data; }",
        [FILE, HAINING.text],
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop")).to_have_class(re.compile("over"))
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()


def test_a_file_that_is_no_report_fails_alone_with_its_reason(
    open_page: OpenPage, own_site: str
) -> None:
    page = open_page(f"{own_site}/#/reports")
    good = {"name": FILE, "mimeType": "text/plain", "buffer": HAINING.text.encode()}
    bad = {"name": "图片.png", "mimeType": "image/png", "buffer": bytes(range(256)) * 4}
    page.set_input_files("#files", [good, bad])
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()
    expect(page.locator(".told .wrong")).to_contain_text("图片.png")


def test_a_report_is_deleted_only_when_it_is_confirmed(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    button = page.get_by_role("button", name="删除 2024年越城区政府工作报告")
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2024年越城区政府工作报告")
    dialog.get_by_role("button", name="取消").click()
    expect(button).to_be_focused()
    expect(page.locator("tbody tr")).to_have_count(8)
    button.click()
    dialog.get_by_role("button", name="删除").click()
    expect(page.locator("tbody tr")).to_have_count(7)
    expect(button).to_have_count(0)


def test_markup_in_a_report_is_text(open_page: OpenPage, own_site: str) -> None:
    nasty = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    report = Invented("海宁市", 2025, f"建成{nasty}学校3所,地区生产总值增长6.3%。")
    page = open_page(f"{own_site}/#/reports")
    page.set_input_files("#files", {"name": "<b>报告.txt", "mimeType": "text/plain", "buffer": report.text.encode()})  # fmt: skip
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()
    page.get_by_role("table").get_by_role("link", name=re.compile("海宁市")).click()
    expect(page.locator(".full")).to_contain_text(nasty)
    assert page.locator(".full script, .full img, .lead b").count() == 0
    page.goto(own_site)
    turn = ask(page, "海宁市2024年GDP增长多少?")
    expect(turn.locator(".sources")).to_contain_text("<script>")
    turn.locator(".marker").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_contain_text("<script>")
    assert page.locator("main script, main img, dialog img").count() == 0
    assert "taken" not in page.title()


def test_reports_fit_a_phone(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/#/reports", viewport={"width": 360, "height": 740})
    expect(page.locator("tbody tr")).to_have_count(8)
    assert fits(page)
    page.get_by_role("link", name="2024年越城区政府工作报告").click()
    expect(page.locator(".full")).to_be_visible()
    assert fits(page)


def test_an_upload_is_told_as_lost_when_the_server_goes(
    open_page: OpenPage, own_site: str, tmp_path: Path
) -> None:
    page = open_page(f"{own_site}/#/reports")
    expect(page.locator("tbody tr")).to_have_count(8)
    page.route("**/api/reports", lambda route: route.abort() if route.request.method == "POST" else route.continue_())  # fmt: skip
    page.set_input_files("#files", {"name": FILE, "mimeType": "text/plain", "buffer": b"x"})
    expect(page.locator(".told .wrong")).to_contain_text("连不上服务")


def test_progress_is_told_while_files_are_taken_in(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    expect(page.locator("tbody tr")).to_have_count(8)
    stages = (("read", 1, 2), ("embed", 3, 4))
    job = {"id": "1", "state": "running", "files": [FILE], "created": "", "started": None, "finished": None, "result": None, "problem": None}  # fmt: skip
    told = [
        {**job, "progress": {"stage": stage, "done": done, "total": total}}
        for stage, done, total in stages
    ]
    body = "".join(f"event: progress\ndata: {json.dumps(one)}\n\n" for one in told)
    page.route("**/api/jobs/*/events", lambda route: route.fulfill(content_type="text/event-stream", body=body))  # fmt: skip
    seen = page.evaluate_handle(
        "() => { const seen = []; new MutationObserver(() => {"
        " const bar = document.querySelector('.told progress');"
        " seen.push([document.querySelector('.told').textContent, bar?.value, bar?.max]);"
        " }).observe(document.querySelector('.told'),"
        " { childList: true, subtree: true, characterData: true, attributes: true }); return seen; }"
    )
    page.set_input_files("#files", {"name": FILE, "mimeType": "text/plain", "buffer": HAINING.text.encode()})  # fmt: skip
    # The stream ended before the job did: what is shown is no success.
    expect(page.locator(".told .wrong")).to_be_visible()
    texts = [text for text, *_ in seen.json_value()]
    assert "正在上传 1 个文件…" in texts
    assert any("正在读取 1/2" in text for text in texts)
    assert any("正在计算向量 3/4" in text for text in texts)


def test_a_folder_is_not_sent(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    expect(page.locator("tbody tr")).to_have_count(8)
    page.evaluate(
        "() => { const event = new Event('drop', { bubbles: true, cancelable: true });"
        " const items = [{ webkitGetAsEntry: () => ({ isDirectory: true }) }];"
        " Object.defineProperty(event, 'dataTransfer', { value: { items, files: [new File([], 'f')], types: ['Files'] } });"
        " document.querySelector('.drop').dispatchEvent(event); }"
    )
    expect(page.locator(".told .wrong")).to_contain_text("这是文件夹")
