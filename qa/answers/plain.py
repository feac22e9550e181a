"""Whether a question asks for the figures of indicators and of nothing narrower."""

from __future__ import annotations

import re

from qa.moments import asked_in_english
from qa.questions import Question
from qa.reports.clean_text import fold

_WANTS_FIGURE = re.compile(
    r"多少|几[个家件台亩点成]|多大|多高|比例|增速|增幅|增长率|目标|百分之几|百分点|降幅|涨幅|情况|哪个|谁|更|快|how (?:many|much|fast)|what|growth|target"
    # A figure held out for a yes or no is answered with the one that is printed.
    r"|\d(?:%|[万亿]*元)?(?:左右|以上)?[,,]?(?:[??]|吗|吧|对吗|对不对|是吗|是不是|真的)",
    re.I,
)
# Words that name no other subject than the indicator: what is left beside them narrows the question.
_PLAIN_WORDS = re.compile(
    r"增长率?|增速|增幅|增加|增|涨幅?|跌|下降|亿元?|万?元|%|百分之几|百分点|个?点|速度|多大?|快|慢|更|高|低|哪个|谁|差"
    r"|全年|年度|最后|最终|到底|究竟|各|总[额量值]|金额|体量|相比|比|排|实际|预计|左右|水平|规模|浓度|数|人|还|又|那|这|年均|平均|累计|五年|十[一二三四五]五|期间|末"
    r"|新增|国家级?|家|个|几|多|项|城|单看|当年|一年|时期|地方|全[市区县省国]|今|去|年|[“”\"',。?!、;:()~\-—\s\d]"
)
_ASKS_OTHERWISE = re.compile("为什么|为何|原因|如何|怎么(?!样)|怎样|哪些|什么")
_MOST_LEFT_OVER = 2
_AND = "[和与、及]"
# A rank or a share beside the figure is told by the sentence, not by the indicator's fact.
_ASKS_RANK = re.compile(r"第几|排第|名次|位次|历史最高|rank", re.I)
# 建了多少、累计多少: two figures, which stand side by side in one sentence.
_ASKS_TOTAL_TOO = re.compile(r"[,、;](?:一共|总共|累计)[^,。]{0,4}(?:多少|几)")
_ASKS_SHARE = re.compile(r"占比(?:多|是|有|呢)|占(?:了)?多|比重(?:多|是|有|呢)|多大比[例重]")


def is_plain(question: Question) -> bool:
    """True if the question names indicators and nothing that narrows them (50亿元以上的项目)."""
    if not question.indicators or question.survey:
        return False
    share = any(indicator.kind in ("share", "rate") for indicator in question.indicators)
    if _ASKS_TOTAL_TOO.search(fold(question.text)):
        return False
    if _ASKS_RANK.search(question.text) or (_ASKS_SHARE.search(question.text) and not share):
        return False
    if question.language == "en":
        # “visitors the Canal Museum has received” are not the district's visitors.
        return not question.rest and wants_figure(question)
    rest = question.rest
    for name in (name for mention in question.places for name in mention.place.names):
        rest = rest.replace(name, "")
    left = _PLAIN_WORDS.sub(" ", rest).split()
    # 上海2025年GDP总量 says no 多少, and wants the figure as well.
    is_bare = not left and not _ASKS_OTHERWISE.search(question.text)
    if not is_bare and not wants_figure(question):
        return False
    beside = any(_stands_beside(word, question.text) for word in left)
    return not beside and len("".join(left)) <= _MOST_LEFT_OVER


def wants_figure(question: Question) -> bool:
    """True if the question says that it asks for a figure; 上城呢? wants what the turn before wanted."""
    text = asked_in_english(question) if question.language == "en" else question.text
    leans = bool(question.context) and fold(text).rstrip("?。").endswith("呢")
    wanted = f"{question.turns[-1]} {text}" if leans else text
    return bool(_WANTS_FIGURE.search(fold(wanted)))


def _stands_beside(word: str, text: str) -> bool:
    """True if a word joined by 和 asks for a second thing: 事故起数和死亡人数."""
    name = re.escape(word)
    return bool(re.search(rf"(?:{_AND}){name}|{name}[^,。]{{0,4}}(?:{_AND})", text))
