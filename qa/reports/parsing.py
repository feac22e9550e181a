"""A source to its reports: the one entrance of ``qa.reports``."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.places import Place
from qa.reports.correcting import Correction, Field
from qa.reports.metadata import Metadata, read_metadata
from qa.reports.origin import Origin, marks_between
from qa.reports.paragraphs import Paragraph, paragraphs
from qa.reports.passages import split_passages
from qa.reports.periods import plan_spans_in, years_in
from qa.reports.report import Passage, Report, Section, SectionKind, Source
from qa.reports.sections import find_sections
from qa.reports.splitting import ReportSpan, is_page_line, split_reports

PASSAGE_MAX_CHARS = 450
_PERIOD_FIELDS: Mapping[SectionKind, Field] = {
    "review": "reviewed_period",
    "plan": "planned_period",
}
# “现在,我代表国务院,作关于第七个五年计划的报告”: such a report plans for five years, though its last
# section may speak of the first of them.
_PLAN_REPORT = re.compile(
    r"关于([^。]{0,40}(?:五年计划|五年规划|五”?计划|五”?规划)[^。]{0,20})的报告"
)


def parse_reports(
    source: Source,
    passage_max_chars: int = PASSAGE_MAX_CHARS,
    corrections: Mapping[str, Correction] | None = None,
) -> list[Report]:
    """The reports of ``source``, in order, with sections and passages.

    ``corrections`` are what people corrected, by the ``Report.mark`` of each report: it keeps its id.
    Raises ``NotAReportError`` if there is none.
    """
    spans = split_reports(paragraphs(source.text), source.name)
    read = [_report(source, span, number, passage_max_chars) for number, span in enumerate(spans)]
    if not corrections:
        return read
    return [
        _corrected(source, span, report, passage_max_chars, corrections.get(report.mark))
        for span, report in zip(spans, read, strict=True)
    ]


def _corrected(
    source: Source, span: ReportSpan, read: Report, max_chars: int, correction: Correction | None
) -> Report:
    """The report as if the document said what was corrected; its id is of what the document says."""
    if not correction:
        return read
    told = {name: getattr(read, name) for name in correction.values}
    return _report(source, span, 0, max_chars, replace(correction, read=told), read.report_id)


def _report(
    source: Source,
    span: ReportSpan,
    number: int,
    max_chars: int,
    correction: Correction | None = None,
    report_id: str | None = None,
) -> Report:
    meta = read_metadata(span, source.origin, correction)
    sections = _moved(find_sections(span.body, meta.year, loose=not span.opening), correction)
    front = _front_section(span, meta)
    start = span.header[0].start if span.header else span.body[0].start
    report = Report(
        report_id=report_id or _report_id(source, meta.place, meta.year, number),
        title=meta.title,
        source=source.name,
        start=start,
        end=span.body[-1].end,
        place=meta.place_name,
        place_code=_code(meta.place),
        province=meta.place.province if meta.place else None,
        level=meta.place.level if meta.place else None,
        year=meta.year,
        delivered=meta.delivered,
        speaker=meta.speaker,
        reviewed_period=_period_of(sections, "review"),
        planned_period=_declared_plan(span) or _period_of(sections, "plan"),
        mentioned_years=_mentioned_years(span),
        warnings=(
            *([correction.warning()] if correction else []),
            *_warnings(span, meta, sections),
            *_told_otherwise(meta, source.origin, correction),
        ),
        sections=(*front, *sections),
        url=source.origin.url,
        correction=correction,
    )
    return replace(report, passages=tuple(_passages(source, report, span, max_chars)))


def _moved(sections: tuple[Section, ...], correction: Correction | None) -> tuple[Section, ...]:
    """The sections under the periods corrected: those of the kind that bore the period that was read,
    or none."""
    for kind, name in _PERIOD_FIELDS.items():
        if correction and name in correction.values:
            told, read = _told_period(sections, kind, correction), _period_of(sections, kind)
            sections = tuple(
                replace(s, period=told) if s.kind == kind and s.period in (None, read) else s
                for s in sections
            )
    return sections


def _told_period(
    sections: tuple[Section, ...], kind: SectionKind, correction: Correction | None
) -> str | None:
    """The period that was corrected, else the sections'."""
    name = _PERIOD_FIELDS[kind]
    if correction and name in correction.values:
        told = correction.values[name]
        return None if told is None else str(told)
    return _period_of(sections, kind)


def _report_id(source: Source, place: Place | None, year: int | None, number: int) -> str:
    """Readable and stable: place code, year, and a hash of the content and the report's rank."""
    digest = hashlib.sha256(f"{source.sha256}:{number}".encode()).hexdigest()[:8]
    return f"{place.code if place else 'unnamed'}-{year or 'undated'}-{digest}"


def _code(place: Place | None) -> str | None:
    return place.code if place and place.level != "国家" else None


def _front_section(span: ReportSpan, meta: Metadata) -> tuple[Section, ...]:
    if not span.header:
        return ()
    start, end = span.header[0].start, span.header[-1].end
    return (Section("other", str(meta.year) if meta.year else None, "", start, end),)


def _without_furniture(text: str, lines: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """A header's lines in stretches with no page furniture between them: a passage is all that stands
    from its first line to its last."""
    runs: list[list[Paragraph]] = []
    for line in lines:
        if is_page_line(line.text):
            continue
        if runs and not text[runs[-1][-1].end : line.start].strip():
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _period_of(sections: tuple[Section, ...], kind: str) -> str | None:
    """The period most of the report's sections of ``kind`` speak of: single years before spans."""
    periods = [s.period for s in sections if s.kind == kind and s.period]
    years = [period for period in periods if "-" not in period]
    told = years or periods
    return told[-1] if told else None


def _declared_plan(span: ReportSpan) -> str | None:
    """The span of the five-year plan that the report, by its first sentences, is about."""
    for paragraph in span.body[:3]:
        declared = _PLAN_REPORT.search(paragraph.text)
        spans = plan_spans_in(declared.group(1)) if declared else []
        if spans:
            return spans[-1]
    return None


def _mentioned_years(span: ReportSpan) -> tuple[int, ...]:
    return tuple(sorted({year for paragraph in span.body for year in years_in(paragraph.text)}))


def _warnings(span: ReportSpan, meta: Metadata, sections: tuple[Section, ...]) -> tuple[str, ...]:
    reviewed, planned = _period_of(sections, "review"), _period_of(sections, "plan")
    found = []
    if reviewed is not None and reviewed == planned:
        found.append(f"回顾与计划都写作{reviewed}年,实绩与目标按章节区分")
    if meta.place_name is None:
        found.append("报告未写明所属地区")
    elif meta.place is None:
        found.append(f"地名“{meta.place_name}”不在现行行政区划中,或有同名地区")
    if not span.opening or any("删减" in line.text for line in span.body[-2:]):
        found.append("报告为摘要或有删减")
    if meta.year is None:
        found.append("报告未写明年份")
    if not any(section.kind == "review" for section in sections):
        found.append("未找到回顾部分")
    return tuple(found)


def _told_otherwise(
    meta: Metadata, origin: Origin, correction: Correction | None
) -> tuple[str, ...]:
    """What the form's reader noted, and where columns beside the text contradict it."""
    found = list(origin.warnings)
    settled = correction is not None and correction.values.keys() & {"year", "delivered"}
    if origin.year and meta.year != origin.year and not settled:
        found.append(f"数据表写作{origin.year}年,报告写作{meta.year}年")
    return tuple(found)


def _passages(source: Source, report: Report, span: ReportSpan, max_chars: int) -> list[Passage]:
    found: list[Passage] = []
    marks = source.origin.marks
    lines = (*span.header, *span.body)
    starts = [line.start for line in lines]
    for section in report.sections:
        first, last = (bisect_left(starts, offset) for offset in (section.start, section.end))
        inside = list(lines[first:last])
        is_front = bool(inside) and inside[0] in span.header
        for run in _without_furniture(source.text, inside) if is_front else [inside]:
            found += split_passages(
                source.text, report.report_id, source.name, section, run, max_chars
            )
    if marks:
        found = [replace(p, marks=marks_between(marks, p.start, p.end)) for p in found]
    return found
