"""Does a cited sentence support a claim that tells no figure: its words, its sense, and what no
likeness excuses.

A language model that changes one word of a sentence stays as near to it, in words and in sense, as
one that says it anew: likeness alone lets falsehoods pass. So a claim's words are looked for one by
one, those that any paraphrase may add left out, and vetoes look at what turns a meaning.
``python -m benchmarks.wording_support`` measures words, sense and vetoes, alone and together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from qa.reports.clean_text import fold

Veto = Literal["empty", "word", "name", "year", "level", "first", "polarity", "direction", "status"]

# Chosen on four of the eight sample reports: most true claims accepted of what accepts at most 3 % of
# the false ones. On the other four .985 of 821 true and .033 of 1384 false ones are accepted: python -m benchmarks.wording_support. The
# similarity of Chinese claims decides nothing: with the vetoes it neither rejects nor saves any.
LEAST_SHARE = 0.65
# Cosines of an English claim and its Chinese source lie at .77–.84, true or false: above this one
# only an eighth of the true ones are left (2 of 16), and none of 16 false ones.
LEAST_SIMILARITY_ENGLISH = 0.835
# One sign alone is what is left of a word cut or bent (留空间, 留出空间); two are a word.
_MOST_UNEXPLAINED = 1

# Says whose words are told, or that more follows: nothing that a source need print.
_FRAMING = (
    r"(?:根据|依据|按照|从)?(?:该|这份|上述)?(?:政府)?(?:工作)?报告(?:内容|显示|来看|[中里])?(?:还|也)?(?:明确)?(?:指出|提出|提到|显示|强调|要求|表示|认为|写道|称)?"
    r"|该(?:区|市|省|县|地区|地)|当地|政府(?=[将要会过]|计划)|(?:具体|主要|其中)?(?:包括|包含|涉及)"
    r"|主要[是有为]|此外|另外|同时|其中|以及|并且|而且|因此|例如|比如|具体(?:来说|而言|措施)?|总之|总体上?"
    r"|(?:这一?|该)?方面|与此同时|一系列|多项|若干|相关|有关|措施|举措|工作|情况|内容|任务|目标"
)
# Verbs and measures of degree that tell the same of a thing, whichever a report prints. What is done
# to a thing (加强, 放松) is told apart by direction, not by the word.
_PLAIN = (
    "进行|开展|推进|推动|推行|实施|落实|执行|加强|强化|提升|提高|增强|加快|加速|促进|完善|健全|优化|改善|改进|打造|建设|建立"
    "|建成|构建|形成|深化|深入|持续|继续|进一步|不断|积极|大力|全面|着力|有效|切实|努力|坚持|确保|保证|保障|支持|扶持|鼓励|引导"
    "|培育|做好|做强|做优|做大|办好|抓好|举办|组织|成立|设立|单独|设置|制定|出台|发布|编制|利用|依托|围绕|聚焦|针对|结合|通过"
    "|提供|获得|获评|荣获|被评|评为|入选|列入|纳入|被选|选为|成为|作为|成功|顺利|正式|已经|正在|目前|今年|去年|上年|当年|全年|计划"
    "|争取|力争|争创|创建|致力|旨在|希望|预计|严格|从严|控制|取得|实现|达到|完成|启动|开始|推出|进展|成果|成效"
    "|水平|更多|更好|用于|用来|使用|留出|预留|以便|从而|使得|属于|位于|其他|其余|多个|一批|一些|过去一年|一年来|过去几年|所有|部分|各类|各种|重点|关键"
    "|新增|新建|改建|引进|吸引|拓展|扩大|巩固|统筹|协调|保持|维护|解决|处理|应对|防范|加大|力度|探索|提出|递交|提交"
)
_FUNCTION = "[将并已正继续更加较以和与同及或的地得了着在从向对为是等也还都其这那把被由于到来上下中里所之会要能可应即个些各该一使让做办后前时内外间]"
_EMPTY = re.compile(f"{_FRAMING}|{_FUNCTION}")
_FORGIVEN = re.compile(f"{_FRAMING}|{_PLAIN}|{_FUNCTION}")
_HAN = re.compile("[一-龥]")
_NOT_HAN = re.compile("[^一-龥]")

_QUOTED = re.compile("[“《]([^”》]{1,40})[”》]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z+&]*")
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
# Reports print these in Chinese.
_TRANSLATED = frozenset(
    {"GDP", "SME", "SMEs", "NGO", "CPC", "PRC", "AI", "RMB", "CNY", "US", "UK", "EU"}
)
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)|\b(?:19|20)\d\d\b")

_LEVELS = re.compile(
    r"(?P<reach>全国|全省|全市|全区|全县|全球|国际|世界)|(?P<rank>国家|省|市|区|县)(?=级|委|政府|文物局|部门)"
)
_FIRST = re.compile("首次|首个|首批|首家|首创|率先|第一|唯一|之最|最[大高多好快早]")
_AGAIN = re.compile("再次|第二|再度|又一")

# Signs of negation inside words that negate nothing.
_NO_NEGATION = re.compile(
    "未来|不断|不仅|不但|不少|不同|不久|不动摇|不折不扣|不懈|不忘|不平凡|不平衡|不充分|不确定|不停|不松劲|不良|不动产|不见面"
    "|不止|不只|毫不|绝不|决不|永不|从未|未成年|未诉|不锈|无障碍|无废|无人|无线|无偿|无党派|无违建|无忧|无缝|无数|无论|不论|无愧"
    "|停车|停产|停电|非遗|非物质|非常|非公|非凡|禁毒|无私|无穷|无限|不竭|不息|不渝"
)
_NEGATION = re.compile(
    r"未|没有?|不|无|并非|停止|暂停|中止|终止|取消|撤销|撤回|放弃|拒绝|禁止|杜绝|叫停"
    r"|\bnot?\b|\bno longer\b|\bnever\b|\bwithout\b|n't\b|\bcancel|\babolish|\bwithdr[ae]w|\bsuspend|\bban(?:s|ned)?\b",
    re.I,
)
_RISES = re.compile(
    "上升|提升|提高|增加|增长|增强|扩大|新增|扩容|扩建|上涨|加强|强化|严格|严控|从严|收紧|加快|加速|促进|支持|鼓励|改善|好转|稳定|巩固"
    r"|延长|超过|超额|高于|拓展|\bris(?:e|es|en|ing)\b|\bincreas|\bgr(?:ow|ew)|\btighten|\bexpand|\bstrengthen|\bmore\b",
    re.I,
)
_FALLS = re.compile(
    "下降|降低|减少|减轻|减弱|削弱|弱化|缩小|缩减|缩短|压减|压降|下跌|下滑|回落|放松|放宽|放缓|放开|抑制|限制(?![,。;:]|$)|恶化|波动|收窄"
    r"|关闭|裁撤|不足|低于|遏制|\bfall|\bfell\b|\bdecreas|\bdeclin|\bdrop|\breduc|\brelax|\bweaken|\bshr[iau]nk|\bless\b|\blift",
    re.I,
)
_COMPASS = frozenset("东南西北")
# Told as done, as wished for, and as still to come.
_DONE = re.compile(
    "获评|荣获|获得|获批|入选|夺得|创成|建成|通过了|被评|成功|已|完成了|实现了|达到了|捧回|摘得|勇夺|蝉联"
)
_WISHED = re.compile("争创|争取|力争|申报|创建|申请|拟|有望|冲刺|竞逐")
_COMING = re.compile(
    "将(?=继续|进一步|会|要|在|于|加|推|建|打|开|实|完|深|持|全|大|着)|(?<![动度])计划(?!生育|投资)|力争|争取|拟|尚未|即将|准备"
)
_PAST = re.compile(
    "已|(?<=[成现强高立展进设建办动善升造])了|去年|上年|获评|荣获|入选|一年来|五年来|过去"
)


@dataclass(frozen=True, slots=True)
class Support:
    """How far a claim is supported.

    ``share`` is the share of its content signs, in [0, 1], that stand in a pair of signs printed in
    what it cites; None for an English claim, whose words are no signs. ``similarity`` is the cosine
    given. ``vetoes`` are what no share and no similarity excuses; ``is_supported`` is False with any
    of them.
    """

    share: float | None
    similarity: float | None
    vetoes: tuple[Veto, ...]
    is_supported: bool


def wording_support(
    sentence: str,
    sources: Sequence[str],
    similarity: float | None,
    *,
    context: Sequence[str] = (),
    is_plan: bool | None = None,
) -> Support:
    """Judge a claim without figures, its markers removed, by the sentences it cites.

    Args:
        sentence: the claim, Chinese or English.
        sources: the cited sentences as printed, each an item: a clause's words must stand in one of
            them, else a word swapped for one of the next sentence would pass.
        similarity: cosine of claim and nearest source sentence, None without vectors. It decides on
            English claims alone, which without it are not supported.
        context: what may be named beside the sources: title, place and headings of the report.
        is_plan: whether the sources stand in a section of plans; None if unknown or mixed.

    A claim or sources without words are no error: nothing is supported, with the veto ``empty``.
    Numbers are not looked at.
    """
    told = _Text(sentence)
    cited = [text for text in map(_Text, sources) if text.has_words]
    if not told.has_words or not cited:
        return Support(0.0, similarity, ("empty",), False)
    is_english = not _HAN.search(told.text)
    beside = [_Text("\n".join([one.text, *context])) for one in cited]
    share = None if is_english else _share(told, beside)
    vetoes = tuple(dict.fromkeys(_vetoes(told, cited, beside, is_plan)))
    if share is None:
        is_near = similarity is not None and similarity >= LEAST_SIMILARITY_ENGLISH
    else:
        is_near = share >= LEAST_SHARE
    return Support(share, similarity, vetoes, is_near and not vetoes)


class _Text:
    """A text in clean form, its pairs of signs and its clauses."""

    def __init__(self, text: str) -> None:
        self.text = fold(text)

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    @cached_property
    def pairs(self) -> frozenset[str]:
        return frozenset(a + b for a, b in pairwise(self.text))

    @cached_property
    def clauses(self) -> list[_Text]:
        return [_Text(one) for one in re.split(r"[,;:。!?\n]", self.text) if one.strip()]

    @cached_property
    def has_words(self) -> bool:
        return bool(re.search("[一-龥A-Za-z]", _FORGIVEN.sub("", self.text)))

    @cached_property
    def signs(self) -> str:
        """Its Chinese signs, other signs as blanks."""
        return _NOT_HAN.sub(" ", self.text)

    def without(self, words: re.Pattern[str]) -> str:
        """Its Chinese signs with those words as blanks too: as many signs as the text has."""
        return _NOT_HAN.sub(" ", words.sub(lambda match: " " * len(match.group()), self.text))

    def unprinted(self, source: _Text) -> str:
        """Its signs that stand in no pair printed in ``source``, blanks for the others."""
        signs = list(self.signs)
        for at, pair in enumerate(map("".join, pairwise(self.signs))):
            if pair in source.pairs:
                signs[at : at + 2] = "  "
        return "".join(signs)

    def nearest(self, clauses: Iterable[_Text]) -> _Text:
        return max(clauses, key=lambda one: len(self.pairs & one.pairs))


def _share(told: _Text, beside: Sequence[_Text]) -> float:
    """Share of its signs, framing and function words left out, that stand in a pair printed by the
    sentence nearest to their clause."""
    content = lacking = 0
    for clause in told.clauses:
        signs = clause.without(_EMPTY)
        content += _count(signs)
        lacking += _count(_both(clause.unprinted(clause.nearest(beside)), signs))
    return 1 - lacking / content if content else 1.0


def _unexplained(told: _Text, beside: Sequence[_Text]) -> str:
    """The signs that no paraphrase may add and the sentence nearest to their clause does not print.
    Of all sentences together a word swapped for one of the next sentence would be printed."""
    return "".join(
        _both(clause.unprinted(clause.nearest(beside)), clause.without(_FORGIVEN)).replace(" ", "")
        for clause in told.clauses
    )


def _both(signs: str, others: str) -> str:
    return "".join(" " if " " in pair else pair[0] for pair in zip(signs, others, strict=True))


def _count(signs: str) -> int:
    return len(signs.replace(" ", ""))


def _vetoes(
    told: _Text, cited: Sequence[_Text], beside: Sequence[_Text], is_plan: bool | None
) -> Iterable[Veto]:
    unprinted = _unexplained(told, beside)
    if len(unprinted) > _MOST_UNEXPLAINED or not _COMPASS.isdisjoint(unprinted):
        yield "word"
    every = _Text("\n".join(one.text for one in beside))
    if not _prints_names(told, every):
        yield "name"
    if any(year not in every.text for year in _YEAR.findall(told.text)):
        yield "year"
    if _tells_other_level_in_english(told, every):
        yield "level"
    yield from _turns(told, cited, is_plan)


def _turns(told: _Text, cited: Sequence[_Text], is_plan: bool | None) -> Iterable[Veto]:
    """What each clause turns of the sentence nearest to it."""
    for clause in told.clauses:
        sentence = clause.nearest(cited)
        nearest = clause.nearest(sentence.clauses)
        if _tells_other_level(clause, nearest, sentence):
            yield "level"
        if not _keeps_first(clause, sentence):
            yield "first"
        if _turns_polarity(clause, nearest, sentence):
            yield "polarity"
        if _turns_direction(clause, nearest):
            yield "direction"
        if _turns_status(clause, sentence, is_plan):
            yield "status"


# --- names -------------------------------------------------------------------------------------


def _prints_names(told: _Text, beside: _Text) -> bool:
    """True if the sources print what the claim quotes and its Latin words; of an English claim only
    its acronyms can be looked for."""
    quoted = _QUOTED.findall(told.text)
    pattern = _LATIN if _HAN.search(told.text) else _ACRONYM
    latin = [word for word in pattern.findall(told.text) if word not in _TRANSLATED]
    return all(name.lower() in beside.lower for name in (*quoted, *latin))


# What a report may tell of its own place without printing it.
_OWN_REACH = frozenset({"全区", "全县", "全市"})
_ALIKE = {"国际": "世界", "全球": "世界"}
_ENGLISH_LEVELS = {r"\bnation(?:al|wide)": "国", r"\bprovinc": "省"}


def _tells_other_level(told: _Text, nearest: _Text, cited: _Text) -> bool:
    """True if the claim tells a reach or a rank that the nearest clause tells otherwise, or that the
    sources do not print. A report's own reach (全区) may be told where they print none."""
    for kind in ("reach", "rank"):
        own, near, printed = (_levels(text, kind) for text in (told, nearest, cited))
        if own - near and near - own:
            return True
        if kind == "rank":
            printed = {rank for rank in own if rank in cited.text}
        if own - printed - (frozenset() if printed else _OWN_REACH):
            return True
    return False


def _levels(text: _Text, kind: str) -> set[str]:
    found = {match[kind] for match in _LEVELS.finditer(text.text) if match[kind]}
    return {_ALIKE.get(level, level) for level in found}


def _tells_other_level_in_english(told: _Text, beside: _Text) -> bool:
    return any(
        level not in beside.text and re.search(pattern, told.text, re.I)
        for pattern, level in _ENGLISH_LEVELS.items()
    )


def _keeps_first(told: _Text, cited: _Text) -> bool:
    if _FIRST.search(told.text) and not _FIRST.search(cited.text):
        return False
    again = _AGAIN.search(told.text)
    return not again or bool(_AGAIN.search(cited.text))


# --- turned meanings ---------------------------------------------------------------------------


def _negations(text: _Text) -> list[re.Match[str]]:
    return list(_NEGATION.finditer(_NO_NEGATION.sub(lambda m: "□" * len(m.group()), text.text)))


# So many signs behind a negation are what it negates.
_NEGATED = 4


def _turns_polarity(told: _Text, nearest: _Text, cited: _Text) -> bool:
    """True if the claim negates what the sources do not, or tells without its negation what the
    nearest clause negates."""
    own, printed = _negations(told), _negations(nearest)
    if own:
        return not printed and not any(m.group() in cited.text for m in own)
    negated = (nearest.text[m.end() : m.end() + _NEGATED] for m in printed)
    return any(a + b in told.pairs for words in negated for a, b in pairwise(words))


def _turns_direction(told: _Text, nearest: _Text) -> bool:
    """True if the claim tells a fall where the nearest clause tells none, or a rise where that tells
    a fall."""
    rises, falls = _RISES.search(told.text), _FALLS.search(told.text)
    if falls and falls.group() not in nearest.text and not _FALLS.search(nearest.text):
        return True
    fell = _FALLS.search(nearest.text) and not _RISES.search(nearest.text)
    return bool(rises and not falls and fell)


def _turns_status(told: _Text, cited: _Text, is_plan: bool | None) -> bool:
    """True if what is wished for is told as done, a plan as past, or a result as still to come."""
    wished = _WISHED.search(cited.text) and not _DONE.search(cited.text)
    if wished and _DONE.search(told.text) and not _WISHED.search(told.text):
        return True
    if is_plan and _PAST.search(told.text) and not _PAST.search(cited.text):
        return True
    coming = _COMING.search(told.text)
    return is_plan is False and bool(coming) and not _COMING.search(cited.text)
