"""What is asked: places, periods, status and words of a question, as a typed value.

Understanding is deterministic: it never needs a model, and it never replaces what the user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from qa.facts.lexicon import Indicator, find_indicators, related
from qa.place_mentions import QUOTED_TERM, PlaceMention, read_places
from qa.places import THE_NATION, HeldPlaces, Place
from qa.reports.clean_text import cut_out, fold
from qa.reports.periods import plan_spans_in, span_of, years_in
from qa.thesaurus import find_sayings

if TYPE_CHECKING:
    from qa.english.terms import Term

Status = Literal["actual", "target"]
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood.

    ``years`` are the years of the figures asked for, ``spans`` the spans among them (“十三五”), ``report_years`` those of the reports named,
    ``relative`` counts from a report's year of delivery (去年 is -1). ``core`` is the text left for
    lexical search when places, years and question words are taken out; ``indicators`` those it
    names, ``rest`` what is left without them,
    ``formal`` the reports' words for what it says colloquially, ``context`` the core of the earlier turns it leans on.
    ``anchor`` are the words that stand for an unnamed place (洪楼、唐冶 of 洪楼、唐冶那个区).
    ``sense`` is the question without the places it is asked of, with the reports' words added: what
    a sentence must mean to answer it. A report does not repeat its own place in every sentence.
    ``years_are_bases`` if the only years named are what the present is compared with,
    ``years_are_inherited`` if only the turns before named them.
    ``spoken_of`` are places that a report of another place is asked about (…报告里澳门哪天回归).
    ``survey`` asks which of the reports held say something, not what one of them says.
    ``terms`` are the words of an English question with what they may be printed as; its ``core``,
    ``rest`` and ``context`` are English.
    """

    text: str
    language: Language
    places: tuple[PlaceMention, ...] = ()
    years: tuple[int, ...] = ()
    spans: tuple[str, ...] = ()
    report_years: tuple[int, ...] = ()
    relative: tuple[int, ...] = ()
    status: Status | None = None
    core: str = ""
    indicators: tuple[Indicator, ...] = ()
    rest: str = ""
    formal: str = ""
    context: str = ""
    anchor: str = ""
    survey: bool = False
    years_are_bases: bool = False
    years_are_inherited: bool = False
    spoken_of: tuple[str, ...] = ()
    sense: str = ""
    terms: tuple[Term, ...] = ()
    turns: tuple[str, ...] = field(default=(), repr=False)


_REPORT_YEAR = re.compile(
    # 2010、2012和2014年的报告 are three of them.
    r"((?:(?:19|20)\d\d年?[、,和与及]\s?)*(?:19|20)\d\d)年?(?:[^,。?0-9]{0,12})(?:政府工作报告|国务院报告|工作报告|的?报告)"
    # Clean text has lost the blanks beside digits: 2010report.
    r"|((?:19|20)\d\d)\s*(?:[A-Za-z]+\s+){0,4}report"
)
_YEAR_SPAN = re.compile(r"((?:19|20)\d\d)年?[-—~至到]+((?:19|20)\d\d)年?")
_PLAN_END = re.compile(r"“?十[一二三四五六]?五”?(?:时?期?末|收官)")
_BASE_OF_COMPARISON = re.compile(
    r"(?:比|较|相比|对比)(?:“?十[一二三四五六]?五”?(?:时?期?末|期间|时期)?|(?:19|20)\d\d年?)"
)
_PRINTED_YEAR = re.compile(r"(?:19|20)\d\d年?(?:度|的)?")
_LAST = re.compile(r"(?<![比较])(?:去年|上年|上一年)|过去一年|last year", re.I)
_THIS = re.compile(r"今年|本年|新一年|新的一年|当年要|this year", re.I)
_TARGET = re.compile(
    r"目标|计划|打算|预期(?!寿命)|力争|拟|准备|安排|争取|将要|要(?!求是)|(?<![认核审评])定的|定了|想(?!法|象|起|到了|知道|问|了解|看|查)|规划|要求"
    r"|target|plan|goal|aim|expect",
    re.I,
)
# 目标从多少调到了多少: what has happened, happened to targets.
_OF_TARGETS = re.compile(r"目标[^,。?!完实]{0,10}(?:调|改|变)[到成为高低了]")
_ACTUAL = re.compile(
    r"完成了?|实现|达到|实际|做到|已经?|涨了|跌了|增长了|了(?:多少|几|百分之|多大)|新增了|获评|荣获|建成了|实绩|结果"
    r"|actual|achiev|reach|was|were|did",
    re.I,
)
_QUESTION_WORDS = re.compile(
    r"请问|请列出|列出|请|告诉我|是多少|有多少|(?:多少|几)[个家件所条场处座项名起宗辆张种门间位片只支批部套](?![一-龥])|多少[万亿]*(?:美?元|吨|亩|公里|人次?)?(?![一-龥])|多少|是不是|是什么|什么时候|什么|哪一?[个几些家年月天里方面次条部份位]*|怎么样?"
    r"|如何|为何|为什么|几个|几家|几月几号|各[是为]?|分别|吗|呢|谁|第几|是否|有没有|多高|多大|多长|多快|占比多|做到|想做到"
    r"|收集到的|这些|这份|那个|所在的|说的是?|说的|具体|情况|一共|总共|叫|的名称|名称|名字|报告里|报告中|报告|政府工作"
    r"|干什么的|打算|目标|计划|预期|达到|完成了?|实现|今年|去年|上年|当年|全年|比上年|是|有|的|了|在|里(?!程)|把|从|到|要|给|和|与|跟|对|让"
)
_ANCHOR = re.compile(
    r"([^,。?!;:()]{2,40}?)(?:所在的?|那?一带的?|附近的?)?"
    r"(?:(?<=”)(?:区|县|市)(?![\u4e00-\u9fff]{0,1}(?:域|级|场))|的?(?:那个|这个|那座)(?:区|县|市)|的?[那这]份(?:区|县|市)?(?:政府)?(?:工作)?报告|(?:的|所在的?|那?一带的?)(?:区|县|市)(?![\u4e00-\u9fff]{0,1}(?:域|级|场)))"
)
# 那个区 points at one place, even in a question over several.
_POINTED = re.compile("[那这][个座份]")
_TOLD_PLACE = re.compile(r"“[^”]{2,20}”(?:的[那这]?[个座份]?)?(?:区|县|市)(?=[,、的里内]|$)")
# What is set against the unnamed place (荔湾多还是唐冶那个区多) is no part of its name.
_BEFORE_ANCHOR = re.compile(r"(?:.*(?:还是|和|与|跟|比|\s、))?[\s、有]*")
_SURVEY = re.compile(
    # 哪些地方做得不够 asks in which respects, not where.
    r"哪[几些]+[个份]?(?:的?(?:区县|区|县|市|省|地方(?!做得|[还仍]?(?:不够|不足|有待|需))|地区|城市|报告))|(?:几|多少)[个份家](?:区县|区|县|市|省|地方|报告)|各[区县市省地]|所有的?(?:区|县|市|报告)"
    r"|从高到低|从低到高|排(?:一下|序|名)|收集到的|which (?:reports|districts|cities|places)",
    re.I,
)
# 2008年奥运会 names the games, not the time asked about.
_NAMED_BY_YEAR = re.compile(
    r"(?:19|20)\d\d年?[一-龥]{0,4}?(?:残?奥运?会|冬残?奥会|亚残?运会|世博会|世界杯|大运会|全运会|园博会)"
)
_YEARS = re.compile(r"(?:19|20)\d\d\s*年?")
_DOES_NOT_STAND_ALONE = re.compile(
    r"^(?:那|它|其|这|支出|收入呢|目标呢|今年的|去年的|两者|单看|后者|前者|同比)|呢[??]?$"
    r"|^(?:and|but|so|then|what about|how about)\b",
    re.I,
)
_NATION_ITSELF = re.compile(
    r"国务院|(?:全国|我国)的?(?:政府)?(?:工作)?报告|全国和|State Council|China"
)
_LATIN = re.compile(r"[A-Za-z]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def understand(text: str, turns: Sequence[str] = (), held: Iterable[Place] = ()) -> Question:
    """Understand ``text`` after the earlier user ``turns``; ``held`` are the places of the library.

    A follow-up that names no place, year or subject takes them from the turns before it.
    """
    held = HeldPlaces.of(held)
    own = _with_echo(_understand_alone(text, held))
    if not turns:
        return _of_the_economy(own)
    earlier = understand(turns[-1], turns[:-1], held)
    # 各区…列个表 says where it asks, though it names no place.
    names_where = bool(own.places) or own.survey
    leans = (
        bool(_DOES_NOT_STAND_ALONE.search(fold(text))) or not names_where or _says_no_subject(own)
    )
    other = _names_another_thing(own, earlier)
    return Question(
        text=text,
        language=own.language,
        places=own.places if names_where else earlier.places,
        years=own.years or (() if own.relative else earlier.years),
        spans=own.spans or (() if own.years or own.relative else earlier.spans),
        # 2018年那次安排的是多少? no longer asks the report of 2024 that was named before.
        report_years=own.report_years or (() if own.years else earlier.report_years),
        relative=own.relative or (() if own.years else earlier.relative),
        status=own.status or (None if own.years or own.relative else earlier.status),
        core=own.core,
        indicators=own.indicators or (_meant(own, earlier) if leans and not other else ()),
        # An English “And this year?” has its subject in the turn before.
        rest=own.rest or (earlier.rest if leans and own.language == "en" else ""),
        formal=own.formal,
        anchor=own.anchor or ("" if own.places else earlier.anchor),
        survey=own.survey,
        years_are_bases=own.years_are_bases,
        years_are_inherited=bool(earlier.years) and not (own.years or own.spans or own.relative),
        context=_context(earlier, other) if leans else "",
        sense=f"{earlier.sense} {own.sense}" if leans else own.sense,
        turns=tuple(turns),
    )


# 农村居民人均纯收入增长多少,城镇呢?
_ECHO = re.compile(
    r"[,;。?、](?:那|那么)?(?P<part>[^,;。?、]{2,6}?)呢?[?]?$"
    r"|[是比与和跟为](?P<side>[^,;。?、的]{2,6}?)的?(?:几|多少)倍"
)


def _with_echo(own: Question) -> Question:
    """With the indicators that the end of the question names in part, after whole ones before."""
    echo = _ECHO.search(fold(own.text)) if own.indicators else None
    if echo is None:
        return own
    part = echo["part"] or echo["side"]
    # 农村居民 is longer than what tells it from 城镇居民; 占比多高 asks for something new.
    words = (part, part[:_TELLING]) if echo["side"] else (part,)
    near = (related(indicator, word) for indicator in own.indicators for word in words)
    named = tuple(dict.fromkeys([*own.indicators, *(one for one in near if one)]))
    if len(named) == len(own.indicators):
        return own
    return replace(own, indicators=named, rest=own.rest.replace(part, ""))


_TELLING = 2
_GROWTH_ALONE = re.compile(
    "(?:增长|增速)(?:的?预期)?的?(?:目标|预期)|目标增速|预期增速"
    "|增速(?:是|有|为|达到?)?(?:多少|多高|多快|几)|增长了?(?:多少|百分之几|几个点)"
)
_OF_GROWTH = re.compile(
    "增长|增速|预期|目标|总体|整体|定|设|要求|高|快|全年|达到?|百分之|个?点|[的了为有]"
)


def _of_the_economy(own: Question) -> Question:
    """With GDP for growth that is asked for without saying of what: 2024年全国增长目标是多少."""
    if own.indicators or own.formal or own.survey or not own.places:
        return own
    if not _GROWTH_ALONE.search(fold(own.text)) or _HAN.search(_OF_GROWTH.sub("", own.rest)):
        return own
    economy = tuple(i for mention in find_indicators("GDP") for i in mention.indicators)
    return replace(own, indicators=economy)


def _says_no_subject(own: Question) -> bool:
    """True if a question with a place of its own says nothing else: 上城那边呢,2023年要求多少?"""
    if own.indicators or own.formal:
        return False
    return (
        len(
            re.sub(
                r"[^\u4e00-\u9fff]|那边|那里|这边|改成|换成|换|要求|多少|怎么样|又|也|呢|那",
                "",
                own.rest,
            )
        )
        < 2
    )


def _context(earlier: Question, other: bool) -> str:
    """The words of the turns before; where another thing is asked about (蔬菜呢 after 粮食产量) only
    what was measured of the first: 产量."""
    if other and earlier.indicators:
        return " ".join(one.name[-_MEASURED_IN:] for one in earlier.indicators)
    return f"{earlier.core} {earlier.context}".strip()


_MEASURED_IN = 2
_SAYS_THE_SAME_OTHERWISE = re.compile(
    r"目标|计划|实际|增速|增幅|增长|同比|总量|总额|数额|金额|占比|比重|排名|排第|全年|上半年|现在|原来|去年|今年|变化"
    r"|多少|怎么样|如何|几|多|那|呢|又|也|再|就|还|的|是|了|吗|要求|预期|完成|具体|情况|数字|和|与|比|高|低|快|慢|差"
)


def _names_another_thing(own: Question, earlier: Question) -> bool:
    """True if 蔬菜呢 follows a question for grain: what is asked about is no longer the indicator."""
    if (
        own.indicators
        or own.formal
        or own.language != "zh"
        or not fold(own.text).rstrip("?。").endswith("呢")
    ):
        return False
    left = re.sub(r"[^\u4e00-\u9fff]", "", _SAYS_THE_SAME_OTHERWISE.sub("", own.rest))
    near = any(related(indicator, left) for indicator in earlier.indicators)
    return len(left) >= 2 and not near


def _meant(own: Question, earlier: Question) -> tuple[Indicator, ...]:
    """The indicators of the turn before, or those near them that a follow-up names in part (支出呢)."""
    words = re.sub(r"[\s,。??那呢的]", "", own.rest)
    near = (related(indicator, words) for indicator in earlier.indicators)
    return tuple(dict.fromkeys(one for one in near if one)) or earlier.indicators


def _understand_alone(text: str, held: HeldPlaces) -> Question:
    if language_of(text) == "zh":
        return _read(text, held)
    from qa.english.understanding import understand_english

    return replace(understand_english(text, held, _read), language="en")


def _read(text: str, held: HeldPlaces) -> Question:
    """What Chinese words and printed years of ``text`` say."""
    folded = fold(text)
    places, rest, spoken = read_places(folded, held)
    asks_all = bool(_SURVEY.search(text))
    if asks_all and not _NATION_ITSELF.search(folded):
        # 哪些地方要创建全国示范区: the nation is a rank there, not the place asked about.
        places = tuple(mention for mention in places if mention.place != THE_NATION)
    anchor, without_places = _anchor(rest)
    asks_all = asks_all and not (anchor and asks_within_a_place(rest))
    report_years = [year for a, b in _REPORT_YEAR.findall(text) for year in years_in(a or b)]
    # Indicators are looked for before question words go: 城镇和农村居民… loses its 和 there.
    # 违章建筑 is said as it is printed: only other wording is taken out of the search words.
    sayings = [s for s in find_sayings(without_places) if s.said not in s.printed]
    named_whole = find_indicators(without_places)
    # 农民人均纯收入 is a name of its own, whatever 农民…收入 may stand for elsewhere.
    sayings = [
        s for s in sayings if not any(m.start <= s.start and s.end <= m.end for m in named_whole)
    ]
    mentions = [
        mention
        for mention in named_whole
        if not any(s.start < mention.end and mention.start < s.end for s in sayings)
    ]
    formal = " ".join(dict.fromkeys(saying.printed for saying in sayings))
    named = mentions or find_indicators(sayings[0].printed if sayings else "")
    spans = sorted([(m.start, m.end) for m in mentions] + [(s.start, s.end) for s in sayings])
    relative = (*(-1 for _ in _LAST.findall(text)), *(0 for _ in _THIS.findall(text)))
    return Question(
        text=text,
        language=language_of(text),
        places=places,
        years=_years(folded, report_years),
        spans=_spans(folded),
        report_years=tuple(dict.fromkeys(report_years)),
        relative=tuple(dict.fromkeys(relative)),
        status=_status(text),
        core=question_core(without_places),
        anchor=anchor,
        survey=asks_all and not places,
        years_are_bases=_only_bases(folded),
        spoken_of=spoken,
        indicators=tuple(dict.fromkeys(i for m in named for i in m.indicators)),
        formal=formal,
        sense=f"{_PRINTED_YEAR.sub('', without_places)} {formal}".strip(),
        rest=question_core(cut_out(without_places, _merged(spans))),
    )


def _anchor(text: str) -> tuple[str, str]:
    """The words that stand for an unnamed place, and the text without them."""
    match = _ANCHOR.search(text)
    if not match:
        return "", text
    if _SURVEY.search(text) and not (_POINTED.search(match.group()) or asks_within_a_place(text)):
        return "", text
    start = match.start(1) + _BEFORE_ANCHOR.match(match.group(1)).end()  # type: ignore[union-attr]
    anchor = text[start : match.end(1)]
    return question_core(anchor), f"{text[:start]} {text[match.end() :]}"


def asks_within_a_place(text: str) -> bool:
    """True if 地方 of a place told by what it calls itself are asked for (提出建设“吴越名城”的区,哪几个地方
    成了…), not other places of its kind."""
    folded = fold(text)
    told, survey = _TOLD_PLACE.search(folded), _SURVEY.search(folded)
    behind = bool(told and survey and told.end() <= survey.start())
    return behind and bool(survey and survey.group().endswith("地方"))


_WORK_OF_A_YEAR = re.compile(
    r"(?:重点|主要)(?:工作|任务)|工作(?:重点|任务|安排|部署|打算|思路|回顾|要点)|总体要求"
    r"|\b(?:key|main|major|priority) (?:work|tasks?)\b|\bpriorities\b",
    re.I,
)


def asks_work_of_a_year(question: Question) -> bool:
    """True if a year's own work is asked for (2030年重点工作), which only a report on that year tells,
    however many others name the year."""
    named = bool(question.years) and not question.spans and not question.years_are_bases
    return named and bool(_WORK_OF_A_YEAR.search(question.text)) and not question.indicators


def language_of(text: str) -> Language:
    """English where Latin letters clearly outnumber Chinese signs: a place may be named in either."""
    latin, chinese = len(_LATIN.findall(text)), len(_HAN.findall(text))
    return "en" if latin > 4 * chinese else "zh"


def _years(text: str, report_years: Sequence[int]) -> tuple[int, ...]:
    # 2024年报告里2024年的…: a year said again beside the report's is that of the figure.
    text = _NAMED_BY_YEAR.sub(" ", text)
    years = years_in(_REPORT_YEAR.sub(" ", text)) if report_years else years_in(text)
    for first, last in _YEAR_SPAN.findall(text):
        years += range(int(first), int(last) + 1)
    for span in plan_spans_in(text):
        years.append(span_of(span)[1])
    return tuple(dict.fromkeys(years))


def _only_bases(text: str) -> bool:
    """True if every year or plan named stands behind 比: what is asked about is the present."""
    without = _BASE_OF_COMPARISON.sub(" ", text)
    named = years_in(text) or plan_spans_in(text)
    return bool(named) and not years_in(without) and not plan_spans_in(without)


def _spans(text: str) -> tuple[str, ...]:
    found = [f"{first}-{last}" for first, last in _YEAR_SPAN.findall(text)]
    # “十三五”末 is the plan's last year, not its five years.
    return tuple(dict.fromkeys([*found, *plan_spans_in(_PLAN_END.sub("", text))]))


def _status(text: str) -> Status | None:
    if _OF_TARGETS.search(text):
        return "target"
    target, actual = bool(_TARGET.search(text)), bool(_ACTUAL.search(text))
    if target == actual:
        return None
    return "target" if target else "actual"


def question_core(text: str) -> str:
    """The words of a question that say what is looked for: without years and question words. Quoted
    terms stay whole: “浙里办” is no 浙 and 办."""
    pieces = QUOTED_TERM.split(_YEARS.sub(" ", text))
    words = [one if i % 2 else _QUESTION_WORDS.sub(" ", one) for i, one in enumerate(pieces)]
    return " ".join("".join(words).split())


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans without overlaps."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
