"""Pages as pictures, drawn in another process with limits."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from qa.errors import UnreadableFormError
from qa.reports.drawing import PageDrawer
from qa.reports.limits import ReadLimits
from tests.qa.reports.readers.made import document, printed, put


def picture(width: int, height: int, form: str = "PNG", colour: object = "white") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(kept, form)  # type: ignore[arg-type]
    return kept.getvalue()


@pytest.fixture
def drawer() -> Iterator[PageDrawer]:
    drawer = PageDrawer(ReadLimits())
    yield drawer
    drawer.close()


def shown(drawer: PageDrawer, path: Path, page: int = 1, width: int = 400) -> Image.Image:
    return Image.open(io.BytesIO(drawer.draw(path, path.name, page, width)))


def test_pages_of_a_pdf_and_of_pictures_are_drawn(drawer: PageDrawer, tmp_path: Path) -> None:
    pdf = put(tmp_path, "a.pdf", printed([(72, 100, "一")], [(72, 100, "二")]))
    assert shown(drawer, pdf, 2).size == (400, 567)
    assert shown(drawer, put(tmp_path, "a.jpg", picture(1200, 1600, "JPEG"))).size == (400, 533)
    # A small picture is not made larger: it would be no sharper.
    assert shown(drawer, put(tmp_path, "b.png", picture(300, 200, colour="red"))).size == (300, 200)
    assert shown(drawer, tmp_path / "b.png").mode == "RGB"


def test_a_scan_of_many_pages_is_drawn_page_by_page(drawer: PageDrawer, tmp_path: Path) -> None:
    frames = [Image.new("L", (500, 700), shade) for shade in (0, 255)]
    path = tmp_path / "a.tiff"
    frames[0].save(path, "TIFF", save_all=True, append_images=frames[1:])
    assert [shown(drawer, path, n).getpixel((9, 9)) for n in (1, 2)] == [0, 255]


def test_a_strip_a_mile_long_is_drawn_small(drawer: PageDrawer, tmp_path: Path) -> None:
    kept = io.BytesIO()
    canvas = Canvas(kept, pagesize=(100, 14000))
    canvas.drawString(10, 10, "1")
    canvas.save()
    width, height = shown(drawer, put(tmp_path, "a.pdf", kept.getvalue()), width=2400).size
    assert width * height <= 12_100_000


@pytest.mark.parametrize(
    ("name", "data", "page", "reason"),
    [
        ("a.pdf", printed([(72, 100, "一")]), 2, "no_such_page"),
        ("a.pdf", printed([(72, 100, "一")])[:200], 1, "damaged"),
        ("a.pdf", printed([(72, 100, "一")], password="x"), 1, "encrypted"),
        ("a.docx", document("一"), 1, "no_pages"),
        ("a.png", picture(9, 9)[:40], 1, "damaged"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_the_next_page_is_drawn(
    drawer: PageDrawer, tmp_path: Path, name: str, data: bytes, page: int, reason: str
) -> None:
    path = put(tmp_path, name, data)
    with pytest.raises(UnreadableFormError) as caught:
        drawer.draw(path, name, page, 400)
    assert caught.value.key == "page_not_drawn"
    assert reason in str(caught.value)
    assert shown(drawer, put(tmp_path, "b.png", picture(10, 10))).size == (10, 10)


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    drawer = PageDrawer(ReadLimits(timeout_seconds=0.001))
    with pytest.raises(UnreadableFormError, match="read_timeout"):
        drawer.draw(put(tmp_path, "b.png", picture(10, 10)), "b.png", 1, 400)
    assert drawer._process._child is None
