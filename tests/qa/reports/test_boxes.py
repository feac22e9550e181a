"""Boxes of a stretch of text: a line each, as wide as the part of it that the stretch takes."""

from qa.reports.boxes import PageBoxes, boxes_of
from qa.reports.origin import Mark
from tests.qa.reports.readers.made import HEIGHT, WIDTH, printed, read, report_pdf

SIZE = (600.0, 800.0)
TEXT = "一二三四五六七八九十。甲乙丙丁戊己庚辛\n2023年增长6.5%"
MARKS = (
    Mark(0, page=1, box=(100.0, 700.0, 210.0, 712.0)),
    Mark(11, page=2, box=(100.0, 50.0, 180.0, 62.0)),
    Mark(20, page=2, box=(100.0, 70.0, 170.0, 82.0)),
)


def boxes(start: int, end: int) -> list[PageBoxes]:
    return boxes_of(MARKS, (SIZE, SIZE), TEXT, start, end)


def test_a_part_of_a_line_is_as_wide_as_its_signs() -> None:
    assert boxes(2, 4) == [PageBoxes(1, SIZE, ((120.0, 700.0, 140.0, 712.0),))]


def test_letters_and_digits_are_half_as_wide() -> None:
    # 2023年增长6.5%: eleven signs, of which three fill a square, in 70 points.
    assert boxes(20, 24) == [PageBoxes(2, SIZE, ((100.0, 70.0, 120.0, 82.0),))]


def test_what_crosses_a_page_has_boxes_on_both() -> None:
    assert boxes(8, 22) == [
        PageBoxes(1, SIZE, ((180.0, 700.0, 210.0, 712.0),)),
        PageBoxes(2, SIZE, ((100.0, 50.0, 180.0, 62.0), (100.0, 70.0, 110.0, 82.0))),
    ]


def test_nothing_has_no_box() -> None:
    # The end of a line is not printed.
    assert boxes(19, 20) == []
    assert boxes(4, 4) == []
    assert boxes_of((), (), TEXT, 0, 5) == []
    assert boxes_of((Mark(0, paragraph=1),), (), TEXT, 0, 5) == []
    assert boxes_of(MARKS, (SIZE,), TEXT, 15, 22) == []


def test_a_printed_sentence_is_found_where_it_is_printed() -> None:
    found = read(printed([(72, 100, "各位代表现在报告工作全年增长两成")]), "a.pdf")
    start = found.text.index("报告")
    (page,) = boxes_of(found.origin.marks, found.origin.pages, found.text, start, start + 4)
    assert page.size == (WIDTH, HEIGHT)
    ((left, top, right, bottom),) = page.boxes
    assert (round(left), round(right)) == (72 + 6 * 12, 72 + 10 * 12)
    assert top < 100 < bottom


def test_columns_of_a_row_have_each_their_own() -> None:
    rows = [(72, 100 + 20 * n, f"指标{n}名称甲乙") for n in range(4)]
    values = [(400, 100 + 20 * n, f"{n}00亿元左右") for n in range(4)]
    found = read(printed([*rows, *values]), "a.pdf")
    start = found.text.index("200亿元")
    (page,) = boxes_of(found.origin.marks, found.origin.pages, found.text, start, start + 5)
    assert round(page.boxes[0][0]) == 400


def test_a_report_over_pages_tells_the_size_of_each() -> None:
    found = read(report_pdf("各位代表现在报告工作。" * 300), "a.pdf")
    assert len(found.origin.pages) == max(mark.page or 0 for mark in found.origin.marks) > 1
