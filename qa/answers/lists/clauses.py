"""Sentences cut into parts, clauses and names, never inside quotation marks or brackets."""

from __future__ import annotations

import re

ITEM_MAX = 40
QUOTE = r"“[^”]*”|《[^》]*》|\([^)]*\)"
_SENTENCE = re.compile(rf"(?:{QUOTE}|[^。;:!?])+")
CLAUSE = re.compile(rf"(?:{QUOTE}|[^,;:。!?])+")
PART = re.compile(rf"(?:{QUOTE}|[^;。!?])+")
NAME = re.compile(rf"(?:{QUOTE}|[^、])+")


# A clause that only says where, for whom or by what something is done: 在易地搬迁集中安置点,…
_OPENS_ADVERBIAL = re.compile(
    "在|对|从|自|由|按照?|根据|随着|围绕|聚焦|针对|为了?|依托|面向|结合|通过|以|坚持以|立足|紧扣"
)
_DEED = re.compile(
    "建设|建成|建立|新建|改建|扩建|改造|实施|开展|推进|推动|完成|实现|支持|给予|资助|补助|补贴|提供|打造|提升|提高|加快|加强"
    "|新增|培育|举办|发放|安排|配备|配建|设立|增设|扩大|优化|落实|完善|达到|增长|下降|为(?:重点|主线|目标|核心|导向|抓手|牵引|引领)$"
)


def head(text: str, most: int = ITEM_MAX) -> str:
    """The clauses a text opens with, at most about ``most`` signs; the first stays whole, and with one
    that only tells where or for whom its main clause."""
    sentence = _SENTENCE.match(text)
    opening, *more = pieces(CLAUSE, sentence.group() if sentence else text) or [text]
    for clause in more:
        if len(opening) + 1 + len(clause) > most and not _lacks_verb(opening):
            break
        opening = f"{opening},{clause}"
    return opening


def _lacks_verb(opening: str) -> bool:
    """True if nothing is done in the clauses so far. 以…为重点 leans on a main clause, too."""
    last = opening.rsplit(",", 1)[-1].strip()
    deed = _DEED.search(last)
    return bool(_OPENS_ADVERBIAL.match(last)) and (deed is None or deed.group().startswith("为"))


def pieces(pattern: re.Pattern[str], text: str) -> list[str]:
    """What the pattern cuts a text into, blanks left out."""
    return [piece for piece in pattern.findall(text) if piece.strip()]
