"""Many reports made of few: real passages, with figures, places and years moved.

Every digit of a report is exchanged for another (0 stays), every year is moved, and its place's name is
exchanged for another of the same length, so that all offsets stay and facts can be moved in the same
way instead of being read again. The parser is bypassed, the writing is the product's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact, Measure
from qa.places import Place, divisions
from qa.reports.parsing import parse_reports
from qa.reports.reading import SourceReader, files_of
from qa.reports.report import Passage, Report, Section, Source

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FIRST_YEAR, _YEARS = 2006, 20
_PASSAGE_CHARS = 500
# From a digit to the full-width one.
_WIDE = ord("１") - ord("1")


@dataclass(frozen=True)
class Base:
    """A report of a given file, cut out of it, with its facts."""

    report: Report
    facts: tuple[Fact, ...]
    text: str

    @property
    def sentences(self) -> list[str]:
        return [text for passage in self.report.passages for text in passage.sentence_texts()]


def read_bases(paths: Sequence[Path]) -> list[Base]:
    """The reports of the files that tell a year."""
    found = []
    with SourceReader() as reader:
        for path in (file for given in paths for file in files_of(given)):
            for document in reader.read(path):
                assert isinstance(document.source, Source), document.source
                for report in parse_reports(document.source, _PASSAGE_CHARS):
                    if report.year and report.passages:
                        facts = extract_facts(document.source, report)
                        found.append(_cut_out(document.source, report, facts))
    return found


def _cut_out(source: Source, report: Report, facts: Sequence[Fact]) -> Base:
    by = -report.start
    passages = tuple(_shift_passage(passage, by) for passage in report.passages)
    sections = tuple(replace(s, start=s.start + by, end=s.end + by) for s in report.sections)
    cut = replace(
        report, start=0, end=report.end + by, passages=passages, sections=sections, url=None
    )
    moved = tuple(
        replace(
            fact,
            start=fact.start + by,
            end=fact.end + by,
            level=_shift_measure(fact.level, by),
            growth=_shift_measure(fact.growth, by),
        )
        for fact in facts
    )
    return Base(cut, moved, source.text[report.start : report.end])


def _shift_passage(passage: Passage, by: int) -> Passage:
    spans = tuple((start + by, end + by) for start, end in passage.sentences)
    return replace(
        passage, start=passage.start + by, end=passage.end + by, sentences=spans, marks=()
    )


def _shift_measure(measure: Measure | None, by: int) -> Measure | None:
    return measure and replace(measure, start=measure.start + by, end=measure.end + by)


@dataclass(frozen=True)
class Clone:
    """A report made of a base: ``number`` tells one from another, ``base`` of which it is made."""

    number: int
    base: int
    source: Source
    report: Report
    facts: tuple[Fact, ...]


def clones(bases: Sequence[Base], passages: int) -> Iterator[Clone]:
    """Reports of, together, at least so many passages; always the same."""
    made = number = 0
    while made < passages:
        clone = clone_of(bases, number)
        yield clone
        made += len(clone.report.passages)
        number += 1


def clone_of(bases: Sequence[Base], number: int) -> Clone:
    """The report with this number."""
    base = number % len(bases)
    return _clone(bases[base], base, number)


def _clone(base: Base, index: int, number: int) -> Clone:
    move = Move(base, number)
    text = move.text(base.text)
    bare = move.report()
    passages = tuple(
        replace(
            one,
            report_id=bare.report_id,
            source=bare.source,
            text=text[one.start : one.end],
            headings=tuple(map(move.text, one.headings)),
            period=move.period(one.period),
        )
        for one in base.report.passages
    )
    report = replace(bare, passages=passages)
    facts = tuple(_moved_fact(fact, report, text, move) for fact in base.facts)
    return Clone(number, index, move.source(text), report, facts)


class Move:
    """How a base's digits, years and place are changed for one clone."""

    def __init__(self, base: Base, number: int) -> None:
        self._base = base
        self._number = number
        chance = np.random.default_rng(number)
        mixed = "".join(map(str, chance.permutation(np.arange(1, 10)).tolist()))
        wide = mixed.translate({ord(digit): ord(digit) + _WIDE for digit in mixed})
        self._digits = str.maketrans("123456789１２３４５６７８９", mixed + wide)
        own = base.report
        places = _places_like(own.place or "越城区")
        self.place = places[number % len(places)]
        # The years of a place come one after another.
        self.year = _FIRST_YEAR + (number // len(places) + number) % _YEARS
        assert own.year is not None
        self.years = self.year - own.year
        self._names = {own.place: self.place.name} if own.place else {}
        short = Place(own.place_code, own.place).short_name if own.place_code and own.place else ""
        if short and len(short) == len(self.place.short_name):
            self._names[short] = self.place.short_name

    def report(self) -> Report:
        """The clone's report without its passages."""
        own = self._base.report
        return replace(
            own,
            report_id=f"{self.place.code}-{self.year}-{self._number:08x}",
            title=self.text(own.title),
            source=f"{self._number:06d}.txt",
            place=self.place.name,
            place_code=self.place.code,
            province=self.place.province,
            level=self.place.level,
            year=self.year,
            delivered=None,
            reviewed_period=self.period(own.reviewed_period),
            planned_period=self.period(own.planned_period),
            mentioned_years=tuple(year + self.years for year in own.mentioned_years),
            sections=tuple(_moved_section(section, self) for section in own.sections),
            passages=(),
        )

    def source(self, text: str) -> Source:
        """The clone's source: its number is behind its text, so that no two are equal."""
        return Source(f"{self._number:06d}.txt", f"{text}\n{self._number}\n")

    def text(self, printed: str) -> str:
        pieces, last = [], 0
        for match in _YEAR.finditer(printed):
            pieces.append(printed[last : match.start()].translate(self._digits))
            pieces.append(f"{int(match[0]) + self.years:04d}")
            last = match.end()
        pieces.append(printed[last:].translate(self._digits))
        moved = "".join(pieces)
        for name, other in self._names.items():
            moved = moved.replace(name, other) if name else moved
        return moved

    def figure(self, printed: str | None) -> str | None:
        return printed and printed.translate(self._digits)

    def number(self, value: float) -> float:
        return float(f"{value:.12g}".translate(self._digits)) if value < 1e12 else value

    def period(self, period: str | None) -> str | None:
        return period and _YEAR.sub(lambda year: f"{int(year[0]) + self.years:04d}", period)

    def measure(self, measure: Measure | None) -> Measure | None:
        if measure is None:
            return None
        low, high = self.number(measure.low), self.number(measure.high)
        return replace(measure, text=self.text(measure.text), low=low, high=high)


_LIKE: dict[str, list[Place]] = {}


def _places_like(name: str) -> list[Place]:
    """The divisions whose full and short names are as long as those of ``name``."""
    if name not in _LIKE:
        every = [Place(code, called) for code, called in divisions().items()]
        found = [place for place in every if len(place.name) == len(name)]
        _LIKE[name] = found or every
    return _LIKE[name]


def _moved_section(section: Section, move: Move) -> Section:
    return replace(section, period=move.period(section.period), title=move.text(section.title))


def _moved_fact(fact: Fact, report: Report, text: str, move: Move) -> Fact:
    growth = fact.growth_percent
    return replace(
        fact,
        report_id=report.report_id,
        place=report.place,
        source=report.source,
        value=move.figure(fact.value),
        growth_percent=None if growth is None else move.number(growth),
        qualifier=fact.qualifier and move.text(fact.qualifier),
        period=move.period(fact.period) or fact.period,
        quote=text[fact.start : fact.end],
        level=move.measure(fact.level),
        growth=move.measure(fact.growth),
    )
