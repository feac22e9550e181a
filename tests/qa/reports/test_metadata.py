import pytest

from qa.reports.parsing import parse_reports
from qa.reports.report import Report
from tests.qa.reports.written import report_source

HEADING = "2023年政府机构工作报告多篇篇"
# place, code, province, level, year, delivered, speaker: what the texts say.
HELD = {
    "越城区": ("330602", "浙江省", "县", 2024, "2024-01-16", "钱林江"),
    "上城区": ("330102", "浙江省", "县", 2024, "2024-02-03", "惠海涛"),
    "海曙区": ("330203", "浙江省", "县", 2023, "2023-02-01", "叶枝利"),
    "绍兴市": ("330600", "浙江省", "市", 2021, "2021-02-02", None),
    "荔湾区": ("440103", "广东省", "县", 2023, None, None),
    "临淄区": ("370305", "山东省", "县", 2023, None, None),
}


@pytest.mark.parametrize("place", HELD)
def test_reads_the_header_of_a_real_report(sample_reports: list[Report], place: str) -> None:
    (report,) = (r for r in sample_reports if r.place == place)
    assert HELD[place] == (
        report.place_code,
        report.province,
        report.level,
        report.year,
        report.delivered,
        report.speaker,
    )
    assert place in report.title
    assert str(report.year) in report.title


def test_a_place_blanked_out_is_not_guessed_and_the_heading_is_the_title(
    sample_reports: list[Report],
) -> None:
    unnamed = [r for r in sample_reports if r.place is None]
    assert [r.title for r in unnamed] == [f"{HEADING}2", f"{HEADING}3"]
    for report in unnamed:
        assert (report.place_code, report.province, report.level) == (None, None, None)
        assert (report.year, report.delivered, report.speaker) == (2023, None, None)


def read(*header: str, government: str = "县人民政府") -> Report:
    (report,) = parse_reports(report_source(*header, government=government))
    return report


TONGLU = "2026年1月20日在桐庐县第十七届人民代表大会第五次会议上"


def test_an_autonomous_region_has_a_chairman() -> None:
    report = read(
        "政府工作报告",
        "——2026年1月26日在新疆维吾尔自治区第十四届人民代表大会第四次会议上",
        "自治区主席 艾尔肯·吐尼亚孜",
        government="自治区人民政府",
    )
    assert (report.place, report.place_code, report.level) == ("新疆维吾尔自治区", "650000", "省")
    assert (report.speaker, report.delivered) == ("艾尔肯·吐尼亚孜", "2026-01-26")
    assert report.province == "新疆维吾尔自治区"


@pytest.mark.parametrize(
    "signature",
    [
        ("桐庐县人民政府县长", "齐 力"),
        ("桐庐县人民政府县长 齐力",),
        ("桐庐县人民政府县长：齐力",),
        ("桐庐县代县长\u3000\u3000齐\u3000力",),
        pytest.param(
            ("县长 齐力",),
        ),
    ],
)
def test_the_speaker_stands_behind_or_below_the_office(signature: tuple[str, ...]) -> None:
    assert read("政府工作报告", TONGLU, *signature).speaker == "齐力"


def test_a_line_below_the_office_that_is_no_name_is_no_speaker() -> None:
    assert read("政府工作报告", TONGLU, "桐庐县人民政府县长").speaker is None


@pytest.mark.parametrize(
    ("printed", "delivered"),
    [
        ("二〇二六年一月二十七日", "2026-01-27"),
        ("二○二六年十二月三十一日", "2026-12-31"),
        ("二零二六年二月十日", "2026-02-10"),
        ("２０２６ 年 1 月 ５ 日", "2026-01-05"),
        ("2026年2月30日", None),
    ],
)
def test_reads_dates_in_digits_and_chinese_numerals(printed: str, delivered: str | None) -> None:
    line = f"({printed}在甘肃省第十四届人民代表大会第四次会议上)"
    report = read("政府工作报告", line, "甘肃省省长 任振鹤", government="省人民政府")
    assert report.delivered == delivered
    assert (report.place, report.level) == ("甘肃省", "省")


def test_the_pages_date_counts_only_with_the_word_yesterday() -> None:
    page = ("2026年桐庐县政府工作报告", "发布日期:2026-02-01 11:57")
    assert read(*page).delivered is None
    assert read(*page).year == 2026
    assert read(*page, "昨天上午,桐庐县第十七届人民代表大会开幕。").delivered == "2026-01-31"


def test_the_meetings_date_wins_over_the_pages() -> None:
    assert read("发布时间: 2026-02-08 09:22", "政府工作报告", TONGLU).delivered == "2026-01-20"


def test_the_parents_of_a_place_tell_it_from_its_namesakes() -> None:
    meeting = "2026年1月20日在南京市鼓楼区第十九届人民代表大会第五次会议上"
    report = read("政府工作报告", meeting, government="区人民政府")
    assert (report.place, report.place_code) == ("鼓楼区", "320106")
    assert report.title == "2026年鼓楼区政府工作报告"


@pytest.mark.parametrize("place", ["云梦泽县", "鼓楼区"], ids=["unknown", "one of four"])
def test_a_place_the_gazetteer_cannot_tell_is_kept_as_printed(place: str) -> None:
    meeting = f"2026年1月20日在{place}第十七届人民代表大会第五次会议上"
    report = read("政府工作报告", meeting, f"{place}人民政府县长 李四")
    assert report.place == place
    assert report.title == f"2026年{place}政府工作报告"
    assert (report.place_code, report.province, report.level) == (None, None, None)
    assert any(place in warning for warning in report.warnings)


def test_the_nations_report_belongs_to_no_province() -> None:
    report = read(
        "政府工作报告",
        "——2024年3月5日在第十四届全国人民代表大会第二次会议上",
        "国务院总理 李强",
        government="国务院",
    )
    assert (report.place, report.level, report.speaker) == ("全国", "国家", "李强")
    assert (report.place_code, report.province, report.delivered) == (None, None, "2024-03-05")


def test_the_printed_title_is_kept_if_it_names_the_place() -> None:
    printed = "2026年桐庐县人民政府工作报告"
    assert read(printed, TONGLU).title == printed
    assert read("政府工作报告", TONGLU).title == "2026年桐庐县政府工作报告"


def test_what_is_not_said_is_none() -> None:
    report = read("政府工作报告")
    assert (report.place, report.delivered, report.speaker) == (None, None, None)
    assert report.title == "政府工作报告"


def test_words_before_a_class_of_places_are_no_place() -> None:
    (report,) = parse_reports(
        report_source("2026年是新一届区政府开局之年", government="区人民政府")
    )
    assert report.place is None
