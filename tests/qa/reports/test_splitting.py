from itertools import pairwise

import pytest

from qa.errors import NotAReportError
from qa.reports.paragraphs import paragraphs
from qa.reports.report import Report, Source
from qa.reports.splitting import ReportSpan, split_reports
from tests.qa.reports.written import BODY, REVIEW, opening, report_text


def split(text: str) -> list[ReportSpan]:
    return split_reports(paragraphs(text), "file.txt")


def lines(span: ReportSpan) -> list[str]:
    return [p.text for p in (*span.header, *span.body)]


@pytest.mark.parametrize(
    ("number", "count"), [("000", 1), ("001", 1), ("002", 1), ("003", 1), ("004", 4)]
)
def test_a_real_file_holds_its_reports_and_no_more(
    sample_sources: dict[str, Source], number: str, count: int
) -> None:
    assert len(split(sample_sources[number].text)) == count


def test_the_four_reports_of_a_collection_each_begin_at_their_own_heading(
    sample_sources: dict[str, Source],
) -> None:
    found = [lines(span)[:2] for span in split(sample_sources["004"].text)]
    heading = "2023年政府机构工作报告多篇篇"
    assert found == [[f"{heading}{number}", "各位代表:"] for number in (1, 2, 3, 4)]


def test_the_unrelated_lead_and_the_advertising_tail_belong_to_no_report(
    sample_sources: dict[str, Source], sample_reports: list[Report]
) -> None:
    text = sample_sources["004"].text
    held = [r for r in sample_reports if r.source == sample_sources["004"].name]
    for foreign in ("供销社2023年落实", "欢迎大家前来参考查阅", "推荐访问", "网友投稿"):
        at = text.index(foreign)
        assert not any(r.start <= at < r.end for r in held), foreign
    assert text[: held[-1].end].endswith("作出新的更大贡献!")
    assert all(a.end <= b.start for a, b in pairwise(held))


def test_page_furniture_is_no_content(sample_sources: dict[str, Source]) -> None:
    (page,) = split(sample_sources["002"].text)
    assert not {"首页", "政务动态热门推荐", "分享到:"} & set(lines(page))
    assert not any(line.endswith(".jpg") for line in lines(page))
    assert lines(page)[-1].endswith("建设的新篇章!")


def test_a_page_without_an_opening_is_taken_whole(sample_sources: dict[str, Source]) -> None:
    (page,) = split(sample_sources["003"].text)
    assert not page.opening
    assert page.body[0].text == "“十三五”成就"
    assert any(p.text == "2021年政府工作报告摘要" for p in page.header)


def test_a_report_has_its_title_date_and_speaker_for_a_header() -> None:
    header = ["政府工作报告", "2026年1月20日在桐庐县人民代表大会上", "桐庐县县长 齐力"]
    (span,) = split(report_text(*header))
    assert [p.text for p in span.header] == ["政府工作报告", header[1], "桐庐县县长齐力"]
    assert span.body[0].text == "各位代表:"
    assert span.opening


def test_a_teaser_with_an_opening_but_little_text_is_no_report() -> None:
    teaser = f"今日看点\n{opening()}{REVIEW}\n"
    (span,) = split(teaser + report_text("政府工作报告"))
    assert lines(span)[:2] == ["政府工作报告", "各位代表:"]
    with pytest.raises(NotAReportError):
        split(teaser)


@pytest.mark.parametrize("mark", ["相关链接", "责任编辑:王某", "扫一扫在手机打开", "上一篇:预算"])
def test_what_stands_below_the_page_end_is_no_content(mark: str) -> None:
    (span,) = split(report_text("政府工作报告") + f"{mark}\n2027年预算报告全文\n")
    assert lines(span)[-1] == "坚持依法行政,努力建设人民满意的政府。"


def test_a_long_text_below_such_a_mark_is_content_again() -> None:
    (span,) = split(report_text("政府工作报告") + "相关链接\n" + BODY * 3)
    assert lines(span)[-1] == "坚持依法行政,努力建设人民满意的政府。"
    assert len(span.body) > 15


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("床前明月光,疑是地上霜。\n" * 100, id="a poem"),
        pytest.param("供销社党组落实意识形态工作责任制。\n" * 100, id="another kind of report"),
        pytest.param("The annual report of our company says: profits rose.\n" * 100, id="English"),
        pytest.param("政府工作报告\n各位代表:\n", id="a title alone"),
        pytest.param("政府工作报告\n" + "今天天气很好,我们去公园散步。\n" * 100, id="a title only"),
        pytest.param(opening(), id="an opening alone"),
    ],
)
def test_a_text_that_is_no_work_report_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotAReportError, match=r"^file\.txt holds no government work report"):
        split(text)
