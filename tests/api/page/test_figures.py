"""Figures on the page: compared, charted, listed, downloaded."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.api.page.asking import fits
from tests.api.page.conftest import OpenPage
from tests.conftest import Invented

TWO = "place=越城区&place=上城区&indicator=地区生产总值&indicator=固定资产投资&period=2023"


def _figures(open_page: OpenPage, site: str, query: str, **options: object) -> Page:
    page = open_page(f"{site}/#/figures?{query}", **options)
    expect(page.locator("tbody tr").first).to_be_visible()
    return page


def test_results_and_targets_stand_apart_and_every_figure_opens_its_sentence(
    open_page: OpenPage, site: str
) -> None:
    page = _figures(open_page, site, "place=越城区&indicator=地区生产总值")
    heads = page.locator("thead th").all_inner_texts()
    assert [head.split()[0] for head in heads] == ["地区", "指标", "时期", "实绩", "目标"]
    row = page.locator("tbody tr").filter(has_text="2024")
    expect(row.locator("td.target")).to_have_text("增长7%以上")
    expect(row.locator("td.not_held")).to_have_text("未收录")
    row.get_by_role("button", name="增长7%以上").click()
    expect(page.get_by_role("dialog").locator("mark")).to_contain_text("地区生产总值增长7%以上")


def test_places_and_indicators_are_chosen_and_stand_in_the_address(
    open_page: OpenPage, site: str
) -> None:
    page = _figures(open_page, site, "")
    page.get_by_label("地区", exact=True).fill("越城区")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th").first).to_have_text("越城区")
    page.get_by_label("指标", exact=True).fill("固定资产投资")
    page.get_by_role("button", name="添加").first.click()
    expect(page.locator("tbody")).to_contain_text("固定资产投资")
    page.get_by_label("排名").check()
    expect(page.locator("thead")).to_contain_text("排名")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("tbody")).to_contain_text("固定资产投资")
    expect(page.get_by_label("排名")).to_be_checked()
    page.get_by_role("button", name="去掉“固定资产投资”").click()
    expect(page.locator("tbody")).not_to_contain_text("固定资产投资")


def test_columns_sort_by_what_they_tell(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "indicator=地区生产总值&period=2023")
    page.get_by_role("button", name="实绩").click()
    told = page.locator("tbody td.actual").all_inner_texts()
    assert [text.rpartition("增长")[2] for text in told[:4]] == ["7.6%", "4.3%", "4%", "1.1%"]
    head = page.get_by_role("columnheader", name="实绩")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="实绩").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert page.locator("tbody td.actual").first.inner_text().endswith("0.4%")
    # What states nothing stands last either way.
    expect(page.locator("tbody tr").last.locator("td").nth(2)).to_have_text("未提及")


def test_an_unknown_name_is_told_with_what_is_near(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "")
    page.get_by_label("指标", exact=True).fill("没有这个指标")
    page.keyboard.press("Enter")
    expect(page.locator(".result .wrong")).to_contain_text("没有这个指标")


def test_bars_stand_for_places_and_say_so_in_words(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "indicator=地区生产总值&period=2023")
    chart = page.locator("svg.chart")
    expect(chart.locator("rect.actual")).to_have_count(5)
    label = chart.get_attribute("aria-label") or ""
    assert label.index("越城区 实绩 7.6") < label.index("临淄区 实绩 4, 目标 5.5")
    # Who states no result stands behind all that do, however high the target.
    assert label.index("荔湾区 实绩 1.1") < label.index("海曙区 目标 6")


def test_growth_and_amounts_never_share_an_axis(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "indicator=地区生产总值&period=2023")
    page.locator(".charts").get_by_label("数值").select_option(label="数量（亿元）")
    label = page.locator("svg.chart").get_attribute("aria-label") or ""
    assert "上城区 实绩 2668.5" in label
    assert "7.6" not in label


def test_one_place_over_several_years_is_a_line(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    growth = {2021: "5.5", 2022: "6.1", 2024: "6.3", 2025: "7"}
    reports = [
        Invented("海宁市", year, f"地区生产总值增长{percent}%。", "地区生产总值增长6%左右。")
        for year, percent in growth.items()
    ]
    files: list[FilePayload] = [
        {"name": f"{one.year}.txt", "mimeType": "text/plain", "buffer": one.text.encode()}
        for one in reports
    ]
    page.set_input_files("#files", files)
    expect(page.get_by_text("新增 4 份报告")).to_be_visible()
    page.goto(f"{own_site}/#/figures?place=海宁市&indicator=地区生产总值")
    chart = page.locator("svg.chart")
    expect(chart.locator("circle.series.actual")).to_have_count(5)  # one in the legend
    expect(chart.locator("path.line.actual:not(.gap)")).to_have_count(2)
    # 2022 is not told of: the line over it is a guess, and looks like one.
    expect(chart.locator("path.line.actual.gap")).to_have_count(1)
    label = chart.get_attribute("aria-label") or ""
    assert "2020 实绩 5.5; 2021 实绩 6.1, 目标 6左右; 2022 目标 6左右; 2023 实绩 6.3" in label


def test_amounts_in_different_units_share_an_axis_and_sort_by_size(
    open_page: OpenPage, own_site: str
) -> None:
    page = open_page(f"{own_site}/#/reports")
    texts = {"海宁市": "1300.5亿元", "桐乡市": "1.25万亿元", "平湖市": "980亿元"}
    files: list[FilePayload] = [
        {"name": f"{place}.txt", "mimeType": "text/plain", "buffer": Invented(place, 2025, f"地区生产总值达到{amount}。").text.encode()}
        for place, amount in texts.items()
    ]  # fmt: skip
    page.set_input_files("#files", files)
    expect(page.get_by_text("新增 3 份报告")).to_be_visible()
    places = "&".join(f"place={place}" for place in texts)
    page.goto(f"{own_site}/#/figures?{places}&indicator=地区生产总值&period=2024")
    page.get_by_role("button", name="实绩").click()
    expect(page.locator("tbody th")).to_have_text(["桐乡市", "海宁市", "平湖市"])
    label = page.locator("svg.chart").get_attribute("aria-label") or ""
    assert "桐乡市 实绩 12500; 海宁市 实绩 1300.5; 平湖市 实绩 980" in label


def test_rows_without_a_figure_are_left_out_and_counted(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "indicator=固定资产投资")
    shown = page.locator("tbody tr").count()
    others = page.get_by_role("button", name="也列出这些行")
    expect(others).to_have_attribute("aria-pressed", "false")
    others.click()
    expect(others).to_have_attribute("aria-pressed", "true")
    expect(others).to_be_focused()
    assert page.locator("tbody tr").count() > shown
    # Who asks for nothing but what is not held is told so.
    page.goto(f"{site}/#/figures?place=越城区&indicator=地区生产总值&period=2012")
    expect(page.locator("tbody td.not_held").first).to_have_text("未收录")


def test_a_figure_of_two_sentences_opens_each(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    told = Invented("海宁市", 2025, "地区生产总值达到1300.5亿元。地区生产总值增长6.3%。")
    page.set_input_files("#files", {"name": "海宁.txt", "mimeType": "text/plain", "buffer": told.text.encode()})  # fmt: skip
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()
    page.goto(f"{own_site}/#/figures?place=海宁市&indicator=地区生产总值")
    expect(page.locator("td.actual").first).to_have_text("1300.5亿元、增长6.3%")
    for figure, sentence in (("1300.5亿元", "达到1300.5亿元"), ("增长6.3%", "增长6.3%")):
        page.get_by_role("button", name=figure, exact=True).click()
        expect(page.get_by_role("dialog").locator("mark")).to_contain_text(sentence)
        page.keyboard.press("Escape")


def test_the_comparison_is_downloaded_as_csv(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, TWO)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载 CSV").click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    stated = {
        (row["place"], row["indicator"]): row["growth_percent"]
        for row in rows
        if row["told"] == "stated"
    }
    assert stated["越城区", "固定资产投资"] == "9.9"
    assert waiting.value.suggested_filename == "comparison.csv"


def test_all_figures_are_filtered_and_shown_page_by_page(open_page: OpenPage, site: str) -> None:
    page = _figures(open_page, site, "mode=facts")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="显示更多").click()
    expect(rows).to_have_count(200)
    page.get_by_label("原文含有").fill("老旧小区")
    expect(rows).not_to_have_count(200)
    for text in page.locator("td.quote").all_inner_texts():
        assert "老旧小区" in text or "小区" in text
    page.get_by_label("状态").select_option("target")
    expect(page.locator("td.actual")).to_have_count(0)
    page.locator(".figure").first.click()
    expect(page.get_by_role("dialog").locator("mark")).to_contain_text("小区")
    assert "status=target" in page.url


def test_the_list_begins_anew_when_the_library_has_changed(
    open_page: OpenPage, own_site: str
) -> None:
    page = _figures(open_page, own_site, "mode=facts")
    other = page.context.new_page()
    other.goto(f"{own_site}/#/reports")
    told = Invented("海宁市", 2025, "地区生产总值增长6.3%。")
    other.set_input_files("#files", {"name": "海宁.txt", "mimeType": "text/plain", "buffer": told.text.encode()})  # fmt: skip
    expect(other.get_by_text("新增 1 份报告")).to_be_visible()
    page.get_by_role("button", name="显示更多").click()
    expect(page.get_by_text("报告库已更新，列表从头开始。")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(100)


def test_qualifiers_stand_where_they_are_printed(open_page: OpenPage, own_site: str) -> None:
    page = open_page(f"{own_site}/#/reports")
    told = Invented("海宁市", 2025, "新增企业超过28家。固定资产投资下降6%左右。进出口总额突破700亿元、增长13.2%。")  # fmt: skip
    page.set_input_files("#files", {"name": "海宁.txt", "mimeType": "text/plain", "buffer": told.text.encode()})  # fmt: skip
    expect(page.get_by_text("新增 1 份报告")).to_be_visible()
    page.goto(f"{own_site}/#/figures?mode=facts&place=海宁市")
    figures = page.locator("tbody .figure")
    expect(figures).to_have_text(["超过28家", "下降6%左右", "突破700亿元、增长13.2%"])


def test_of_several_places_each_can_be_followed_over_the_years(
    open_page: OpenPage, own_site: str
) -> None:
    page = open_page(f"{own_site}/#/reports")
    reports = [
        Invented(place, year, f"地区生产总值增长{year - 2017}%。")
        for place in ("海宁市", "桐乡市")
        for year in (2023, 2024)
    ]
    files: list[FilePayload] = [
        {"name": f"{one.place}{one.year}.txt", "mimeType": "text/plain", "buffer": one.text.encode()}
        for one in reports
    ]  # fmt: skip
    page.set_input_files("#files", files)
    expect(page.get_by_text("新增 4 份报告")).to_be_visible()
    page.goto(f"{own_site}/#/figures?place=海宁市&place=桐乡市&indicator=地区生产总值")
    chart = page.locator("svg.chart")
    expect(chart.locator("rect.actual")).to_have_count(2)
    page.get_by_label("画法").select_option(label="历年")
    page.locator('[data-choice="at"]').select_option("桐乡市")
    expect(chart.locator("path.line.actual")).to_have_count(1)
    label = chart.get_attribute("aria-label") or ""
    assert "桐乡市" in label
    assert "2022 实绩 6; 2023 实绩 7" in label


def test_without_reports_figures_lead_to_the_upload(open_page: OpenPage, empty_site: str) -> None:
    page = open_page(f"{empty_site}/#/figures")
    expect(page.locator("main .wrong, main .empty")).to_be_visible()


@pytest.mark.parametrize("query", [TWO, "mode=facts&place=越城区"])
def test_figures_fit_a_phone(open_page: OpenPage, site: str, query: str) -> None:
    assert fits(_figures(open_page, site, query, viewport={"width": 360, "height": 740}))
