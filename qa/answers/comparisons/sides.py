"""The sides of a comparison: what a question sets against what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from qa.answers.cells import asks_relation
from qa.answers.comparisons.bodies import find_bodies, places_beside
from qa.answers.own_reports import own_of_each
from qa.facts.lexicon import find_indicators
from qa.library.library import Library
from qa.library.shelf import place_of
from qa.moments import statuses_of, years_outside
from qa.places import Place
from qa.questions import Question, understand
from qa.reports.clean_text import fold
from qa.reports.report import Report
from qa.scope import find_scope
from qa.search import Findings

_COMPARES = re.compile(
    r"差多少|相差|差几|差了?(?=[^,。]{0,4}[多几])|差距|差额|相比|对比|比较|比一[比下]|比比看?|(?<![入占之同环对正])比.{0,16}?(?:[高低快慢]|多(?!少)|(?<!多)少|大|小)|(?:[多少高低快慢大小短]|(?<!增)长)了?出?几|(?:[多少高低短]|(?<!增)长)出?了?多少|还要(?:增加|提高)|(?:增加|提高|减少|降低|上调|下调)了?多少"
    r"|更[高低快慢多少大小长短]|还是|谁|哪一?[个家座边地项].{0,8}[快慢高低多少大小长短]|[高低]的?是哪|排(?:一下|序|名)|从[高大多快低小少慢]到|[是为].{1,12}的?(?:几|多少)倍|多出来几|翻了几|[各再]?增加几|加在一起"
    r"|加起来|合计|之和|相加|difference|higher|lower|faster|slower|compare|more than|less than|which .{0,40}(?:more|less|larger|smaller)|gap|combined",
    re.I,
)
# 今年…比去年: both clocks of a report are asked for.
_PLANNED = re.compile(
    r"今年|本年|目标|计划|打算|安排|预期|力争|想(?:做|要|达)|到(?:19|20)\d\d年|要(?:建|改|增|新|引|完|达|做)|this year|target|plan|goal",
    re.I,
)
_DONE = re.compile(
    r"去年|上年|上一年|实际(?!利用|使用)|完成|实绩|实现|已经|做到|last year|actual|achieved", re.I
)
# What may join two things compared.
_JOINT = re.compile(
    r"以及|和|与|跟|及|、|是(?=.{2,20}的?(?:几|多少)倍)|比(?!例|重|值|上|率)|\band\b|\bversus\b|\bvs\.?\b|\bthan\b",
    re.I,
)
_ASKS_EACH = re.compile(r"各|分别|都")
_CLAUSES = re.compile(r"[,。?!;:]")
# Words of the frame of a comparison: none of them says what is compared. Single signs only where
# they stand alone: 差 is part of 差额, 点 of 重点.
_FRAME = re.compile(
    r"任务|完成数|数量|里程|个数|总数|长度|面积|相比|对比|比较一?下?|比一[比下]|比比看?|相差|差距|差额|差别|差值|之间|两者|二者|两地|两个?区|两个数|两[个项者边家种]|这两|哪一?[个家边座地方]+[区县市省]?|谁家|更[高低快慢多少大小长短]|还是|分别|实际(?!利用|使用)|实绩|打算|安排|计划|目标|预期|力争"
    r"|增速|增幅|涨幅|降幅|增长率?|增得|增加|下降|[高低快慢大小多少长短]多少|多出?多少|多少[万亿]*[元吨个家件人户套台项]?|[多少高低快慢大小差][出了]*几[个家件人户套台项成倍]*|几[个家件人户套台项成倍]|百分点|个点|高出|高于|低于"
    r"|[定办做提][得的][高低快慢多少大小]|从[高大多快低小少慢]到[高大多快低小少慢]|排(?:一下|序|名)|[建修盖开招引]得[多少快慢]|过去一年|去年|今年|上年|上一年|本年|年度|全年|单说|单看|到底|那边|这边|两边|一共|加起来|加在一起|合计|前者|后者|头尾|首尾|最[多少高低大小长短快慢]|干成|做完|做成|建完|完工几|怎么排|又|还(?=[少多是])|PK|之和|相加|请问|提高|多还是少"
    r"|[的了呢吗是有比与和跟要]|(?<![一-龥])[差多少高低快慢大小长短更谁各都定年月元亿吨个家件数亩]+(?![一-龥])|[“”\"'?,。!、;:()]"
)
_ATTACHED_YEAR = r"[区县市省州]?的?[((]?(?:19|20)\d\d"
_FROM_TO = re.compile(r"((?:19|20)\d\d)年?(?:[^,。]{0,6}?)[到至]((?:19|20)\d\d)年?")


@dataclass(frozen=True, slots=True)
class Side:
    """What one side asks: the words of ``topic`` in these reports, told of these periods (none: the
    report's own year) with one of these statuses (none: either). ``name`` is that of a body which
    the reports of other places tell of (only figures that print it are its own), ``label`` what it
    is called."""

    topic: str
    question: Question
    reports: tuple[Report, ...]
    periods: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    name: str = ""
    label: str = ""


def asks_to_compare(text: str) -> bool:
    """True if a difference, a ranking, a sum or a verdict is asked for."""
    return bool(_COMPARES.search(text))


def read_sides(findings: Findings, library: Library) -> list[list[Side]]:
    """The comparisons asked for, each as its sides in the order asked; empty if none is asked for."""
    question = findings.question
    if question.survey or not asks_to_compare(question.text) or not findings.scope.report_ids:
        return []
    if question.indicators and len(question.places) < 2 and asks_relation(question.text):
        return []
    whole = _of_question(question, _reports(findings, library))
    places = _by_place(question, whole, library)
    moments = [] if places else _by_moment(question, whole)
    topics = _topics(question, alone=not (places or moments))
    if places or moments:
        sides = places or moments
        if len(topics) < 2:
            return [sides]
        return [[replace(side, topic=t, question=q) for side in sides] for t, q in topics]
    if len(topics) > 1:
        return [[replace(whole, topic=t, question=q) for t, q in topics]]
    return _of_turns(findings, library)


# 五年下来多了多少万家, 从多少涨到多少: one thing at two moments that the report itself names.
_GREW = re.compile(
    r"(?:五年|几年|十年|“?十[一二三四]五”?).*(?:[多少高低]|增加|减少|提高|降低|增长)了?(?:多少|几)(?![成%])|从多少.*到多少|翻了?几|由多少.*到多少"
)


def read_growth(findings: Findings, library: Library) -> Side | None:
    """What a question wants told from its first to its last figure; None if it does not."""
    question = findings.question
    if question.survey or not findings.scope.report_ids or not _GREW.search(fold(question.text)):
        return None
    whole = _of_question(question, _reports(findings, library))
    return replace(whole, periods=(), statuses=())


def topic_of(question: Question) -> str:
    """The words of what is compared, without the frame of the comparison around them."""
    rest = question.rest
    # A short name without its 区 stays among the words.
    for name in sorted((n for m in question.places for n in m.place.names), key=len, reverse=True):
        rest = rest.replace(name, " ")
    return without_frame(rest)


def without_frame(text: str) -> str:
    """The words left when the frame is taken out; twice, for signs that then stand alone."""
    return " ".join(_FRAME.sub(" ", _FRAME.sub(" ", text)).split())


def _of_question(question: Question, reports: Sequence[Report]) -> Side:
    years = years_outside(question)
    statuses = statuses_of(question.status)
    if not statuses and len(question.relative) == 1:
        statuses = statuses_of("actual" if question.relative[0] < 0 else "target")
    periods = tuple(dict.fromkeys((*question.spans, *years)))
    return Side(_own_or_earlier(question), question, tuple(reports), periods, statuses)


def _own_or_earlier(question: Question) -> str:
    """The topic, or that of the turns before for a follow-up that names none (多了几个?)."""
    own = topic_of(question)
    if question.indicators or len(own.replace(" ", "")) > 1:
        return own
    return without_frame(question.context)


def _reports(findings: Findings, library: Library) -> list[Report]:
    reports = [library.reports[report_id] for report_id in findings.scope.report_ids]
    return sorted(reports, key=lambda report: (-(report.year or 0), report.report_id))


# --- places ------------------------------------------------------------------------------------


def _by_place(question: Question, whole: Side, library: Library) -> list[Side]:
    """A side for each place, in the order named; a report that words stand for (洪楼那个区) is one."""
    if len(question.places) + bool(question.anchor) < 2:
        return []
    own: dict[str, list[Report]] = {}
    for report in _named_alone(question, whole.reports):
        own.setdefault(report.place or report.report_id, []).append(report)
    dated = bool(question.years or question.report_years)
    sides = [replace(whole, reports=tuple(r if dated else r[:1])) for r in own.values()]
    sides += _of_other_years(question, whole, library, own.keys())
    if len(sides) < 2:
        return []
    return sorted(sides, key=lambda side: _position(side.reports[0], question))


def _named_alone(question: Question, reports: Sequence[Report]) -> Sequence[Report]:
    return own_of_each((mention.place for mention in question.places), reports)


def _of_other_years(
    question: Question, whole: Side, library: Library, told: Collection[str]
) -> Iterator[Side]:
    """The places left out for a year that the question gives another place: 荔湾和海曙(2022年)."""
    for place in (mention.place for mention in question.places):
        others = [m.place for m in question.places if m.place != place]
        if (
            place.name in told
            or _has_year(place, question)
            or not any(_has_year(o, question) for o in others)
        ):
            continue
        held = library.shelf.about(place)
        if held:
            latest = max(held, key=lambda report: report.year or 0)
            yield replace(whole, reports=(latest,), periods=())


def _has_year(place: Place, question: Question) -> bool:
    """True if a year stands right behind the place's name."""
    return any(re.search(re.escape(n) + _ATTACHED_YEAR, question.text) for n in place.names)


def _position(report: Report, question: Question) -> int:
    """Where the question names the report's place; a local name stands where its words do."""
    place = place_of(report)
    names = place.names if place else (question.anchor.split() or [""])[:1]
    found = [position for name in names if (position := question.text.find(name)) >= 0]
    return min(found, default=len(question.text))


def read_bodies(findings: Findings, library: Library) -> list[Side]:
    """A side for each body named after a place (宁波舟山港), and for each place named beside them; empty
    if no such body is compared."""
    question = findings.question
    bodies = find_bodies(question, library) if asks_to_compare(question.text) else []
    if not bodies:
        return []
    whole, words = _of_question(question, ()), topic_of(question)
    for body in bodies:
        words = words.replace(body.name, " ")
    whole = replace(whole, topic=words)
    sides = [
        (b.start, replace(whole, reports=b.reports, name=b.name, label=b.label)) for b in bodies
    ]
    beside = places_beside(question, bodies, _reports(findings, library))
    sides += [(start, replace(whole, reports=own[:1])) for start, own in beside]
    return [side for _, side in sorted(sides, key=lambda one: one[0])] if len(sides) > 1 else []


# --- moments -----------------------------------------------------------------------------------


def _by_moment(question: Question, whole: Side) -> list[Side]:
    """A side for each year, or for plan and result; empty if one moment is asked about."""
    text = fold(question.text)
    planned, done = _PLANNED.search(text), _DONE.search(text)
    ends = _FROM_TO.search(text)
    periods = ends.groups() if ends else whole.periods
    whole = replace(whole, reports=_of_the_place(question, whole.reports))
    if len(periods) > 1:
        return [
            replace(whole, periods=(period,), statuses=_status_near(period, text))
            for period in sorted(periods, key=text.find)
        ]
    if not (planned and done):
        return []
    target = replace(whole, statuses=statuses_of("target"), periods=_unless_relative(whole))
    actual = replace(whole, statuses=statuses_of("actual"), periods=())
    latest = whole.reports[:1]
    pair = [replace(target, reports=latest), replace(actual, reports=latest)]
    return pair if planned.start() < done.start() else pair[::-1]


def _of_the_place(question: Question, reports: Sequence[Report]) -> tuple[Report, ...]:
    """The place's own reports, where it has some: 绍兴 is the city before its districts."""
    asked = {mention.place for mention in question.places}
    own = tuple(report for report in reports if place_of(report) in asked)
    return own or tuple(reports)


def _unless_relative(side: Side) -> tuple[str, ...]:
    return () if side.question.relative else side.periods


def _status_near(period: str, text: str) -> tuple[str, ...]:
    """The status said in the clause that names the year: 2025年的目标, 2020年完成的."""
    start = text.find(period)
    if start < 0:
        return ()
    near = _CLAUSES.split(text[start:])[0]
    others = re.search(r"(?<=.)(?:19|20)\d\d", near[4:])
    near = near[: others.start() + 4] if others else near
    planned, done = _PLANNED.search(near), _DONE.search(near)
    if bool(planned) == bool(done):
        return ()
    return statuses_of("target" if planned else "actual")


# --- things ------------------------------------------------------------------------------------


def _topics(question: Question, *, alone: bool) -> list[tuple[str, Question]]:
    """The things asked about side by side, each as a question of its own."""
    if len(question.indicators) > 1:
        words = topic_of(question)
        return [(words, replace(question, indicators=(one,))) for one in question.indicators]
    if not alone and not _ASKS_EACH.search(question.text):
        return []
    clauses = _CLAUSES.split(_without_places(question))
    for clause in clauses:
        told = [_bare(piece) for piece in _JOINT.split(clause)]
        told = [piece for piece in told if len(piece.replace(" ", "")) > 1]
        if len(told) > 1:
            # 接种率,60岁以上比全人群高几个点: what both are of stands in the clause before.
            shared = " ".join(_bare(other) for other in clauses if other is not clause)
            return [(f"{piece} {shared}".strip(), _about(question, piece)) for piece in told]
    return []


def _bare(text: str) -> str:
    """The words of a piece of the question without years and frame."""
    return without_frame(_without_years(text))


def _about(question: Question, piece: str) -> Question:
    """The question about one of its things: an indicator is asked for only where it is named."""
    alone = understand(piece)
    return replace(question, indicators=alone.indicators, rest=alone.rest, formal=alone.formal)


def _without_places(question: Question) -> str:
    text = fold(question.text)
    names = [name for mention in question.places for name in mention.place.names]
    for name in sorted((*names, *question.anchor.split()), key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def _without_years(text: str) -> str:
    return re.sub(r"(?:19|20)\d\d年?", " ", text)


# --- turns -------------------------------------------------------------------------------------


def _of_turns(findings: Findings, library: Library) -> list[list[Side]]:
    """What the last two turns asked, for a follow-up that only asks their difference (差多少家?),
    or this turn and the one before (今年的数定高了吗?)."""
    question = findings.question
    own = topic_of(question).replace(" ", "")
    if not question.turns or len(own) > 1 or find_indicators(fold(question.text)):
        return []
    held = library.shelf.places
    earlier = [
        understand(turn, question.turns[:number], held)
        for number, turn in enumerate(question.turns)
    ]
    sides = [_of_question(one, _reports_of(one, findings, library)) for one in earlier[-2:]]
    mine = _of_question(question, _reports(findings, library))
    if (mine.periods, mine.statuses) != (sides[-1].periods, sides[-1].statuses) and mine.statuses:
        # 今年的数定高了还是定低了: this year's against what the turn before has asked.
        sides = [mine, sides[-1]]
    return [sides] if len(sides) > 1 else []


def _reports_of(earlier: Question, findings: Findings, library: Library) -> list[Report]:
    """The reports an earlier turn was about; without a place of its own those of this turn."""
    if not earlier.places:
        return _reports(findings, library)
    scope = find_scope(earlier, library.shelf)
    return [library.reports[report_id] for report_id in sorted(scope.report_ids)]
