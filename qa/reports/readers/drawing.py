"""Pages as pictures in PNG."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageChops

# Of a page that is shown: more would be no sharper on any screen, and a strip a mile long is no page.
MOST_PIXELS = 12_000_000


def scale_to(width: float, height: float, wanted: int) -> float:
    """What a page of that size is multiplied by to be ``wanted`` pixels wide, or less if it is long."""
    scale = min(wanted / max(width, 1e-6), math.sqrt(MOST_PIXELS / max(width * height, 1e-6)))
    # A picture is as wide as the next whole number: a hair too much would be a pixel more.
    return scale * (1 - 1e-6)


def png_of(picture: Image.Image) -> bytes:
    """A picture in PNG, in grey where it has no colours: a third of the bytes."""
    shown = picture.convert("RGB")
    grey = shown.convert("L")
    if not ImageChops.difference(shown, grey.convert("RGB")).getbbox():
        shown = grey
    kept = io.BytesIO()
    shown.save(kept, "PNG", compress_level=6)
    return kept.getvalue()
