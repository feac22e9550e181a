"""Sentences cut into parts, clauses and names, never inside quotation marks or brackets."""

from __future__ import annotations

import re

ITEM_MAX = 40
QUOTE = r"“[^”]*”|《[^》]*》|\([^)]*\)"
_SENTENCE = re.compile(rf"(?:{QUOTE}|[^。;:!?])+")
CLAUSE = re.compile(rf"(?:{QUOTE}|[^,;:。!?])+")
PART = re.compile(rf"(?:{QUOTE}|[^;。!?])+")
NAME = re.compile(rf"(?:{QUOTE}|[^、])+")


def head(text: str, most: int = ITEM_MAX) -> str:
    """The clauses a text opens with, at most about ``most`` signs; the first stays whole."""
    sentence = _SENTENCE.match(text)
    opening, *more = pieces(CLAUSE, sentence.group() if sentence else text) or [text]
    for clause in more:
        if len(opening) + 1 + len(clause) > most:
            break
        opening = f"{opening},{clause}"
    return opening


def pieces(pattern: re.Pattern[str], text: str) -> list[str]:
    """What the pattern cuts a text into, blanks left out."""
    return [piece for piece in pattern.findall(text) if piece.strip()]
