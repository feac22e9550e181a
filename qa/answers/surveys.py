"""Questions over all the reports held: which of them mention something, what each of them states.

A survey is exhaustive: every report asked about is read, never only the best hits of a search, and
those that are silent are named.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from embeddings.terms import bigrams
from prompts import messages
from qa.answers import cells
from qa.answers.answer import Answer, Cell, Check, Citation, Table
from qa.answers.refusals import refuse
from qa.facts.fact import Fact, Measure
from qa.facts.figures import find_figures
from qa.facts.lexicon import Indicator, IndicatorMention, canonical, find_indicators, names_of
from qa.library.library import HeldFact, Library
from qa.places import Place
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.search import Findings, find_scope, place_of

_SAID = {
    "zh": {
        "survey_report": "报告",
        "survey_of_year": "{place}({year}年报告)",
        "survey_mention": "{count}份报告提到“{words}”:",
        "survey_mention_all": "全部{count}份报告都提到“{words}”:",
        "survey_mention_not": "{silent}份报告没有提到“{words}”:{names}。其余{count}份都提到:",
        "survey_mention_none": "收录的{count}份报告都没有提到“{words}”。",
        "survey_line": "{place}:{quotes}",
        "survey_quote": "“{quote}”[{n}]",
        "survey_short": "{place}[{n}]",
        "survey_silent": "没有提到的:{names}。",
        "survey_unstated": "没有给出的:{names}。",
        "survey_and_more": "{names}等{count}份报告",
        "survey_cell_silent": "未提及",
        "survey_cell_only": "未给出({figure})",
        "survey_subject": "{subject}",
        "survey_subject_growth": "{subject}增速",
        "survey_subject_target": "{subject}目标",
        "survey_subject_growth_target": "{subject}增长目标",
        "survey_row": "{place}{told}",
        "survey_actual": "{period}年{indicator}{figures}",
        "survey_target": "{period}年{indicator}目标{figures}",
        "survey_estimate": "{period}年{indicator}预计{figures}",
        "survey_marked": "{told}[{n}]",
        "survey_extreme": "{subject}{degree}的是{rows}(计算)。",
        "survey_others": "其余:",
        "survey_down": "{subject}从高到低(计算):",
        "survey_up": "{subject}从低到高(计算):",
        "survey_list": "{subject}:",
        "survey_within": "{subject}符合“{limit}”的有{count}份报告(计算),从高到低:",
        "survey_within_none": "没有一份报告的{subject}符合“{limit}”(计算);从高到低:",
        "survey_more_rows": "另有{count}份见表。",
        "survey_apart": "口径不同,未参与排序:",
        "survey_years": "各报告所述年份不同({years}),排序跨年。",
        "survey_ranges": "区间按下限排序。",
        "survey_own_words": "各报告用词不同,行中写的是其原名,所指未必全同。",
        "survey_aliases": "按同义名称一并查找:{names}。",
        "survey_speakers": "{count}份报告写了作报告人的名字:",
        "survey_speaker": "作报告人",
        "survey_no_speaker": "没有写的:{names}。",
        "survey_speakers_none": "收录的{count}份报告都没有写作报告人的名字。",
        "survey_no_level": "没有收录{level}级的政府工作报告;现有:{names}。",
        "survey_list_separator": ";",
    },
    "en": {
        "survey_report": "Report",
        "survey_of_year": "{place} (report of {year})",
        "survey_mention": "{count} reports mention “{words}”:",
        "survey_mention_all": "All {count} reports mention “{words}”:",
        "survey_mention_not": "{silent} reports do not mention “{words}”: {names}. The other {count} do:",
        "survey_mention_none": "None of the {count} reports held mentions “{words}”.",
        "survey_line": "{place}: {quotes}",
        "survey_quote": "“{quote}” [{n}]",
        "survey_short": "{place} [{n}]",
        "survey_silent": "Not mentioned by {names}.",
        "survey_unstated": "Not stated by {names}.",
        "survey_and_more": "{names} and more, {count} reports in all",
        "survey_cell_silent": "not mentioned",
        "survey_cell_only": "not stated ({figure})",
        "survey_subject": "{subject}",
        "survey_subject_growth": "{subject}, growth",
        "survey_subject_target": "{subject}, target",
        "survey_subject_growth_target": "{subject}, growth target",
        "survey_row": "{place}, {told}",
        "survey_actual": "{period}: {indicator}{figures}",
        "survey_target": "target for {period}: {indicator}{figures}",
        "survey_estimate": "estimate for {period}: {indicator}{figures}",
        "survey_marked": "{told} [{n}]",
        "survey_extreme": "{subject}, {degree}: {rows} (computed).",
        "survey_others": "The others:",
        "survey_down": "{subject}, from the highest (computed):",
        "survey_up": "{subject}, from the lowest (computed):",
        "survey_list": "{subject}:",
        "survey_within": "{subject}: {count} reports are within “{limit}” (computed), from the highest:",
        "survey_within_none": "{subject}: no report is within “{limit}” (computed); from the highest:",
        "survey_more_rows": "{count} more are in the table.",
        "survey_apart": "Not ranked, for their unit or basis differs:",
        "survey_years": "The reports tell of different years ({years}); the ranking crosses them.",
        "survey_ranges": "Ranges are ranked by their lower end.",
        "survey_own_words": "The reports name it differently, as printed in each line; they may not mean quite the same.",
        "survey_aliases": "Searched under all its names: {names}.",
        "survey_speakers": "{count} reports print who delivered them:",
        "survey_speaker": "Delivered by",
        "survey_no_speaker": "Not printed by {names}.",
        "survey_speakers_none": "None of the {count} reports held prints who delivered it.",
        "survey_no_level": "No work report of level {level} is held; held are: {names}.",
        "survey_list_separator": "; ",
    },
}

# Figures of two places named are compared, not surveyed.
_COMPARED = 3
# Lines of an answer, names in a line, signs of a quoted clause: what a chat window shows at once.
# The table has everything.
_LINES = 8
_NAMES = 12
_CLAUSE = 36


def answer_with_survey(findings: Findings, library: Library) -> Answer | None:
    """What all reports asked about say, report by report; None if the question is about one."""
    question = findings.question
    text = fold(question.text)
    if not _ASKS_ALL.search(text):
        return None
    phrase = _phrase(text)
    places = _places_asked(question, phrase)
    reports = _reports_asked(question, phrase, places, library)
    if len(reports) < (_COMPARED if places and not phrase else 2):
        return None
    kept = _of_level(text, reports)
    if not kept:
        return _no_level(question, text, reports)
    survey = _Survey(question, _without_names(text, places), phrase, library, kept)
    ways: tuple[Callable[[_Survey], Answer | None], ...] = (
        _speakers,
        _mentions,
        _figures,
        _sightings_of_subject,
    )
    return next((answer for way in ways if (answer := way(survey)) is not None), None)


# --- what is asked -----------------------------------------------------------------------------

_NOUN = r"(?:(?:政府)?工作)?报告(?!人)|区县|区(?![块域间位长])|县(?![域长])|城市|市(?![场民域长政])|省(?![长级])|地方|地区"
_ONE = rf"(?:哪一?[个座篇]的?(?:{_NOUN})|哪一?[份家篇]|谁家?|哪里|哪儿)"
_DEGREE = "(?:最|更)(?:为|加)?[高低多少快慢大小]"
_ASKS_ALL = re.compile(
    rf"哪[几些]*一?[个份家篇座]?的?(?:{_NOUN})|哪[几些]*一?[份家篇](?!力)|有谁|谁家"
    rf"|(?:所有|全部|每一?[个份篇]?|各[个份篇]?|几[个份篇家]|多少[个份篇家]|[\d两三四五六七八九十]{{1,4}}[个份篇家]|这[些批几])[个份篇]?的?(?:{_NOUN})|收集到的|收录的"
    rf"|从[高大多快]到[低小少慢]|从[低小少慢]到[高大多快]|排(?:一下|个?序|名)"
    rf"|{_DEGREE}的(?:{_NOUN})|的(?:{_NOUN})(?:一共|都)?[是有](?:哪|几|多少)"
    rf"|{_DEGREE}.{{0,10}}{_ONE}|{_ONE}.{{0,24}}{_DEGREE}"
    r"|\bwhich (?:of the )?(?:\w+ )?(?:reports?|districts?|cities|places?|provinces?)\b"
    r"|\b(?:all|every|each of) (?:the )?(?:reports?|districts?|cities|places?|provinces?)\b|\brank\b",
    re.I,
)
_ASKS_SPEAKER = re.compile(
    r"作报告的|报告人|(?:区|市|县|省|州)长.{0,8}(?:名字|姓名|名单|是谁|叫什么|分别是)"
    r"|who (?:delivered|gave)|name of the (?:mayor|governor|head)",
    re.I,
)
_BESIDES = re.compile(r"除了?[^,,。??]{1,12}")
_ASKS_REPORTS = re.compile(r"份|报告|reports?", re.I)
_ASKS_EACH = re.compile(r"各|每|所有|分别|全部|\b(?:each|every|all)\b", re.I)
_LEVELS = (
    ("省", re.compile(r"省|provinces?", re.I)),
    ("市", re.compile(r"城市|市|cities", re.I)),
    ("县", re.compile(r"区|县|districts?", re.I)),
)
_LEVEL_NOUN = re.compile(
    rf"(?:哪[几些]*一?[个座]?的?|各个?|所有的?|每一?个|几个|的|which (?:\w+ )?|each |every |all |the )"
    rf"(?P<noun>{_NOUN}|districts?|cities|provinces?)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The words a mention is asked of; ``negated`` if the reports without them are asked for."""

    words: str
    quoted: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Survey:
    """A question over ``reports``; ``text`` is the question in clean form."""

    question: Question
    text: str
    phrase: _Phrase | None
    library: Library
    reports: tuple[Report, ...]

    @property
    def said(self) -> Mapping[str, str]:
        return _said(self.question.language)

    @property
    def report_ids(self) -> list[str]:
        return [report.report_id for report in self.reports]

    def name(self, report: Report) -> str:
        """What people call the report: its place, with the year where a place has several."""
        if report.place is None:
            return self.said["unnamed"].format(title=report.title)
        if sum(one.place == report.place for one in self.reports) < 2 or not report.year:
            return report.place
        return self.said["survey_of_year"].format(place=report.place, year=report.year)

    def names(self, reports: Sequence[Report]) -> str:
        """Their names in a line; of many the first, and how many there are."""
        listed = self.said["separator"].join(self.name(report) for report in reports[:_NAMES])
        if len(reports) <= _NAMES:
            return listed
        return self.said["survey_and_more"].format(names=listed, count=len(reports))


@cache
def _said(language: str) -> Mapping[str, str]:
    return {**messages("answers", language), **_SAID[language]}


def _places_asked(question: Question, phrase: _Phrase | None) -> list[Place]:
    """The places that choose reports: not those looked for in them (哪几份报告提到了杭州), nor those
    set aside (除了杭州还有哪些).
    """
    spoken = f"{phrase.words} {' '.join(phrase.quoted)}" if phrase else ""
    besides = "".join(_BESIDES.findall(question.text))
    left_out = f"{spoken} {besides}"
    return [m.place for m in question.places if not any(n in left_out for n in m.place.names)]


def _without_names(text: str, places: Iterable[Place]) -> str:
    for name in (name for place in places for name in place.names):
        text = text.replace(name, " ")
    return text


def _reports_asked(
    question: Question, phrase: _Phrase | None, places: Sequence[Place], library: Library
) -> tuple[Report, ...]:
    """The reports that the places and years of the question allow, in the order of the library.

    Years choose none where words are looked for: 哪几份报告提到了2035年.
    """
    years = () if phrase else question.years
    besides = "".join(_BESIDES.findall(question.text))
    left_out = [m.place for m in question.places if any(n in besides for n in m.place.names)]
    reports = [
        report
        for report in library.reports.values()
        if (not places or any(_lies_in(report, place) for place in places))
        and not any(_lies_in(report, place) for place in left_out)
    ]
    scope = find_scope(replace(question, places=(), anchor="", years=years), reports)
    dated = tuple(report for report in reports if report.report_id in scope.report_ids)
    every = phrase or years or question.report_years or _ASKS_REPORTS.search(question.text)
    return dated if every else _latest(dated)


def _lies_in(report: Report, place: Place) -> bool:
    own = place_of(report)
    return own == place or (place.code != "000000" and place.contains(report.place_code))


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
    level = _level(text)
    fitting = {level, None} if level != "省" else {level}
    return tuple(report for report in reports if level is None or report.level in fitting)


def _no_level(question: Question, text: str, reports: Sequence[Report]) -> Answer:
    said = _said(question.language)
    places = list(dict.fromkeys(report.place or report.title for report in reports))[:_NAMES]
    detail = said["survey_no_level"].format(
        level=_level(text), names=said["separator"].join(places)
    )
    return refuse(question, "place_not_held", detail)


# --- citing ------------------------------------------------------------------------------------


class _Citations:
    """Citations numbered as they are first used; a sentence is cited once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], Citation] = {}

    def cite(self, report: Report, passage: Passage, span: tuple[int, int]) -> Citation:
        key = (report.report_id, *span)
        if key not in self._made:
            self._made[key] = Citation.of(len(self._made) + 1, report, passage, span)
        return self._made[key]

    @property
    def made(self) -> tuple[Citation, ...]:
        return tuple(self._made.values())


def _answer(
    survey: _Survey,
    lines: Sequence[str],
    table: Table,
    citations: _Citations,
    *,
    checks: Sequence[Check] = (),
    notes: Sequence[str] = (),
    partial: bool = False,
) -> Answer:
    return Answer(
        status="partial" if partial else "answered",
        text="\n".join(lines),
        question=survey.question.text,
        citations=citations.made,
        table=table,
        checks=tuple(checks),
        notes=tuple(notes),
    )


# --- words in the reports ----------------------------------------------------------------------

_MENTION = r"(?:提[到及]|提[了过]|写[到进]|[说讲谈]到|谈及|涉及|出现|点到)[了过]*"
_SPOKEN = re.compile(
    rf"(?P<negated>没有?|未|不)?(?:同时|都|曾|明确|专门|一并)*{_MENTION}(?P<words>[^,。?!;]{{1,60}})"
)
_SPOKEN_BEFORE = re.compile(
    rf"(?P<words>[^,。?!;]{{2,40}}?)(?:这个词|一词)?(?:在|被|有|是)?(?:哪[几些]?一?[个份家]|多少[个份]|几[个份]).{{0,16}}?"
    rf"(?P<negated>没有?|未|不)?{_MENTION}(?:它|这个词)?(?=[,。?!;]|$)"
)
_SPOKEN_ENGLISH = re.compile(
    r"(?P<negated>\bnot\s+)?\b(?:mention(?:s|ed)?|refers? to|talks? about)\s+(?:the\s+)?(?P<words>[^,?!;]{1,60})",
    re.I,
)
_QUOTED = re.compile(r"[“\"「『《]([^“”\"「」『』《》]{1,30})[”\"」』》]")
_TAIL = re.compile(
    rf"的?(?:{_NOUN})?(?:一共|总共|都)?(?:有|是|共有)?(?:哪|多少|几).*$|(?:这个词|一词|的?(?:说法|内容|表述|字样|相关内容|情况))?[的吗呢了.]*$"
)
_HEAD = re.compile(r"^(?:关于|有关|过|了|要|是|的)+")
_OF_REPORTS = re.compile(r"报告|收集|收录|哪|多少")
_ANY = re.compile(r"或者?|\bor\b")
_ALL = re.compile(r"以及|还有|[和与及、]|\band\b")
# Where a source breaks a word: blanks, line ends, marks without width.
_GAP = "[\\s\u200b-\u200f\u2060\ufeff\u00ad]*"
# A phrase of more signs may be the asker's wording, not the reports'.
_SURE = 6


def _phrase(text: str) -> _Phrase | None:
    """The words after (or before) 提到; None if no mention is asked about."""
    for pattern in (_SPOKEN, _SPOKEN_BEFORE, _SPOKEN_ENGLISH):
        for match in pattern.finditer(text):
            words = _HEAD.sub("", _TAIL.sub("", match["words"])).strip()
            if len(words) > 1 and not _OF_REPORTS.search(words):
                quoted = tuple(_QUOTED.findall(match["words"]))
                return _Phrase(_unquoted(words), quoted, bool(match["negated"]))
    return None


def _unquoted(words: str) -> str:
    return re.sub(r"[“”\"「」『』《》]", "", words)


def _mentions(survey: _Survey) -> Answer | None:
    """Which reports print the phrase; a refusal if it is short and none does."""
    phrase = survey.phrase
    if phrase is None:
        return None
    for columns in _readings(phrase):
        seen = _look_for(survey, columns)
        if any(len(found) == len(columns) for found in seen.values()):
            return _say_mentions(survey, columns, seen)
    sure = phrase.quoted or (len(phrase.words) <= _SURE and survey.question.language == "zh")
    if not sure:
        return None
    detail = survey.said["survey_mention_none"].format(
        count=len(survey.reports), words=phrase.words
    )
    return refuse(survey.question, "not_stated", detail)


def _readings(phrase: _Phrase) -> Iterator[list[tuple[str, ...]]]:
    """Ways to read the phrase, the most literal first: columns, each of words of which one will do.

    和 parts two things only where no report prints the whole (城市管理和服务 is one).
    """
    yield [_names(phrase.words)]
    if phrase.quoted:
        yield [(quoted,) for quoted in phrase.quoted]
    if _ANY.search(phrase.words):
        yield [tuple(name for part in _parts(_ANY, phrase.words) for name in _names(part))]
    thing = _DOES.sub("", phrase.words)
    if len(thing) > 1:
        yield [_names(thing)]
    parts = _parts(_ALL, phrase.words)
    if len(parts) > 1:
        yield [_names(part) for part in parts]


def _parts(separator: re.Pattern[str], words: str) -> list[str]:
    return [part for part in map(str.strip, separator.split(words)) if len(part) > 1]


def _names(words: str) -> tuple[str, ...]:
    """The words, and where they are an indicator's name its other names."""
    indicator = canonical(words)
    return tuple(dict.fromkeys([words, *(names_of(indicator) if indicator else ())]))


@dataclass(frozen=True, slots=True)
class _Sighting:
    """Words seen: ``found`` are their source offsets, ``sentence`` those of the sentence."""

    report: Report
    passage: Passage
    sentence: tuple[int, int]
    found: tuple[int, int]


def _look_for(
    survey: _Survey, columns: Sequence[tuple[str, ...]]
) -> dict[str, dict[int, _Sighting]]:
    """Report id → column → the most telling sentence that prints one of the column's words."""
    finders = [_finder(words) for words in columns]
    printed = {
        (report.report_id, index)
        for report in survey.reports
        for index in _columns_printed(survey.library.source_text(report.report_id), report, finders)
    }
    words = [word for column in columns for word in column]
    likely = _passages_with(survey.library, {report_id for report_id, _ in printed}, words)
    seen = _most_telling(survey, likely, finders)
    # The index does not know a word that the source breaks across lines: those reports are read whole.
    unseen = {report_id for report_id, index in printed if index not in seen.get(report_id, {})}
    for report_id, found in _most_telling(
        survey, _all_passages(survey.library, unseen), finders
    ).items():
        seen[report_id] = found
    return seen


def _columns_printed(
    source: str, report: Report, finders: Sequence[re.Pattern[str]]
) -> Iterator[int]:
    for index, finder in enumerate(finders):
        if finder.search(source, report.start, report.end):
            yield index


def _passages_with(library: Library, report_ids: set[str], words: Sequence[str]) -> list[Passage]:
    """The passages of these reports that hold every term of one of the words."""
    if not report_ids:
        return []
    index = library.lexical
    holds = {
        number
        for word in words
        for number in index.ids[
            np.all([index.scores({term: 1.0}) > 0 for term in bigrams(word)], axis=0)
        ].tolist()
    }
    keys = library.passage_keys
    return library.passages([k.id for k in keys if k.id in holds and k.report_id in report_ids])


def _all_passages(library: Library, report_ids: set[str]) -> list[Passage]:
    keys = [key.id for key in library.passage_keys if key.report_id in report_ids]
    return library.passages(keys) if keys else []


def _most_telling(
    survey: _Survey, passages: Iterable[Passage], finders: Sequence[re.Pattern[str]]
) -> dict[str, dict[int, _Sighting]]:
    """The body before the front lines, then the sentence that prints the words most often."""
    best: dict[tuple[str, int], tuple[tuple[bool, int], _Sighting]] = {}
    for passage in passages:
        report = survey.library.reports[passage.report_id]
        for index, finder in enumerate(finders):
            for sentence, found in _sentences_with(passage, finder).items():
                rank = (passage.kind != "other", len(found))
                key = (passage.report_id, index)
                if key not in best or rank > best[key][0]:
                    best[key] = (rank, _Sighting(report, passage, sentence, found[0]))
    seen: dict[str, dict[int, _Sighting]] = {}
    for (report_id, index), (_, sighting) in best.items():
        seen.setdefault(report_id, {})[index] = sighting
    return seen


def _sentences_with(
    passage: Passage, finder: re.Pattern[str]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Sentence → where in the source it prints the words; a word broken over two takes both."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for match in finder.finditer(passage.text):
        start, end = passage.start + match.start(), passage.start + match.end()
        touched = [(a, b) for a, b in passage.sentences if a < end and start < b]
        if touched:
            found.setdefault((touched[0][0], touched[-1][1]), []).append((start, end))
    return found


@cache
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds clean words as a source prints them: spaced, broken across lines, in full width."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(_printed_form, longest_first)), re.IGNORECASE)


def _printed_form(word: str) -> str:
    signs = _GAP.join(_any_width(sign) for sign in word if not sign.isspace())
    before = r"(?<!\d)" if word[0].isdigit() else ""
    return before + signs + (r"(?!\d)" if word[-1].isdigit() else "")


def _any_width(sign: str) -> str:
    wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else ""
    return f"[{re.escape(sign)}{wide}]"


_CLAUSE_ENDS = re.compile(r"[,，。;；!！?？:：\s]")


def _clause(sighting: _Sighting) -> str:
    """The clause around the words, cut to ``_CLAUSE`` signs, without blanks."""
    start, end = sighting.sentence
    offset = start - sighting.passage.start
    text = sighting.passage.text[offset : offset + end - start]
    first, last = sighting.found[0] - start, sighting.found[1] - start
    left = max((m.end() for m in _CLAUSE_ENDS.finditer(text, 0, first)), default=0)
    closing = _CLAUSE_ENDS.search(text, last)
    right = closing.start() if closing else len(text)
    room = max(0, _CLAUSE - (last - first)) // 2
    cut = text[max(left, first - room) : min(right, last + room)]
    before = "…" if left < first - room else ""
    after = "…" if right > last + room else ""
    return f"{before}{''.join(cut.split())}{after}"


def _say_mentions(
    survey: _Survey,
    columns: Sequence[tuple[str, ...]],
    seen: Mapping[str, Mapping[int, _Sighting]],
) -> Answer:
    said, citations = survey.said, _Citations()
    telling = [r for r in survey.reports if len(seen.get(r.report_id, {})) == len(columns)]
    silent = [report for report in survey.reports if report not in telling]
    rows, lines = [], []
    for report in sorted(survey.reports, key=lambda one: one not in telling):
        found = seen.get(report.report_id, {})
        quotes = []
        cells_of_row = [Cell(survey.name(report))]
        for index in range(len(columns)):
            if index not in found:
                cells_of_row.append(Cell(said["survey_cell_silent"]))
                continue
            sighting = found[index]
            citation = citations.cite(report, sighting.passage, sighting.sentence)
            quotes.append((_clause(sighting), citation.n))
            cells_of_row.append(Cell(quotes[-1][0], citation.n))
        rows.append(tuple(cells_of_row))
        if report in telling:
            lines.append(_mention_line(survey, report, quotes, short=len(telling) > _LINES))
    words = said["separator"].join(column[0] for column in columns)
    table = Table((said["survey_report"], *(column[0] for column in columns)), tuple(rows))
    text = _mention_text(survey, words, lines, silent)
    aliases = [name for column in columns for name in column if len(column) > 1]
    notes = (
        [said["survey_aliases"].format(names=said["separator"].join(aliases))] if aliases else []
    )
    return _answer(survey, text, table, citations, notes=notes)


def _mention_line(
    survey: _Survey, report: Report, quotes: Sequence[tuple[str, int]], *, short: bool
) -> str:
    said = survey.said
    if short:
        return said["survey_short"].format(
            place=survey.name(report),
            n="][".join(str(n) for n in dict.fromkeys(n for _, n in quotes)),
        )
    quoted = said["separator"].join(said["survey_quote"].format(quote=q, n=n) for q, n in quotes)
    return said["survey_line"].format(place=survey.name(report), quotes=quoted)


def _mention_text(
    survey: _Survey, words: str, lines: Sequence[str], silent: Sequence[Report]
) -> list[str]:
    said = survey.said
    listed = [said["separator"].join(lines)] if len(lines) > _LINES else list(lines)
    counts = {"count": len(lines), "words": words, "silent": len(silent)}
    if not silent:
        return [said["survey_mention_all"].format(**counts), *listed]
    names = survey.names(silent)
    if survey.phrase and survey.phrase.negated:
        return [said["survey_mention_not"].format(**counts, names=names), *listed]
    head = said["survey_mention"].format(**counts)
    return [head, *listed, said["survey_silent"].format(names=names)]


# --- who delivered them ------------------------------------------------------------------------


def _speakers(survey: _Survey) -> Answer | None:
    """The names of those who delivered the reports, each cited by the front line that prints it."""
    if not _ASKS_SPEAKER.search(survey.text):
        return None
    said, citations = survey.said, _Citations()
    lines, rows, silent = [], [], []
    for report in survey.reports:
        sighting = _front_line(survey.library, report)
        if sighting is None or report.speaker is None:
            silent.append(report)
            continue
        n = citations.cite(report, sighting.passage, sighting.sentence).n
        name = survey.name(report)
        told = said["survey_marked"].format(told=report.speaker, n=n)
        lines.append(said["survey_line"].format(place=name, quotes=told))
        rows.append((Cell(name), Cell(report.speaker, n)))
    if not lines:
        detail = said["survey_speakers_none"].format(count=len(survey.reports))
        return refuse(survey.question, "not_stated", detail)
    rows += [(Cell(survey.name(one)), Cell(said["survey_cell_silent"])) for one in silent]
    head = said["survey_speakers"].format(count=len(lines))
    closing = [said["survey_no_speaker"].format(names=survey.names(silent))] if silent else []
    table = Table((said["survey_report"], said["survey_speaker"]), tuple(rows))
    return _answer(survey, [head, *lines, *closing], table, citations)


# The name stands in the title lines, which are among the first passages of a report.
_FRONT_PASSAGES = 6


def _front_line(library: Library, report: Report) -> _Sighting | None:
    if report.speaker is None:
        return None
    finder = _finder((report.speaker,))
    keys = [key.id for key in library.passage_keys if key.report_id == report.report_id]
    for passage in library.passages(keys[:_FRONT_PASSAGES]):
        for sentence, found in _sentences_with(passage, finder).items():
            return _Sighting(report, passage, sentence, found[0])
    return None


# --- figures of all reports --------------------------------------------------------------------

# The frame of a survey question: without it the subject is left.
_FRAME = re.compile(
    rf"收集到的|收录的|这些|那些|给出了?|公布了?|披露了?|写明了?|列出了?|写了|写出了?|定了|定得|设定了?|提出了?|明确了?|制定了?"
    rf"|(?:所有|全部|每一?[个份]?|各[个份]?|哪[几些]*一?[个份家座]?|几[个份]|多少[个份]|\d{{1,4}}[个份]|的|这几个|(?<=^))的?(?:{_NOUN})(?:里面?|中间?)?"
    rf"|政府工作报告(?:里|中)?|报告(?:里|中)?|哪[几些]?一?[家份]|几份|谁家?|{_DEGREE}|[办做增涨降定]得|比较"
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
_WANTS_FIGURE = re.compile(
    rf"多少|几[家件人项]|{_DEGREE}|从[高低大小多少]|排|[量数额率值]|目标|增|金额|规模|面积|how|rank|highest|lowest|most|least|target",
    re.I,
)
_ASKS_TARGET = re.compile(r"^(?!.*(?:完成|实现|达到|达成)).*(?:目标|\btargets?\b|\bgoals?\b)", re.I)
# A clause tells of the subject if it holds this much of the subject's words, weighted by rarity.
_COVERS = 0.55
_MEASURED = re.compile(r"(?:总?数量?|总量|规模|量|额)$")


def _figures(survey: _Survey) -> Answer | None:
    """What each report states of an indicator of the lexicon, else of the subject in its own words."""
    if survey.phrase and not _asks_figure_of(survey.phrase.words):
        return None
    mentions = find_indicators(survey.text)
    named = tuple(dict.fromkeys(one for mention in mentions for one in mention.indicators))
    bare = _without(survey.text, mentions)
    if not named:
        # Named in other words (老百姓的收入) or in an earlier turn.
        named, bare = survey.question.indicators, survey.question.rest
    reading = survey.question
    if not cells.asks_growth(reading):
        # The 总额 of an indicator's name asks for no amount.
        reading = replace(reading, text=bare)
    if _ASKS_TARGET.search(survey.text) and not reading.relative:
        # 目标定了多少: the 了多少 asks for no result.
        reading = replace(reading, status="target")
    held = survey.library.facts(survey.report_ids)
    if named and _is_plain(bare, survey.question.language):
        answer = _FigureSurvey(survey, reading, named, held).answer()
        if answer is not None:
            return answer
    subject = _subject(survey.text)
    if len(subject) < 2 or not _WANTS_FIGURE.search(survey.text):
        return None
    about = _facts_about(subject, held)
    return _FigureSurvey(survey, reading, (_called(subject),), list(about), about).answer()


def _asks_figure_of(words: str) -> bool:
    """True if 提到 is followed by an indicator's figure (GDP增长目标), not by its name alone."""
    mentions = find_indicators(words)
    return (
        bool(mentions) and canonical(words) is None and _is_plain(_without(words, mentions), "zh")
    )


def _without(text: str, mentions: Sequence[IndicatorMention]) -> str:
    for mention in reversed(mentions):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text


def _is_plain(bare: str, language: str) -> bool:
    """True if nothing beside the indicators narrows them (工业园区的固定资产投资)."""
    frame = _FRAME_ENGLISH if language == "en" else _FRAME
    if _NARROWS.search(bare):
        return False
    return len(_PLAIN.sub("", frame.sub("", bare))) <= _LEFT_OVER


def _subject(text: str) -> str:
    """What is asked of every report: the first clause that says more than the frame."""
    for clause in re.split(r"[,。?!;:]", text):
        left = _unquoted(_FRAME.sub(" ", clause)).strip()
        if len(_PLAIN.sub("", left)) >= 2:
            return left
    return ""


def _called(subject: str) -> Indicator:
    """An indicator outside the lexicon, by the asker's name for it."""
    name = subject.replace(" ", "")
    return Indicator(name, "amount", name, (), (), (), name)


def _facts_about(subject: str, held: Sequence[HeldFact]) -> dict[HeldFact, str]:
    """The facts whose clause tells of the subject, under its name → the name the report prints.

    Of each report the clause that holds most of the subject's words; of its figures the one whose
    own name does (国家级众创空间2家、高新技术企业116家).
    """
    quotes = [one.fact.quote.lower() for one in held]
    weights = _weights(bigrams(_MEASURED.sub("", subject)), quotes)
    best: dict[tuple[str, str], tuple[float, float]] = {}
    covering = []
    for one, quote in zip(held, quotes, strict=True):
        fit = _share(weights, quote), _share(weights, one.fact.printed_indicator.lower())
        if fit[0] >= _COVERS:
            key = (one.fact.report_id, one.fact.status)
            best[key] = max(fit, best.get(key, fit))
            covering.append((one, key, fit))
    name = _called(subject).name
    return {
        replace(
            one, fact=replace(one.fact, indicator=name, printed_indicator=name)
        ): one.fact.printed_indicator
        for one, key, fit in covering
        if fit == best[key]
    }


def _weights(terms: Sequence[str], quotes: Sequence[str]) -> dict[str, float]:
    """Term → its rarity among the clauses.

    A pair inside that no clause holds is a seam (线办 of 热线办理), not a word, and weighs half; one
    at the edge (业率 of 失业率) is a word that no clause speaks of.
    """
    weights = {}
    for term in terms:
        holding = sum(term in quote for quote in quotes)
        is_seam = not holding and term not in (terms[0], terms[-1])
        weights[term] = math.log(1 + len(quotes) / max(holding, 1)) / (2 if is_seam else 1)
    return weights


def _share(weights: Mapping[str, float], text: str) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in text) / total if total else 0.0


_LOWEST = re.compile(
    r"[最更](?:为|加)?[低少慢小]|从[低小少慢]到|(?:降|跌|回落)[得幅]*[最更](?:[多大快]|厉害)|垫底|倒数|末位"
    r"|\b(?:lowest|least|smallest|slowest)\b",
    re.I,
)
_EXTREME = re.compile(
    rf"{_DEGREE}|\b(?:highest|lowest|most|least|fastest|slowest|largest|smallest)\b", re.I
)
_LIMIT = re.compile(
    r"(?P<least>不低于|不少于|不小于|至少|达到)?(?P<above>超过?了?|高于|大于|多于|突破了?)?(?P<below>低于|小于|少于|不到|不足)?"
    r"(?P<number>(?<!\d)\d{1,15}(?:\.\d{1,6})?)(?P<unit>%|个?百分点|万亿元?|亿元?|万元?|[个家件项人])(?P<after>以[上下内])?"
)
_FALLS = re.compile(r"下降的|下滑的|负增长|为负|是负")
_SCALES = (("万亿", 1e12), ("亿", 1e8), ("万", 1e4))


@dataclass(frozen=True, slots=True)
class _Limit:
    """What a figure must be to count: 超过6%, 1000亿元以上, 负增长."""

    printed: str
    passes: Callable[[float], bool]
    growth: bool


def _limit(text: str) -> _Limit | None:
    for match in _LIMIT.finditer(text):
        if not any(match[name] for name in ("least", "above", "below", "after")):
            continue
        bound = float(match["number"]) * next(
            (scale for sign, scale in _SCALES if match["unit"].startswith(sign)), 1.0
        )
        is_percent = match["unit"] in ("%", "个百分点", "百分点")
        return _Limit(match.group(), _test(match, bound), is_percent)
    falls = _FALLS.search(text)
    if falls and not _EXTREME.search(text):
        return _Limit(falls.group().removesuffix("的"), lambda value: value < 0, growth=True)
    return None


def _test(match: re.Match[str], bound: float) -> Callable[[float], bool]:
    if match["below"]:
        return lambda value: value < bound
    if match["after"] in ("以下", "以内"):
        return lambda value: value <= bound
    if match["above"]:
        return lambda value: value > bound
    return lambda value: value >= bound


@dataclass(frozen=True, slots=True)
class _Told:
    """What a report states of a column: the fact, and the measure of it that is asked for."""

    report: Report
    held: HeldFact
    measure: Measure | None

    @property
    def fact(self) -> Fact:
        return self.held.fact

    @property
    def value(self) -> float:
        return self.measure.low if self.measure else 0.0

    def kind(self) -> tuple[str, str | None, bool]:
        """What must be alike to be ranked together: unit, basis of growth, result or target."""
        is_growth = self.measure is not None and self.measure == self.fact.growth
        basis = (self.fact.basis or "yoy").removesuffix("_real") if is_growth else None
        return _unit(self.measure), basis, self.fact.status == "target"


def _unit(measure: Measure | None) -> str:
    """The unit without its multiplier; all that is counted in pieces (件, 宗, 家) is one kind."""
    figures = find_figures(measure.text) if measure else []
    if not figures:
        return ""
    if figures[0].kind == "count":
        return "count"
    return figures[0].unit.lstrip("十百千万亿")


_Column = tuple[str, int]


class _FigureSurvey:
    """The figures of several reports side by side: ranked by code, silence told."""

    def __init__(
        self,
        survey: _Survey,
        question: Question,
        indicators: tuple[Indicator, ...],
        held: Sequence[HeldFact],
        printed: Mapping[HeldFact, str] | None = None,
    ) -> None:
        """``printed`` are the reports' names for facts found by the words of their clause."""
        self._survey = survey
        self._said = survey.said
        self._question = replace(question, indicators=indicators)
        self._indicators = indicators
        self._limit = _limit(survey.text)
        self._printed = printed or {}
        self._citations = _Citations()
        self._checks: list[Check] = []
        self._columns = self._fill(held)
        self._passages = self._read_passages()

    def answer(self) -> Answer | None:
        """The answer; None if no report states what is asked."""
        if not any(one.measure for column in self._columns.values() for one in column):
            return None
        first = next(column for column in self._columns.values() if any(o.measure for o in column))
        ranked, apart = self._ranked(first)
        counted = [one for one in ranked if self._limit is None or self._limit.passes(one.value)]
        stating = {one.report.report_id for one in (*ranked, *apart)}
        silent = [r for r in self._survey.reports if r.report_id not in stating]
        lines = [*self._head(ranked, counted), *self._apart(apart)]
        if silent:
            lines.append(self._said["survey_unstated"].format(names=self._survey.names(silent)))
        table = self._table([*(one.report for one in (*ranked, *apart)), *silent])
        partial = bool(silent) and bool(_ASKS_EACH.search(self._survey.text))
        return _answer(
            self._survey,
            lines,
            table,
            self._citations,
            checks=self._checks,
            notes=[*self._notes(ranked), *(lines[-1:] if partial else [])],
            partial=partial,
        )

    def _fill(self, held: Sequence[HeldFact]) -> dict[_Column, list[_Told]]:
        """Column → what the reports state of it, in the order of the reports."""
        by_column: dict[_Column, list[cells.Cell]] = {}
        seen: Counter[tuple[str, str]] = Counter()
        for cell in cells.fill_cells(self._question, self._survey.reports, held):
            place = (cell.report.report_id, cell.indicator.name)
            by_column.setdefault((cell.indicator.name, seen[place]), []).append(cell)
            seen[place] += 1
        return {column: self._measured(filled) for column, filled in by_column.items()}

    def _measured(self, filled: Sequence[cells.Cell]) -> list[_Told]:
        fitting = [
            cell
            for cell in filled
            if cell.fact and (not cell.moment.statuses or cell.fact.status in cell.moment.statuses)
        ]
        facts = [cell.fact for cell in fitting if cell.fact]
        growth = self._asks_growth(facts)
        return [
            _Told(cell.report, cell.held, self._measure(cell.held.fact, growth=growth))
            for cell in fitting
            if cell.held
        ]

    def _measure(self, fact: Fact, *, growth: bool) -> Measure | None:
        """The measure asked for; where neither is by name, the other will do."""
        asked, other = (fact.growth, fact.level) if growth else (fact.level, fact.growth)
        return asked or (other if self._asks_either() else None)

    def _asks_either(self) -> bool:
        return not cells.asks_growth(self._question) and not cells.asks_amount(self._question)

    def _asks_growth(self, facts: Sequence[Fact]) -> bool:
        """Growth or amount, as asked; else the amount, unless few reports state one."""
        levels = sum(fact.level is not None for fact in facts)
        growths = sum(fact.growth is not None for fact in facts)
        if cells.asks_growth(self._question) or (self._limit and self._limit.growth):
            # A rate is its own level: the 增速 of 失业率 is not asked for.
            return growths > 0 or levels == 0
        if cells.asks_amount(self._question):
            return False
        return levels < 2 or growths > 2 * levels

    def _read_passages(self) -> dict[int, Passage]:
        numbers = list(
            dict.fromkeys(
                one.held.passage
                for column in self._columns.values()
                for one in column
                if one.held.passage is not None
            )
        )
        return dict(zip(numbers, self._survey.library.passages(numbers), strict=True))

    # --- ranking ---

    def _ranked(self, column: Sequence[_Told]) -> tuple[list[_Told], list[_Told]]:
        """The figures of the commonest kind in the order asked for, and those of other kinds."""
        stated = [one for one in column if one.measure]
        kinds = Counter(one.kind() for one in stated)
        commonest = kinds.most_common(1)[0][0]
        ranked = [one for one in stated if one.kind() == commonest]
        ranked.sort(key=lambda one: one.value, reverse=not _LOWEST.search(self._survey.text))
        apart = [one for one in stated if one.kind() != commonest]
        return ranked, [*apart, *self._elsewhere(stated)]

    def _elsewhere(self, stated: Sequence[_Told]) -> list[_Told]:
        """Of each report that states nothing in the column ranked what it states in another."""
        known = {one.report.report_id for one in stated}
        found: dict[str, _Told] = {}
        for one in (one for column in self._columns.values() for one in column if one.measure):
            if one.report.report_id not in known:
                found.setdefault(one.report.report_id, one)
        return list(found.values())

    def _head(self, ranked: Sequence[_Told], counted: Sequence[_Told]) -> list[str]:
        """The verdict or what the list is, then the list."""
        if self._limit is not None and len(self._columns) == 1:
            said = self._said["survey_within" if counted else "survey_within_none"].format(
                subject=self._subject(ranked), limit=self._limit.printed, count=len(counted)
            )
            return [said, *self._rows(counted or ranked)]
        extreme = _EXTREME.search(self._survey.text)
        if extreme and len(ranked) > 1:
            return self._verdicts(extreme.group(), ranked)
        order = "survey_up" if _LOWEST.search(self._survey.text) else "survey_down"
        head = self._said[order if len(ranked) > 1 else "survey_list"]
        return [head.format(subject=self._subject(ranked)), *self._rows(ranked)]

    def _verdicts(self, degree: str, ranked: Sequence[_Told]) -> list[str]:
        """The first of the ranking, equals with it, then the others."""
        top = [one for one in ranked if one.value == ranked[0].value]
        joined = self._said["survey_list_separator"].join(self._row(one) for one in top)
        verdict = self._said["survey_extreme"].format(
            subject=self._subject(ranked), degree=degree, rows=joined
        )
        others = self._rows(ranked[len(top) :])
        return [verdict, *([self._said["survey_others"]] if others else []), *others]

    def _rows(self, ranked: Sequence[_Told]) -> list[str]:
        rows = [self._row(one) for one in ranked[:_LINES]]
        if len(ranked) > _LINES:
            more = len(ranked) - _LINES
            rows.append(self._said["survey_more_rows"].format(count=more))
        return rows

    def _apart(self, apart: Sequence[_Told]) -> list[str]:
        if not apart or self._limit:
            return []
        return [self._said["survey_apart"], *self._rows(apart)]

    def _notes(self, ranked: Sequence[_Told]) -> list[str]:
        years = sorted({one.fact.period for one in ranked})
        ranges = any(one.measure and one.measure.low != one.measure.high for one in ranked)
        notes = [self._said["survey_ranges"]] if ranges else []
        if self._printed:
            notes.append(self._said["survey_own_words"])
        if len(years) > 1:
            joined = self._said["separator"].join(years)
            notes.insert(0, self._said["survey_years"].format(years=joined))
        return notes

    # --- wording ---

    def _subject(self, ranked: Sequence[_Told]) -> str:
        """What is ranked, as one says it: 固定资产投资增速, 地区生产总值增长目标."""
        labels = self._said["separator"].join(self._label(name) for name, _ in self._columns)
        if len(self._columns) > 1 or not ranked:
            return labels
        growth = all(one.measure == one.fact.growth for one in ranked)
        target = all(one.fact.status == "target" for one in ranked)
        key = f"survey_subject{'_growth' * growth}{'_target' * target}"
        return self._said[key].format(subject=labels)

    def _label(self, name: str) -> str:
        indicator = next((one for one in self._indicators if one.name == name), canonical(name))
        return indicator.english if indicator and self._question.language == "en" else name

    def _row(self, one: _Told) -> str:
        """A report with its figures: in each column the one it states."""
        several = len(self._columns) > 1
        told = [
            self._told(other, self._label(name) if several else "")
            for (name, _), column in self._columns.items()
            for other in column
            if other.report is one.report and (other is one or other.measure)
        ]
        joined = self._said["separator"].join(told)
        return self._said["survey_row"].format(place=self._survey.name(one.report), told=joined)

    def _told(self, one: _Told, label: str) -> str:
        citation = self._cite(one)
        told = self._said[f"survey_{one.fact.status}"].format(
            period=one.fact.period,
            indicator=self._printed.get(one.held, label),
            figures=self._figure(one),
        )
        return self._said["survey_marked"].format(told=told, n=citation.n)

    def _figure(self, one: _Told) -> str:
        """The figure asked for; amount and growth where neither alone is."""
        either = self._asks_either()
        fact, figures = one.fact, []
        if fact.level and (either or one.measure in (fact.level, None)):
            figures.append(fact.level.text)
        if fact.growth and (either or one.measure in (fact.growth, None)):
            verb = self._said["falls" if fact.growth.low < 0 else "grows"]
            basis = self._said.get(f"basis_{fact.basis}", "")
            figures.append(verb.format(basis=basis, growth=fact.growth.text))
        return self._said["figures"].join(figures)

    def _cite(self, one: _Told) -> Citation:
        fact = one.fact
        passage = self._passages[one.held.passage or 0]
        spans = [(a, b) for a, b in passage.sentences if a <= fact.start < b]
        span = spans[0] if spans else (fact.start, fact.end)
        return self._citations.cite(one.report, passage, span)

    def _table(self, reports: Sequence[Report]) -> Table:
        labels = [self._label(name) for name, _ in self._columns]
        rows = []
        for report in reports:
            row = [Cell(self._survey.name(report))]
            for column in self._columns.values():
                row.append(self._cell(next((o for o in column if o.report is report), None)))
            rows.append(tuple(row))
        return Table((self._said["survey_report"], *labels), tuple(rows))

    def _cell(self, one: _Told | None) -> Cell:
        if one is None:
            return Cell(self._said["survey_cell_silent"])
        citation = self._cite(one)
        figure = self._said[f"survey_{one.fact.status}"].format(
            period=one.fact.period,
            indicator=self._printed.get(one.held, ""),
            figures=self._figure(one),
        )
        if one.measure is None:
            return Cell(self._said["survey_cell_only"].format(figure=figure), citation.n)
        holds = all(number in fold(citation.quote) for number in _NUMBERS.findall(one.measure.text))
        self._checks.append(Check(one.measure.text, holds, citation.n))
        return Cell(figure, citation.n)


_NUMBERS = re.compile(r"[\d.]+|[一二三四五六七八九十百千点]+")


# --- subjects that are neither words quoted nor figures -----------------------------------------

_DOES = re.compile(
    r"^(?:要|想|已经?|打算|准备)*(?:新?建设?成?|获得|获评|荣获|举办|承办|打造|开展|实施|推[进行广]|设立|成立|引进|拥有|开通|入选|出台)+了?"
)


def _sightings_of_subject(survey: _Survey) -> Answer | None:
    """Which reports print the subject of 哪几个区建了…; None if none prints it as asked."""
    if survey.phrase is not None:
        return None
    words = "".join(_subject(survey.text).split())
    for reading in dict.fromkeys((_DOES.sub("", words), words)):
        if len(reading) < 2:
            continue
        columns = [(reading,)]
        seen = _look_for(survey, columns)
        if seen:
            return _say_mentions(survey, columns, seen)
    return None
