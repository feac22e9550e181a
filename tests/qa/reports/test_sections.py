from itertools import pairwise

import pytest

from qa.reports.paragraphs import paragraphs
from qa.reports.report import Report, Section, Source
from qa.reports.sections import find_sections
from tests.qa.reports.written import PLAN, REVIEW

DONE = REVIEW * 3
TODO = PLAN * 3
Told = tuple[str, str | None, str]

# Title → sections of its body, as its headings say; the salutation comes first.
SALUTATION = ("other", None, "")
HELD: dict[str, list[Told]] = {
    "越城区": [
        ("review", "2023", "一、2023年工作回顾"),
        ("plan", "2024", "二、2024年主要工作任务"),
        ("government", "2024", "三、全面加强政府自身建设"),
    ],
    "上城区": [
        ("review", "2023", "一、2023年工作回顾"),
        ("plan", "2024", "二、2024年重点工作"),
        ("government", "2024", "三、切实加强政府自身建设"),
    ],
    "海曙区": [
        ("review", "2022", "一、2022年工作回顾"),
        ("plan", "2023", "二、2023年目标任务和重点工作"),
        ("government", "2023", "三、加强高水平现代政府建设"),
    ],
    "荔湾区": [("review", "2023", "一、2023年工作回顾"), ("plan", "2023", "二、2023年工作安排")],
    "篇2": [
        ("review", "2023", "2023年工作回顾"),
        ("plan", "2023", "2023年政府主要工作安排"),
        ("government", "2023", "全面加强政府自身建设"),
    ],
    "篇3": [
        ("review", "2023", "一、2023年工作回顾"),
        ("plan", "2023", "二、2023年主要工作安排"),
        ("government", "2023", "三、全面加强政府自身建设"),
    ],
    "临淄区": [
        ("review", "2023", "2023年政府工作回顾"),
        ("plan", "2023", "2023年目标任务和工作重点"),
        ("government", "2023", "切实加强政府自身建设"),
    ],
}


def told(sections: tuple[Section, ...]) -> list[Told]:
    return [(section.kind, section.period, section.title) for section in sections]


def find(text: str, year: int | None = 2026, *, loose: bool = False) -> list[Told]:
    return told(find_sections(tuple(paragraphs(text)), year, loose=loose))


@pytest.mark.parametrize("name", HELD)
def test_finds_the_main_sections_of_a_real_report(sample_reports: list[Report], name: str) -> None:
    (report,) = (r for r in sample_reports if name in r.title)
    front, *body = told(report.sections)
    assert front == ("other", str(report.year), "")
    assert body == [SALUTATION, *HELD[name]]


# The abridged report of 绍兴 tells its highlights first, then its body, partly without headings.
ABRIDGED = {
    "2020年,全市实现生产总值6001亿元,年均增长6%,人均生产总值达11.6万元。 A股": "review 2016-2020",
    "到2025年,全市生产总值达 8500 亿元": "plan 2021-2025",
    "打铁必须自身硬": "government 2021",
    "“十三五”时期,是绍兴经济社会": "review 2016-2020",
    "五年来,动能转换持续推进": "review 2016-2020",
    "2020年是极不平凡的一年": "review 2020",
    "一是全力确保“两手硬、两战赢”": "review 2020",
    "指导思想:坚持以习近平": "plan 2021",
    "地区生产总值增长7%以上": "plan 2021",
    "聚焦转型升级": "plan 2021",
}


def section_at(report: Report, offset: int) -> Section:
    (section,) = (s for s in report.sections if s.start <= offset < s.end)
    return section


@pytest.mark.parametrize(("words", "wanted"), ABRIDGED.items())
def test_tells_the_sections_of_an_abridged_page_by_their_content(
    sample_sources: dict[str, Source], sample_reports: list[Report], words: str, wanted: str
) -> None:
    (report,) = (r for r in sample_reports if r.place == "绍兴市")
    section = section_at(report, sample_sources["003"].text.index(words))
    assert f"{section.kind} {section.period}" == wanted


@pytest.mark.parametrize("words", ["“十三五”时期,是绍兴", "2020年是极不平凡的一年", "指导思想:"])
def test_a_section_without_a_heading_is_not_given_the_one_before(
    sample_sources: dict[str, Source], sample_reports: list[Report], words: str
) -> None:
    (report,) = (r for r in sample_reports if r.place == "绍兴市")
    section = section_at(report, sample_sources["003"].text.index(words))
    assert "自身建设" not in section.title


def test_the_tasks_of_a_five_year_blueprint_are_of_those_five_years(
    sample_sources: dict[str, Source], sample_reports: list[Report]
) -> None:
    (report,) = (r for r in sample_reports if r.place == "绍兴市")
    section = section_at(report, sample_sources["003"].text.index("着力打造传承“名士之乡”"))
    assert (section.kind, section.period) == ("plan", "2021-2025")


def test_sections_follow_each_other_without_gaps(sample_reports: list[Report]) -> None:
    for report in sample_reports:
        front, *body = report.sections
        assert front.start == report.start
        assert front.end <= body[0].start
        assert all(a.end == b.start for a, b in pairwise(body))
        assert body[-1].end == report.end


def test_headings_need_no_numbers() -> None:
    text = f"2025年工作回顾\n{DONE}\n2026年重点工作\n{TODO}\n切实加强政府自身建设\n依法行政。"
    assert find(text) == [
        ("review", "2025", "2025年工作回顾"),
        ("plan", "2026", "2026年重点工作"),
        ("government", "2026", "切实加强政府自身建设"),
    ]


def test_a_heading_of_two_periods_is_cut_where_the_text_turns() -> None:
    text = (
        f"一、“十四五”成就和“十五五”目标\n“十四五”时期,{DONE}\n过去一年,{DONE}\n“十五五”时期,{TODO}\n"
        f"二、2026年工作安排\n{TODO}"
    )
    title = "一、“十四五”成就和“十五五”目标"
    assert find(text) == [
        ("review", "2021-2025", title),
        ("review", "2025", title),
        ("plan", "2026-2030", title),
        ("plan", "2026", "二、2026年工作安排"),
    ]


def test_numbers_that_start_again_under_plain_headings_are_parts_of_them() -> None:
    text = (
        f"“十四五”时期工作回顾\n{DONE}\n一、经济更强\n{DONE}\n二、民生更好\n{DONE}\n"
        f"2026年重点工作\n{TODO}\n一、抓项目\n{TODO}\n二、保民生\n{TODO}"
    )
    assert find(text) == [
        ("review", "2021-2025", "“十四五”时期工作回顾"),
        ("plan", "2026", "2026年重点工作"),
    ]


def test_a_heading_that_tells_nothing_leaves_it_to_the_content() -> None:
    text = (
        f"一、经济实力迈上新台阶\n{DONE}\n二、聚力攻坚谱新篇\n{TODO}\n三、政府自身建设\n依法行政。"
    )
    assert [section[:2] for section in find(text)] == [
        ("review", "2025"),
        ("plan", "2026"),
        ("government", "2026"),
    ]


def test_a_text_without_any_heading_is_told_by_its_content() -> None:
    assert find(DONE * 4) == [("review", "2025", "")]
    assert find(TODO * 4) == [("plan", "2026", "")]


def test_page_texts_are_cut_where_their_words_turn_only_when_loose() -> None:
    text = f"一、工作情况\n过去一年,{DONE}\n今年,{TODO}"
    assert [section[0] for section in find(text)] == ["review"]
    assert [section[:2] for section in find(text, loose=True)] == [
        ("review", "2025"),
        ("plan", "2026"),
    ]


@pytest.mark.parametrize(
    ("heading", "kind", "period"),
    [
        ("一、2024年工作回顾", "review", "2024"),
        ("一、去年工作回顾", "review", "2025"),
        ("一、过去五年工作回顾", "review", "2021-2025"),
        ("一、“十四五”时期发展成就", "review", "2021-2025"),
        ("“十四五”规划前两年的执行情况", "review", "2021-2022"),
        ("二、今年主要任务", "plan", "2026"),
        ("二、“十五五”时期经济社会发展的主要目标", "plan", "2026-2030"),
        ("第二部分 2026年工作安排", "plan", "2026"),
        ("四、深入推进政府治理创新", "government", "2026"),
        ("二、今后五年的目标任务", "plan", "2026-2030"),
    ],
)
def test_a_heading_tells_kind_and_period(heading: str, kind: str, period: str) -> None:
    found = find(f"{heading}\n坚持依法行政。")
    assert [section[:2] for section in found] == [(kind, period)]


def test_without_a_year_relative_periods_stay_unknown() -> None:
    text = f"一、工作回顾\n{DONE}\n二、2026年工作安排\n{TODO}"
    assert [section[:2] for section in find(text, None)] == [("review", None), ("plan", "2026")]
