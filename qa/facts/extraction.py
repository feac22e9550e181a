"""From a report to its facts: sentence by sentence, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from qa.facts.areas import area_of, is_of_the_whole
from qa.facts.binding import Draft, bind
from qa.facts.clocks import Clock, Reading, is_sum, opening_period, read_time, timing
from qa.facts.fact import Fact, Measure
from qa.facts.figures import Figure
from qa.facts.lexicon import canonical
from qa.facts.naming import canonical_name
from qa.reports.clean_text import CleanText, clean
from qa.reports.report import Report, Section, Source

_DIGIT = re.compile(r"\d|百分之|[一二三四五六七八九十百千]+[万亿]|倍")
_SHARED = ("左右", "以上", "以内", "以下")
_CLAUSE_END = ",;。!?:\n"


def extract_facts(source: Source, report: Report) -> list[Fact]:
    """Every figure an analyst would put into a table, in the order of the text."""
    found: list[Fact] = []
    for section in report.sections:
        if section.kind != "other":
            found += _facts_of_section(source, report, section)
    return found


def _facts_of_section(source: Source, report: Report, section: Section) -> Iterator[Fact]:
    clock = Clock(section.kind, section.period, report.year)
    carried, before, area = None, section.start, ""
    for start, end in _sentences(report, section):
        is_first = "\n" in source.text[before:start]
        sentence = _one_line(clean(source.text, start, end))
        reading = read_time(sentence.text, clock, None if is_first else carried)
        opened = opening_period(reading, is_first)
        carried, before = opened if is_first else opened or carried, end
        area = area_of(sentence.text) if is_first else area
        for draft in bind(sentence.text) if _DIGIT.search(sentence.text) else ():
            fact = _fact(draft, sentence, reading, source, report)
            if fact is not None:
                whole = not area or is_of_the_whole(sentence.text[: draft.figure.left])
                yield fact if whole else _of_the_area(fact, area)


def _sentences(report: Report, section: Section) -> Iterator[tuple[int, int]]:
    for passage in report.passages:
        if section.start <= passage.start < section.end:
            yield from passage.sentences


def _one_line(text: CleanText) -> CleanText:
    """Without the line breaks of a sentence that runs over several lines."""
    if "\n" not in text.text:
        return text
    kept = [i for i, sign in enumerate(text.text) if sign != "\n"]
    return CleanText(
        "".join(text.text[i] for i in kept), tuple(text.origins[i] for i in kept), text.end
    )


def _fact(
    draft: Draft, sentence: CleanText, reading: Reading, source: Source, report: Report
) -> Fact | None:
    level, growth, name = _settled(draft)
    if level is None and growth is None:
        return None
    nation = report.level == "国家"
    indicator = canonical_name(name, nation) or name
    if not _is_tabular(indicator, level, draft):
        return None
    words = draft.words + draft.growth_words if growth is not None else draft.words
    time = timing(
        reading,
        draft.figure.left,
        words,
        has_level=level is not None,
        has_growth=growth is not None,
        is_sum=is_sum(name, draft.lead + words, draft.action),
        base=draft.base,
    )
    if time is None:
        return None
    start, end = sentence.span(*_clause(sentence.text, draft))
    rise = None if growth is None else _measure(growth, sentence, _growth_scale(growth, draft))
    return Fact(
        report.report_id,
        report.place,
        indicator,
        level.number if level else None,
        (level.unit or None) if level else None,
        rise.low if rise else None,
        time.basis,
        _qualifier(level, growth),
        time.period,
        time.status,
        source.name,
        start,
        end,
        source.text[start:end],
        name,
        _measure(level, sentence, 1) if level else None,
        rise,
    )


def _of_the_area(fact: Fact, area: str) -> Fact:
    """The fact under the area's name where it would else be taken for the place's own."""
    indicator = canonical(fact.indicator)
    if indicator is None or indicator.kind != "amount":
        return fact
    return replace(
        fact,
        indicator=f"{area}{fact.indicator}",
        printed_indicator=f"{area}{fact.printed_indicator}",
    )


def _settled(draft: Draft) -> tuple[Figure | None, Figure | None, str]:
    """Level, growth and name; a change alone is the level of its own name (贫困人口减少)."""
    if draft.level or draft.growth:
        return draft.level, draft.growth, draft.name
    if draft.change is None:
        return None, None, draft.name
    name = draft.name
    if draft.change.kind != "point" and not name.endswith(draft.change_verb):
        name += draft.change_verb
    return draft.change, None, name


def _is_tabular(indicator: str, level: Figure | None, draft: Draft) -> bool:
    if len(indicator) < 2:
        return canonical(indicator) is not None
    if level is None:
        return True
    if level.kind == "bare":
        return bool(re.search("比|倍差|系数|指数|得分|度$|强度|PM2", indicator)) and bool(
            draft.words
        )
    if level.kind == "weak":
        return bool(draft.words) or canonical(indicator) is not None
    return True


def _growth_scale(growth: Figure, draft: Draft) -> int:
    return draft.sign * (100 if growth.kind == "multiple" else 1)


def _measure(figure: Figure, sentence: CleanText, scale: int) -> Measure:
    start, end = sentence.span(figure.left, figure.right)
    text = sentence.text[figure.left : figure.right]
    qualifier = figure.qualifier
    if qualifier in _SHARED and not text.endswith(qualifier):
        text += qualifier
    low, high = round(figure.low * scale, 6), round(figure.high * scale, 6)
    step = round(figure.step * abs(scale), 6)
    return Measure(text, start, end, min(low, high), max(low, high), step, qualifier)


def _qualifier(level: Figure | None, growth: Figure | None) -> str | None:
    if level is not None:
        return level.qualifier
    if growth is not None and growth.is_range:
        return (
            f"{growth.number}".replace("—", f"{growth.unit}—")
            + growth.unit
            + (growth.qualifier or "")
        )
    return growth.qualifier if growth else None


def _clause(text: str, draft: Draft) -> tuple[int, int]:
    """The clause from the draft's first word to the end of its last figure's clause."""
    start, end = draft.start, draft.end
    figures = [f for f in (draft.level, draft.growth, draft.change) if f is not None]
    start = min([start, *(f.left for f in figures)])
    end = max([end, *(f.right for f in figures)])
    while start > 0 and text[start - 1] not in _CLAUSE_END and start > draft.start - 60:
        start -= 1
    while end < len(text) and text[end] not in _CLAUSE_END:
        end += 1
    return start, end
