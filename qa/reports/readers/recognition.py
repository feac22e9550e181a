"""Signs in pictures through rapidocr: the only door to it. Its models ship in its package."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qa.errors import ReaderMissingError
from qa.reports.readers.layout import Piece

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What pages are drawn with before they are read, and what a picture without a resolution has.
DOTS_PER_INCH = 200
_LEAST_SCORE = 0.5


def recognised(picture: NDArray[np.uint8], scale: float, name: str) -> tuple[Piece, ...]:
    """The lines of a picture as pieces; ``scale`` is points for each pixel.

    Raises ``ReaderMissingError`` where the extra ``ocr`` is not installed.
    """
    found = _engine(name)(picture)
    if found.boxes is None or not found.txts:
        return ()
    return tuple(
        _piece(corners, text, scale)
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip() and score >= _LEAST_SCORE
    )


def _piece(corners: Any, text: str, scale: float) -> Piece:
    across = [float(x) * scale for x, _ in corners]
    down = [float(y) * scale for _, y in corners]
    return Piece(text, (min(across), min(down), max(across), max(down)))


@lru_cache(maxsize=1)
def _engine(name: str) -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise ReaderMissingError("needs_ocr", name=name, extra="ocr") from error
    # Its classifier of lines that stand on their heads takes upright Chinese ones for such: on a page
    # of a report it cost 37 of 1,836 signs. Its models are in the package: nothing is fetched.
    return RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False})
