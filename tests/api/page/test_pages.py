"""The page as printed, the cited sentence marked on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from api.http import create_app
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.settings import Settings
from tests.api.http.keeping import changeable
from tests.api.http.serving import served
from tests.api.page.asking import ask, fits
from tests.api.page.conftest import OpenPage
from tests.api.page.test_accessibility import findings
from tests.conftest import Invented, MakeVectorMaker, no_progress
from tests.qa.reports.readers.made import document, put, report_pdf

HAINING = Invented("海宁市", 2025, "全市地区生产总值增长6.3%,达到1300.5亿元。")
TONGXIANG = Invented("桐乡市", 2025, "全市地区生产总值增长5.8%。")
FROM_THE_WEB = Invented("嘉善县", 2025, "全市地区生产总值增长5.1%。")
ADDRESS = "https://example.gov.cn/1.html"
ROWS = 16


def web_page() -> bytes:
    body = "".join(f"<p>{line}</p>" for line in FROM_THE_WEB.text.splitlines())
    link = f'<link rel="canonical" href="{ADDRESS}">'
    return f"<!DOCTYPE html><html><head>{link}</head><body>{body}</body></html>".encode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, vector_maker: MakeVectorMaker) -> Path:
    """A library of a report in PDF, one in Word and a web page."""
    folder = tmp_path_factory.mktemp("forms")
    pdf = report_pdf(HAINING.text, rows=ROWS)
    files = [
        put(folder, "海宁市.pdf", pdf),
        put(folder, "桐乡市.docx", document(*TONGXIANG.text.splitlines())),
        put(folder, "嘉善县.html", web_page()),
    ]
    ingest(
        folder / "library",
        files,
        vector_maker(),
        passage_max_chars=450,
        progress=no_progress,
    )
    return folder / "library"


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "library"))


@pytest.fixture
def address(library: Path, tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[str]:
    settings = Settings(library=library, cache=tmp_path / "cache", embedding="hash")
    with served(create_app(changeable(settings, vector_maker()))) as at:
        yield at


def link_to(library: Path, place: str, words: str, **more: object) -> str:
    """The address of these words of a place's report in the page."""
    opened = Library(library)
    try:
        (report,) = (r for r in opened.reports.values() if r.place == place)
        text = opened.source_text(report.report_id)
    finally:
        opened.close()
    start = text.index(words)
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return f"#/reports/{report.report_id}?start={start}&end={start + len(words)}{asked}"


def link_across(library: Path) -> str:
    """The address of words that begin on the first page and end on the second."""
    opened = Library(library)
    try:
        (report,) = (r for r in opened.reports.values() if r.place == "海宁市")
        marks = opened.origin_of(report.report_id).marks
    finally:
        opened.close()
    turn = next(mark.start for mark in marks if mark.page == 2)
    return f"#/reports/{report.report_id}?start={turn - 60}&end={turn + 10}&view=page"


def drawn(page: Page) -> Locator:
    """The picture, once it is there."""
    picture = page.locator(".leaf img")
    expect(page.locator(".sheet")).to_have_attribute("aria-busy", "false")
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
    return picture


def lies_within(inner: Locator, outer: Locator) -> bool:
    one, other = inner.bounding_box(), outer.bounding_box()
    assert one is not None
    assert other is not None
    return (
        one["x"] >= other["x"]
        and one["y"] >= other["y"]
        and one["x"] + one["width"] <= other["x"] + other["width"]
        and one["y"] + one["height"] <= other["y"] + other["height"]
    )


def test_a_citation_leads_to_its_sentence_on_the_page(
    open_page: OpenPage, address: str, library: Path
) -> None:
    page = open_page(address)
    ask(page, "海宁市2024年GDP增长多少?").locator(".marker").first.click()
    page.get_by_role("link", name="查看原版页面").click()
    picture = drawn(page)
    strokes = page.locator(".stroke")
    expect(strokes).to_have_count(1)
    expect(strokes.first).to_be_in_viewport()
    assert lies_within(strokes.first, picture)
    expect(page.locator(".quoted mark")).to_have_text("全市地区生产总值增长6.3%,达到1300.5亿元。")
    expect(picture).to_have_attribute("alt", "2025年海宁市政府工作报告 第 1 页，共 2 页")
    expect(page.locator(".sheet")).to_be_focused()
    page.get_by_role("link", name="文本", exact=True).click()
    expect(page.locator("main mark")).to_have_text("全市地区生产总值增长6.3%,达到1300.5亿元。")
    expect(page.get_by_text("所标句子在第 1 页")).to_be_visible()
    page.go_back()
    expect(page.locator(".stroke")).to_have_count(1)


def test_a_mark_lies_on_what_it_marks(open_page: OpenPage, address: str, library: Path) -> None:
    page = open_page(f"{address}/{link_to(library, '海宁市', '增长6.3%', view='page')}")
    drawn(page)
    told = page.evaluate("""() => {
      const [image, stroke] = [".leaf img", ".stroke"].map((one) => document.querySelector(one));
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
      const pen = canvas.getContext("2d");
      pen.drawImage(image, 0, 0);
      const scale = image.naturalWidth / image.clientWidth;
      const dark = (x, y, w, h) => {
        const pixels = pen.getImageData(x * scale, y * scale, w * scale, h * scale).data;
        let count = 0;
        for (let at = 0; at < pixels.length; at += 4) count += pixels[at] < 128;
        return count / (pixels.length / 4);
      };
      const { offsetLeft: x, offsetTop: y, offsetWidth: w, offsetHeight: h } = stroke;
      return { inside: dark(x, y, w, h), above: dark(x, y - 4, w, 3), signs: w / h };
    }""")
    assert told["inside"] > 0.05
    assert told["above"] < 0.02
    # 增长 in squares, 6.3% in halves.
    assert 3 < told["signs"] < 5


def test_a_sentence_over_two_pages_is_marked_on_both(
    open_page: OpenPage, address: str, library: Path
) -> None:
    page = open_page(f"{address}/{link_across(library)}")
    drawn(page)
    expect(page.locator(".stroke")).not_to_have_count(0)
    ways = page.locator(".marked button")
    expect(ways).to_have_text(["第 1 页", "第 2 页"])
    expect(ways.first).to_have_attribute("aria-current", "page")
    ways.last.click()
    expect(page.get_by_label("页码")).to_have_value("2")
    drawn(page)
    expect(page.locator(".stroke")).to_have_count(1)


def test_pages_are_turned_by_buttons_number_and_keys(
    open_page: OpenPage, address: str, library: Path
) -> None:
    page = open_page(f"{address}/{link_to(library, '海宁市', '增长6.3%', view='page')}")
    number = page.get_by_label("页码")
    drawn(page)
    expect(page.get_by_role("button", name="上一页")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(number).to_have_value("2")
    expect(page.locator(".stroke")).to_have_count(0)
    assert page.url.endswith("page=2")
    expect(page.get_by_role("button", name="下一页")).to_be_disabled()
    page.get_by_role("button", name="第 1 页").click()
    expect(page.locator(".stroke")).to_have_count(1)
    number.fill("2")
    number.press("Enter")
    expect(page.locator(".stroke")).to_have_count(0)
    number.fill("99")
    number.press("Enter")
    expect(number).to_have_value("2")
    page.reload()
    expect(number).to_have_value("2")


def test_a_page_is_enlarged_and_drawn_sharper(
    open_page: OpenPage, address: str, library: Path
) -> None:
    page = open_page(f"{address}/{link_to(library, '海宁市', '增长6.3%', view='page')}")
    before = drawn(page).evaluate("one => [one.clientWidth, one.naturalWidth]")
    page.keyboard.press("+")
    expect(page.locator(".percent")).to_have_text("150%")
    after = drawn(page).evaluate("one => [one.clientWidth, one.naturalWidth]")
    assert after[0] == pytest.approx(1.5 * before[0], abs=3)
    assert after[1] > before[1]
    expect(page.locator(".stroke").first).to_be_in_viewport()
    larger = page.get_by_role("button", name="放大")
    larger.click()
    expect(larger).to_be_focused()
    page.keyboard.press("0")
    expect(page.locator(".percent")).to_have_text("100%")
    expect(page.get_by_role("button", name="缩小")).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_and_axe_finds_nothing_serious(
    open_page: OpenPage, address: str, library: Path, theme: str
) -> None:
    size = {"width": 360, "height": 740}
    page = open_page(f"{address}/{link_across(library)}", viewport=size, color_scheme=theme)
    drawn(page)
    assert fits(page)
    assert findings(page) == []
    page.keyboard.press("+")
    drawn(page)
    assert fits(page)


def test_the_file_is_saved_under_its_name(
    open_page: OpenPage, address: str, library: Path, tmp_path: Path
) -> None:
    page = open_page(f"{address}/{link_to(library, '海宁市', '增长6.3%')}")
    with page.expect_download() as saving:
        page.get_by_role("button", name="下载原文件").click()
    assert saving.value.suggested_filename == "海宁市.pdf"
    saving.value.save_as(tmp_path / "saved.pdf")
    assert (tmp_path / "saved.pdf").read_bytes() == report_pdf(HAINING.text, rows=ROWS)


def test_of_word_the_paragraph_is_told_and_of_the_web_the_address(
    open_page: OpenPage, address: str, library: Path
) -> None:
    page = open_page(f"{address}/{link_to(library, '桐乡市', '增长5.8%', view='page')}")
    expect(page.locator("main mark")).to_have_text("增长5.8%")
    expect(page.get_by_text("所标句子在第 6 段")).to_be_visible()
    expect(page.get_by_role("link", name="原版页面")).to_have_count(0)
    expect(page.get_by_role("button", name="下载原文件")).to_be_visible()
    page.goto(f"{address}/{link_to(library, '嘉善县', '增长5.1%')}")
    link = page.get_by_role("link", name="打开来源网页")
    expect(link).to_have_attribute("href", ADDRESS)
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_without_a_sentence_the_report_begins_where_it_begins(
    open_page: OpenPage, address: str, library: Path
) -> None:
    plain = link_to(library, "海宁市", "增长6.3%").partition("?")[0]
    page = open_page(f"{address}/{plain}?view=page")
    drawn(page)
    expect(page.get_by_label("页码")).to_have_value("1")
    expect(page.locator(".stroke")).to_have_count(0)
    expect(page.locator(".quoted")).to_have_count(0)


# --- what goes wrong -----------------------------------------------------------------------------


def originals(library: Path) -> list[Path]:
    return [path for path in (library / "originals").iterdir() if len(path.name) == 64]


def test_a_file_that_is_gone_is_said_and_the_text_offered(
    open_page: OpenPage, address: str, library: Path
) -> None:
    for path in originals(library):
        path.unlink()
    page = open_page(f"{address}/{link_to(library, '海宁市', '增长6.3%', view='page')}")
    wrong = page.locator("main .state .wrong")
    expect(wrong).to_contain_text("原文件缺失")
    expect(page.locator(".sheet")).to_be_hidden()
    assert findings(page) == []
    page.get_by_role("button", name="下载原文件").click()
    expect(page.locator(".file-tools .wrong")).to_contain_text("原文件缺失")
    page.get_by_role("link", name="看文字版").click()
    expect(page.locator("main mark")).to_have_text("增长6.3%")


def test_a_page_that_fails_is_tried_again(open_page: OpenPage, address: str, library: Path) -> None:
    link = link_to(library, "海宁市", "增长6.3%", view="page")
    failing = True

    def answer(route: Any) -> None:
        if failing:
            route.abort()
        else:
            route.continue_()

    page = open_page(address)
    page.route("**/pages/*.png*", answer)
    page.goto(f"{address}/{link}")
    expect(page.locator("main .state .wrong")).to_contain_text("检查与服务的连接")
    failing = False
    page.get_by_role("button", name="重试").click()
    drawn(page)
    expect(page.locator(".stroke")).to_have_count(1)


def test_who_goes_on_before_it_is_there_stays_where_he_went(
    open_page: OpenPage, address: str, library: Path
) -> None:
    link = link_to(library, "海宁市", "增长6.3%", view="page")
    page = open_page(address)
    held: list[Any] = []
    page.route("**/boxes?*", lambda route: held.append(route))
    page.goto(f"{address}/{link}")
    with page.expect_response("**/api/reports"):
        page.get_by_role("link", name="报告", exact=True).click()
    for route in held:
        route.continue_()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert page.url.endswith("#/reports")


def test_a_key_is_sent_for_pictures_and_files_too(
    open_page: OpenPage, library: Path, tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    key = "sesame-open-sesame"
    settings = Settings(
        library=library, cache=tmp_path / "cache", embedding="hash", api_keys=f"read:{key}"
    )
    with served(create_app(changeable(settings, vector_maker()))) as at:
        link = link_to(library, "海宁市", "增长6.3%", view="page")
        page = open_page(f"{at}/{link}")
        page.get_by_label("密钥", exact=True).fill(key)
        page.get_by_role("button", name="使用").click()
        drawn(page)
        expect(page.locator(".stroke")).to_have_count(1)
        with page.expect_download() as saving:
            page.get_by_role("button", name="下载原文件").click()
        assert saving.value.suggested_filename == "海宁市.pdf"
        report_id = link.partition("?")[0].rpartition("/")[2]
        refused = httpx.get(f"{at}/api/reports/{report_id}/pages/1.png")
        assert refused.status_code == 401
