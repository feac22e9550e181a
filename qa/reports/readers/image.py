"""Pictures of pages: PNG, JPEG, TIFF with many pages, WebP, BMP."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from qa.errors import TooLargeError, UnreadableFormError
from qa.reports.origin import RECOGNISED, Origin
from qa.reports.readers.drawing import png_of, scale_to
from qa.reports.readers.layout import Page, running_text
from qa.reports.readers.protocol import Read, Task
from qa.reports.readers.recognition import DOTS_PER_INCH, recognised

_MOST_PAGES = 500
# A sheet of A2 at 300 dots an inch has 35 million.
_MOST_PIXELS = 100_000_000


def read_image(task: Task) -> Read:
    """The recognised text, with page and box of every line; raises ``InputError``."""
    pages = list(_pages(task))
    text, marks = running_text(pages)
    if not text.strip():
        raise UnreadableFormError("no_text", name=task.name)
    sizes = tuple((round(page.width, 1), round(page.height, 1)) for page in pages)
    return Read(text, Origin(marks=marks, warnings=(RECOGNISED,), pages=sizes))


def _pages(task: Task) -> Iterator[Page]:
    # Ours is an error, the library's own only a warning up to twice as much.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(task.data)) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            if number > _MOST_PAGES:
                raise TooLargeError("too_many_pages", name=task.name, most=_MOST_PAGES)
            _require_bounded(frame, task.name)
            task.proceed()
            scale = 72 / _resolution(frame.info.get("dpi"))
            upright = ImageOps.exif_transpose(frame.convert("RGB"))
            pieces = recognised(np.asarray(upright), scale, task.name)
            yield Page(number, upright.width * scale, upright.height * scale, pieces)


def draw_page(task: Task, number: int, width: int) -> bytes:
    """A picture (from 1) as PNG, at most so many pixels wide; raises ``InputError``."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(task.data)) as image:
        count = getattr(image, "n_frames", 1)
        if not 1 <= number <= count:
            raise UnreadableFormError("no_such_page", page=number, pages=count)
        image.seek(number - 1)
        _require_bounded(image, task.name)
        upright = ImageOps.exif_transpose(image.convert("RGB"))
    scale = min(1.0, scale_to(*upright.size, width))
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    return png_of(upright.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))


def _require_bounded(frame: Image.Image, name: str) -> None:
    if frame.width * frame.height > _MOST_PIXELS:
        raise TooLargeError("too_many_pixels", name=name, most=f"{_MOST_PIXELS:,}")


def _resolution(told: object) -> float:
    """Dots an inch; what a camera or a browser writes (72, 96) says nothing of the paper."""
    if isinstance(told, tuple) and told and isinstance(told[0], int | float) and told[0] >= 100:
        return float(told[0])
    return float(DOTS_PER_INCH)
