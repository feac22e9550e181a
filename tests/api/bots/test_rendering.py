import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bots.rendering import examples, helping, shown, split_text
from qa.chain import Chain
from qa.reports.report import Copy

PAGE = "https://reports.example.org"
MARKED = st.lists(
    st.one_of(
        st.sampled_from(
            ["[1]", "[23]", "。", "\n", "增长7.6%", "<", "&", "”", "👩‍👩‍👧", "e\u0301", "."]
        ),
        st.text(max_size=5),
    ),
    max_size=40,
).map("".join)


@given(MARKED, st.integers(50, 90))
def test_parts_are_within_the_limit_and_joined_are_the_text(text: str, most: int) -> None:
    parts = split_text(text, most)
    assert "".join(parts) == text
    assert all(0 < len(part) <= most for part in parts)


@given(MARKED, st.integers(50, 90))
def test_no_marker_is_cut(text: str, most: int) -> None:
    marker = re.compile(r"\[\d+\]")
    parts = split_text(text, most)
    assert sum(len(marker.findall(part)) for part in parts) == len(marker.findall(text))


def test_a_text_is_cut_at_the_end_of_a_sentence_behind_its_marker() -> None:
    text = "第一句增长7.6%[1]。第二句“增长”。[2]第三句没有完。"
    assert split_text(text, 20) == ["第一句增长7.6%[1]。", "第二句“增长”。[2]第三句没有完。"]
    parts = ["第一句增长7.6%[1]。", "第二句“增长”。[2]", "第三句没有完。"]
    assert split_text(text, 13) == parts


def test_a_figure_is_not_cut() -> None:
    assert split_text("全市生产总值一二三1300.5亿元", 12) == ["全市生产总值一二三", "1300.5亿元"]


def test_the_size_is_what_the_platform_counts() -> None:
    parts = split_text("<" * 10, 8, lambda text: 4 * len(text))
    assert parts == ["<<"] * 5


def test_no_text_has_no_parts() -> None:
    assert split_text("", 10) == []


def test_each_source_leads_to_its_sentence(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区2023年GDP增长多少?")
    (source,) = shown(answer, "zh", PAGE, bundled_chain.searcher.library.held).sources
    (citation,) = answer.citations
    span = f"start={citation.start}&end={citation.end}"
    assert source.url == f"{PAGE}/#/reports/{citation.report_id}?{span}"
    assert source.title == "2024年越城区政府工作报告 › 一、2023年工作回顾"
    assert source.quote == citation.quote


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("越城区2023年GDP增长多少?", "可以在这里接着问,例如:那上城区呢?"),
        ("越城区和上城区2023年GDP增长多少?", "可以在这里接着问,例如换一个年份、地区或指标。"),
        ("今天天气怎么样", "可以这样问:\n• "),
    ],
)
def test_the_hint_says_what_may_be_asked_next(
    bundled_chain: Chain, question: str, hint: str
) -> None:
    held = bundled_chain.searcher.library.held
    assert shown(bundled_chain.ask(question), "zh", PAGE, held).hint.startswith(hint)


def test_a_place_of_a_hint_is_held(bundled_chain: Chain) -> None:
    held = bundled_chain.searcher.library.held
    places = {one.report.place for one in held}
    hint = shown(bundled_chain.ask("越城区2023年GDP增长多少?"), "zh", PAGE, held).hint
    (place,) = re.findall("那(.+)呢", hint)
    assert place in places - {"越城区"}


def test_examples_are_of_reports_that_are_held(bundled_chain: Chain) -> None:
    held = bundled_chain.searcher.library.held
    told = examples("zh", held)
    assert len(told) == 3
    periods = {(one.report.place, one.report.reviewed_period) for one in held}
    for one in told:
        place, period = re.findall(r"(.+?)(\d{4}(?:-\d{4})?)年", one)[0]
        assert (place, period) in periods
    assert examples("en", held)[0].startswith("What was the GDP growth of ")


def test_without_reports_nothing_is_suggested() -> None:
    assert examples("zh", []) == ()
    assert helping("zh", []).text == "请把问题写在呼叫之后,例如:"


def test_a_source_names_the_other_files_of_its_report(bundled_chain: Chain) -> None:
    answer = bundled_chain.ask("越城区2023年GDP增长多少?")
    copies = [Copy("报告.pdf", None, "a"), Copy("报告.docx", None, "b")]
    told = {1: {"zh": "(另见报告.pdf)", "en": " (also in 报告.pdf)"}}
    told |= {2: {"zh": "(另见报告.pdf等2处)", "en": " (also in 2 files, among them 报告.pdf)"}}
    for count, words in told.items():
        (citation,) = answer.citations
        held_twice = replace(citation, also_in=tuple(copies[:count]))
        for language, said in words.items():
            parts = shown(replace(answer, citations=(held_twice,)), language, PAGE, [])
            assert (
                parts.sources[0].title
                == " › ".join((citation.report_title, *citation.headings)) + said
            )
