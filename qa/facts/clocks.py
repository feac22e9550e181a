"""When a figure is for, and whether it is a result, a target or an estimate.

The section says first (its kind and period); words in the sentence before the figure overrule it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from qa.facts.fact import Basis, Status
from qa.reports.periods import han_year, plan_spans_in, span_of
from qa.reports.report import SectionKind

_HAN_YEAR = "[一二][九〇零○O0][〇零○O0一二三四五六七八九]{2}"
_CUE = re.compile(
    r"(?P<compared>(?:(?P<to>(?:19|20)\d\d)年)?[与同和](?P<from>(?:19|20)\d\d)年相比)"
    r"|(?P<span>(?P<first>(?:19|20)\d\d)年?[-—~至到]{1,2}(?P<last>(?:19|20)\d\d)年)"
    rf"|(?P<against>(?:比|较|自|从|由|于|以)(?:(?:(?:19|20)\d\d|{_HAN_YEAR})年|(?:前|过去|近|上)[一二两三四五]年))"
    r"|(?P<ground>在(?:(?:19|20)\d\d年|去年|上年)[^,。]{0,14}基础上)"
    r"|(?P<attribute>(?:19|20)\d\d年(?:前|以前|之前|以来|度|版|底前|民生|同期|“))"
    rf"|(?P<year>(?:(?:19|20)\d\d|{_HAN_YEAR})(?=年))"
    r"|(?P<relative>比去年|比上年|较去年|较上年|今年|本年度|(?:去年|上年|前年)(?!同期)|明年|过去一年|一年来|刚刚过去的一年|新的一年)"
    r"|(?P<years>(?:过去|近|前|这|最近)?的?(?P<count>[二两三四五])年(?:来|间|累计|共|期间|中|以来|,|全|新|总|平均|年均|内|增长|下降|提高|合计|安排))"
    r"|(?P<coming>(?:未来|今后|用|再用|利用)(?P<ahead>[三四五345])年(?:时间|左右)?)"
    r"|(?P<plan>“?(?:十[一二三四五六]?|[一二三四五六七八九])五”?(?P<edge>末|初|期末)?(?:时期|期间|计划|规划|以来)?)"
)
# A year in brackets dates what the brackets stand behind, not the rest of the sentence.
_ASIDE = re.compile(r"\([^()]{1,40}\)")
_PLAN_NAME = re.compile(
    r"“(?:十[一二三四五六]?|[六七八九])五”|(?:十[一二三四五六]|[六七八九])五(?=时期|期间|末|规划|计划|以来)"
)
_COUNTS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "3": 3, "4": 4, "5": 5}
_ESTIMATE = re.compile(r"预计|预期(?=实现|达|增长|完成|为|可)|有望|可望")
_GOALS = re.compile("预期目标(?:是|为|:)")
_PAST = re.compile(
    r"已(?:有|达|建成|完成|累计|实现|超|突破|经)|增长了|达到了|超过了|目前|截至|增加了|下降了|了(?=\d)|建成了|完成了"
)
_ANNUAL = re.compile(
    r"年均|平均每年|年平均|每年(?:平均)?(?:增长|递增|提高)|两年平均|三年平均|年递增"
)
# 较前三年平均下降52%: neither an average growth nor one on the year before.
_AGAINST_AVERAGE = re.compile("[较比](?:前|过去)[两二三四五][年个][^,]{0,2}(?:平均|均值)")
_REAL = re.compile(r"实际(?!使用|利用|到|完成|投资|上)|扣除[^,]{0,4}(?:价格|物价)|可比价|不变价")
_CUMULATIVE = re.compile(
    r"(?:比|较|是)(?:(?P<base>(?:19|20)\d\d)年|“?(?:十[一二三四五六]?|[六七八九])五”?[末初期]|五年前|上届|[一二三四五六七八九]+年前)|累计增长|累计下降|五年增长|总量增长"
)
_SUM = re.compile(r"累计|合计|总计|新增|减少")
# A stock counted 累计 up to a date still stands at that date.
_STOCK = re.compile(
    r"(?:数量|总数|总量|面积|里程|率|余额|存量|保有量|规模|比重|占比|比例|比值|之比|强度|浓度|密度|水平|指数|总数量|寿命)$"
)
# 从2.77%提高到3.3%: what has moved stands where it came to.
_MOVES_TO = re.compile(
    r"(?:提高|提升|上升|增加|增长|扩大|扩展|下降|降低|缩小|减少|压缩|压减|降|升)[到至为]"
)
_ENDING = re.compile(r"^(?:完成|实现|突破)")


@dataclass(frozen=True, slots=True)
class Clock:
    """The section's time: ``year`` is the year of delivery, ``period`` what the section tells of."""

    kind: SectionKind
    period: str | None
    year: int | None

    @property
    def is_plan(self) -> bool:
        return self.kind in ("plan", "government")

    @property
    def default(self) -> str | None:
        if self.period:
            return self.period
        if self.year is None:
            return None
        return str(self.year if self.is_plan else self.year - 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A period in force from ``position`` on; ``whole`` if levels take it too (未来三年)."""

    position: int
    period: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence says about time: the moments in order and the cues of status.

    ``estimate_from`` and ``target_from`` are where 预计 and 预期目标是 stand, -1 if nowhere.
    """

    text: str
    clock: Clock
    moments: tuple[Moment, ...]
    estimate_from: int
    target_from: int

    def moment_at(self, position: int) -> Moment | None:
        """The period named last before ``position``; None if none is."""
        index = bisect_right(self.moments, position, key=lambda moment: moment.position)
        return self.moments[index - 1] if index else None


def read_time(text: str, clock: Clock, carried: str | None = None) -> Reading:
    """Find the words of time in a clean sentence; ``carried`` is the paragraph's own period."""
    moments = [Moment(0, carried)] if carried else []
    for match in _CUE.finditer(_ASIDE.sub(lambda aside: " " * len(aside.group()), text)):
        period = _period(match, clock)
        if period is not None:
            moments.append(Moment(match.end(), period, bool(match["coming"])))
    estimate, target = _ESTIMATE.search(text), _GOALS.search(text)
    return Reading(
        text,
        clock,
        tuple(moments),
        estimate.end() if estimate else -1,
        target.end() if target else -1,
    )


# 五年来, 刚刚过去的2025年, stand within so many signs of the start.
_OPENING = 16


def opening_period(reading: Reading, is_first: bool) -> str | None:
    """The period a sentence's first words set for the rest of the paragraph: 五年来, 2025年."""
    opened = [m.period for m in reading.moments if 0 < m.position <= _OPENING and is_first]
    return opened[0] if opened else None


def _period(match: re.Match[str], clock: Clock) -> str | None:
    if match["span"]:
        return f"{match['first']}-{match['last']}" if match["first"] < match["last"] else None
    if match["compared"]:
        return _compared_period(match, clock)
    if match["against"] or match["attribute"] or match["ground"]:
        return None
    if match["year"]:
        year = match["year"]
        return year if year.isdigit() else str(han_year(year) or "") or None
    if match["plan"]:
        return _plan_period(match)
    return _relative(match, clock)


def _compared_period(match: re.Match[str], clock: Clock) -> str | None:
    """2005年与2000年相比: what grew did so over the years behind the one compared with."""
    last = int(match["to"]) if match["to"] else clock.default and span_of(clock.default)[1]
    if not last:
        return None
    first = int(match["from"]) + 1
    return f"{first}-{last}" if first < last else str(last)


def _plan_period(match: re.Match[str]) -> str | None:
    named = _PLAN_NAME.search(match["plan"])
    if named is None or match.string[max(0, match.start() - 1) : match.start()] in ("比", "较"):
        return None
    spans = plan_spans_in(named.group().strip("“”") + "时期")
    if not spans:
        return None
    first, last = span_of(spans[0])
    edge = match["edge"] or ""
    if edge:
        return str(last if "末" in edge else first)
    # “十四五”规划 is a document, “十四五”期间 a time.
    return spans[0] if match["plan"].endswith(("时期", "期间", "以来")) else None


def _relative(match: re.Match[str], clock: Clock) -> str | None:
    year = clock.year
    if year is None:
        return None
    if match["years"]:
        return _years_back(match, clock, year)
    if match["coming"]:
        return f"{year}-{year + _COUNTS[match['ahead']] - 1}"
    word = match["relative"]
    if word[0] in "比较":
        return None
    shift = {"前年": -2, "明年": 1, "今年": 0, "本年度": 0, "新的一年": 0}.get(word, -1)
    # A collection whose headings all read 2023 calls the year of the plan 今年 and of the review 去年.
    if clock.kind == "review" and clock.period == str(year):
        shift = 0 if shift == -1 else shift
    return str(year + shift)


def _years_back(match: re.Match[str], clock: Clock, year: int) -> str:
    last = span_of(clock.period)[1] if clock.period and not clock.is_plan else year - 1
    first = last - _COUNTS[match["count"]] + 1
    if clock.period and clock.kind == "review" and "-" in clock.period and match["count"] == "五":
        return clock.period
    return f"{first}-{last}"


@dataclass(frozen=True, slots=True)
class Timing:
    """The outcome for one fact."""

    period: str
    status: Status
    basis: Basis | None


def timing(
    reading: Reading,
    at: int,
    words: str,
    *,
    has_level: bool,
    has_growth: bool,
    is_sum: bool,
    base: bool = False,
) -> Timing | None:
    """Period, status and basis of a figure at ``at``; None if no year is known, or
    for a growth against an average of years, which no basis of ours tells.

    ``words`` are those between indicator and figure. ``is_sum``: the figure adds up over a span
    (新增, 累计) instead of standing at its end. ``base``: it is the level a change starts from.
    """
    clock = reading.clock
    moment = reading.moment_at(at)
    named = moment.period if moment else None
    is_sum = is_sum or bool(moment and moment.whole)
    period = named or clock.default
    if period is None or (has_growth and not has_level and _AGAINST_AVERAGE.search(words)):
        return None
    status = _status(reading, at, named)
    if status == "actual" and clock.is_plan and named is None and clock.year:
        period = str(clock.year - 1)
    if base:
        return Timing(_base_period(reading, at, period), "actual", None)
    basis = _basis(words, period, clock.period) if has_growth else None
    section = clock.period or ""
    if (basis or "").startswith("annual") and not has_level and "-" in section:
        period = period if "-" in period else section
    return Timing(_of(period, basis, words, has_level, is_sum), status, basis)


# 从2021年的46503元和16935元: the year is that of each figure of the group.
_BASE_YEAR = re.compile(r"((?:19|20)\d\d)年[末底]?的?(?:\d[\d.,]*[^\d,;。]{1,6}[和、及与]){0,3}$")
_BASE_WITHIN = 40


def _base_period(reading: Reading, at: int, period: str) -> str:
    """The year before a change: the printed one, else the last before the section's span."""
    printed = _BASE_YEAR.search(reading.text[max(0, at - _BASE_WITHIN) : at])
    if printed:
        return printed.group(1)
    section = reading.clock.period
    if section and "-" in section and "-" not in period:
        return str(span_of(section)[0] - 1)
    return str(span_of(period)[0] - 1)


def _status(reading: Reading, at: int, named: str | None) -> Status:
    clock = reading.clock
    if clock.is_plan:
        return _plan_status(clock, reading.text[max(0, at - 24) : at], named)
    if 0 <= reading.estimate_from <= at:
        return "estimate"
    if named and clock.default and span_of(named)[1] > span_of(clock.default)[1]:
        return "target"
    return "target" if 0 <= reading.target_from <= at else "actual"


def _plan_status(clock: Clock, before: str, named: str | None) -> Status:
    start = span_of(clock.period)[0] if clock.period else clock.year
    if named and start is not None:
        if span_of(named)[1] < start:
            return "actual"
        return "target"
    return "actual" if _PAST.search(before) else "target"


def _basis(words: str, period: str, section: str | None) -> Basis:
    real = "_real" if _REAL.search(words) else ""
    if _ANNUAL.search(words):
        return f"annual_avg{real}"  # type: ignore[return-value]
    against = _CUMULATIVE.search(words)
    if against and against["base"] != str(span_of(period)[1] - 1):
        return "cumulative"
    first, last = span_of(period)
    if first != last and not re.search("比上年|同比|去年", words):
        return "cumulative"
    if "倍" in words and section and "-" in section:
        return "cumulative"
    return f"yoy{real}"  # type: ignore[return-value]


def _of(period: str, basis: Basis | None, words: str, has_level: bool, is_sum: bool) -> str:
    """Levels stand at the end of a span; sums, averages and growths over it take the span."""
    first, last = span_of(period)
    against = _CUMULATIVE.search(words)
    if basis == "cumulative" and against and against["base"] and not has_level:
        return f"{int(against['base']) + 1}-{last}"
    if first == last:
        return period
    if has_level:
        return period if is_sum and not (basis or "").startswith("annual") else str(last)
    return period


def is_sum(name: str, words: str, action: str) -> bool:
    """True if a figure of this name adds up over the years of a span.

    ``action`` is the verb the name opens with, ``words`` those around the name.
    """
    if _STOCK.search(name) or _MOVES_TO.search(words):
        return False
    return bool(_SUM.search(name + words) or (action and not _ENDING.match(action)))
