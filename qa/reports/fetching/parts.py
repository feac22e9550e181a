"""Which pages are parts of one report, and which attached files are reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from qa.errors import NotAReportError
from qa.reports.fetching.addresses import readable
from qa.reports.origin import Mark, Origin
from qa.reports.paragraphs import paragraphs
from qa.reports.report import Source
from qa.reports.splitting import split_reports

_MOST_ATTACHMENTS = 10
_TOP_CHARS = 3000
# A page's first lines, which its further parts may print again.
_TOP_LINES, _TOP_LINE_CHARS = 10, 100


def is_promising(text: str) -> bool:
    """True for the beginning of what may be a report: its further parts are worth asking for, those
    of a site's front page are not."""
    return "工作报告" in text[:_TOP_CHARS] or "各位代表" in text[:_TOP_CHARS]


def is_report(source: Source) -> bool:
    """True if the source holds a report."""
    try:
        split_reports(paragraphs(source.text), source.name)
    except NotAReportError:
        return False
    return True


def is_sibling(url: str, other: str) -> bool:
    """True for addresses of one site and folder: further parts lie beside the first."""
    one, two = urlsplit(url), urlsplit(other)
    folders = PurePosixPath(one.path).parent == PurePosixPath(two.path).parent
    return one.netloc == two.netloc and folders


def joined(parts: Sequence[Source]) -> Source:
    """The parts as one source; its marks count them as pages."""
    first = parts[0]
    top = {line for line in first.text.split("\n")[:_TOP_LINES] if len(line) <= _TOP_LINE_CHARS}
    text, marks = first.text, [Mark(0, page=1)]
    for number, part in enumerate(parts[1:], 2):
        marks.append(Mark(len(text) + 1, page=number))
        text = f"{text}\n{_without_top(part.text, top)}"
    # Of several files none is the one that its text came as.
    origin: Origin = replace(first.origin, marks=tuple(marks), original=None)
    return Source(first.name, text, origin)


def _without_top(text: str, top: set[str]) -> str:
    lines = text.split("\n")
    while len(lines) > 1 and lines[0] in top:
        del lines[0]
    return "\n".join(lines)


def chosen_attachments(attachments: Iterable[tuple[str, str]], text: str) -> list[str]:
    """The addresses of those attached files that are called reports, or of all if the page is: a
    page's forms and annexes are none."""
    given = list(attachments)
    called = [href for href, words in given if "报告" in words or "报告" in readable(href)]
    if not called and "工作报告" in text[:_TOP_CHARS]:
        called = [href for href, _ in given]
    return called[:_MOST_ATTACHMENTS]
