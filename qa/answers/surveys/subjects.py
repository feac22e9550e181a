"""What a survey asks of each report, without the frame of the question around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answers.surveys.asking import DEGREE, NOUN, unquoted
from qa.facts.lexicon import IndicatorMention

# The frame of a survey question: without it the subject is left.
_FRAME = re.compile(
    rf"收集到的|收录的|这些|那些|给出了?|公布了?|披露了?|写明了?|列出了?|写了|写出了?|定了|定得|设定了?|提出了?|明确了?|制定了?"
    rf"|(?:所有|全部|每一?[个份]?|各[个份]?|哪[几些]*一?[个份家座]?|几[个份]|多少[个份]|\d{{1,4}}[个份]|的|这几个|(?<=^))的?(?:{NOUN})(?:里面?|中间?)?"
    rf"|政府工作报告(?:里|中)?|报告(?:里|中)?|哪[几些]?一?[家份]|几份|谁家?|{DEGREE}|[办做增涨降定]得|比较"
    r"|从[高大多快低小少慢]到[高大多快低小少慢]|列(?:一下|出来|表)?|排(?:一下|个?序|名)?(?:一下)?|分别|多少(?:[亿万]*元|[个家人项件])?|几[个家]"
    r"|去年|今年|上年|全年|当年|(?:19|20)\d\d年?|的|目标|计划|预期|情况|具体|怎么样|如何|一下|都|请|各|把|将|按|对|是|有|里|中|了|吗|呢"
)
_FRAME_ENGLISH = re.compile(
    r"\b(?:which|of|the|all|every|each|rank|by|reports?|districts?|cities|places?|provinces?|set|sets|has|have|had|give|gives|"
    r"highest|lowest|largest|smallest|fastest|slowest|most|least|what|is|are|was|were|in|for|and|their|its|target|goal|last|this|year|growth|rate|amount|how|much|many|from|to|high|low)\b"
    r"|\d+",
    re.I,
)
# What a figure may be asked as: words that name no other subject than the indicator beside them.
_PLAIN = re.compile(
    r"增长(?:率|速度)?|增速|增幅|涨幅|金额|数额|数字|数据|总额|总量|绝对额|数量|水平|[亿万]*元|%|个?百分点|以上|以下|不足|超过?|突破|跌破|高于|低于|大于|小于|不到|达到|至少|左右|下降"
    r"|为负|负增长|正增长|回落|\d+(?:\.\d+)?|[增涨跌降快慢高低大小多少排序名得年全区县市省地负数最更哪个谁家的]|[^\w%]"
)
_LEFT_OVER = 1
# 新增高新技术企业 are not all there are.
_NARROWS = re.compile(r"新增|净增|新引进|新培育|人均|占比|比重")


def without(text: str, mentions: Sequence[IndicatorMention]) -> str:
    for mention in reversed(mentions):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text


def is_plain(bare: str, language: str) -> bool:
    """True if nothing beside the indicators narrows them (工业园区的固定资产投资)."""
    frame = _FRAME_ENGLISH if language == "en" else _FRAME
    if _NARROWS.search(bare):
        return False
    return len(_PLAIN.sub("", frame.sub("", bare))) <= _LEFT_OVER


def subject_of(text: str) -> str:
    """What is asked of every report: the first clause that says more than the frame."""
    for clause in re.split(r"[,。?!;:]", text):
        left = unquoted(_FRAME.sub(" ", clause)).strip()
        if len(_PLAIN.sub("", left)) >= 2:
            return left
    return ""
