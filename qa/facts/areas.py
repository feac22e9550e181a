"""Paragraphs about a part of the place: what is measured there is not the place's own.

高水平打造白鹅潭商务区。…完成固定资产投资约350亿元: the investment is the zone's, though its clause says
no more than the district's would.
"""

from __future__ import annotations

import re

# Divisions smaller than a district; 示范区 and 试验区 are ranks that a whole province may hold.
_KIND = "商务区|科创区|科技城|产业园|工业园|开发区|高新区|园区|片区|度假区|综保区|保税区|港区|街区|集聚区|小镇|新城"
_BUILDS = (
    "打造|建设|推进|推动|发展|提升|做强|做优|做大|开发|加快|支持|建好|抓好|聚焦|围绕|壮大|提速"
)
# A lead is short, and names the part at its end or alone.
_LEAD = re.compile(
    rf"(?:[^,;。:]{{0,10}}(?:{_BUILDS}))?(?P<area>[一-龥“”]{{2,10}}?(?:{_KIND}))(?:的?(?:建设|发展|开发|提升|能级|提质))*[。:]"
)
_NUMBERED = re.compile(
    r"^(?:——|\(?[一二三四五六七八九十\d]{1,3}[)、.]|[一二三四五六七八九十]是)*\s*"
)
# A list of several, or one out of many, is no single part.
_SEVERAL = re.compile("[、和及与各等个批]|全[区市县省国州域]")
_OF_THE_WHOLE = re.compile(r"全[区市县省州域]|我[区市县省]")


def area_of(lead: str) -> str:
    """The part of the place that a paragraph's first sentence announces, empty if it announces none."""
    match = _LEAD.fullmatch(_NUMBERED.sub("", lead.strip()))
    return match["area"] if match and not _SEVERAL.search(match["area"]) else ""


def is_of_the_whole(before: str) -> bool:
    """True if the words of a sentence before a figure speak of the whole place again (全区)."""
    return bool(_OF_THE_WHOLE.search(before))
