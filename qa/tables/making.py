"""Making a comparison: names are read, cells filled, sentences cited, numbers computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from qa.answers.answer import Citation
from qa.answers.citing import Citations
from qa.answers.surveys.own_words import called
from qa.errors import InputError
from qa.facts.fact import Status
from qa.facts.holdings import indicators_in
from qa.facts.lexicon import Indicator, all_indicators, canonical, parts
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.reports.clean_text import fold
from qa.reports.periods import span_of
from qa.reports.report import Passage
from qa.tables.comparison import Comparison, Row, grouped, to_rank
from qa.tables.computed import Computed, Computing, difference, ranks
from qa.tables.filling import Near, facts_near, figures_of
from qa.tables.subjects import Subject, choose_subjects, nearest

# A table that nobody reads: who wants all figures takes the facts.
MOST_CELLS = 10_000
STATUSES: tuple[Status, ...] = ("actual", "estimate", "target")
_PERIOD = re.compile(r"(?:19|20)\d\d(?:-(?:19|20)\d\d)?")


def compare(
    library: Library,
    places: Sequence[str] = (),
    indicators: Sequence[str] = (),
    periods: Sequence[str] = (),
    statuses: Sequence[str] = (),
    computed: Sequence[Computing] = (),
) -> Comparison:
    """What the reports state of each indicator, by period and place.

    Places are full or short names or the id of a report that names none; default is all that is held.
    Indicators are any names of one, or names that facts bear; at least one. Periods are years or
    spans; default are those that each place's reports are about. Estimates have a column if asked
    for or found. Raises ``InputError`` for names that nothing is called by and for tables of more
    than ``MOST_CELLS`` figures.
    """
    subjects = choose_subjects(library, list(dict.fromkeys(places)))
    asked = _indicators(indicators, library)
    wanted = _statuses(statuses)
    times = _times(subjects, list(dict.fromkeys(map(_period, periods))))
    _check_size(asked, times, wanted)
    rows: list[Row] = []
    for indicator in asked:
        near = facts_near(library, indicator)
        for period, those in times.items():
            rows += _rows(those, indicator, period, wanted, near)
    if not statuses and not any(row.figures["estimate"].held for row in rows):
        wanted = tuple(status for status in wanted if status != "estimate")
    cited, citations = _cited(rows, wanted, library)
    return Comparison(_computed(cited, computed), wanted, tuple(computed), citations)


# --- what is asked -----------------------------------------------------------------------------


def _indicators(names: Sequence[str], library: Library) -> list[Indicator]:
    if not any(name.strip() for name in names):
        raise InputError("no_indicator")
    return list(dict.fromkeys(one for name in names for one in _called(name, library)))


def _called(name: str, library: Library) -> Sequence[Indicator]:
    known = canonical(name)
    if found := parts(name) or ((known,) if known else ()):
        return found
    held = indicators_in(one.fact for one in library.facts())
    printed = {fold(one.name).lower(): one.name for one in held}
    if (key := fold(name).lower()) in printed:
        return [called(printed[key])]
    names = [*printed.values(), *(n for indicator in all_indicators() for n in indicator.names)]
    raise InputError("unknown_indicator", name=name, known="、".join(nearest(name, names)))


def _statuses(names: Sequence[str]) -> tuple[Status, ...]:
    for name in names:
        if name not in get_args(Status):
            raise InputError("unknown_status", name=name, known="、".join(STATUSES))
    return tuple(status for status in STATUSES if not names or status in names)


def _period(printed: str) -> str:
    first, last = span_of(printed) if _PERIOD.fullmatch(printed) else (1, 0)
    if last < first:
        raise InputError("wrong_period", name=printed)
    return str(first) if first == last else printed


def _times(subjects: Sequence[Subject], periods: Sequence[str]) -> Mapping[str, list[Subject]]:
    """Period → the places it is asked of: all, or those whose reports are about it."""
    if periods:
        return {period: list(subjects) for period in periods}
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        for period in subject.periods:
            found.setdefault(period, []).append(subject)
    ordered = sorted(found, key=lambda period: (span_of(period)[::-1], period))
    return {period: found[period] for period in ordered}


def _check_size(
    indicators: Sequence[Indicator],
    times: Mapping[str, Sequence[Subject]],
    statuses: Sequence[Status],
) -> None:
    cells = len(indicators) * len(statuses) * sum(map(len, times.values()))
    if cells > MOST_CELLS:
        raise InputError("table_too_large", cells=f"{cells:,}", most=f"{MOST_CELLS:,}")


# --- rows --------------------------------------------------------------------------------------


def _rows(
    subjects: Sequence[Subject],
    indicator: Indicator,
    period: str,
    statuses: Sequence[Status],
    near: Near,
) -> Iterator[Row]:
    columns = [figures_of(subjects, indicator, period, status, near) for status in statuses]
    for figures in zip(*columns, strict=True):
        by_status = {figure.status: figure for figure in figures}
        yield Row(figures[0].subject, indicator, period, by_status, {})


def _cited(
    rows: Sequence[Row], statuses: Sequence[Status], library: Library
) -> tuple[list[Row], tuple[Citation, ...]]:
    """The rows with the numbers of their citations, in the order of the table."""
    held = list(
        dict.fromkeys(
            one for row in rows for figure in row.figures.values() for one in figure.facts
        )
    )
    passages = _passages(held, library)
    citations = Citations()
    numbers = {one: _cite(one, passages, citations, library) for one in held}
    cited = [
        replace(row, figures={status: row.figures[status].cited(numbers) for status in statuses})
        for row in rows
    ]
    return cited, citations.made


def _passages(held: Sequence[HeldFact], library: Library) -> dict[int, Passage]:
    numbers = list(dict.fromkeys(one.passage for one in held if one.passage is not None))
    return dict(zip(numbers, library.passages(numbers), strict=True))


def _cite(
    held: HeldFact, passages: Mapping[int, Passage], citations: Citations, library: Library
) -> int:
    report, fact = library.reports[held.fact.report_id], held.fact
    if held.passage is not None:
        return citations.cite_fact(report, passages[held.passage], fact).n
    alone = Citation(
        n=0,
        report_id=report.report_id,
        report_title=report.title,
        place=report.place,
        year=report.year,
        source=fact.source,
        start=fact.start,
        end=fact.end,
        quote=fact.quote,
        headings=(),
        url=report.url,
        also_in=report.copies,
    )
    return citations.adopt(alone).n


# --- computing ---------------------------------------------------------------------------------


def _computed(rows: Sequence[Row], columns: Sequence[Computing]) -> tuple[Row, ...]:
    found: list[dict[Computing, Computed]] = [{} for _ in rows]
    if "difference_to_target" in columns:
        for row, own in zip(rows, found, strict=True):
            target = row.figures.get("target")
            if row.result and target and (told := difference(row.result, target)):
                own["difference_to_target"] = told
    if "rank" in columns:
        for numbers in grouped(rows):
            figures = to_rank([rows[number] for number in numbers])
            for number, rank in zip(numbers, ranks(figures), strict=True):
                if rank:
                    found[number]["rank"] = rank
    return tuple(replace(row, computed=own) for row, own in zip(rows, found, strict=True))
