"""What a survey asks of each report, without the frame of the question around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.answers.surveys.asking import DEGREE, NOUN, unquoted
from qa.answers.surveys.shares import asks_share
from qa.answers.surveys.survey import Survey
from qa.facts.lexicon import Indicator, canonical, find_indicators
from qa.reports.clean_text import cut_out
from qa.thesaurus import find_sayings

# The frame of a survey question: without it the subject is left.
_NUMBER = r"[\d两三四五六七八九十几]{1,4}"
_FRAME = re.compile(
    rf"(?:[这那]{_NUMBER}[个份家地]|{_NUMBER}(?:[份家地]|个(?={NOUN})))的?(?:{NOUN})?(?:[里中]面?)?|(?:在|馆|(?<![一-龥]))库[里内中]的?|馆藏的?|省级(?=(?:政府)?(?:工作)?报告)|收集到的|收录的|按(?:多少|高低|大小)(?:的?顺序)?|[区县市]级|手[头上里](?:的)?|现有的?|这些|那些|给出了?|公布了?|披露了?|写明了?|列出(?!来)了?|写出了?|写[了的]|报(?!告)出?了?|说了|各?定[了得的在到](?!了)|各定|设定了?|设了|提出了?|明确了?|制定了?"
    rf"|(?:没有?|未|不)(?=给|公布|披露|写|列|报|说|定|设|提|明确)|(?:只|仅)(?=给|公布|披露|写|列|报|说|定|设)|已经?(?:达到|完成|实现)的?|达到的"
    rf"|(?:所有|全部|每一?[个份]?|各[个份]?|哪[几些]*一?[个份家座]?|几[个份]|多少[个份]|\d{{1,4}}[个份]|的|这几个|(?<=^))的?(?:{NOUN})(?:里面?|中间?)?"
    rf"|政府工作报告(?:里|中)?|报告(?:里|中)?|哪[几些]?一?[家份]|谁家?|{DEGREE}|[办做增涨降定]得|比较?一?下|比一比|比比看?|比较"
    r"|从[高大多快低小少慢]到[高大多快低小少慢]|按?(?:多少|高低|大小)?(?:的?顺序)?列(?:一下|出来|表)?|实际(?:完成|达到|新增)?的?(?!利用|使用)|实绩|完成的|排(?:一下|个?序|名)?(?:一下)?|分别|多少(?:[亿万]*元|[个家人项件])?|几[个家]"
    r"|\([^()]{1,8}\)|第[一二三四五]|去年|今年|上年|全年|当年|(?:19|20)\d\d年?|的|目标|计划|预期|情况|具体|怎么样|如何|一下|都|请|各|把|将|按|对|是|有|里|中|了|吗|呢"
    rf"|哪[几些]|怎么样?|如何|前[一二三四五两\d]名?|有?谁[提写报定][了到出]?|各自|一共|总共|上一年|前一年|过去一年|数字|承诺|打算|想做到|计划|各地|一?排(?:个|一)?(?:名次|名|队|排|行榜?)|想|要|也"
)
_FRAME_ENGLISH = re.compile(
    r"\b(?:which|of|the|all|every|each|rank|by|reports?|districts?|cities|places?|provinces?|set|sets|has|have|had|give|gives|"
    r"highest|lowest|largest|smallest|fastest|slowest|most|least|what|is|are|was|were|in|for|and|their|its|targets?|goals?|compare|list|show|between|across|last|this|year|growth|rate|amount|how|much|many|from|to|high|low|do|does|did|not|state|states|stated|publish|published|rose|grew|fell|year's)\b"
    r"|\d+",
    re.I,
)
# What a figure may be asked as: words that name no other subject than the indicator beside them.
_PLAIN = re.compile(
    r"不(?=[低高少超多小])|百分之[一二三四五六七八九十\d.]{1,4}|(?:没有?|未)(?=[超过到达])|(?:或更?|还|更)(?=[高多低少])|比(?=[\d百])|增长(?:率|速度)?|增速|增幅|涨幅|金额|数额|数字|数据|总额|总量|绝对额|数量|水平|[亿万]*元|%|个?百分点|以上|以下|不足|超过?|突破|跌破|高于|低于|大于|小于|不到|达到|至少|左右|下降"
    r"|现在|目前|眼下|如今|倍差|比值|为负|负增长|正增长|回落|\d+(?:\.\d+)?|[增涨跌降快慢高低大小多少排序名得年全区县市省地负数最更哪个谁的给写定或过和]|[^\w%]"
)
_LEFT_OVER = 1
# 新增高新技术企业 are not all there are.
_NARROWS = re.compile(r"新增|净增|新引进|新培育|人均|占比|比重")


def named_in(survey: Survey) -> tuple[tuple[Indicator, ...], str]:
    """The indicators a survey names, in the reports' words or in its own (用了多少外资), and what its
    text says beside them."""
    mentions = find_indicators(survey.text)
    names_share = any(one.kind == "share" for mention in mentions for one in mention.indicators)
    if asks_share(survey.text) and not names_share and (share := _share_said(survey.text)):
        return share
    if mentions:
        named = tuple(dict.fromkeys(one for mention in mentions for one in mention.indicators))
        return named, cut_out(survey.text, [(m.start, m.end) for m in mentions])
    for saying in find_sayings(survey.text):
        indicator = canonical(saying.printed.split()[0])
        if indicator is not None:
            return (indicator,), cut_out(survey.text, [(saying.start, saying.end)])
    # Named in an earlier turn.
    return survey.question.indicators, survey.question.rest


def _share_said(text: str) -> tuple[tuple[Indicator, ...], str] | None:
    """The share that a question tells by its parts (民生支出占财政支出的比重): what it is of names it, not
    what it is a share in."""
    for saying in find_sayings(text):
        indicator = canonical(saying.printed.split()[0])
        if indicator is not None and indicator.kind == "share":
            return (indicator,), cut_out(text, [(saying.start, saying.end)])
    return None


def printed_forms(subject: str) -> Iterator[str]:
    """The subject as asked, then in the words reports print for it (装电梯: 既有住宅加装电梯)."""
    yield subject
    yield from (saying.printed.split()[0] for saying in find_sayings(subject))


def is_plain(bare: str, language: str) -> bool:
    """True if nothing beside the indicators narrows them (工业园区的固定资产投资)."""
    frame = _FRAME_ENGLISH if language == "en" else _FRAME
    if _NARROWS.search(bare):
        return False
    return len(_PLAIN.sub("", frame.sub("", bare))) <= _LEFT_OVER


def subject_of(text: str) -> str:
    """What is asked of every report: the first clause that says more than the frame."""
    for clause in re.split(r"[,。?!;:]", text):
        # 越城、上城、海曙…: of a list of places the signs between them are left.
        left = unquoted(_FRAME.sub(" ", clause)).strip("、和与及跟 ")
        if len(_PLAIN.sub("", left)) >= 2:
            return left
    return ""
