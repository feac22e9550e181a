"""What a page links that belongs to it: its next part, and files that are attached.

Works on elements of ``lxml`` that ``html.py`` parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from qa.reports.readers.protocol import Links

# 下一篇 is another article.
_NEXT = re.compile(r"^[\W_]*(?:下一?[页頁]|后一页|next(?: page)?)[\W_]*$", re.I)
# How TRS, which many sites of governments run on, has a page's script write its links: the number of
# parts, this one's from 0, and the name and suffix of the first.
_WRITTEN = re.compile(
    r"""createPageHTML\(\s*["']?(\d+)["']?\s*,\s*["']?(\d+)["']?\s*,\s*["']([\w.-]+)["']\s*,\s*["'](\w+)["']"""
)
_ATTACHED = re.compile(r"\.(?:pdf|docx?|wps|rtf|odt|txt|zip)$", re.I)
_MOST_ATTACHMENTS = 50
_MOST_PARTS = 1000


def links_of(root: Any) -> Links:
    """The links of a page, as they are written but for its own ``base``."""
    bases = root.xpath("//base/@href")
    base = str(bases[0]) if bases else ""
    found = _next_of(root)
    attachments = dict(_attachments(root, base))
    return Links(
        next_page=_joined(base, found) if found else None,
        attachments=tuple(list(attachments.items())[:_MOST_ATTACHMENTS]),
    )


def _next_of(root: Any) -> str | None:
    for link in root.xpath("//link[@rel='next']/@href | //a[@rel='next']/@href"):
        return str(link)
    for link in root.iter("a"):
        if _NEXT.match("".join(link.itertext())[:40].strip()) and (href := _href(link)):
            return href
    for script in root.iter("script"):
        if written := _WRITTEN.search(script.text or ""):
            count, here = int(written[1]), int(written[2])
            if here + 1 < min(count, _MOST_PARTS):
                return f"{written[3]}_{here + 1}.{written[4]}"
    return None


def _href(link: Any) -> str | None:
    href = (link.get("href") or "").strip()
    return None if not href or href.startswith(("#", "javascript:", "JavaScript:")) else href


def _attachments(root: Any, base: str) -> Iterator[tuple[str, str]]:
    """Address and words of each file that is linked or shown within the page."""
    for element in root.iter("a", "iframe", "embed", "object"):
        given = element.get("href") or element.get("src") or element.get("data") or ""
        # Viewers are told what to show: viewer.html?file=/a.pdf.
        shown = [value for values in parse_qs(_split(given)[1]).values() for value in values]
        for href in (given.strip(), *(shown if element.tag != "a" else ())):
            if _ATTACHED.search(_split(href)[0]):
                yield _joined(base, href), " ".join("".join(element.itertext()).split())[:200]


def _split(href: str) -> tuple[str, str]:
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    return parts.path, parts.query


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return href
