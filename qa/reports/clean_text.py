"""A clean view of a stretch of source text, with the way back to the source for every character.

Sources carry full-width and spaced digits (``７ ．３％``), zero-width marks, ideographic spaces and
line breaks inside a number. Rules are written against the clean view; offsets are sacred, so what
they find is mapped back to the source before anything is stored or shown.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f")
_SPACES = frozenset(" \t\u00a0\u3000\u2002\u2003\u2009\u202f\u205f")
# Signs with several written forms that NFKC leaves apart.
_SAME_SIGN = {
    "·": "·",
    "•": "·",
    "・": "·",
    "‧": "·",
    "–": "—",
    "－": "—",
    "‐": "-",
    "‑": "-",
    "﹣": "-",
    "−": "-",
    "～": "~",
    "〜": "~",
    "﹪": "%",
    "∶": ":",
    "╱": "/",
}
_DIGIT_BREAK = re.compile(r"(?<=[0-9.·])\n(?=[0-9.·%‰万亿])")


@dataclass(frozen=True, slots=True)
class CleanText:
    """Clean ``text`` of ``source[start:end]``; ``origins[i]`` is the source offset of ``text[i]``.

    ``origins`` is strictly increasing unless one source character became several (``℃``), where it
    repeats.
    """

    text: str
    origins: tuple[int, ...]
    end: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of the clean slice ``text[start:end]``; it must not be empty."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"empty or outside slice [{start}, {end}) of {len(self.text)}")
        return self.origins[start], self.origins[end - 1] + 1

    def position(self, offset: int) -> int:
        """Index of the first clean character at or after the source ``offset``."""
        return bisect.bisect_left(self.origins, offset)


def clean(source: str, start: int = 0, end: int | None = None) -> CleanText:
    """Clean ``source[start:end]``: one form for digits and signs, no space between Chinese signs.

    Full-width letters, digits and punctuation become ASCII (``，`` → ``,``), Chinese-only signs
    (``。、“”《》``) stay. Line breaks stay, except inside a number. Linear in the length.
    """
    end = len(source) if end is None else end
    chars: list[str] = []
    origins: list[int] = []
    for offset in range(start, end):
        for char in _fold(source[offset]):
            chars.append(char)
            origins.append(offset)
    return _without_breaks_in_numbers(*_without_spaces(chars, origins), end)


# Every question compares its words with the same sentences: folding them again took a quarter of
# its time. So many are kept, the latest used.
@lru_cache(maxsize=1 << 15)
def fold(text: str) -> str:
    """The clean form of a short text (a question, an alias) whose offsets do not matter."""
    return clean(text).text


def _fold(char: str) -> str:
    if char in _ZERO_WIDTH:
        return ""
    if char in _SPACES:
        return " "
    if char in _SAME_SIGN:
        return _SAME_SIGN[char]
    if char == "\r":
        return ""
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    if code < 0x2100 or code >= 0x2500:
        return char
    return unicodedata.normalize("NFKC", char)


def _without_spaces(chars: list[str], origins: list[int]) -> tuple[list[str], list[int]]:
    kept: list[str] = []
    kept_origins: list[int] = []
    total = len(chars)
    for index, char in enumerate(chars):
        if char == " ":
            following = _next_sign(chars, index, total)
            if not kept or not (_is_latin(kept[-1]) and _is_latin(following)):
                continue
        kept.append(char)
        kept_origins.append(origins[index])
    return kept, kept_origins


def _next_sign(chars: list[str], index: int, total: int) -> str:
    # Only the very next sign matters: of a run of spaces the last one decides.
    return chars[index + 1] if index + 1 < total else "\n"


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _without_breaks_in_numbers(chars: list[str], origins: list[int], end: int) -> CleanText:
    text = "".join(chars)
    breaks = {match.start() for match in _DIGIT_BREAK.finditer(text)}
    if not breaks:
        return CleanText(text, tuple(origins), end)
    kept = [index for index in range(len(text)) if index not in breaks]
    return CleanText("".join(text[i] for i in kept), tuple(origins[i] for i in kept), end)


def cut_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` with a blank in place of each span; spans are sorted and do not overlap."""
    for start, end in reversed(list(spans)):
        text = f"{text[:start]} {text[end:]}"
    return text
