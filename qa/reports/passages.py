"""Passages: whole sentences of one section, with the headings above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa.reports.paragraphs import Paragraph, inline_heading
from qa.reports.report import Passage, Section
from qa.reports.sentences import sentences


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    headings: tuple[str, ...]
    starts_part: bool
    is_heading: bool
    is_lead: bool


def split_passages(
    source: str,
    report_id: str,
    source_name: str,
    section: Section,
    paragraphs: Iterable[Paragraph],
    max_chars: int,
) -> list[Passage]:
    """Passages of at most about ``max_chars`` characters that cover the section's text.

    They are cut at sentence ends, first at sub-headings, so that a passage speaks of one thing; a
    single longer sentence stays whole. ``paragraphs`` are those of the section, in order.
    """
    pieces = list(_sentences(source, section, paragraphs))
    return [
        _passage(source, report_id, source_name, section, group)
        for group in _groups(pieces, max_chars)
    ]


def _sentences(
    source: str, section: Section, paragraphs: Iterable[Paragraph]
) -> Iterator[_Sentence]:
    path: tuple[str, ...] = (section.title,) if section.title else ()
    for paragraph in paragraphs:
        if section.title and paragraph.text != section.title:
            path = _deeper(path, paragraph)
        heading = inline_heading(paragraph.text) is not None or paragraph.heading_style is not None
        whole = paragraph.heading_style is not None
        for index, (start, end) in enumerate(sentences(source, paragraph.start, paragraph.end)):
            lead = whole or _is_lead(source[start:end])
            yield _Sentence(start, end, path, heading and index == 0, whole, lead)


def _is_lead(sentence: str) -> bool:
    return len(sentence) <= 20 and not re.search(r"[,，、\d]", sentence)


def _deeper(path: tuple[str, ...], paragraph: Paragraph) -> tuple[str, ...]:
    """The heading path after ``paragraph``: 一、 below the title, (一) below 一、, plain lines last."""
    title = inline_heading(paragraph.text) or paragraph.text
    rank = _rank(paragraph)
    if rank is None:
        return path
    kept = [heading for heading in path[1:] if _rank_of_text(heading) < rank]
    return (path[0], *kept, title)


def _rank(paragraph: Paragraph) -> int | None:
    if inline_heading(paragraph.text) or paragraph.heading_style in ("numbered", "bracketed"):
        return _rank_of_text(paragraph.text)
    return 3 if paragraph.heading_style == "plain" else None


def _rank_of_text(text: str) -> int:
    if re.match(r"^[一二三四五六七八九十]{1,3}、|^第", text):
        return 0
    if re.match(r"^\([一二三四五六七八九十]", text):
        return 1
    return 2 if text.startswith("(") else 3


def _groups(pieces: list[_Sentence], max_chars: int) -> Iterator[list[_Sentence]]:
    group: list[_Sentence] = []
    for piece in pieces:
        if group and _is_full(group, piece, max_chars):
            rest = _leads(group)
            yield group[: len(group) - len(rest)]
            group = rest
        group.append(piece)
    if group:
        yield group


def _leads(group: list[_Sentence]) -> list[_Sentence]:
    """Sentences at the group's end that only announce what comes next: 生态建设亮点凸显。

    A list of headings announces nothing but itself.
    """
    if all(sentence.is_lead for sentence in group):
        return []
    count = 0
    while count < len(group) - 1 and group[-1 - count].is_lead:
        count += 1
    return group[len(group) - count :]


def _is_full(group: list[_Sentence], piece: _Sentence, max_chars: int) -> bool:
    length = piece.end - group[0].start
    if all(sentence.is_heading for sentence in group):
        return length > 2 * max_chars
    if piece.starts_part:
        # A short rest does not stand alone: two small parts of one chapter share a passage.
        return group[-1].end - group[0].start >= max_chars // 3 or length > max_chars
    return length > max_chars


def _passage(
    source: str, report_id: str, source_name: str, section: Section, group: list[_Sentence]
) -> Passage:
    start, end = group[0].start, group[-1].end
    return Passage(
        report_id=report_id,
        source=source_name,
        start=start,
        end=end,
        text=source[start:end],
        headings=group[0].headings if not group[0].is_heading else group[-1].headings,
        kind=section.kind,
        period=section.period,
        sentences=tuple((sentence.start, sentence.end) for sentence in group),
    )
