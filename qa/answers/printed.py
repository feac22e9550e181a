"""What answers in English add to what reports print: taken back before figures are read.

Yuecheng District (越城区) is read as 越城区, 2668.5亿元 (266.85 billion yuan) as 2668.5亿元. An amount
in English is taken back only if it is what the printed one comes to; else it stays, and must be
supported like any figure.
"""

from __future__ import annotations

import re

from qa.places import NATION, by_full_name

_LATIN = re.compile("[A-Za-z]{3}")
_PLACE = re.compile(r"(?:the nation|[A-Z][A-Za-z' -]*?) ?\((?P<name>[一-龥]{2,12})\)")
_EXPLAINED = re.compile(
    r"(?P<printed>(?=[^\s;“”]*\d)[^\s();“”][^\s;“”]*) \((?P<english>(?:[^()]|\([^()]*\))+)\)"
)
_EQUIVALENTS = re.compile(r"(?<=”) ?\((?P<pieces>[^()]* = (?:[^()]|\([^()]*\))*)\)")


def in_print(words: str) -> str:
    """The words of an answer with places and amounts as reports print them."""
    if not _LATIN.search(words):
        return words
    return _EXPLAINED.sub(_printed, _PLACE.sub(_placed, _EQUIVALENTS.sub(_quoted, words)))


def _quoted(match: re.Match[str]) -> str:
    """A quotation without the amounts explained behind it: “…” (20万人次 = 200,000 visits)."""
    is_right = all(map(_is_equal, match["pieces"].split("; ")))
    return "" if is_right else match.group()


def _placed(match: re.Match[str]) -> str:
    name = match["name"]
    return name if name == NATION or name in by_full_name() else match.group()


def _printed(match: re.Match[str]) -> str:
    from qa.english.amounts import in_english

    is_right = in_english(match["printed"]) == match["english"]
    return match["printed"] if is_right else match.group()


def _is_equal(piece: str) -> bool:
    from qa.english.amounts import equivalents

    return equivalents(piece.partition(" = ")[0]) == [piece]
