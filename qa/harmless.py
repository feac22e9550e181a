"""Texts of strangers as people may read them: nothing that acts on a screen, or shows what is not there."""

from __future__ import annotations

import re

# What a terminal obeys (ESC, BEL, backspace, carriage return, the C1 controls), what turns the direction
# of signs round, so that 6.7 is seen where 7.6 is written, and tags, which only programs read.
_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    """The text without signs that are not read but obeyed; lines and tabs stay.

    For whatever people see. What programs get, such as a quote with its offsets, stays as it is written.
    """
    return _ACTS.sub("", text)


def escaped(json_text: str) -> str:
    r"""JSON with those signs written as ``\u009b``: the same value, but harmless on a terminal."""
    return _ACTS.sub(_escape, json_text)


def _escape(found: re.Match[str]) -> str:
    # In JSON beyond the 16 bits a sign is two of them, each half of the pair.
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
