"""Recognising a question for a course over years, and the years it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.answers.cells import asks_relation
from qa.answers.comparisons.sides import asks_to_compare
from qa.answers.naming import report_name
from qa.facts.figures import han_number
from qa.library.library import Library
from qa.moments import asks_average
from qa.places import THE_NATION
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.periods import span_of, years_in
from qa.reports.report import Report
from qa.search import Findings

# What can only ask for a course, whatever else the question says.
_COURSE = re.compile(
    r"走势|趋势|轨迹|演变|演进|变迁|历年|历次|历届|逐年|逐次|逐届|年年|各年(?![龄级度])|一路|越来越|变没变|一直在?[涨升降增跌]"
    r"|哪一?年.{0,24}最[高低多少大小快慢]"
    r"|\b(?:trends?|evolv\w+|evolution|trajectory|year by year|each year|every year|over the (?:years|past|last)|over time|through the years)\b",
    re.I,
)
# 是升是降 asks which way, not for two figures to be compared.
_WHICH_WAY = re.compile(
    r"是?(?:升|涨|增|增加|调高|上调|抬高|提高|上升)了?(?:还?是)(?:降|跌|减|减少|调低|下调|降低|下降)了?"
)
# What asks for one where several years are asked about.
_MOVES = re.compile(
    r"从多少|一步步|调[到至为成]|变化|变动|改变|调整|[怎如][样何么]变|变了|有何不同|\bchang\w+|\bmoved?\b",
    re.I,
)
_EACH = re.compile(
    r"分别|逐一|各报告|列成|列出|做成?表|表格|一览|情况|每年|是多少|一直|\b(?:list|table|develop\w*|gone?)\b",
    re.I,
)
_HAN = "[一二两三四五六七八九十]"
_LAST_YEARS = re.compile(
    rf"(?:最?近|过去|这)(?P<count>\d{{1,2}}|{_HAN}{{1,2}})(?:来)?年|(?<![\d第])(?P<behind>\d{{1,2}}|{_HAN}{{1,2}})年(?:以)?来"
    r"|\b(?:past|last|recent) ?(?P<english>\d{1,2}|two|three|four|five|six|eight|ten|twenty) ?years",
    re.I,
)
_RECENT = re.compile(r"(?:近|这|前)[几些]年|近年|几年来|recent years", re.I)
_ALWAYS = re.compile(
    r"历年|历次|历届|多年来|一直以来|这些年|over the years|through the years", re.I
)
_SINCE = re.compile(
    r"((?:19|20)\d\d)年?(?:度)?(?:以来|至今|到现在|到如今|起|开始|之?后)|自((?:19|20)\d\d)年?|\bsince\s*((?:19|20)\d\d)",
    re.I,
)
_DECADE = re.compile(
    r"(?:(?P<long>(?:19|20)\d0)|(?:二十世纪|上世纪)?(?P<short>[五六七八九]十|[5-9]0))年代(?P<since>(?:以来|至今|起|后))?"
)
_SINCE_REFORM, _SINCE_CENTURY = re.compile("改革开放以来"), re.compile("新世纪以来|本世纪")
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10} | {
    "twenty": 20
}
# 近几年 says no number: so many years, and it is told.
_RECENTLY = 10
_LEAST_REPORTS, _LEAST_YEARS = 2, 3


_FRAME = re.compile(
    r"(?:国务院|政府|全国)?的?(?:政府)?(?:工作)?报告(?:里|中|上)?|一步步|从多少|[调定升降][到至为成]|"
    r"国务院|提出|确定|设定|制定|安排|公布|给出|定[了的得]?|怎么样?|怎样|如何|请|帮我|把|列成|列出|列|一?张?表格?|什么样?|哪些|过"
    r"|变化|变动|改变|演变|演进|变迁|走势|走过|走|趋势|轨迹|调整|历年|历次|历届|各年|逐年|逐次|逐步|逐届|年年|每年|一路|一直|越来越|不断|变没变|有没有|有何不同|不同|分别|情况|各报告"
    rf"|(?:最?近|过去|这|前)?(?:\d{{1,2}}|{_HAN}{{1,2}}|几|些|多)?年(?:代)?(?:以?来|里|间|度)?|(?:[五六七八九]十|\d0)年代|以来|至今|期间|之间|从|到|至|自|起|开始|逐|上调|下调|抬高|提高|降低|下降|上升|升|降|涨|跌|变"
    r"|“?十[一二三四五六]五”?(?:时期|期间)?|国家|一览|收录|馆藏|手头|[几各每]?份|一?步步|调|把|改革开放|新世纪|本世纪|上世纪|二十世纪|各|那|这|吗|呢|啊|所|都|是|有|在|的|了|与|和|或|还|间|来|定|哪一?年|最"
    r"|增长率?|增速|增幅|涨幅|增加|降幅|速度|目标|预期|预计|实际|实绩|完成|计划|总额|金额|规模|总量|数额|水平|数据|数字|多少|几|多大|高|低|快|慢|多|少|控制|年度|平均|[亿万]*元|%|个?百分点"
    r"|[“”\"',。?!、;:()~\-—\s\d]"
)
_FRAME_ENGLISH = re.compile(
    r"\b(?:trends?|evol\w+|trajectory|urban|national|chang\w+|mov\w+|develop\w*|recent|since|years?|every|each|time"
    r"|list|table|show|course|history|set|by|over|the|reports?|goals?|targets?|between|gone?|through|two|three|four|five|six|eight|ten|twenty)\b",
    re.I,
)
_LEFT_OVER = 1


@dataclass(frozen=True, slots=True)
class Years:
    """The years asked about: from ``first`` to ``last`` (None: as far as is held), or those ``listed``.

    ``asked`` are the years that the question names and the answer owes; ``report_years`` the reports
    whose figures count whatever their year. ``assumed`` if the words told no number (近几年).
    """

    first: int | None = None
    last: int | None = None
    listed: frozenset[int] = frozenset()
    asked: tuple[int, ...] = ()
    report_years: frozenset[int] = frozenset()
    assumed: bool = False

    def hold(self, year: int, report: Report) -> bool:
        """True if a figure of ``year`` told by ``report`` is asked for."""
        if report.year in self.report_years or year in self.listed:
            return True
        if self.listed:
            return False
        after = self.first is None or year >= self.first
        return after and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class Trend:
    """What is asked: the course of the question's indicators in the reports of one place.

    ``is_assumed`` if the question names no place and the reports are those of the only one, or of
    the nation, with several.
    """

    question: Question
    reports: tuple[Report, ...]
    years: Years
    is_assumed: bool = False

    @property
    def place(self) -> str:
        return report_name(self.reports[-1], self.question.language)


def read_trend(findings: Findings, library: Library) -> Trend | None:
    """The trend asked for; None if the question is for something else."""
    question = findings.question
    if not question.indicators or not _may_be_one(question):
        return None
    text = fold(question.text)
    reports, is_assumed = _reports(findings, library)
    if not reports:
        return None
    years = _years(question, reports)
    if not _COURSE.search(text) and not _asks_over(years, text, several=len(reports) > 1):
        return None
    return Trend(question, reports, years, is_assumed)


def _may_be_one(question: Question) -> bool:
    """False where two moments, two places, a rank or an average are asked for, or a part of the
    indicator (中央财政赤字)."""
    if question.survey or question.spoken_of or question.relative or len(question.places) > 1:
        return False
    if question.years_are_bases or asks_average(question.text) or asks_relation(question.text):
        return False
    if question.language == "en":
        return not _FRAME_ENGLISH.sub("", question.rest).strip()
    rest = question.rest
    for name in sorted((n for m in question.places for n in m.place.names), key=len, reverse=True):
        rest = rest.replace(name, " ")
    return len(_FRAME.sub("", rest)) <= _LEFT_OVER


def _asks_over(years: Years, text: str, *, several: bool) -> bool:
    """True if the words ask for what happened over several years, and not for two figures compared.
    Of a place with one report only what asks for change (变化) is meant so."""
    if asks_to_compare(_WHICH_WAY.sub(" ", text)):
        return False
    changed = _WHICH_WAY.search(text) or _MOVES.search(text)
    told = changed or (several and _EACH.search(text))
    always = years.assumed or _ALWAYS.search(text) or len(years.listed) >= _LEAST_YEARS
    if always:
        return bool(told or several)
    if years.first is None or (years.last is not None and years.last - years.first <= 1):
        return False
    return bool(told or (several and years.last is None))


def _reports(findings: Findings, library: Library) -> tuple[tuple[Report, ...], bool]:
    """The reports of the place asked about, oldest first; where none is named, those of the only
    place that has several, or of the nation."""
    question = findings.question
    if question.places:
        return _by_year(library.shelf.about(question.places[0].place)), False
    if question.anchor:
        return _by_year(library.reports[key] for key in findings.scope.report_ids), False
    return _of_the_only_place(library), True


def _by_year(reports: Iterable[Report]) -> tuple[Report, ...]:
    return tuple(sorted(reports, key=lambda report: (report.year or 0, report.report_id)))


def _of_the_only_place(library: Library) -> tuple[Report, ...]:
    several = {
        name: own for name, own in library.shelf.by_name.items() if len(own) >= _LEAST_REPORTS
    }
    if THE_NATION.name in several:
        return _by_year(several[THE_NATION.name])
    return _by_year(next(iter(several.values()))) if len(several) == 1 else ()


# --- years -------------------------------------------------------------------------------------


def _years(question: Question, reports: Sequence[Report]) -> Years:
    text = fold(question.text)
    for read in (_named_span, _since, _decade):
        found = read(question, text)
        if found is not None:
            return found
    latest = max((report.year or 0 for report in reports), default=0)
    count = _count_of(_LAST_YEARS.search(text))
    if count:
        return Years(first=latest - count + 1, last=latest)
    named = frozenset((*question.years, *question.report_years))
    if named:
        return Years(
            listed=named, asked=tuple(sorted(named)), report_years=frozenset(question.report_years)
        )
    if _RECENT.search(text) and not _ALWAYS.search(text):
        return Years(first=latest - _RECENTLY + 1, last=latest, assumed=True)
    return Years()


def _named_span(question: Question, text: str) -> Years | None:
    """1998年到2008年, “十三五”期间."""
    bounds = [span_of(span) for span in question.spans]
    if not bounds:
        named = years_in(text)
        apart = re.search(r"(?:19|20)\d\d[^,。0-9]{0,8}(?:[到至]|和|与|\bto\b|\band\b)", text)
        if len(named) != 2 or not apart or not _BETWEEN.search(text):
            return None
        bounds = [(min(named), max(named))]
    first, last = min(a for a, _ in bounds), max(b for _, b in bounds)
    if _PLAN_SINCE.search(text):
        return Years(first)
    return Years(first, last, asked=(first, last))


_PLAN_SINCE = re.compile("五”?(?:时期)?以来")
_BETWEEN = re.compile(r"之间|期间|[到至]|between|from")


def _since(question: Question, text: str) -> Years | None:
    match = _SINCE.search(text)
    if match is None:
        return None
    return Years(first=int(next(filter(None, match.groups()))))


def _decade(question: Question, text: str) -> Years | None:
    if _SINCE_REFORM.search(text):
        return Years(first=1978)
    if _SINCE_CENTURY.search(text):
        return Years(first=2000)
    match = _DECADE.search(text)
    if match is None:
        return None
    short = match["short"]
    tens = int(match["long"] or 1900 + int(han_number(short) if short[0] > "9" else short))  # type: ignore[arg-type]
    return Years(first=tens, last=None if match["since"] else tens + 9)


def _count_of(match: re.Match[str] | None) -> int:
    """How many years 近五年 is; 0 for none."""
    printed = next(filter(None, match.groups()), "") if match else ""
    if printed.isdigit():
        return int(printed)
    return _NUMBERS.get(printed.lower(), 0) or int(han_number(printed) or 0 if printed else 0)
