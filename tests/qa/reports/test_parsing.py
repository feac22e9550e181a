import pytest

from qa.errors import NotAReportError
from qa.reports.origin import Origin
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source
from tests.qa.reports.written import BODY, PLAN, REVIEW, report_source, report_text

ONE_YEAR = "回顾与计划都写作2023年,实绩与目标按章节区分"
NO_PLACE = "报告未写明所属地区"
ABRIDGED = "报告为摘要或有删减"
MEETING = "2026年1月20日在桐庐县第十七届人民代表大会第五次会议上"


@pytest.mark.parametrize(
    ("title", "warnings"),
    [
        ("越城区", ()),
        ("上城区", ()),
        ("海曙区", ()),
        ("绍兴市", (ABRIDGED,)),
        ("荔湾区", (ONE_YEAR,)),
        ("篇2", (ONE_YEAR, NO_PLACE)),
        ("篇3", (ONE_YEAR, NO_PLACE)),
        ("临淄区", (ONE_YEAR,)),
    ],
)
def test_warns_of_what_a_reader_must_know(
    sample_reports: list[Report], title: str, warnings: tuple[str, ...]
) -> None:
    (report,) = (r for r in sample_reports if title in r.title)
    assert report.warnings == warnings


@pytest.mark.parametrize(
    ("title", "reviewed", "planned"),
    [
        ("越城区", "2023", "2024"),
        ("上城区", "2023", "2024"),
        ("海曙区", "2022", "2023"),
        ("绍兴市", "2020", "2021"),
        ("荔湾区", "2023", "2023"),
        ("临淄区", "2023", "2023"),
    ],
)
def test_says_which_periods_are_reviewed_and_planned(
    sample_reports: list[Report], title: str, reviewed: str, planned: str
) -> None:
    (report,) = (r for r in sample_reports if title in r.title)
    assert (report.reviewed_period, report.planned_period) == (reviewed, planned)


def test_the_years_mentioned_are_years(sample_reports: list[Report]) -> None:
    (report,) = (r for r in sample_reports if r.place == "上城区")
    assert report.mentioned_years == (2000, 2023, 2024)


def test_ids_name_place_and_year_and_differ_within_a_file(sample_reports: list[Report]) -> None:
    ids = [report.report_id for report in sample_reports]
    assert len(set(ids)) == 8
    assert [report_id.rpartition("-")[0] for report_id in ids] == [
        "330602-2024",
        "330102-2024",
        "330203-2023",
        "330600-2021",
        "440103-2023",
        "unnamed-2023",
        "unnamed-2023",
        "370305-2023",
    ]


def test_an_id_follows_the_content_not_the_files_name() -> None:
    text = report_text("政府工作报告", MEETING)
    (one,), (same,) = parse_reports(Source("a.txt", text)), parse_reports(Source("b.txt", text))
    (other,) = parse_reports(Source("a.txt", text + "。"))
    assert one.report_id == same.report_id
    assert one.report_id != other.report_id


def test_warns_when_nothing_is_reviewed() -> None:
    body = f"一、2026年工作安排\n{PLAN * 20}\n"
    (report,) = parse_reports(report_source("政府工作报告", MEETING, body=body))
    assert report.warnings == ("未找到回顾部分",)


def test_warns_when_no_year_is_told() -> None:
    body = BODY.replace("2025年", "").replace("2026年", "")
    (report,) = parse_reports(report_source("桐庐县政府工作报告", body=body))
    assert report.place == "桐庐县"
    assert report.warnings == ("报告未写明年份",)
    assert report.report_id.startswith("330122-undated-")
    assert (report.reviewed_period, report.planned_period) == (None, None)


def test_warns_when_the_text_says_it_is_shortened() -> None:
    body = BODY + "注:本文有删减\n"
    (report,) = parse_reports(report_source("政府工作报告", MEETING, body=body))
    assert report.warnings == (ABRIDGED,)


def test_a_text_that_is_no_report_is_refused() -> None:
    with pytest.raises(NotAReportError, match=r"poem\.txt"):
        parse_reports(Source("poem.txt", "床前明月光\n" * 99))


def test_old_line_ends_are_line_ends() -> None:
    text = report_text("政府工作报告", MEETING).replace("\n", "\r")
    assert len(parse_reports(Source("mac.txt", text))) == 1


def test_page_furniture_above_a_report_is_in_no_passage() -> None:
    header = [
        "2026年绍兴市政府工作报告",
        "打印",
        "发布日期:2026-02-03 浏览次数:9",
        "来源:绍兴日报",
        "(2026年1月20日)",
    ]
    source = report_source(*header, government="绍兴市人民政府")
    (report,) = parse_reports(source)
    text = "".join(passage.text for passage in report.passages)
    assert "2026年绍兴市政府工作报告" in text
    assert "(2026年1月20日)" in text
    for furniture in ("打印", "发布日期", "浏览次数", "来源"):
        assert furniture not in text


def test_an_opening_with_nothing_but_furniture_behind_it_does_no_harm() -> None:
    line = "各位代表:现在,我代表绍兴市人民政府,向大会报告工作,请予审议。"
    (report,) = parse_reports(Source("a.txt", f"{line}\n相关链接\n{PLAN * 20}"))
    assert (report.start, report.end) == (0, len(line))


@pytest.mark.parametrize(
    ("opening", "planned"),
    [
        ("作关于国民经济和社会发展第七个五年计划的报告", "1986-1990"),
        ("提出关于“七五”计划的报告", "1986-1990"),
        ("作政府工作报告", "1986"),
    ],
)
def test_a_report_about_a_five_year_plan_plans_for_its_years(opening: str, planned: str) -> None:
    text = f"1986年国务院政府工作报告\n各位代表:\n现在,我代表国务院,{opening},请予审议。\n"
    text += f"一、1985年工作回顾\n{REVIEW * 12}\n二、1986年工作安排\n{PLAN * 12}\n"
    (report,) = parse_reports(Source("a.txt", text))
    assert (report.reviewed_period, report.planned_period) == ("1985", planned)


def test_menus_and_footers_of_a_printed_page_are_in_no_passage() -> None:
    header = ["首页 > 政务公开 > 政府工作报告", "新闻中心", "政务服务", "2026年绍兴市政府工作报告"]
    footer = "主办:绍兴市人民政府办公室 浙ICP备05000000号 网站标识码3306020001 网站地图"
    source = report_source(*header, government="绍兴市人民政府", body=f"{BODY}\n{footer}\n")
    (report,) = parse_reports(source)
    text = "".join(passage.text for passage in report.passages)
    assert text.startswith("2026年绍兴市政府工作报告")
    for furniture in ("首页", "新闻中心", "政务服务", "ICP备"):
        assert furniture not in text


@pytest.mark.parametrize(("government", "place"), [("区人民政府", "越城区"), ("省人民政府", None)])
def test_a_site_tells_the_place_where_the_opening_does_not_contradict(
    government: str, place: str | None
) -> None:
    text = report_text("2026年政府工作报告", government=government)
    (report,) = parse_reports(Source("a.html", text, Origin(place=("越城区",))))
    assert report.place == place
