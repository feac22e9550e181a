"""Pictures of pages: PNG, JPEG, TIFF with many pages, WebP, BMP."""

from __future__ import annotations

import io
from collections.abc import Iterator

from qa.errors import ReaderMissingError, TooLargeError, UnreadableFormError
from qa.reports.origin import RECOGNISED, Origin
from qa.reports.readers.layout import Page, running_text
from qa.reports.readers.protocol import Read, Task
from qa.reports.readers.recognition import DOTS_PER_INCH, recognised

_MOST_PAGES = 500
# A sheet of A2 at 300 dots an inch has 35 million.
_MOST_PIXELS = 100_000_000


def read_image(task: Task) -> Read:
    """The recognised text, with page and box of every line; raises ``InputError``."""
    text, marks = running_text(list(_pages(task)))
    if not text.strip():
        raise UnreadableFormError("no_text", name=task.name)
    return Read(text, Origin(marks=marks, warnings=(RECOGNISED,)))


def _pages(task: Task) -> Iterator[Page]:
    try:
        import numpy as np
        from PIL import Image, ImageOps, ImageSequence
    except ImportError as error:
        raise ReaderMissingError("needs_ocr", name=task.name, extra="ocr") from error
    # Ours is an error, the library's own only a warning up to twice as much.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(task.data)) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            if number > _MOST_PAGES:
                raise TooLargeError("too_many_pages", name=task.name, most=_MOST_PAGES)
            if frame.width * frame.height > _MOST_PIXELS:
                raise TooLargeError("too_many_pixels", name=task.name, most=f"{_MOST_PIXELS:,}")
            task.proceed()
            scale = 72 / _resolution(frame.info.get("dpi"))
            upright = ImageOps.exif_transpose(frame.convert("RGB"))
            pieces = recognised(np.asarray(upright), scale, task.name)
            yield Page(number, upright.width * scale, upright.height * scale, pieces)


def _resolution(told: object) -> float:
    """Dots an inch; what a camera or a browser writes (72, 96) says nothing of the paper."""
    if isinstance(told, tuple) and told and isinstance(told[0], int | float) and told[0] >= 100:
        return float(told[0])
    return float(DOTS_PER_INCH)
