"""Complete lists for questions that ask for one: 哪些, 哪六个, 请列出.

A report is read once into all lists it holds: numbered items however far apart, leads of its
paragraphs, parallel clauses, enumerations (A、B、C等N个…), problems owned. Of these the one nearest to
the question is given whole, each item cited; half a list with nothing said of the rest is a wrong
answer, so where none is near enough the other ways to answer go on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise, takewhile
from statistics import median_low
from typing import Literal
from weakref import WeakKeyDictionary

from embeddings.terms import bigrams
from prompts import messages
from qa.answers.answer import Answer, Check, Citation
from qa.facts.figures import find_figures
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.search import Findings, wanted_kinds

Form = Literal["numbered", "leads", "parallel", "colon", "names", "subjects", "problems"]

_SAID = {
    "list": "{place}{period}{subject}:{items}。",
    "marked": "{items}[{n}]",
    "fewer": "应有{announced}项,这里只列出{found}项。",
}
# Asked without a place, the lists of so many reports are looked at, best hit first.
_REPORTS = 3
_HITS = 5
_ITEM_MAX = 40
_ANSWER_MAX = 320
_NEAR_MAX = 80
_OUTLINES_KEPT = 64


def answer_with_list(findings: Findings, library: Library) -> Answer | None:
    """The whole list asked for, each item cited; None if no list is asked for or none is sure."""
    asked = _asked(findings.question)
    if asked is None or not findings.hits or _is_scattered(asked, findings):
        return None
    outlines = [_outline(library, report) for report in _reports(findings)]
    ways = _problems(outlines) if asked.problems else _nearest(asked, outlines, findings)
    choices = list(ways)
    best = max(choices, key=lambda choice: choice.score, default=None)
    if best is None or _is_one_of_several(asked, best, choices):
        return None
    return _answer(asked, best, findings)


# --- what is asked -----------------------------------------------------------------------------

_NUMERAL = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_MEASURE = r"(?:大|个|件|项|方面|点|条|种|类|家|处|座|名|位|张|批|块|片|所|支|城|区|园|源|态|地|村|镇|字|新|要|重)"
_ASKS_LIST = re.compile(
    rf"哪(?:一?些|几|{_NUMERAL})(?!年|月|天|日|号|份|届|次|级)|列出|列举|罗列|列一下|(?:有|是|讲|说|提)了?(?:些|哪些)(?:什么|啥)"
    r"|(?:分别|都|各|具体)(?:是|有|指|为|叫|在|属于)*(?:哪|什么|啥)|指(?:的是)?(?:什么|啥|哪)|是?什么意思"
)
# With a number this asks for a list (5个方面是什么), without one for a sentence.
_ASKS_WHAT = re.compile(r"[是有](?:什么|啥)")
_ASKS_MEANING = re.compile(r"指(?:的是)?(?:什么|啥|哪)|什么意思")
_ASKS_FIGURE = re.compile(r"多少|几成|百分之几|占比|增速|增幅|多[大高长快]")
_PROBLEM = r"(?:困难|不足|问题|短板|挑战|差距|薄弱)"
# What is asked for: 哪些龙头企业, 重大考古发现有哪些; but for words that any list answers to.
_THING = re.compile(
    rf"哪(?:一?些|几|{_NUMERAL})(?:{_MEASURE})?(?!地方|方面|内容|举措|措施|东西|单位)([一-龥]{{2,4}})"
)
_THING_BEFORE = re.compile(r"([一-龥]{2})的?(?:都|分别|具体)?(?:有|是|指)哪")
_ASKS_PLANS = re.compile("(?:重点|主要|目标)(?:工作|任务)|工作(?:安排|任务|重点)")
# How the lists of a plan are announced: 重点要做好以下工作.
_PLANS = re.compile("(?:做好|抓好|重点|主要|以下|方面).{0,10}(?:工作|任务)|工作(?:安排|任务|重点)")
# Problems owned (还有哪些困难和不足), not those of one trade, nor those a year's work has solved.
_ASKS_PROBLEMS = re.compile(
    rf"(?:{_PROBLEM}|报告|自己|承认|认识到?|看到|提到|当前|目前|存在?|面临|发展|经济社会|政府|工作|自身|主要|还|中|方面|全[区市省]|我[区市省]"
    r"|风险|[那它其的和与、,?。\s])+"
)
_WHICH_N = re.compile(rf"哪({_NUMERAL})")
_QUANTITY = re.compile(rf"(?<![\d第百千.+~—-])({_NUMERAL})(?:{_MEASURE})")
_QUOTED_NUMBER = re.compile(
    r"[“‘\"]([一二两双三四五六七八九十]{1,2})[^一二两双三四五六七八九十”’\"]{1,8}[”’\"]"
)
_QUOTED = re.compile(r"[“‘\"]([^”’\"]{1,14})[”’\"]")
_COUNTED = re.compile(rf"({_NUMERAL}(?:{_MEASURE})(?:(?![是的在分指都])[一-龥]){{2,6}})")
# 十四五 is a plan's name, not a number; nor do years count anything.
_NO_NUMBERS = re.compile(r"“?十[一二三四五六]五”?|(?:19|20)\d\d年?|两会|“两个[确维]\w+”")
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "双": 2}


@dataclass(frozen=True, slots=True)
class _Asked:
    """``count`` is how many items the question announces, ``labels`` what it quotes, ``thing`` the
    last two signs of what it asks for."""

    question: Question
    text: str
    words: tuple[str, ...]
    count: int | None
    labels: tuple[str, ...]
    core: str
    thing: str
    defines: bool
    problems: bool
    plans: tuple[str, ...]


def _asked(question: Question) -> _Asked | None:
    text = fold(question.text)
    if question.survey or len(question.places) > 1 or question.language != "zh":
        return None
    # 启动了14片…,其中已开工的是哪几个: the 14 are not the ones asked for.
    text = text.split("其中")[-1]
    count = _count_asked(text)
    asks = _ASKS_LIST.search(text) or (count and _ASKS_WHAT.search(text))
    if not asks or count == 1 or _ASKS_FIGURE.search(text):
        return None
    core = _without_places(question).split("其中")[-1]
    plans = _ASKS_PLANS.findall(text)
    words = bigrams(" ".join([core, question.context, *plans]))
    things = [*_THING.findall(text), *_THING_BEFORE.findall(text), ""]
    return _Asked(
        question=question,
        text=text,
        words=tuple(dict.fromkeys(word for word in words if len(word) > 1)),
        count=count,
        labels=(*_QUOTED.findall(text), *_COUNTED.findall(text)),
        core=core,
        thing=things[0][-2:],
        defines=bool(_ASKS_MEANING.search(text)),
        plans=tuple(bigrams(" ".join(plans))),
        problems=bool(re.search(_PROBLEM, core) and _ASKS_PROBLEMS.fullmatch(core)),
    )


def _without_places(question: Question) -> str:
    core = question.core
    for name in (name for mention in question.places for name in mention.place.names):
        core = core.replace(name, " ")
    return core


def _count_asked(text: str) -> int | None:
    plain = _NO_NUMBERS.sub(" ", text)
    for pattern in (_WHICH_N, _QUANTITY, _QUOTED_NUMBER):
        found = [number for number in map(_number, pattern.findall(plain)) if number]
        if found:
            return found[0]
    return None


def _number(text: str) -> int | None:
    """六 → 6, 十二 → 12, 二十 → 20, 12 → 12; None for what is no number."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0) if len(text) <= 3 else None
    return _DIGITS.get(text) if len(text) == 1 else None


def _is_scattered(asked: _Asked, findings: Findings) -> bool:
    """True if every report has what is asked for (重点工作) and the question names none of them."""
    question = asked.question
    named = question.places or question.anchor or len(findings.scope.report_ids) == 1
    return bool(asked.problems or asked.plans) and not named


def _reports(findings: Findings) -> list[Report]:
    """The reports to read: of a place named without a year the latest, else those of the best hits."""
    question = findings.question
    reports = list({hit.report.report_id: hit.report for hit in findings.hits}.values())
    if question.places and not (question.years or question.report_years):
        return sorted(reports, key=lambda report: -(report.year or 0))[:1]
    return reports[:_REPORTS]


# --- the lists of a report ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence where it stands; it ``opens`` or ``closes`` a paragraph, or both."""

    passage: Passage
    span: tuple[int, int]
    text: str
    opens: bool
    closes: bool

    @property
    def is_heading(self) -> bool:
        is_line = self.opens and self.closes and not re.search("[。!?;:]$", self.text)
        return is_line or (self.opens and bool(_HEADED.match(self.text)))


@dataclass(frozen=True, slots=True)
class _Item:
    """``text`` as printed in the unit of that index."""

    text: str
    unit: int


@dataclass(frozen=True, slots=True)
class _Listing:
    """``near`` are the words that announce the list or close it, ``far`` the headings above.

    ``announced`` is how many the report says there are, where it names fewer (宏悦、绿瘦等6个项目).
    """

    form: Form
    items: tuple[_Item, ...]
    near: str
    far: str
    subject: str = ""
    announced: int | None = None


@dataclass(frozen=True)
class _Outline:
    """A report as its sentences and the lists they make."""

    report: Report
    units: tuple[_Unit, ...]

    @cached_property
    def listings(self) -> tuple[_Listing, ...]:
        ways = (_numbered, _leads, _parallel, _subjects, _names)
        return tuple(listing for way in ways for listing in way(self.units))

    @cached_property
    def frequencies(self) -> Counter[str]:
        """Word → in how many sentences it stands."""
        return Counter(word for unit in self.units for word in set(bigrams(unit.text)))

    def rarity(self, word: str) -> float:
        return math.log(1 + len(self.units) / (1 + self.frequencies[word]))


# Lists do not change with the question: a version of a library is read once, while it is open.
_OUTLINES: WeakKeyDictionary[Library, dict[str, _Outline]] = WeakKeyDictionary()


def _outline(library: Library, report: Report) -> _Outline:
    kept = _OUTLINES.setdefault(library, {})
    found = kept.get(report.report_id)
    if found is None:
        if len(kept) >= _OUTLINES_KEPT:
            kept.clear()
        found = kept[report.report_id] = _Outline(report, tuple(_units(library, report.report_id)))
    return found


_BULLETS = "—-·●■◆◇□○ "


def _units(library: Library, report_id: str) -> Iterator[_Unit]:
    source = library.source_text(report_id)
    keys = [key.id for key in library.passage_keys if key.report_id == report_id]
    spans = [(p, span) for p in library.passages(keys) for span in p.sentences]
    gaps = ["\n", *(source[a[1] : b[0]] for (_, a), (_, b) in pairwise(spans)), "\n"]
    for (passage, span), before, after in zip(spans, gaps, gaps[1:], strict=False):
        text = fold(source[span[0] : span[1]]).replace("\n", "").lstrip(_BULLETS)
        yield _Unit(passage, span, text, "\n" in before, "\n" in after)


def _paragraphs(units: Sequence[_Unit]) -> Iterator[range]:
    starts = [index for index, unit in enumerate(units) if unit.opens]
    for start, end in pairwise([*starts, len(units)]):
        yield range(start, end)


def _far(unit: _Unit) -> str:
    return " ".join(unit.passage.headings)


def _head(text: str, most: int = _ITEM_MAX) -> str:
    """The clauses a text opens with, at most about ``most`` signs; the first stays whole."""
    sentence = _SENTENCE.match(text)
    head, *more = _pieces(_CLAUSE, sentence.group() if sentence else text) or [text]
    for clause in more:
        if len(head) + 1 + len(clause) > most:
            break
        head = f"{head},{clause}"
    return head


_QUOTE = r"“[^”]*”|《[^》]*》|\([^)]*\)"
_SENTENCE = re.compile(rf"(?:{_QUOTE}|[^。;:!?])+")
_CLAUSE = re.compile(rf"(?:{_QUOTE}|[^,;:。!?])+")
_PART = re.compile(rf"(?:{_QUOTE}|[^;。!?])+")
_NAME = re.compile(rf"(?:{_QUOTE}|[^、])+")


def _pieces(pattern: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in pattern.findall(text) if piece.strip()]


# --- numbered items ----------------------------------------------------------------------------

_HAN = "[一二三四五六七八九十]"
_HEADED = re.compile(rf"^(?:{_HAN}{{1,3}}、|\({_HAN}{{1,3}}\))")
_AT_CLAUSE = r"(?:^|(?<=[;:,。]))"
# Style → its mark; 一、 and 1. count only at a paragraph's start.
_STYLES = {
    "一、": re.compile(rf"^({_HAN}{{1,3}})、"),
    "(一)": re.compile(rf"{_AT_CLAUSE}\(({_HAN}{{1,3}})\)"),
    "1.": re.compile(r"^(\d{1,2})[.、](?!\d)"),
    "(1)": re.compile(rf"{_AT_CLAUSE}\((\d{{1,2}})\)"),
    "一是": re.compile(rf"{_AT_CLAUSE}({_HAN}{{1,2}})是"),
    "一要": re.compile(rf"{_AT_CLAUSE}({_HAN}{{1,2}})要"),
    "第一": re.compile(rf"{_AT_CLAUSE}第({_HAN}{{1,2}})[,、:是要]"),
}
_ONLY_OPENING = ("一、", "1.")
_INLINE = ("一是", "一要", "第一", "(1)")
_HEADING_MARK = re.compile(
    rf"(?<=\s)(?:{_HAN}{{1,3}}、|\({_HAN}{{1,3}}\)|\d{{1,2}}[.、])|(?<=\S)\s"
)
_GLOSSARY = re.compile(r"名词解释|注释")


@dataclass(frozen=True, slots=True)
class _Mark:
    style: str
    number: int
    unit: int
    start: int
    end: int


@dataclass(slots=True)
class _Run:
    """Marks of one style counting up; ``parent`` is the item it stands under."""

    marks: list[_Mark]
    parent: str


def _numbered(units: Sequence[_Unit]) -> Iterator[_Listing]:
    """Items that count up, each level of numbers apart: (二) ends the list 1. 2. 3. under (一)."""
    finished: list[_Run] = []
    open_runs: list[_Run] = []
    for mark in _marks(units):
        level = _continued(mark, open_runs)
        if level is not None:
            open_runs[level].marks.append(mark)
            del open_runs[level + 1 :]
        elif mark.number == 1:
            _close_for(mark, open_runs)
            parent = _item(open_runs[-1].marks[-1], units).text if open_runs else ""
            open_runs.append(_Run([mark], parent))
            finished.append(open_runs[-1])
    for run in finished:
        if len(run.marks) > 1:
            listing = _listing_of(run, units)
            if not _GLOSSARY.search(f"{listing.near} {listing.far}"):
                yield listing


def _marks(units: Sequence[_Unit]) -> Iterator[_Mark]:
    for index, unit in enumerate(units):
        found = [
            _Mark(style, number, index, match.start(), match.end())
            for style, pattern in _STYLES.items()
            if unit.opens or style not in _ONLY_OPENING
            for match in pattern.finditer(unit.text)
            if (number := _number(match.group(1)))
        ]
        yield from sorted(found, key=lambda mark: mark.start)


def _continued(mark: _Mark, open_runs: Sequence[_Run]) -> int | None:
    for level in reversed(range(len(open_runs))):
        last = open_runs[level].marks[-1]
        if last.style == mark.style and last.number + 1 == mark.number:
            return level
    return None


def _close_for(mark: _Mark, open_runs: list[_Run]) -> None:
    """A list ends where another of its style begins, and 一是,二是 where a heading begins."""
    for level, run in enumerate(open_runs):
        style = run.marks[0].style
        if style == mark.style or (style in _INLINE and mark.style not in _INLINE):
            del open_runs[level:]
            return


def _item(mark: _Mark, units: Sequence[_Unit], end: int | None = None) -> _Item:
    return _Item(_head(units[mark.unit].text[mark.end : end]), mark.unit)


def _listing_of(run: _Run, units: Sequence[_Unit]) -> _Listing:
    first = run.marks[0]
    ends = [b.start if a.unit == b.unit else None for a, b in pairwise(run.marks)]
    items = [_item(mark, units, end) for mark, end in zip(run.marks, [*ends, None], strict=True)]
    lead = _before(units, first.unit, first.start)
    near = f"{lead[-_NEAR_MAX:]} {run.parent}"
    return _Listing("numbered", tuple(items), near, _far(units[first.unit]))


def _before(units: Sequence[_Unit], index: int, start: int) -> str:
    """What a list is announced by: the words before it in its sentence, else the sentence before."""
    opening = units[index].text[:start].strip()
    if opening or index == 0:
        return opening
    return units[index - 1].text


# --- leads, parallels, subjects ----------------------------------------------------------------

_LEAD_MAX = 30
_ADDRESS = re.compile("各位代表|同志们")


def _leads(units: Sequence[_Unit]) -> Iterator[_Listing]:
    """Short sentences that open one paragraph after the other below a heading."""
    heading, run = "", list[int]()
    for paragraph in [*_paragraphs(units), range(0)]:
        first = units[paragraph[0]] if paragraph else None
        if first and _is_lead(first) and len(paragraph) > 1:
            run.append(paragraph[0])
            continue
        if len(run) >= _LEAST_ALIKE:
            items = tuple(_Item(_head(units[i].text), i) for i in run)
            yield _Listing("leads", items, heading, _far(units[run[0]]))
        run = []
        if first and first.is_heading:
            heading = _head(first.text, 2 * _ITEM_MAX)


def _is_lead(unit: _Unit) -> bool:
    return (
        unit.text.endswith("。")
        and len(unit.text) <= _LEAD_MAX
        and not unit.is_heading
        and not re.search(r"\d", unit.text)
        and not _ADDRESS.search(unit.text)
    )


_LEAST_ALIKE = 3
_OPENING = 2


def _parallel(units: Sequence[_Unit]) -> Iterator[_Listing]:
    """Paragraphs, sentences or clauses one after the other that open alike: 着力…;着力…;着力…."""
    openers = [_Item(units[p[0]].text, p[0]) for p in _paragraphs(units)]
    yield from _alike(openers, units)
    for paragraph in _paragraphs(units):
        if len(paragraph) >= _LEAST_ALIKE:
            yield from _alike([_Item(units[i].text, i) for i in paragraph], units)
    for index, unit in enumerate(units):
        yield from _alike([_Item(t, index) for t in _pieces(_CLAUSE, unit.text)], units)
        yield from _behind_colon(units, index)


def _alike(segments: Sequence[_Item], units: Sequence[_Unit]) -> Iterator[_Listing]:
    for opening, group in groupby(segments, key=lambda item: item.text[:_OPENING]):
        run = list(group)
        if len(run) < _LEAST_ALIKE or not re.fullmatch("[一-龥“]{2}", opening):
            continue
        start = units[run[0].unit].text.find(run[0].text)
        lead = _before(units, run[0].unit, start)[-_NEAR_MAX:]
        items = tuple(_Item(_head(item.text), item.unit) for item in run)
        yield _Listing("parallel", items, lead, _far(units[run[0].unit]))


def _behind_colon(units: Sequence[_Unit], index: int) -> Iterator[_Listing]:
    lead, colon, rest = units[index].text.partition(":")
    parts = _pieces(_PART, rest)
    if colon and len(parts) > 1 and not re.match("一[是要]", rest):
        items = tuple(_Item(_head(part), index) for part in parts)
        yield _Listing("colon", items, lead[-_NEAR_MAX:], _far(units[index]))


_ACTS = re.compile(r"(?=要(?!求|素|闻|地)|将|完成|建成|启动|加快|推进|突出|打造|成立|投用|重点)")


def _subjects(units: Sequence[_Unit]) -> Iterator[_Listing]:
    """Things of one name that act one after the other: …产业园要…;…工业园要…."""
    for paragraph in _paragraphs(units):
        parts = [_Item(t, i) for i in paragraph for t in _pieces(_PART, units[i].text)]
        named = [_Item(_ACTS.split(part.text, maxsplit=1)[0], part.unit) for part in parts]
        for sign, group in groupby(named, key=lambda item: item.text.rstrip("”")[-1:]):
            run = list(group)
            if len(run) < _LEAST_ALIKE or not sign or any(len(r.text) > _LEAD_MAX for r in run):
                continue
            lead = _before(units, run[0].unit, 0)
            yield _Listing("subjects", tuple(run), lead, _far(units[run[0].unit]))


# --- enumerations ------------------------------------------------------------------------------

# Where the last name of an enumeration ends, if its clause goes on.
_LAST_NAME = re.compile(
    rf"等|{_NUMERAL}(?:大|个|家|项|类|条|种|座|处|名|件|位|所|只|支|片|批|地)|的?“[双\d{_HAN[1:-1]}]|\("
    r"|国家级|省级|市级|成为|入选|获评|荣获|创成|创建|建成|建立|纳入|进入|列入|已(?!经)|均|被|实现|完成"
)
# What an enumeration's clause does with its names stands before the first one.
_VERB = re.compile(
    r"做大做强|做优做强|分别[是为]|设立|建立|新增|创建|打造|深化|推进|推动|编制|发展|加快|做[好大强优]|实现|完成|建设|实施|围绕|包括"
    r"|培育|壮大|引进|支持|抓好|落实|布局|集聚|争取|完善|整合|改造|拓展|开拓|保护|擦亮|推出|推广|探索|开通|承办|办好|新建|盘活|谋划|激活|聚焦|突出|强化|加强|优化|提升|开展|举办|获评|荣获|入选|成立|启动|扶持|吸引|成功|^[与在把将以]|[是为即]"
)
_AND = re.compile("以及|[和与及]")


def _names(units: Sequence[_Unit]) -> Iterator[_Listing]:
    """Enumerations: A、B、C等三个…, A、B和C, 三个…:A、B、C."""
    for index, unit in enumerate(units):
        clauses = _pieces(_CLAUSE, _HEADED.sub("", unit.text))
        for before, clause in pairwise(["", *clauses]):
            names = _pieces(_NAME, clause)
            if len(names) > 1:
                near = f"{before} {clause}" if _GOES_ON.match(clause) else clause
                yield from _enumerations(names, index, near, f"{before} {_far(unit)}")


def _enumerations(names: Sequence[str], index: int, near: str, far: str) -> Iterator[_Listing]:
    last, tail = _cut_last(names[-1])
    subject = tail.removeprefix("等").lstrip("的").split("(")[0]
    counted, is_open = _counted(tail), tail.startswith("等")
    for reading in _readings([*names[:-1], last], counted):
        more = "等" if is_open and counted != len(reading) else ""
        items = [_Item(name, index) for name in (*reading[:-1], reading[-1] + more)]
        announced = counted if is_open else None
        yield _Listing("names", tuple(items), near, far, subject, announced)


# A clause that tells what the one before it has announced.
_GOES_ON = re.compile("分别|包括|涵盖|涉及|即|就是|主要[有是]|[是为有]")


def _counted(tail: str) -> int | None:
    """How many the words behind an enumeration say it names: 等6个项目."""
    number = re.match(rf"等?({_NUMERAL})(?:{_MEASURE})", tail)
    return _number(number.group(1)) if number else None


def _readings(names: Sequence[str], counted: int | None) -> Iterator[list[str]]:
    """The names; those that the number behind them counts (集聚资源、发展A、B、C三大产业); with the
    last one taken for two (A、B和C)."""
    if counted and 1 < counted < len(names):
        names = names[-counted:]
    for ending in _endings(names[-1]):
        yield [_cut_first(names[0], [*names[1:-1], ending[0]]), *names[1:-1], *ending]


def _endings(last: str) -> Iterator[tuple[str, ...]]:
    """The last name, and in a second reading the two that 和 joins in it."""
    yield (last,)
    joined = tuple(part for part in _AND.split(last, maxsplit=1) if len(part) > 1)
    if len(joined) > 1:
        yield joined


# 建设银行 and 发展改革 are names.
_MAY_BE_NAME = ("建设", "发展", "保护", "创建")


def _cut_first(first: str, others: Sequence[str]) -> str:
    """The first name without what is done with it: 创建大夫店、麻王 → 大夫店.

    A list of deeds (强化…、优化…) stays whole; a verb inside goes only if the name is longer than
    the others.
    """
    usual = median_low(map(len, others))
    while verb := _VERB.search(_without_quotes(first)):
        opens = verb.start() == 0 and verb.group() not in _MAY_BE_NAME
        deeds = any(_VERB.match(other) for other in others)
        if len(first) - verb.end() < 2 or deeds or not (opens or len(first) > usual):
            break
        first = first[verb.end() :]
    return first


def _cut_last(name: str) -> tuple[str, str]:
    plain = _without_quotes(name, opening=True)
    end = next((m.start() for m in _LAST_NAME.finditer(plain) if m.start() > 0), None)
    return (name, "") if end is None else (name[:end], name[end:])


def _without_quotes(text: str, *, opening: bool = False) -> str:
    """The text with what is quoted blanked out, but for its first sign if ``opening``."""
    kept = 2 if opening else 0
    return re.sub(_QUOTE, lambda m: m.group()[:kept].ljust(len(m.group()), "~"), text)


# --- which list is asked for -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    score: float
    listing: _Listing
    outline: _Outline


# Shares of a word's weight for standing among the items or only in the headings above.
_AMONG_ITEMS, _ABOVE = 0.5, 0.4
_COUNT_AGREES, _COUNT_DIFFERS = 0.3, -0.5
_LABEL_NEAR, _ITEMS_ALIKE = 0.3, 0.3
_FOUND_BY_SEARCH = 0.2
# 重点工作 are the headings of the plan sooner than what one paragraph counts up.
_OF_HEADINGS = 0.1
_OTHER_KIND = -0.5
# What enumerated things are called stands so near behind them, and a phrase has so many signs.
_CALLED_WITHIN, _PHRASE = 8, 4
# Enumerations of several sentences that score so alike are each only part of the answer.
_AS_GOOD = 0.1
# A list scores at least this much or the question is left to the other ways to answer.
_LEAST_SCORE = 0.75


def _nearest(asked: _Asked, outlines: Iterable[_Outline], findings: Findings) -> Iterator[_Choice]:
    found = {hit.passage.start for hit in findings.hits[:_HITS]}
    for outline in outlines:
        for listing in outline.listings:
            if _may_be_meant(asked, listing):
                score = _score(asked, listing, outline, found)
                if score >= _LEAST_SCORE:
                    yield _Choice(score, listing, outline)


def _is_one_of_several(asked: _Asked, best: _Choice, choices: Iterable[_Choice]) -> bool:
    if asked.count or best.listing.form != "names":
        return False
    where = {
        (c.outline.report.report_id, c.listing.items[0].unit)
        for c in choices
        if c.listing.form == "names" and c.score >= best.score - _AS_GOOD
    }
    return len(where) > 1


def _may_be_meant(asked: _Asked, listing: _Listing) -> bool:
    enumerates = listing.form in ("names", "subjects")
    if asked.count:
        # An enumeration is known whole: with another number of names it is another list.
        exact = asked.count in (len(listing.items), listing.announced)
        return exact or (len(listing.items) < asked.count and not enumerates)
    if any(label in listing.near for label in asked.labels):
        return enumerates or listing.form == "colon" or not asked.defines
    return _names_things_asked(asked, listing) if enumerates else _is_about(asked, listing)


def _names_things_asked(asked: _Asked, listing: _Listing) -> bool:
    """True if the things enumerated are called as asked (…等特色街区), and are not figures."""
    counts = sum(bool(re.search(r"\d", item.text)) for item in listing.items)
    behind = re.sub(rf"^{_NUMERAL}(?:{_MEASURE})", "", listing.subject)[:_CALLED_WITHIN]
    called = f"{behind} {listing.items[0].text} {listing.items[-1].text}"
    return bool(asked.thing) and asked.thing in called and 2 * counts < len(listing.items)


def _is_about(asked: _Asked, listing: _Listing) -> bool:
    """True if what announces the list says a phrase of the question, not only words of it."""
    if asked.plans or _alike_as_asked(asked, listing):
        return True
    longest = max(asked.core.split(), key=len, default="")
    size = min(_PHRASE, len(longest))
    phrases = (part[i : i + size] for part in asked.core.split() for i in range(len(part)))
    return any(len(phrase) == size and phrase in listing.near for phrase in phrases)


def _score(asked: _Asked, listing: _Listing, outline: _Outline, found: set[int]) -> float:
    units = [outline.units[item.unit] for item in listing.items]
    score = _told(asked, listing, outline)
    if asked.count:
        agrees = len(listing.items) == asked.count or asked.count == listing.announced
        score += _COUNT_AGREES if agrees else _COUNT_DIFFERS
    score += _LABEL_NEAR * any(label in listing.near for label in asked.labels)
    score += _ITEMS_ALIKE * _alike_as_asked(asked, listing)
    score += _FOUND_BY_SEARCH * any(unit.passage.start in found for unit in units)
    score += _OF_HEADINGS * all(unit.is_heading for unit in units)
    wanted = wanted_kinds(asked.question, outline.report)
    kind = units[0].passage.kind
    if wanted and kind in ("review", "plan") and kind not in wanted:
        score += _OTHER_KIND
    return score


def _told(asked: _Asked, listing: _Listing, outline: _Outline) -> float:
    """Share of the question's words, weighted by rarity, that the list is about."""
    near = set(bigrams(listing.near))
    if asked.plans and listing.form == "numbered" and _PLANS.search(listing.near):
        near.update(asked.plans)
    among = {word for item in listing.items for word in bigrams(item.text)}
    far = set(bigrams(listing.far))
    whole = told = 0.0
    for word in asked.words:
        weight = outline.rarity(word)
        whole += weight
        told += weight * (
            1.0 if word in near else max(_AMONG_ITEMS * (word in among), _ABOVE * (word in far))
        )
    return told / whole if whole else 0.0


def _alike_as_asked(asked: _Asked, listing: _Listing) -> bool:
    """True if the items share the beginning or the ending that the question names (突出…, …城市)."""
    texts = [item.text.rstrip("”") for item in listing.items]
    beginning = _common_start(texts).strip("“”")
    ending = _common_start([text[::-1] for text in texts])[::-1]
    counted = len(texts) == asked.count
    return (len(beginning) >= _OPENING and beginning in asked.text) or (
        len(ending) >= (1 if counted else 2) and ending in asked.text
    )


def _common_start(texts: Sequence[str]) -> str:
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return "".join(signs[0] for signs in alike)


# --- problems owned ----------------------------------------------------------------------------

_OWNS = re.compile(
    rf"(?:清醒|看到|认识到|正视|存在|面临|还有).{{0,60}}(?:{_PROBLEM}|不够|不强|不优|有待|仍需|仍然|依然)"
)
_AWARE = re.compile("清醒|看到|认识到")
_LISTED_BEHIND = re.compile(r":|主要(?:体现|表现)在|主要是|主要有|比如|(?:看到|认识到),")
_ENDS_PROBLEMS = re.compile(
    r"^(?:对此|对于这些|对这些|这些|我们一定|我们(?:必须|将|要)|下一步|各位代表|今后)"
)
# 还有不少困难和挑战 names none of them.
_UNSPECIFIC = re.compile(r"(?:不少|一些|许多|诸多).{0,4}(?:困难|不足|问题|挑战)|挑战仍然不少")
_COUNTED_UP = re.compile(rf"^(?:{_HAN}{{1,2}}是|\(?{_HAN}{{1,2}}\)|第{_HAN},)")
_PROBLEM_MAX = 60


def _problems(outlines: Iterable[_Outline]) -> Iterator[_Choice]:
    """The problems that each report owns to, those of the first report before all others."""
    for rank, outline in enumerate(outlines):
        for index, unit in enumerate(outline.units):
            if _OWNS.search(unit.text) and _AWARE.search(unit.text):
                items = _problems_from(outline.units, index)
                if len(items) > 1:
                    listing = _Listing("problems", items, unit.text, _far(unit), "存在的困难和问题")
                    yield _Choice(len(items) / 100 - rank, listing, outline)


def _problems_from(units: Sequence[_Unit], index: int) -> tuple[_Item, ...]:
    """The problems told behind the sentence that owns them, in it or in those that follow it."""
    items: list[_Item] = []
    for following in range(index, len(units)):
        unit = units[following]
        if following > index and (unit.opens or _ENDS_PROBLEMS.search(unit.text)):
            break
        announced = [match.end() for match in _LISTED_BEHIND.finditer(unit.text)]
        if announced or following > index:
            items += _problems_in(unit.text[max(announced, default=0) :], following)
    specific = [item for item in items if not _UNSPECIFIC.search(item.text)]
    return tuple(specific)


def _problems_in(text: str, index: int) -> Iterator[_Item]:
    parts = _pieces(_PART, text)
    if len(parts) == 1 and len(text) > 2 * _ITEM_MAX:
        parts = _pieces(_CLAUSE, text)
    for part in parts:
        yield _Item(_head(_COUNTED_UP.sub("", part), _PROBLEM_MAX), index)


# --- wording -----------------------------------------------------------------------------------


def _answer(asked: _Asked, choice: _Choice, findings: Findings) -> Answer:
    said = messages("answers", asked.question.language)
    listing, units, report = choice.listing, choice.outline.units, choice.outline.report
    items = _shortened(listing.items)
    numbers = {unit: n for n, unit in enumerate(dict.fromkeys(i.unit for i in items), 1)}
    citations = [
        Citation.of(n, report, units[u].passage, units[u].span) for u, n in numbers.items()
    ]
    passage = units[items[0].unit].passage
    fewer = _fewer(listing.announced or asked.count or 0, len(items))
    text = _SAID["list"].format(
        place=report.place or said["unnamed"].format(title=report.title),
        period=_period(passage, report, said),
        subject=_subject(asked, listing, passage),
        items=_joined(items, numbers),
    )
    return Answer(
        status="partial" if fewer else "answered",
        text="\n".join([text, *fewer]),
        question=asked.question.text,
        citations=tuple(citations),
        checks=tuple(_checks(items, numbers, citations)),
        notes=(*fewer, *([] if findings.dense else [said["no_vectors"]])),
    )


def _fewer(announced: int, found: int) -> list[str]:
    if announced <= found:
        return []
    return [_SAID["fewer"].format(announced=announced, found=found)]


def _subject(asked: _Asked, listing: _Listing, passage: Passage) -> str:
    """The words that announce the list: of several clauses the last that speaks of what is asked."""
    if listing.form in ("names", "problems"):
        return listing.subject
    clauses = [c.strip() for c in _pieces(_CLAUSE, _HEADING_MARK.sub(" ,", f" {listing.near}"))]
    told = {c: sum(word in c for word in asked.words) for c in clauses if c}
    best = max(reversed(told), key=lambda clause: told[clause], default="")
    return best.removeprefix(f"{passage.period}年") if told.get(best) else ""


def _shortened(items: Sequence[_Item]) -> list[_Item]:
    """The items, cut to fewer clauses each if the answer would grow too long."""
    shortened = list(items)
    for most in (_ITEM_MAX, _ITEM_MAX // 2, 1):
        if sum(len(item.text) for item in shortened) <= _ANSWER_MAX:
            break
        shortened = [_Item(_head(item.text, most), item.unit) for item in items]
    return shortened


def _joined(items: Sequence[_Item], numbers: dict[int, int]) -> str:
    """The items; those of one sentence share its marker."""
    separator = ";" if any(re.search("[,、]", item.text) for item in items) else "、"
    groups = groupby(items, key=lambda item: numbers[item.unit])
    return separator.join(
        _SAID["marked"].format(items=separator.join(item.text for item in group), n=n)
        for n, group in groups
    )


def _period(passage: Passage, report: Report, said: dict[str, str]) -> str:
    period = passage.period or (str(report.year) if report.year else "")
    if not period:
        return ""
    return said["told_in_plan" if passage.kind == "plan" else "told_in"].format(period=period)


def _checks(
    items: Iterable[_Item], numbers: dict[int, int], citations: Sequence[Citation]
) -> Iterator[Check]:
    for item in items:
        n = numbers[item.unit]
        quote = fold(citations[n - 1].quote).replace("\n", "")
        for figure in find_figures(item.text):
            text = item.text[figure.start : figure.end]
            yield Check(text, text in quote, n)
