"""Feishu's limits, held by answers that are too long for them; its markup, kept out of what reports say."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from api.bots.feishu_cards import Card, cards_of, escape, line, size
from api.bots.rendering import Shown, Source
from qa.answers.answer import Cell, Table
from tests.api.bots.feishu_double import JSON, MOST_BYTES, links, read, seen

HOSTILE = [
    "<at id=all></at>",
    "**粗**",
    "~~删~~",
    "`码`",
    "[点](https://evil.example)",
    "https://evil.example/a_b",
    "www.evil.example",
    "a@evil.example",
    ":OK:",
    "# 题",
    "\n- 项",
    "\n1. 项",
    "\n    缩进",
    "\n---\n",
    "\n题\n===\n",
    "> 引",
    "|a|b|\n|-|-|\n",
    "&lt;b&gt;",
    "\\*",
    "![图](img_1)",
    "<br>",
    "```\n码\n```",
    "增长7.6%",
]


def source(n: int) -> Source:
    return Source(n, f"报告{n}", "句" * 200, f"https://page.example/#/reports/{n}?start=1&end=2")


def elements(cards: list[Card]) -> list[JSON]:
    return [one for card in cards for one in card["body"]["elements"]]


def tables(cards: list[Card]) -> list[JSON]:
    return [one for one in elements(cards) if one["tag"] == "table"]


def check_limits(cards: list[Card]) -> None:
    for card in cards:
        content = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
        body = json.dumps({"content": content, "uuid": "u" * 50}, ensure_ascii=False)
        assert len(body.encode()) <= MOST_BYTES - 2000
        assert content.count('"tag":') <= 200
        assert card["schema"] == "2.0"
        assert card["config"]["update_multi"] is True
        assert len(card["config"]["summary"]["content"]) <= 120
        assert card["body"]["elements"]
        assert sum(one["tag"] == "table" for one in card["body"]["elements"]) <= 5
        for one in card["body"]["elements"]:
            assert one["tag"] == "hr" or read(one)
            if one["tag"] == "table":
                names = [column["name"] for column in one["columns"]]
                assert 1 <= len(names) <= 50
                assert 1 <= one["page_size"] <= 10
                assert one["rows"]
                assert all(list(row) == names and all(row.values()) for row in one["rows"])


def test_a_very_long_answer_is_split_with_every_marker_and_source() -> None:
    text = "".join(f"第{n}句写了很多很多的内容,增长{n}.5%[{n}]。" for n in range(1, 1001))
    shown = Shown("zh", text, sources=tuple(map(source, range(1, 121))), notes=("注" * 4000,))
    cards = cards_of(shown)
    check_limits(cards)
    assert len(cards) > 3
    whole = "".join(map(read, elements(cards)))
    assert text in whole
    assert "注" * 4000 in whole
    told = links(elements(cards))
    for n in range(1, 121):
        assert (f"[{n}]", source(n).url) in told
        assert (f"[{n}] 查看原文", source(n).url) in told


def test_a_long_table_is_split_by_rows_under_its_head() -> None:
    rows = tuple((Cell(f"地区{n}"), Cell(f"增长{n}.5%", 1)) for n in range(400))
    cards = cards_of(Shown("zh", "如下", Table(("地区", "指标"), rows), sources=(source(1),)))
    check_limits(cards)
    told = [row for table in tables(cards) for row in table["rows"]]
    assert [row["c0"] for row in told] == [f"地区{n}" for n in range(400)]
    assert seen(told[7]["c1"]) == "增长7.5% [1]"
    assert {table["columns"][0]["display_name"] for table in tables(cards)} == {"地区"}
    assert len(tables(cards)) > 2


def test_a_wide_table_is_split_by_columns_beside_its_first() -> None:
    columns = ("年份", *(f"第{n}列" for n in range(20)))
    rows = ((Cell("2024"), *(Cell(str(n)) for n in range(20))),)
    cards = cards_of(Shown("zh", "如下", Table(columns, rows)))
    check_limits(cards)
    assert [len(table["columns"]) for table in tables(cards)] == [10, 10, 3]
    assert {table["rows"][0]["c0"] for table in tables(cards)} == {"2024"}


def test_a_table_of_one_column_and_empty_cells_stands() -> None:
    cards = cards_of(Shown("zh", "如下", Table(("",), ((Cell(""),), (Cell("值"),)))))
    check_limits(cards)
    (table,) = tables(cards)
    assert [row["c0"] for row in table["rows"]] == [" ", "值"]


def test_a_cell_is_cut_where_it_would_fill_the_card() -> None:
    rows = tuple(tuple(Cell("长" * 3000, 1) for _ in range(10)) for _ in range(3))
    columns = tuple(f"列{n}" for n in range(10))
    cards = cards_of(Shown("zh", "如下", Table(columns, rows), sources=(source(1),)))
    check_limits(cards)
    assert seen(tables(cards)[0]["rows"][0]["c0"]).endswith("…[1]".replace("…", "… "))


def test_many_small_parts_are_split_by_their_number() -> None:
    sources = tuple(Source(n, "报", "句", f"https://p.example/{n}") for n in range(300))
    check_limits(cards_of(Shown("zh", "如下", sources=sources)))


def test_nothing_is_a_card_all_the_same() -> None:
    check_limits(cards_of(Shown("zh", "")))


def test_a_marker_without_a_source_stays_text() -> None:
    cards = cards_of(Shown("zh", "见[7]。"))
    assert links(elements(cards)) == []
    assert read(elements(cards)[0]) == "见[7]。"


def test_an_address_does_not_end_its_link() -> None:
    url = "https://page.example/a(b)/#/reports/x_1*?start=1&end=2"
    cards = cards_of(Shown("zh", "见[1]。", sources=(Source(1, "报", "句", url),)))
    (marker, _) = links(elements(cards))
    assert marker == ("[1]", "https://page.example/a%28b%29/#/reports/x_1*?start=1&end=2")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_line_is_plain_text(text: str) -> None:
    (element,) = line(text)["body"]["elements"]
    assert element == {"tag": "div", "text": {"tag": "plain_text", "content": text}}


# CommonMark with what Feishu adds to it that CommonMark knows: tables, strikethrough, bare addresses.
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _rendered(markdown: str) -> str:
    return _MARKDOWN.render(markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_report_says_is_text_in_markdown(text: str) -> None:
    escaped = escape(f"前{text}后")
    assert set(re.findall(r"<(/?\w+)", _rendered(escaped))) <= {"p", "/p"}
    assert not re.search(r"[<>*~`:@|\\]|www\.|evil\.|^[#-]", escaped)


@given(st.lists(st.sampled_from([*HOSTILE, "。", "\n", " ", "\t", "7.", "6", "[1]"]), max_size=12))
def test_no_mixture_of_signs_is_markup(parts: list[str]) -> None:
    text = "".join(parts)
    assert set(re.findall(r"<(/?\w+)", _rendered(escape(text)))) <= {"p", "/p"}
    content = "".join(map(read, elements(cards_of(Shown("zh", text)))))
    assert re.sub(r"\s", "", content) in (re.sub(r"\s", "", text), "…")


def test_a_figure_is_not_disguised() -> None:
    assert escape("增长7.6%,2,668.5亿元") == "增长7.6%,2,668.5亿元"


@given(st.text(), st.text())
def test_the_size_of_a_text_is_the_sum_of_its_parts(one: str, other: str) -> None:
    if (one + other).encode("utf-8", "ignore").decode() == one + other:
        assert size(one + other) == size(one) + size(other)
