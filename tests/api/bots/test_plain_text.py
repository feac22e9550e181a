"""Limits in bytes, held by answers that are too long for them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bots.dingtalk import messages_of as dingtalk_messages
from api.bots.plain_text import lines_of, size, texts_of
from api.bots.rendering import Shown, Source
from api.bots.wecom import literal
from api.bots.wecom import messages_of as wecom_messages
from qa.answers.answer import Cell, Table

MARKER = re.compile(r"\[\d+\]")
LINK = re.compile(r'<a href="[^"<>]*">\[\d+\] [^<]*</a>')


def source(n: int) -> Source:
    address = f"https://page.example/#/reports/{n}?start=1&end=2"
    return Source(n, f"报告{n} › 一、回顾", "句" * 200, address)


def test_a_chinese_sign_counts_three_bytes() -> None:
    assert size("中a\U00020000") == 8


@pytest.mark.parametrize(
    ("messages_of", "most"), [(wecom_messages, 2048), (dingtalk_messages, 12_000)]
)
def test_a_very_long_answer_is_split_with_every_marker_and_source_whole(
    messages_of: object, most: int
) -> None:
    text = "".join(f"第{n}句写了很多很多的内容,增长{n}.5%[{n}]。" for n in range(1, 901))
    rows = tuple((Cell(f"地区{n}"), Cell(f"增长{n}%", n)) for n in range(1, 120))
    table = Table(("地区", "生产总值"), rows)
    sources = tuple(map(source, range(1, 121)))
    texts = messages_of(Shown("zh", text, table, ("注" * 4000,), sources, "接着问"))  # type: ignore[operator]
    assert all(0 < size(one) <= most for one in texts)
    whole = "".join(texts)
    assert text in whole
    for n in range(1, 120):
        assert f"地区{n} | 生产总值 增长{n}% [{n}]" in whole
        assert f"/reports/{n}?start=1&end=2" in whole
    assert whole.count("注") == 4000
    assert whole.endswith("接着问")
    assert len(MARKER.findall(whole)) == 900 + 119 + 120


def test_few_sources_are_quoted_and_many_are_named_alone() -> None:
    few = "".join(wecom_messages(Shown("zh", "如下", sources=tuple(map(source, range(8))))))
    assert few.count("“") == 8
    assert "› 一、回顾" in few
    many = "".join(wecom_messages(Shown("zh", "如下", sources=tuple(map(source, range(9))))))
    assert "“" not in many
    assert len(LINK.findall(many)) == 9
    assert "› 一、回顾" not in many


def test_a_source_that_is_too_long_for_a_message_keeps_its_link() -> None:
    long = Source(1, "报告", "𠀀" * 200, "https://page.example/" + "a" * 1300)
    (text,) = wecom_messages(Shown("zh", "见[1]。", sources=(long,)))
    assert text == f'见[1]。\n\n<a href="{long.url}">[1] 报告</a>'


def test_an_address_cannot_leave_its_link() -> None:
    hostile = Source(1, "报", "", 'https://x.example/"><b>')
    assert (
        'href="https://x.example/%22%3E%3Cb%3E"'
        in wecom_messages(Shown("zh", "", sources=(hostile,)))[0]
    )


@given(st.text(alphabet='<a/ hrefA!?"=>&中', max_size=60))
def test_a_literal_text_has_no_tag_and_is_read_the_same(text: str) -> None:
    told = literal(text)
    assert not re.search("<[/!?A-Za-z]", told)
    assert told.replace("\u200b", "") == text


def test_cells_without_text_and_rows_of_one_cell_stand() -> None:
    table = Table(("地区", "指标"), ((Cell("越城区"), Cell("")),))
    assert texts_of(Shown("zh", "如下", table), 100, str) == ["如下\n\n越城区 | 指标"]
    assert texts_of(Shown("zh", "如下", Table(("地区",), ((Cell("越城区"),),))), 100, str) == [
        "如下\n\n越城区"
    ]


def test_an_empty_answer_has_no_texts() -> None:
    assert lines_of("", 100) == []
