"""The sections of a report: which stretch looks back, which plans, and for which period.

A heading says most (``一、2023年工作回顾``); where it does not, the section is told by its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from qa.reports.paragraphs import HeadingStyle, Paragraph
from qa.reports.periods import plan_spans_in, span_of, years_in
from qa.reports.report import Section, SectionKind

_REVIEW_HEADING = re.compile(
    r"回顾|总结|成就|成绩|过去(?:的?一|五)年|[一五三]年来|完成情况|执行情况|去年|上年|报告.{0,12}年的?工作"
    r"|“十[一二三四五六]五”时期工作$"
)
_PLAN_HEADING = re.compile(
    r"安排|任务|部署|重点工作|目标|打算|建议|总体(?:要求|思路|考虑)|主要考虑|蓝图|规划|今年|新的一年"
    r"|基本方针|工作(?:重点|计划|思路)|民生实事|未来五年|今后五年|计划纲要"
)
_GOVERNMENT_HEADING = re.compile(
    r"政府.{0,6}(?:自身)?建设|自身建设|政府治理|人民满意.{0,4}政府|(?:从严)?治政|政风建设|法治政府|服务型政府"
    r"|党的全面领导贯穿|政府自身"
)
_REVIEW_WORDS = re.compile(
    r"实现了|完成了|达到|增长\d|增长了|成功|荣获|获评|入选|新增|全面完成|圆满|一年来|过去一年|五年来|建成了|取得了|突破|已经|了[,。]"
)
_PLAN_WORDS = re.compile(
    r"力争|确保|要[坚加进继积努大着认切]|必须|将[进加继全]|加快|推进|推动|深入实施|着力|大力|进一步|努力|继续|积极|健全|完善|优化|争取|我们要|今年"
)
_PLAN_TERM_START = re.compile(r"^[^。,]{0,6}“?十[一二三四五六]?五”?(?:时期|规划|期间)")
_FIVE_YEARS_START = re.compile(
    r"^(?:——|各位代表[!,:])*(?:(?:经过|历经|回首|回顾|回望)?(?:这|过去的?)?五年(?:来|,|接续|奋斗|的?奋斗|,?我们)|这是|这五年)"
)
_LAST_YEAR_START = re.compile(
    r"^(?:刚刚过去的|过去的?一年|一年来|(?:19|20)\d\d年是.{0,16}(?:一年|之年|年)[,。])"
)
_GOALS_START = re.compile(
    r"^(?:指导思想|主要(?:预期)?目标|新的一年|今后五年|未来五年|展望|做好今年|到(?:19|20)\d\d年|今年"
    r"|(?:19|20)\d\d年[^。,]{0,18}(?:目标|任务|要求)|[^。,]{0,12}(?:重点工作|主要任务):)"
)
_KIND_OF_STYLE: tuple[HeadingStyle, ...] = ("numbered", "plain")


@dataclass(frozen=True, slots=True)
class _Run:
    """Paragraphs under one top-level heading; ``title`` is empty above the first one."""

    title: str
    paragraphs: tuple[Paragraph, ...]


def find_sections(
    body: tuple[Paragraph, ...], year: int | None, *, loose: bool = False
) -> tuple[Section, ...]:
    """The sections of a report's body, in order, without gaps between them.

    ``year`` is the year of delivery. ``loose`` is for pages without a full text's order: there a
    paragraph's own opening words may start a section.
    """
    sections: list[Section] = []
    nested = _Nested(loose)
    for run in _top_level_runs(body):
        before = sections[-1] if sections else None
        found = _sections_of_run(run, before.kind if before else None, year, loose)
        for section in found:
            before = sections[-1] if sections else None
            sections.append(replace(section, period=nested.period(section, before)))
    return _contiguous(sections, body)


@dataclass(slots=True)
class _Nested:
    """Numbered headings that count from 一 again inside a plan for several years are its parts:
    they keep its period, though they name none; so do, where the order is loose, plain ones."""

    loose: bool
    span: str | None = None
    number: int = 0

    def period(self, section: Section, before: Section | None) -> str | None:
        number = _number(section.title)
        inside = number == self.number + 1 if self.span else number == 1
        if self.loose and section.title and not number:
            inside = not (years_in(section.title) or "预期" in section.title)
        spanning = before is not None and before.kind == "plan" and "-" in (before.period or "")
        if before is None or not inside or section.kind != "plan" or not spanning:
            self.span = None
            return section.period
        self.span, self.number = before.period, number
        return self.span


def _number(title: str) -> int:
    """The number of ``三、…``; 0 for a title without one."""
    match = re.match("([一二三四五六七八九])、", title)
    return "一二三四五六七八九".index(match.group(1)) + 1 if match else 0


def _top_level_runs(body: tuple[Paragraph, ...]) -> list[_Run]:
    style = _top_style(body)
    starts = [i for i, p in enumerate(body) if _is_top_heading(p, style)]
    if style == "plain" and sum(body[i].heading_style == "plain" for i in starts) == 1:
        # One plain line above 一、二、三: the numbered headings are its peers, not its parts.
        numbered = [i for i, p in enumerate(body) if p.heading_style == "numbered"]
        starts = sorted({*starts, *numbered})
    runs = [_Run("", body[: starts[0] if starts else len(body)])]
    for start, end in pairwise([*starts, len(body)]):
        runs.append(_Run(body[start].text, body[start:end]))
    return [run for run in runs if run.paragraphs]


def _top_style(body: tuple[Paragraph, ...]) -> HeadingStyle:
    """The style of the first heading that tells a section's kind: 一、… or a plain line."""
    for paragraph in body:
        style = paragraph.heading_style
        if style in _KIND_OF_STYLE and _kind_of_heading(paragraph.text):
            return style
    return "numbered"


def _is_top_heading(paragraph: Paragraph, top: HeadingStyle) -> bool:
    style = paragraph.heading_style
    if style == "numbered" and top == "numbered":
        return True
    # A plain line among numbered headings opens a section only if it says which kind it is; the
    # same holds for a numbered line among plain ones, where 一、二、 count the parts of a section.
    if style not in _KIND_OF_STYLE:
        return False
    kind = _kind_of_heading(paragraph.text)
    return kind == "government" if style != top else kind is not None


def _kind_of_heading(text: str) -> SectionKind | None:
    """The kind a heading names; a heading that names two is a review first (see ``_is_mixed``)."""
    if _GOVERNMENT_HEADING.search(text):
        return "government"
    if _REVIEW_HEADING.search(text):
        return "review"
    return "plan" if _PLAN_HEADING.search(text) else None


def _is_mixed(title: str) -> bool:
    """True if a heading announces two kinds or two periods: “十四五”成就和“十五五”目标."""
    kinds = bool(_REVIEW_HEADING.search(title)) + bool(_PLAN_HEADING.search(title))
    return kinds > 1 or len(plan_spans_in(title)) + len(years_in(title)) > 1


def _sections_of_run(
    run: _Run, before: SectionKind | None, year: int | None, loose: bool
) -> list[Section]:
    kind = _kind_of_heading(run.title) or _kind_by_content(run, before)
    if not (loose or _is_mixed(run.title)):
        return [_section(run, run.paragraphs, kind, _period(run.title, kind, year))]
    return _split_by_openings(run, kind, year, loose)


def _split_by_openings(
    run: _Run, kind: SectionKind, year: int | None, loose: bool
) -> list[Section]:
    """Cut where a paragraph's first words turn to another purpose or another period."""
    now = (kind, _period(run.title, kind, year))
    parts = [(now, [run.paragraphs[0]])]
    for paragraph in run.paragraphs[1:]:
        turned = _announced(paragraph.text, year) or now
        if turned != now:
            now = turned
            if len(parts) == 1 and parts[0][1] == [run.paragraphs[0]] and run.title:
                parts = [(now, parts[0][1])]
            else:
                parts.append((now, []))
        parts[-1][1].append(paragraph)
    # Where the order is loose a part that its own words announce is not under the last heading.
    titles = [run.title, *("" if loose else run.title for _ in parts[1:])]
    return [
        Section(kind, period, title, part[0].start, part[-1].end)
        for ((kind, period), part), title in zip(parts, titles, strict=True)
    ]


def _announced(text: str, year: int | None) -> tuple[SectionKind, str | None] | None:
    """Purpose and period that a paragraph's first words announce, if they do."""
    if year is None:
        return None
    if _PLAN_TERM_START.match(text):
        span = plan_spans_in(text[:14] + "时期")[0]
        return ("plan" if span_of(span)[0] >= year - 1 else "review"), span
    if _FIVE_YEARS_START.match(text):
        return "review", f"{year - 5}-{year - 1}"
    if _LAST_YEAR_START.match(text):
        told = (years_in(text[:10]) or [year - 1])[0]
        return ("review" if told < year else "plan"), str(told)
    if _GOALS_START.match(text):
        told = (years_in(text[:24]) or [year])[0]
        return "plan", str(told) if told <= year else f"{year}-{told}"
    return None


def _kind_by_content(run: _Run, before: SectionKind | None) -> SectionKind:
    if not run.title:
        return "other" if sum(len(p.text) for p in run.paragraphs) < 400 else _told_by_words(run)
    # Once the plan has begun every further section belongs to it, up to the government's own.
    if before in ("plan", "government"):
        return "plan"
    return _told_by_words(run)


def _told_by_words(run: _Run) -> SectionKind:
    text = "".join(p.text for p in run.paragraphs)
    return "review" if _balance(text) > 0 else "plan"


def _balance(text: str) -> float:
    # Planning words also occur in reviews (“深入推进…”); words of completion seldom in plans.
    return 1.5 * len(_REVIEW_WORDS.findall(text)) - len(_PLAN_WORDS.findall(text))


def _section(
    run: _Run, paragraphs: tuple[Paragraph, ...], kind: SectionKind, period: str | None
) -> Section:
    return Section(kind, period, run.title, paragraphs[0].start, paragraphs[-1].end)


def _period(lead: str, kind: SectionKind, year: int | None) -> str | None:
    """The printed year of the lead, else the span of its plan, else what the delivery implies."""
    years = years_in(lead)
    spans = plan_spans_in(lead)
    if kind == "plan" and spans and not years:
        return spans[-1]
    if years:
        return str(years[0] if kind == "review" else years[-1])
    if kind == "review" and spans:
        return _first_years(spans[0], lead)
    if year is None or kind == "other":
        return None
    if kind == "plan" and re.search("(?:今后|未来)五年", lead):
        return f"{year}-{year + 4}"
    back = re.search("([三四五])年来|过去的?([三五])年", lead)
    if kind == "review" and back:
        count = "一二三四五".index(back.group(1) or back.group(2)) + 1
        return f"{year - count}-{year - 1}"
    return str(year - 1 if kind == "review" else year)


def _first_years(span: str, lead: str) -> str:
    """“六五”计划前两年的执行情况: as many years as are told of, of the plan's five."""
    told = re.search("前([一二两三四])年", lead)
    if not told:
        return span
    start = span_of(span)[0]
    return f"{start}-{start + '一二三四'.index(told.group(1).replace('两', '二'))}"


def _contiguous(sections: list[Section], body: tuple[Paragraph, ...]) -> tuple[Section, ...]:
    if not sections:
        return ()
    ends = [section.start for section in sections[1:]] + [body[-1].end]
    return tuple(replace(section, end=end) for section, end in zip(sections, ends, strict=True))
