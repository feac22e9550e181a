"""Slack's limits, held by answers that are too long for them."""

from typing import Any

import pytest

from api.bots.rendering import Shown, Source
from api.bots.slack_blocks import Message, escape, line, messages_of, units
from qa.answers.answer import Cell, Table


def source(n: int) -> Source:
    return Source(n, f"报告{n}", "句" * 200, f"https://page.example/#/reports/{n}?start=1&end=2")


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            one
            for key, inner in value.items()
            for one in ([inner] if key == "text" and isinstance(inner, str) else texts(inner))
        ]
    return [one for inner in value for one in texts(inner)] if isinstance(value, list) else []


def read(messages: list[Message]) -> str:
    return "".join(texts([block for message in messages for block in message.blocks]))


def check_limits(messages: list[Message]) -> None:
    for message in messages:
        assert 1 <= len(message.blocks) <= 50
        assert units(message.text) <= 3001
        assert units("".join(texts(list(message.blocks)))) <= 13_000
        assert sum(block["type"] == "table" for block in message.blocks) <= 1
        for block in message.blocks:
            if block["type"] == "rich_text":
                assert units("".join(texts(block))) <= 3000
            elif block["type"] == "actions":
                assert 1 <= len(block["elements"]) <= 25
                assert all(len(one["text"]["text"]) <= 75 for one in block["elements"])
            elif block["type"] == "table":
                assert 2 <= len(block["rows"]) <= 100
                assert {len(row) for row in block["rows"]} == {len(block["rows"][0])}
                assert len(block["rows"][0]) <= 20
                assert units("".join(texts(block))) <= 10_000
                assert all(
                    texts(cell) and all(texts(cell)) for row in block["rows"] for cell in row
                )


def test_a_very_long_answer_is_split_with_every_marker_and_source() -> None:
    text = "".join(f"第{n}句写了很多很多的内容,增长{n}.5%[{n}]。" for n in range(1, 2001))
    shown = Shown("zh", text, sources=tuple(map(source, range(1, 121))), notes=("注" * 4000,))
    messages = messages_of(shown)
    check_limits(messages)
    assert len(messages) > 5
    assert text in read(messages)
    urls = str([message.blocks for message in messages])
    for n in range(1, 121):
        assert f"[{n}] 报告{n}" in urls
        assert f"source-{n}'" in urls


def test_a_long_table_is_split_by_rows_under_its_head() -> None:
    rows = tuple((Cell(f"地区{n}"), Cell(f"增长{n}%", 1)) for n in range(250))
    messages = messages_of(Shown("zh", "如下", Table(("地区", "指标"), rows), sources=(source(1),)))
    check_limits(messages)
    tables = [block for message in messages for block in message.blocks if block["type"] == "table"]
    assert [len(table["rows"]) for table in tables] == [100, 100, 53]
    assert {table["rows"][0][0]["text"] for table in tables} == {"地区"}
    assert texts(tables[0]["rows"][1]) == ["地区0", "增长0% ", "[1]"]


def test_a_wide_table_is_split_by_columns_beside_its_first() -> None:
    columns = ("年份", *(f"第{n}列" for n in range(45)))
    rows = ((Cell("2024"), *(Cell(str(n)) for n in range(45))),)
    messages = messages_of(Shown("zh", "如下", Table(columns, rows)))
    check_limits(messages)
    tables = [block for message in messages for block in message.blocks if block["type"] == "table"]
    assert [len(table["rows"][0]) for table in tables] == [20, 20, 8]
    assert {table["rows"][1][0]["text"] for table in tables} == {"2024"}


def test_a_table_of_one_column_and_empty_cells_stands() -> None:
    messages = messages_of(Shown("zh", "如下", Table(("",), ((Cell(""),), (Cell("值"),)))))
    check_limits(messages)
    (table,) = [block for block in messages[0].blocks if block["type"] == "table"]
    assert len(table["rows"]) == 3


def test_a_marker_without_a_source_stays_text() -> None:
    (message,) = messages_of(Shown("zh", "见[7]。"))
    assert read([message]) == "见[7]。"


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "a & b", "&lt;"])
def test_what_notifications_show_calls_nobody(text: str) -> None:
    assert line(text).text == escape(text)
    assert "<" not in line(text).text
    assert texts(list(line(text).blocks)) == [text]


def test_signs_beyond_the_first_plane_count_as_slack_counts_them() -> None:
    assert units("𠀀中") == 3
    check_limits(messages_of(Shown("zh", "𠀀" * 4000)))
