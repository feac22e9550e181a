"""Boxes of a stretch of text: a line each, as wide as the part of it that the stretch takes."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from qa.reports.boxes import PageBoxes, boxes_of
from qa.reports.limits import ReadLimits
from qa.reports.origin import Mark
from qa.reports.readers.pdf import draw_page
from qa.reports.readers.protocol import Task
from tests.qa.reports.readers.made import FONT, HEIGHT, WIDTH, printed, read, report_pdf

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


def turned(text: str) -> bytes:
    """A page that is shown turned by a quarter, with a line that is upright when it is."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    kept = io.BytesIO()
    canvas = Canvas(kept, pagesize=(WIDTH, HEIGHT))
    canvas.setPageRotation(90)
    canvas.translate(100, 72)
    canvas.rotate(90)
    canvas.setFont(FONT, 12)
    canvas.drawString(0, 0, text)
    canvas.save()
    return kept.getvalue()


def cut(text: str) -> bytes:
    """A page of which only a part is shown: all but 40 points on the left and 100 above."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    kept = io.BytesIO()
    canvas = Canvas(kept, pagesize=(WIDTH, HEIGHT))
    canvas.setCropBox((40, 0, WIDTH, HEIGHT - 100))
    canvas.setFont(FONT, 12)
    canvas.drawString(112, HEIGHT - 200, text)
    canvas.save()
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "size"), [(turned, (WIDTH, HEIGHT)), (cut, (WIDTH - 40, HEIGHT - 100))]
)
def test_boxes_lie_where_the_page_as_it_is_shown_has_them(
    data: Callable[[str], bytes], size: tuple[float, float]
) -> None:
    made = data("各位代表现在报告工作全年增长两成")
    found = read(made, "a.pdf")
    (page,) = boxes_of(found.origin.marks, found.origin.pages, found.text, 4, 8)
    assert page.size == size
    ((left, top, right, bottom),) = page.boxes
    assert (round(left), round(right)) == (72 + 4 * 12, 72 + 8 * 12)
    assert top < 100 < bottom
    shown = Image.open(io.BytesIO(draw_page(Task(made, "a.pdf", ReadLimits()), 1, 1000)))
    scale = shown.width / size[0]
    inside = shown.crop(tuple(round(edge * scale) for edge in page.boxes[0])).convert("L")  # type: ignore[arg-type]
    assert inside.getextrema()[0] < 128  # type: ignore[operator]
    above = shown.crop(tuple(round(edge * scale) for edge in (left, top - 12, right, top - 1))).convert("L")  # type: ignore[arg-type]  # fmt: skip
    assert above.getextrema() == (255, 255)
