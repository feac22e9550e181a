"""Questions that ask for a list: the words they ask with, and how many items they announce."""

from __future__ import annotations

import re
from dataclasses import dataclass

from embeddings.terms import bigrams
from qa.answers.lists.numerals import MEASURE, NUMERAL, number_of
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.search import Findings

_ASKS_LIST = re.compile(
    rf"哪(?:一?些|几|{NUMERAL})(?!年|月|天|日|号|份|届|次|级)|列出|列举|罗列|列一下|(?:有|是|讲|说|提)了?(?:些|哪些)(?:什么|啥)"
    r"|(?:分别|都|各|具体)(?:是|有|指|为|叫|在|属于)*(?:哪|什么|啥)|指(?:的是)?(?:什么|啥|哪)|是?什么意思"
)
# With a number this asks for a list (5个方面是什么), without one for a sentence.
_ASKS_WHAT = re.compile(r"[是有](?:什么|啥)")
_ASKS_MEANING = re.compile(r"指(?:的是)?(?:什么|啥|哪)|什么意思")
_ASKS_FIGURE = re.compile(r"多少|几成|百分之几|占比|增速|增幅|多[大高长快]")
PROBLEM = r"(?:困难|不足|问题|短板|挑战|差距|薄弱)"
# What is asked for: 哪些龙头企业, 重大考古发现有哪些; but for words that any list answers to.
_THING = re.compile(
    rf"哪(?:一?些|几|{NUMERAL})(?:{MEASURE})?(?!地方|方面|内容|举措|措施|东西|单位)"
    # 哪些重大体育赛事? names it whole; of 哪些龙头企业落户这里 the first signs do.
    r"([一-龥]{2,8}(?=[,。?!;]|$)|[一-龥]{2,4})"
)
_THING_BEFORE = re.compile(r"([一-龥]{2})的?(?:都|分别|具体)?(?:有|是|指)哪")
_ASKS_PLANS = re.compile("(?:重点|主要|目标)(?:工作|任务)|工作(?:安排|任务|重点)")
# Problems owned (还有哪些困难和不足), not those of one trade, nor those a year's work has solved.
_OWNS_UP = r"承认|坦承|坦言|坦率|直言|检讨|反思|反省|自认|自省"
# 还有哪些地方做得不够, 哪些方面有待提升; 有 and 要 are not among the words of the core.
_FALLS_SHORT = (
    r"不够(?:[好高强优])?|欠缺|欠账|滞后|没做好|做得不好"
    r"|(?:[还仍尚亟]\s*)?[待需]\s*(?:进一步)?(?:提升|提高|加强|增强|改进|改善|完善|补齐|破解|解决)"
)
_ASKS_PROBLEMS = re.compile(
    rf"(?:{PROBLEM}|{_OWNS_UP}|{_FALLS_SHORT}|{NUMERAL}(?:{MEASURE})|做得|地方|力|报告|自己|认识到?|看到|提到|当前|目前|存在?|面临|发展|经济社会|政府|工作|自身|主要|还|中|方面|全[区市省]|我[区市省]"
    r"|风险|[那它其的和与、,?。\s])+"
)
_WHICH_N = re.compile(rf"哪({NUMERAL})")
_QUANTITY = re.compile(rf"(?<![\d第百千.+~—-])({NUMERAL})(?:{MEASURE})")
_QUOTED_NUMBER = re.compile(
    r"[“‘\"]([一二两双三四五六七八九十]{1,2})[^一二两双三四五六七八九十”’\"]{1,8}[”’\"]"
)
_QUOTED = re.compile(r"[“‘\"]([^”’\"]{1,14})[”’\"]")
# “1”和“3”指什么 wants a sentence that tells both.
_DIGITS_QUOTED = re.compile(r"[“‘\"]\d[”’\"]")
_COUNTED = re.compile(rf"({NUMERAL}(?:{MEASURE})(?:(?![是的在分指都])[一-龥]){{2,6}})")
# 十四五 is a plan's name, not a number; nor do years count anything.
_NO_NUMBERS = re.compile(r"“?十[一二三四五六]五”?|(?:19|20)\d\d年?|两会|“两个[确维]\w+”")


@dataclass(frozen=True, slots=True)
class Asked:
    """``count`` is how many items the question announces, ``labels`` what it quotes or counts,
    ``quoted`` the former alone, ``thing`` the
    last two signs of what it asks for."""

    question: Question
    text: str
    words: tuple[str, ...]
    count: int | None
    labels: tuple[str, ...]
    quoted: tuple[str, ...]
    core: str
    thing: str
    defines: bool
    problems: bool
    plans: tuple[str, ...]


def read_asked(question: Question) -> Asked | None:
    """What a question asks a list of; None if it asks for none."""
    text = fold(question.text)
    if question.survey or len(question.places) > 1 or question.language != "zh":
        return None
    # 启动了14片…,其中已开工的是哪几个: the 14 are not the ones asked for.
    text = text.split("其中")[-1]
    count = _count_asked(text)
    asks = _ASKS_LIST.search(text) or (count and _ASKS_WHAT.search(text))
    if not asks or count == 1 or _ASKS_FIGURE.search(text) or len(_DIGITS_QUOTED.findall(text)) > 1:
        return None
    core = _without_places(question).split("其中")[-1]
    plans = _ASKS_PLANS.findall(text)
    words = bigrams(" ".join([core, question.context, *plans]))
    things = [*_THING.findall(text), *_THING_BEFORE.findall(text), ""]
    return Asked(
        question=question,
        text=text,
        words=tuple(dict.fromkeys(word for word in words if len(word) > 1)),
        count=count,
        labels=(*_QUOTED.findall(text), *_COUNTED.findall(text)),
        quoted=tuple(_QUOTED.findall(_NO_NUMBERS.sub(" ", text))),
        core=core,
        thing=things[0][-2:],
        defines=bool(_ASKS_MEANING.search(text)),
        plans=tuple(bigrams(" ".join(plans))),
        problems=_asks_problems(core),
    )


def _asks_problems(core: str) -> bool:
    """True if what a government owns to lack is asked for, and of no one trade."""
    falls_short = re.search(rf"{PROBLEM}|{_FALLS_SHORT}", core)
    return bool(falls_short and _ASKS_PROBLEMS.fullmatch(core))


def _without_places(question: Question) -> str:
    core = question.core
    for name in (name for mention in question.places for name in mention.place.names):
        core = core.replace(name, " ")
    return core


def _count_asked(text: str) -> int | None:
    plain = _NO_NUMBERS.sub(" ", text)
    for pattern in (_WHICH_N, _QUANTITY, _QUOTED_NUMBER):
        found = [number for number in map(number_of, pattern.findall(plain)) if number]
        if found:
            return found[0]
    return None


def is_scattered(asked: Asked, findings: Findings) -> bool:
    """True if every report has what is asked for (重点工作) and the question names none of them."""
    question = asked.question
    named = question.places or question.anchor or len(findings.scope.report_ids) == 1
    return bool(asked.problems or asked.plans) and not named
