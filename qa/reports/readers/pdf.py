"""PDF through pypdfium2: the only door to it. Pages without text are recognised as pictures."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.errors import ReaderMissingError, TooLargeError, UnreadableFormError
from qa.reports.origin import RECOGNISED, Box, Origin, PageSize
from qa.reports.readers.drawing import png_of, scale_to
from qa.reports.readers.layout import Page, Piece, running_text
from qa.reports.readers.protocol import Read, Task

_MOST_PAGES = 2000
# Fewer signs than these are a page number or a stamp: the page's text is in its picture.
_LEAST_SIGNS = 8
# More signs than this share without a meaning: the file does not say which letters it shows.
_MOST_MEANINGLESS = 0.3
# The library's own signs for a hyphen that ends a line.
_LINE_END_HYPHENS = {0x02: "-", 0xFFFE: "-"}
# In widths of a sign: a wider gap begins another piece.
_GAP = 1.3
# Points of a page that tell how it is shown lie so far apart, and are told to a hundredth of a point.
_FAR, _FINE = 1000.0, 100


def read_pdf(task: Task) -> Read:
    """Text in reading order, with page and box of every line; raises ``InputError``."""
    document = _opened(task)
    try:
        if len(document) > _MOST_PAGES:
            raise TooLargeError("too_many_pages", name=task.name, most=_MOST_PAGES)
        sizes = tuple(_rounded(document.get_page_size(index)) for index in range(len(document)))
        pages, unread = _pages(document, task)
        told = document.get_metadata_dict()
    finally:
        document.close()
    text, marks = running_text(pages)
    if not text.strip():
        raise UnreadableFormError("no_text", name=task.name)
    title = told.get("Title") or None
    return Read(text, Origin(title=title, marks=marks, warnings=unread, pages=sizes))


def draw_page(task: Task, number: int, width: int) -> bytes:
    """A page (from 1) as PNG, at most so many pixels wide; raises ``InputError``."""
    document = _opened(task)
    try:
        if not 1 <= number <= len(document):
            raise UnreadableFormError("no_such_page", page=number, pages=len(document))
        page = document[number - 1]
        picture = page.render(scale=_scale(page, width)).to_pil()
        return png_of(picture)
    except pdfium.PdfiumError as error:
        raise UnreadableFormError("damaged", name=task.name, reason=error) from error
    finally:
        document.close()


def _scale(page: pdfium.PdfPage, width: int) -> float:
    across, down = page.get_size()
    return scale_to(across, down, width)


def _opened(task: Task) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(task.data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFormError("encrypted", name=task.name) from error
        raise UnreadableFormError("damaged", name=task.name, reason=error) from error


def _pages(document: pdfium.PdfDocument, task: Task) -> tuple[list[Page], tuple[str, ...]]:
    """All pages, and a warning if text is of pictures, which names those that could not be read."""
    pages, pictures = [], []
    for index in range(len(document)):
        page = document[index]
        placed = _placed(page, index + 1)
        if _has_text(placed) or not _shows_anything(page):
            pages.append(placed)
        else:
            pictures.append(index)
        page.close()
    if not pictures:
        return pages, ()
    try:
        pages += [_recognised(document, index, task) for index in pictures]
    except ReaderMissingError:
        # Without any text at all there is nothing to go on with.
        if not any(_has_text(page) for page in pages):
            raise
        numbers = "、".join(str(index + 1) for index in pictures)
        return pages, (f"第{numbers}页为图像,未识别文字",)
    return sorted(pages, key=lambda page: page.number), (RECOGNISED,)


def _has_text(page: Page) -> bool:
    signs = "".join("".join(piece.text.split()) for piece in page.pieces)
    strange = sum("\ue000" <= sign <= "\uf8ff" or sign == "\ufffd" for sign in signs)
    return len(signs) >= _LEAST_SIGNS and strange <= _MOST_MEANINGLESS * len(signs)


def _shows_anything(page: pdfium.PdfPage) -> bool:
    return bool(pdfium_c.FPDFPage_CountObjects(page.raw) > 0)


def _recognised(document: pdfium.PdfDocument, index: int, task: Task) -> Page:
    from qa.reports.readers.recognition import DOTS_PER_INCH, recognised

    task.proceed()
    page = document[index]
    width, height = page.get_size()
    # A page that claims to be a mile wide is drawn smaller.
    scale = min(DOTS_PER_INCH / 72, 4000 / max(width, height, 1))
    picture = page.render(scale=scale).to_numpy()
    page.close()
    pieces = recognised(picture, 1 / scale, task.name)
    return Page(index + 1, width, height, pieces)


# --- signs to pieces ---------------------------------------------------------------------------


def _placed(page: pdfium.PdfPage, number: int) -> Page:
    width, height = page.get_size()
    textpage = page.get_textpage()
    signs = list(_signs(textpage, _View.of(page)))
    textpage.close()
    return Page(number, width, height, tuple(_pieces(_boxed(signs))))


def _rounded(size: tuple[float, float]) -> PageSize:
    return round(size[0], 1), round(size[1], 1)


@dataclass(frozen=True, slots=True)
class _View:
    """How a page is shown: cut to its crop box, turned, the upper left corner first.

    A file's own coordinates know nothing of that; boxes of such would lie beside what is seen.
    """

    left: float
    top: float
    across: tuple[float, float]
    down: tuple[float, float]

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> _View:
        (x, y), (along_x, along_y), (up_x, up_y) = (
            _shown(page, *point) for point in ((0, 0), (_FAR, 0), (0, _FAR))
        )
        across = ((along_x - x) / _FAR, (up_x - x) / _FAR)
        return cls(x, y, across, ((along_y - y) / _FAR, (up_y - y) / _FAR))

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.left + self.across[0] * x + self.across[1] * y,
            self.top + self.down[0] * x + self.down[1] * y,
        )


def _shown(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    width, height = page.get_size()
    pixels = (round(width * _FINE), round(height * _FINE))
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(
        page.raw, 0, 0, *pixels, 0, x, y, ctypes.byref(across), ctypes.byref(down)
    )
    return across.value / _FINE, down.value / _FINE


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign between two x, on a baseline, in the size its font is set in; as the page is shown."""

    sign: str
    left: float
    right: float
    baseline: float
    size: float


def _signs(textpage: pdfium.PdfTextPage, view: _View) -> Iterator[_Sign]:
    raw = textpage.raw
    box = pdfium_c.FS_RECTF()
    x, baseline = ctypes.c_double(), ctypes.c_double()
    for index in range(pdfium_c.FPDFText_CountChars(raw)):
        code = pdfium_c.FPDFText_GetUnicode(raw, index)
        # Line ends and spaces that the library made up from gaps are made anew from the boxes.
        if code in (0, 10, 13) or 0xD800 <= code <= 0xDFFF:
            continue
        if pdfium_c.FPDFText_IsGenerated(raw, index) == 1 and code != 32:
            continue
        pdfium_c.FPDFText_GetCharOrigin(raw, index, ctypes.byref(x), ctypes.byref(baseline))
        if pdfium_c.FPDFText_GetLooseCharBox(raw, index, ctypes.byref(box)):
            size = pdfium_c.FPDFText_GetFontSize(raw, index)
            one, other = view(box.left, box.bottom)[0], view(box.right, box.top)[0]
            yield _Sign(
                _LINE_END_HYPHENS.get(code, chr(code)),
                min(one, other),
                max(one, other),
                view(x.value, baseline.value)[1],
                size,
            )


def _boxed(signs: list[_Sign]) -> list[tuple[str, Box]]:
    """Each sign and its box, whose height is the sign's size: of some fonts the library knows only what
    is black, and the box of 一 is a line that stands beside no other sign."""
    scales = [
        (one.right - one.left) / one.size
        for one in signs
        if "\u4e00" <= one.sign <= "\u9fff" and one.size > 0
    ]
    scale = median(scales) if scales else 1.0
    boxes = []
    for one in signs:
        size = scale * one.size
        bottom = one.baseline + 0.12 * size
        boxes.append((one.sign, (one.left, bottom - size, one.right, bottom)))
    return boxes


def _pieces(signs: list[tuple[str, Box]]) -> Iterator[Piece]:
    widths = [box[2] - box[0] for sign, box in signs if "\u4e00" <= sign <= "\u9fff"]
    heights = [box[3] - box[1] for sign, box in signs if not sign.isspace()]
    if not heights:
        return
    wide = median(widths) if widths else 0.7 * median(heights)
    run: list[tuple[str, Box]] = []
    for sign, box in signs:
        if sign.isspace():
            # Its box may be anything: the next sign decides where the run ends.
            run += [(sign, run[-1][1])] if run else []
            continue
        if run and not _follows(run[-1][1], box, wide):
            yield from _piece(run)
            run = []
        run.append((sign, box))
    yield from _piece(run)


def _follows(before: Box, box: Box, wide: float) -> bool:
    size = max(1.0, before[3] - before[1])
    same_line = abs((before[1] + before[3]) - (box[1] + box[3])) / 2 < 0.4 * size
    # A dash of two signs' width is one black line: its second half lies within the first.
    return same_line and before[0] - 0.3 * wide <= box[0] <= before[2] + _GAP * wide


def _piece(run: list[tuple[str, Box]]) -> Iterator[Piece]:
    printed = [(sign, box) for sign, box in run if not sign.isspace()]
    if printed:
        boxes = [box for _, box in printed]
        yield Piece(
            "".join(sign for sign, _ in run).strip(),
            (
                min(box[0] for box in boxes),
                min(box[1] for box in boxes),
                max(box[2] for box in boxes),
                max(box[3] for box in boxes),
            ),
        )
