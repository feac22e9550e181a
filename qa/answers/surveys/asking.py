"""Recognising a question over all reports: the words it looks for, the reports it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from prompts import messages
from qa.anchors import find_anchored
from qa.answers.answer import Answer
from qa.answers.own_reports import lies_in, own_of_each
from qa.answers.refusals import refuse
from qa.answers.surveys.survey import NAMES, Phrase, Survey
from qa.facts.lexicon import canonical
from qa.library.library import Library
from qa.places import THE_NATION, Place
from qa.questions import Question, asks_within_a_place
from qa.reports.clean_text import fold
from qa.reports.report import Report
from qa.scope import find_scope

# More reports are not surveyed at once: each is read, and has a row.
MOST_REPORTS = 500
# Figures of two places named are compared, not surveyed.
_COMPARED = 3

NOUN = r"(?:(?:政府)?工作)?报告(?!人)|区县|区(?![块域间位长])|县(?![域长])|城市|市(?![场民域长政])|省份|省区(?![位域块间])|省市(?![场民域长政])|省(?![长级])|省级(?=报告|政府)|地方|地区"
_ONE = rf"(?:哪一?[个座篇]的?(?:{NOUN})|哪一?[份家篇]|谁家?|哪里|哪儿)"
DEGREE = "(?:最|更)(?:为|加)?[高低多少快慢大小]"
_ASKS_ALL = re.compile(
    rf"哪[几些]*一?[个份家篇座]?的?(?:{NOUN})|哪[几些]*一?[份家篇](?!力)|有谁|谁家"
    rf"|(?:所有|全部|每一?[个份篇]?|各[个份篇]?|几[个份篇家]|多少[个份篇家]|[\d两三四五六七八九十]{{1,4}}[个份篇家]|这[些批几])[个份篇]?的?(?:{NOUN})|收集到的|收录的"
    rf"|从[高大多快]到[低小少慢]|从[低小少慢]到[高大多快]|排(?:一下|一排|个?序|个?名|个?队|名次|行)|各地|倒数第[一二三]|垫底|前[二三四五两][名位]"
    rf"|哪[些几](?=都?(?:提|写|定|给|公布|披露|设|报[出了]|讲))|谁(?=[提写报定](?:[到了出]|的))|的(?:{NOUN})(?:一共|总共|共)有?(?:几|多少)[个家份]|有没有(?:哪|报告|区|地方)|谁[^,。?!;]{0, 10}[高低多少快慢大小](?=[,。?!;]|$)"
    rf"|{DEGREE}的(?:{NOUN})|的(?:{NOUN})?(?:一共|都)?[是有](?:哪(?:几|些|家|份|个(?:{NOUN}))|几[家份]|多少[家份]|谁)"
    r"|有(?:几|多少)[家份](?=[,。?!;、]|$|分别|都|各)|各家|几家(?:报告)?(?=[都给写提定报])"
    rf"|{DEGREE}.{{0,10}}{_ONE}|{_ONE}.{{0,24}}{DEGREE}"
    r"|\b(?:which|how many) (?:of the )?(?:\w+ )?(?:reports?|districts?|cities|places?|provinces?)\b"
    r"|\b(?:all|every|each|each of) (?:the )?(?:reports?|districts?|cities|places?|provinces?)\b|\brank\b",
    re.I,
)
_BESIDES = re.compile(
    r"除了?[^,,。??]{1,12}|[^,。?]{1,12}?的?(?:报告)?不[算含计](?:在内)?(?=[,。?]|$)"
)
_ASKS_REPORTS = re.compile(r"份|报告|reports?", re.I)
_LEVELS = (
    ("省", re.compile(r"省|provinces?", re.I)),
    ("市", re.compile(r"城市|市|cities", re.I)),
    ("县", re.compile(r"区|县|districts?", re.I)),
)
_LEVEL_NOUN = re.compile(
    rf"(?:哪[几些]*一?[个座]?的?|各个?|所有的?|每一?个|几个|的|which (?:\w+ )?|each |every |all |the )"
    rf"(?P<noun>{NOUN}|districts?|cities|provinces?)",
    re.I,
)
_CITIES_AND_DISTRICTS = re.compile(r"市[、和]?[区县](?!长)|[区县][、和]市")
# 提到了A但没提B.
_BUT = "(?:但是?|却|而|可)(?:没|未|不)"
_QUOTE = '[“"「『《]'
_MENTION = (
    r"(?:(?:提[到及]|提[了过]|写[到进]|[说讲谈]到|谈及|涉及|出现|点到)[了过]*"
    rf"|(?:提|写|讲|说|用|有)[了过]?(?={_QUOTE})|(?:(?<=[没未不])|(?<=没有))(?:提|讲)(?![出高供升前]))"
)
_SPOKEN = re.compile(
    rf"(?P<negated>没有?|未|不)?(?:同时|都|曾|明确|专门|一并)*{_MENTION}(?P<words>(?:(?!{_BUT})[^,。?!;]){{1,60}})"
)
_SAYS = "(?:怎么|如何|咋|什么)[说讲提写]"
# 对养老各区都是怎么说的; 各份报告关于养老说了什么.
_SPOKEN_OF = re.compile(
    rf"(?:关于|有关|对于?|就|围绕)(?P<words>[^,。?!;]{{2,30}}?)(?:这[件一]?[事点块]|方面|问题|工作)?,?"
    rf"(?:各|每|哪|这)[^,。?!;]{{0,10}}?(?:是|都|分别|各自)*{_SAYS}"
)
_SPOKEN_OF_AFTER = re.compile(
    rf"(?:各|每)(?:{NOUN}|[家份])[^,。?!;]{{0,8}}?(?:对于?|关于|就|围绕)(?P<words>[^,。?!;]{{2,30}}?)(?:方面|问题)?"
    rf"(?:是|都|分别|各自|各)*(?:{_SAYS}|[说讲]了|有(?:什么|哪些))"
)
_SPOKEN_BEFORE = re.compile(
    rf"(?P<words>[^,。?!;]{{2,40}}?)(?:这个词|一词)?(?:在|被|有|是)?(?:哪[几些]?一?[个份家]?(?=.{{0,3}}(?:{NOUN}|没|未|不|提|写|有))|多少[个份]|几[个份]).{{0,16}}?"
    rf"(?P<negated>没有?|未|不)?(?:{_MENTION}|有)(?:它|这个词)?(?=[,。?!;]|$)"
)
_SPOKEN_ENGLISH = re.compile(
    r"(?P<negated>(?:\bnot|n't)\s+)?\b(?:mention(?:s|ed)?|refers? to|talks? about)\s+(?:the\s+)?(?P<words>(?:(?! but )[^,?!;]){1,60})",
    re.I,
)
_WAYS_TO_SPEAK = (_SPOKEN, _SPOKEN_BEFORE, _SPOKEN_OF, _SPOKEN_OF_AFTER, _SPOKEN_ENGLISH)
_QUOTED = re.compile(r"[“\"「『《]([^“”\"「」『』《》]{1,30})[”\"」』》]")
# What is said of the words themselves, not of what they mean.
_AS_WORDS = re.compile(r"(?:这?[两三四五六七八]个字|这个?[词话]|这个?(?:说法|提法|概念))$")
_TAIL = re.compile(
    rf"的?(?:{NOUN})?(?:一共|总共|都)?(?:有|是|共有)?(?:哪|多少|几).*$|{DEGREE}.*$|(?:这个词|一词|的?(?:说法|内容|表述|字样|相关内容|情况))?[的吗呢了.]*$"
)
_HEAD = re.compile(r"^(?:关于|有关|过|了|要|是|的)+")
_OF_REPORTS = re.compile(r"报告|收集|收录|哪|多少")


def read_survey(question: Question, library: Library) -> Survey | Answer | None:
    """The survey asked for; a refusal if no report of the level asked about is held; else None."""
    text = fold(question.text)
    if asks_within_a_place(text):
        return None
    named = [mention.place for mention in question.places]
    anchored = find_anchored(_with_inherited(text, question), named, library)
    several = len(named) + len(anchored.reports) >= _COMPARED
    if not several and not _ASKS_ALL.search(text):
        return None
    phrase = _printed(_phrase(anchored.text) or _acronym(anchored.text), question)
    places = _places_asked(question, phrase)
    reports = _reports_asked(question, phrase, places, anchored.reports, library)
    chosen = bool(places or anchored.reports)
    if len(reports) < (_COMPARED if chosen and not phrase else 2):
        return None
    kept = _of_level(text, reports)
    if not kept:
        return _no_level(question, text, reports)
    if len(kept) > MOST_REPORTS:
        return _too_many(question, kept)
    asked = _without_names(anchored.text, places)
    absent = tuple(p for p in places if not any(lies_in(report, p) for report in kept))
    return Survey(question, asked, phrase, library, kept, absent)


def _with_inherited(text: str, question: Question) -> str:
    """The question with the words of an earlier turn that still choose its report."""
    if not question.anchor or not question.turns:
        return text
    return f"{text}|{question.anchor}那个区"


def _phrase(text: str) -> Phrase | None:
    """The words after (or before) 提到; None if no mention is asked about."""
    for pattern in _WAYS_TO_SPEAK:
        found = list(_phrases(pattern, text))
        if not found:
            continue
        first, *others = found
        missing = next((one.words for one in others if one.negated), "")
        return first if first.negated or not missing else replace(first, without=missing)
    return None


def _printed(phrase: Phrase | None, question: Question) -> Phrase | None:
    """What the reports print for words asked in English: low-altitude economy, 低空经济."""
    if phrase is None or phrase.negated or question.language != "en":
        return phrase
    said = phrase.words.lower()
    words = next((t.printed[0] for t in question.terms if t.said.lower() in said), None)
    return replace(phrase, words=words) if words else phrase


_ACRONYM = re.compile(r"(?<![A-Za-z\d])[A-Z]{3,6}(?![A-Za-z\d])")


def _acronym(text: str) -> Phrase | None:
    """The one acronym that a question is about, however it asks which reports speak of it: 哪几个区说要
    利用RCEP的机会. Indicators are none."""
    found = {one for one in _ACRONYM.findall(text) if canonical(one) is None}
    asks = re.search(rf"哪[几些]?[个份家]?(?:{NOUN})", text)
    return Phrase(found.pop(), (), False) if asks and len(found) == 1 else None


def _phrases(pattern: re.Pattern[str], text: str) -> Iterator[Phrase]:
    for match in pattern.finditer(text):
        found = match["words"]
        words = _HEAD.sub("", _AS_WORDS.sub("", _TAIL.sub("", found))).strip()
        if len(words) > 1 and not _OF_REPORTS.search(words):
            quoted = tuple(_QUOTED.findall(found))
            yield Phrase(unquoted(words), quoted, bool(match.groupdict().get("negated")))


def unquoted(words: str) -> str:
    return re.sub(r"[“”\"「」『』《》]", "", words)


def _places_asked(question: Question, phrase: Phrase | None) -> list[Place]:
    """The places that choose reports: not those looked for in them (哪几份报告提到了杭州), nor those
    set aside (除了杭州还有哪些).
    """
    spoken = f"{phrase.words} {' '.join(phrase.quoted)}" if phrase else ""
    besides = _besides(question)
    left_out = f"{spoken} {besides}"
    return [m.place for m in question.places if not _is_named(m.place, left_out)]


def _is_named(place: Place, text: str) -> bool:
    names = (*place.names, "国务院") if place == THE_NATION else place.names
    return any(name in text for name in names)


def _besides(question: Question) -> str:
    return "".join(_BESIDES.findall(question.text))


def _without_names(text: str, places: Iterable[Place]) -> str:
    for name in (name for place in places for name in place.names):
        text = text.replace(name, " ")
    return text


def _reports_asked(
    question: Question,
    phrase: Phrase | None,
    places: Sequence[Place],
    anchored: Sequence[Report],
    library: Library,
) -> tuple[Report, ...]:
    """The reports that the places and years of the question allow, in the order of the library.

    Years choose none where words are looked for: 哪几份报告提到了2035年.
    """
    years = () if phrase else question.years
    besides = _besides(question)
    left_out = [m.place for m in question.places if _is_named(m.place, besides)]
    reports = [
        report
        for report in library.shelf.reports
        if ((not places and not anchored) or _is_chosen(report, places, anchored))
        and not any(lies_in(report, place) for place in left_out)
    ]
    every_one = len(reports) == len(library.shelf.reports)
    asked = replace(question, places=(), anchor="", years=years)
    scope = find_scope(asked, library.shelf if every_one else reports)
    dated = tuple(report for report in reports if report.report_id in scope.report_ids)
    dated = tuple(_for_the_named(fold(question.text), places, dated))
    every = phrase or years or question.report_years or _ASKS_REPORTS.search(question.text)
    return dated if every else _latest(dated)


def _is_chosen(report: Report, places: Sequence[Place], anchored: Sequence[Report]) -> bool:
    return report in anchored or any(lies_in(report, place) for place in places)


def _for_the_named(
    text: str, places: Sequence[Place], reports: Sequence[Report]
) -> Sequence[Report]:
    """Of several places named side by side (浙江、广东) each one's own reports, unless the districts
    or cities in them are asked about."""
    below = _level(text) in ("市", "县") or _CITIES_AND_DISTRICTS.search(text)
    return reports if len(places) < 2 or below else own_of_each(places, reports)


def _latest(reports: Iterable[Report]) -> tuple[Report, ...]:
    """Of each place the latest report: 哪个区…最快 asks places, not reports."""
    latest: dict[str, Report] = {}
    for report in reports:
        key = report.place or report.report_id
        held = latest.get(key)
        if held is None or (report.year or 0) > (held.year or 0):
            latest[key] = report
    return tuple(latest.values())


def _level(text: str) -> str | None:
    """The level of the places asked about (哪几个区); None for reports of any place."""
    match = _LEVEL_NOUN.search(text)
    if match is None:
        return None
    return next((level for level, noun in _LEVELS if noun.search(match["noun"])), None)


def _of_level(text: str, reports: Sequence[Report]) -> tuple[Report, ...]:
    """The reports of that level. One that does not name its place may be any district's or city's;
    provinces name themselves."""
    if _CITIES_AND_DISTRICTS.search(text):
        below = tuple(report for report in reports if report.level in ("市", "县", None))
        return below or tuple(reports)
    level = _level(text)
    fitting = {level, None} if level != "省" else {level}
    return tuple(report for report in reports if level is None or report.level in fitting)


def _too_many(question: Question, reports: Sequence[Report]) -> Answer:
    said = messages("surveys", question.language)
    detail = said["too_many"].format(count=len(reports), most=MOST_REPORTS)
    return refuse(question, "unclear", detail)


def _no_level(question: Question, text: str, reports: Sequence[Report]) -> Answer:
    said = messages("surveys", question.language)
    places = list(dict.fromkeys(report.place or report.title for report in reports))[:NAMES]
    detail = said["no_level"].format(level=_level(text), names=said["separator"].join(places))
    return refuse(question, "place_not_held", detail)
