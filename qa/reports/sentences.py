"""Sentences as offsets: what a citation quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.reports.clean_text import fold

_END = re.compile(r"[。！？!?]+[”’」』）)》\"]*|\n")


def sentences(source: str, start: int, end: int) -> list[tuple[int, int]]:
    """Offsets of the sentences of ``source[start:end]``, stripped of blanks, in order.

    A sentence ends at ``。！？`` (with the closing quotes behind it) or at the paragraph's end; the
    caller passes one paragraph, so line breaks inside it do not end a sentence.
    """
    return [span for span in _stripped(source, _pieces(source, start, end)) if span[0] < span[1]]


def _pieces(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position = start
    for match in _END.finditer(source, start, end):
        if match.group() == "\n":
            continue
        yield position, match.end()
        position = match.end()
    yield position, end


def _stripped(source: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in pieces:
        while start < end and not fold(source[start]).strip():
            start += 1
        while end > start and not fold(source[end - 1]).strip():
            end -= 1
        yield start, end
