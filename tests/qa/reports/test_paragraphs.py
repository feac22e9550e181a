import pytest

from qa.reports.clean_text import fold
from qa.reports.paragraphs import inline_heading, paragraphs
from qa.reports.report import Source

PROSE = "全年实现地区生产总值增长7.6%,固定资产投资增长9.9%,社会消费品零售"


def texts(source: str) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(source)]


def test_each_line_is_a_paragraph_and_blank_lines_are_counted() -> None:
    found = paragraphs("标题\n\n\u3000\n\u3000\u3000第一段。\n第二段。")
    assert [(p.text, p.gap) for p in found] == [("标题", 0), ("第一段。", 2), ("第二段。", 0)]


def test_offsets_leave_out_the_indentation_and_the_line_end() -> None:
    source = "\u3000\u3000第一段。 \r\n\u200b第二段。"
    assert [source[p.start : p.end] for p in paragraphs(source)] == ["第一段。", "第二段。"]


def test_only_the_slice_asked_for_is_read() -> None:
    source = "甲甲\n乙乙\n丙丙"
    assert [(p.start, p.end, p.text) for p in paragraphs(source, 3, 7)] == [
        (3, 5, "乙乙"),
        (6, 7, "丙"),
    ]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (f"{PROSE}\n总额增长6.0%。", [f"{PROSE}总额增长6.0%。"]),
        ("新增就业1.2万人\n,登记失业率2%。", ["新增就业1.2万人,登记失业率2%。"]),
        ("印发《\n规划》", ["印发《规划》"]),
        (f"{PROSE}\n\n总额增长6.0%。", [PROSE, "总额增长6.0%。"]),
        (f"{PROSE}\n\u3000\u3000总额增长。", [PROSE, "总额增长。"]),
        (f"{PROSE}\n二、下一部分", [PROSE, "二、下一部分"]),
        (f"{PROSE}\n(二)下一部分", [PROSE, "(二)下一部分"]),
        ("完成投资。\n新增就业。", ["完成投资。", "新增就业。"]),
        ("主要目标\n生产总值增长6%", ["主要目标", "生产总值增长6%"]),
    ],
)
def test_only_lines_broken_inside_a_sentence_are_joined(source: str, wanted: list[str]) -> None:
    assert texts(source) == wanted


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("一、2023年工作回顾", "numbered"),
        ("十二、民生", "numbered"),
        ("第一部分 2025年工作回顾", "numbered"),
        ("（一）聚力“三件大事”", "bracketed"),
        ("(3)办好实事", "bracketed"),
        ("2023年工作回顾", "plain"),
        ("“十四五”蓝图", "plain"),
        ("一、聚力三件大事。创新能力跃上新台阶。", None),
        ("全年完成投资500亿元。", None),
        ("各位代表:", None),
        ("来源:海曙新闻网", None),
        ("首席记者 袁云 摄", None),
        ("2023", None),
        ("长" * 41, None),
    ],
)
def test_tells_headings_from_prose(line: str, style: str | None) -> None:
    assert paragraphs(line)[0].heading_style == style


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("(一)聚力三件大事,厚植动力。创新能力跃上新台阶。", "(一)聚力三件大事,厚植动力"),
        ("一、主要目标:生产总值增长6%。", "一、主要目标"),
        ("创新能力跃上新台阶。", None),
        ("(一)" + "长" * 60 + "。", None),
    ],
)
def test_finds_the_heading_that_opens_a_prose_paragraph(text: str, heading: str | None) -> None:
    assert inline_heading(text) == heading


def test_real_paragraphs_are_in_order_apart_and_hold_all_that_can_be_seen(
    sample_sources: dict[str, Source],
) -> None:
    for source in sample_sources.values():
        found = paragraphs(source.text)
        edges = [edge for p in found for edge in (p.start, p.end)]
        assert edges == sorted(edges)
        for p in found:
            assert p.text == fold(source.text[p.start : p.end]).replace("\n", "")
        assert "".join(p.text for p in found) == fold(source.text).replace("\n", "")
