"""PDF through pypdfium2: the only door to it. Pages without text are recognised as pictures."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qa.errors import ReaderMissingError, TooLargeError, UnreadableFormError
from qa.reports.origin import RECOGNISED, Box, Origin
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


def read_pdf(task: Task) -> Read:
    """Text in reading order, with page and box of every line; raises ``InputError``."""
    document = _opened(task)
    try:
        if len(document) > _MOST_PAGES:
            raise TooLargeError("too_many_pages", name=task.name, most=_MOST_PAGES)
        pages, unread = _pages(document, task)
        told = document.get_metadata_dict()
    finally:
        document.close()
    text, marks = running_text(pages)
    if not text.strip():
        raise UnreadableFormError("no_text", name=task.name)
    return Read(text, Origin(title=told.get("Title") or None, marks=marks, warnings=unread))


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
    left, _, _, top = page.get_mediabox()
    textpage = page.get_textpage()
    signs = list(_signs(textpage))
    textpage.close()
    return Page(number, width, height, tuple(_pieces(_boxed(signs, left, top))))


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign between two x, on a baseline, in the size its font is set in."""

    sign: str
    left: float
    right: float
    baseline: float
    size: float


def _signs(textpage: pdfium.PdfTextPage) -> Iterator[_Sign]:
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
            yield _Sign(
                _LINE_END_HYPHENS.get(code, chr(code)), box.left, box.right, baseline.value, size
            )


def _boxed(signs: list[_Sign], left: float, top: float) -> list[tuple[str, Box]]:
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
        bottom = top - one.baseline + 0.12 * size
        boxes.append((one.sign, (one.left - left, bottom - size, one.right - left, bottom)))
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
