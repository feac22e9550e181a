from collections.abc import Sequence

from qa.reports.origin import spot_of
from qa.reports.readers.layout import Page, Piece, running_text

SIGN, LEADING, LEFT = 12.0, 20.0, 72.0
WIDE = 37
"""Chinese signs on a full line."""


def piece(text: str, line: float, left: float = LEFT) -> Piece:
    """Text at a line of a page; letters and digits are half as wide as signs."""
    width = sum(SIGN / 2 if char.isascii() else SIGN for char in text)
    top = line * LEADING
    return Piece(text, (left, top, left + width, top + SIGN))


def page(number: int, *pieces: Piece) -> Page:
    return Page(number, 595.0, 842.0, pieces)


def paragraph(text: str, line: int) -> list[Piece]:
    """A text set in full lines, the first of them indented by two signs."""
    first, rest = text[: WIDE - 2], text[WIDE - 2 :]
    lines = [piece(first, line, LEFT + 2 * SIGN)]
    while rest:
        lines.append(piece(rest[:WIDE], line + len(lines)))
        rest = rest[WIDE:]
    return lines


def text_of(*pages: Page) -> str:
    return running_text(pages)[0]


LONG = "创新能力跃上新台阶深入推进科技创新行动" * 6


def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept_apart() -> None:
    pieces = [*paragraph(LONG + "。", 10), *paragraph(LONG + "。", 20)]
    assert text_of(page(1, *pieces)) == f"{LONG}。\n{LONG}。"


def test_a_paragraph_goes_on_over_the_page() -> None:
    lines = paragraph(LONG, 10)
    assert (
        text_of(
            page(1, *lines[:2]), page(2, *[piece(p.text, 8 + i) for i, p in enumerate(lines[2:])])
        )
        == LONG
    )


def test_a_heading_is_a_line_of_its_own() -> None:
    pieces = [piece("一、2023年工作回顾", 9, LEFT + 2 * SIGN), *paragraph(LONG, 10)]
    assert text_of(page(1, *pieces)).startswith("一、2023年工作回顾\n创新")


def test_a_number_broken_over_lines_is_whole() -> None:
    pieces = [piece("产" * 36 + "26", 10), piece("68.5亿元" + "增" * 30, 11)]
    assert "2668.5亿元" in text_of(page(1, *pieces))


def test_a_hyphenated_word_is_healed_and_words_stay_apart() -> None:
    assert (
        text_of(page(1, piece("i" * 60 + " gov-", 10), piece("ernment " * 8, 11))).count(
            "government"
        )
        == 1
    )
    assert "work report" in text_of(
        page(1, piece("i" * 66 + " work", 10), piece("report " * 8, 11))
    )


def test_headers_footers_and_page_numbers_are_dropped() -> None:
    def numbered(number: int) -> Page:
        body = paragraph(f"第{'一二三四'[number - 1]}段" + LONG, 12)
        return page(
            number,
            piece("越城区政府工作报告汇编", 2),
            *body,
            piece(f"- {number} -", 40),
            piece("内部资料", 39),
        )

    text = text_of(*map(numbered, range(1, 5)))
    assert "汇编" not in text
    assert "内部资料" not in text
    assert "- 1 -" not in text
    assert "第四段" in text


def test_a_number_within_the_text_is_no_page_number() -> None:
    assert "2023" in text_of(page(1, piece("2023", 20), *paragraph(LONG, 21)))


def test_what_stands_in_a_margin_once_stays() -> None:
    assert text_of(page(1, piece("政府工作报告", 2), *paragraph(LONG, 12))).startswith(
        "政府工作报告\n"
    )


def test_rows_of_a_table_are_lines_with_cells() -> None:
    cells = [
        ("指标", "2023年", "增长"),
        ("生产总值", "1234.5亿元", "7.6%"),
        ("财政收入", "99亿元", "4.5%"),
    ]
    pieces = [
        piece(text, 10 + row, LEFT + 150 * column)
        for row, line in enumerate(cells)
        for column, text in enumerate(line)
    ]
    lines = text_of(page(1, *pieces, *paragraph(LONG, 20))).splitlines()
    assert lines[:3] == [
        "指标 | 2023年 | 增长",
        "生产总值 | 1234.5亿元 | 7.6%",
        "财政收入 | 99亿元 | 4.5%",
    ]


def test_a_line_of_spaced_signs_is_no_table() -> None:
    title = [piece(sign, 5, 100 + 40 * i) for i, sign in enumerate("政府工作报告")]
    speaker = [piece("越城区人民政府区长", 6, 100), piece("钱林江", 6, 300)]
    lines = text_of(page(1, *title, *speaker, *paragraph(LONG, 20))).splitlines()
    assert lines[:2] == ["政  府  工  作  报  告", "越城区人民政府区长  钱林江"]


def column(text: str, left: float, line: int, lines: int) -> list[Piece]:
    return [piece(text * 2, line + i, left) for i in range(lines)]


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = column("左栏文字一行内容", LEFT, 12, 8), column("右栏文字一行内容", 320, 12, 8)
    across = [piece("横跨两栏的标题" * 5, 10)]
    both = [one for pair in zip(left, right, strict=True) for one in pair]
    text = text_of(page(1, *across, *both)).replace("\n", "")
    assert text.startswith("横跨两栏")
    assert text.rindex("左栏") < text.index("右栏")


def test_every_printed_line_has_a_mark_with_its_page_and_box() -> None:
    lines: Sequence[Piece] = paragraph(LONG, 10)
    text, marks = running_text(
        [page(1, *lines[:2]), page(2, *[piece(p.text, 8 + i) for i, p in enumerate(lines[2:])])]
    )
    assert [mark.page for mark in marks] == [1, 1, *[2] * (len(lines) - 2)]
    for mark, line in zip(marks, lines, strict=True):
        assert text[mark.start :].startswith(line.text)
    whole = spot_of(marks, 0, len(text))
    assert whole.page == 1
    assert whole.box == (LEFT, 200.0, LEFT + WIDE * SIGN, 232.0)
    assert spot_of(marks, len(text) - 1, len(text)).page == 2


def test_no_pages_are_no_text() -> None:
    assert running_text([]) == ("", ())
    assert running_text([page(1)]) == ("", ())


def columned(first: int, *, over: int = 0) -> list[Piece]:
    """Two columns of eight lines; ``over``: signs by which one line of the left is longer."""
    lines = [f"左栏第{'一二三四五六七八'[i]}行" + "文" * 11 for i in range(8)]
    lines[3] += "长" * over
    left = [piece(text, first + i) for i, text in enumerate(lines)]
    right = [
        piece(f"右栏第{'一二三四五六七八'[i]}行" + "字" * 11, first + i, LEFT + 18 * SIGN)
        for i in range(8)
    ]
    return [*left, *right]


def test_columns_are_read_one_after_the_other_below_lines_that_cross_them() -> None:
    menu = [piece("首页", 3), piece("新闻中心", 4)]
    text = text_of(page(1, *menu, piece("贯" * WIDE, 6), *columned(8)))
    assert text.index("贯") < text.index("左栏第一行") < text.index("左栏第八行")
    assert text.index("左栏第八行") < text.index("右栏第一行")
    assert text.index("首页") < text.index("贯")


def test_columns_are_read_between_and_below_a_line_that_crosses_them() -> None:
    text = text_of(page(1, *columned(8), piece("贯" * WIDE, 18), *columned(20)))
    above, below = text.split("贯" * WIDE)
    for half in (above, below):
        assert half.index("左栏第八行") < half.index("右栏第一行")


def test_the_gutter_runs_beside_the_longest_line() -> None:
    text = text_of(page(1, *columned(8, over=1)))
    assert text.index("左栏第八行") < text.index("右栏第一行")
    assert "文长" in text
