"""Scans, by the models that ship in the package: no network, one page each, for they take seconds."""

import io
import sys

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from qa.errors import ReaderMissingError, UnreadableFormError
from qa.reports.origin import spot_of
from qa.reports.readers import recognition
from tests.qa.reports.readers.made import printed, read

LINES = [
    (96, 120, "全年实现地区生产总值增长7.6%,固定资产投资增长9.9%。"),
    (96, 160, "二、2024年工作安排"),
]


def picture(dots: int = 200) -> Image.Image:
    """The page with slight noise."""
    page = pdfium.PdfDocument(printed(LINES, size=16))[0]
    drawn = page.render(scale=dots / 72, grayscale=True).to_numpy().squeeze().astype(float)
    drawn += np.random.default_rng(0).normal(0, 8, drawn.shape)
    return Image.fromarray(drawn.clip(0, 255).astype("uint8"))


def saved(form: str) -> bytes:
    kept = io.BytesIO()
    picture().save(kept, form, **({"resolution": 200} if form == "PDF" else {"dpi": (200, 200)}))
    return kept.getvalue()


@pytest.mark.parametrize(("form", "name"), [("PDF", "a.pdf"), ("PNG", "a.png")])
def test_a_scan_is_recognised_with_page_and_box(form: str, name: str) -> None:
    found = read(saved(form), name)
    assert "地区生产总值增长7.6%" in found.text
    assert "2024年工作安排" in found.text
    spot = spot_of(found.origin.marks, 0, 5)
    assert spot.page == 1
    assert spot.box is not None
    assert spot.box[0] == pytest.approx(96, abs=8)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    recognition._engine.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(
        ReaderMissingError, match=r"^a\.pdf is a scan .*pip install 'wenzheng\[ocr\]'"
    ):
        read(saved("PDF"), "a.pdf")


def test_a_picture_of_nothing_is_refused() -> None:
    kept = io.BytesIO()
    Image.new("L", (200, 200), 255).save(kept, "PNG")
    with pytest.raises(UnreadableFormError, match="holds no text"):
        read(kept.getvalue(), "a.png")


def test_a_broken_picture_is_refused_by_name() -> None:
    with pytest.raises(UnreadableFormError, match=r"^a\.png is damaged"):
        read(saved("PNG")[:99], "a.png")
