"""A course in words: one sentence computed of it, a table of years, and notes on what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from prompts import messages
from qa.answers.answer import Answer, Cell, Table
from qa.answers.citing import Citations
from qa.answers.comparisons.matching import unit_of
from qa.answers.figures import explained, fact_words, indicator_name
from qa.answers.trends.asking import Trend
from qa.answers.trends.quoting import Quote, find_quote
from qa.answers.trends.series import Column, Point, Status, year_of
from qa.library.library import Library
from qa.reports.report import Passage


def course_of(values: Sequence[float]) -> str:
    """How values move, oldest first: ``rises`` and ``falls`` never turn, ``up``, ``down`` and ``back``
    turn and end higher, lower or where they began; ``level`` if all are equal."""
    if min(values) == max(values):
        return "level"
    if all(a <= b for a, b in pairwise(values)):
        return "rises"
    if all(a >= b for a, b in pairwise(values)):
        return "falls"
    first, last = values[0], values[-1]
    return "back" if first == last else "up" if first < last else "down"


class Worded:
    """The answer over columns, its citations numbered as they are first used."""

    def __init__(self, trend: Trend, columns: Sequence[Column], library: Library) -> None:
        self._trend = trend
        self._columns = columns
        self._language = trend.question.language
        self._said = messages("trends", self._language)
        self._answers = messages("answers", self._language)
        self._passages = _passages(columns, library)
        self._citations = Citations()
        self._quotes = {
            (column.indicator, column.status, year): quote
            for column in columns
            for year, report in column.silent.items()
            if (quote := find_quote(report, column.indicator, column.status, year, library))
        }

    def answer(self) -> Answer:
        lines = [line for column in self._columns for line in self._lines(column)]
        main = [column for column in self._columns if column.status == self._main]
        owed = [column for column in main if self._missing(column)]
        is_alone = all(len(column.series) < 2 for column in self._columns)
        return Answer(
            status="partial" if owed or is_alone else "answered",
            text="\n".join(lines),
            question=self._trend.question.text,
            table=self._table(),
            citations=self._citations.made,
            notes=tuple(dict.fromkeys(self._notes(is_alone))),
        )

    @property
    def _main(self) -> Status:
        """The status that the answer owes; results where neither is asked for and some are told."""
        told: list[Status] = [column.status for column in self._columns]
        return "actual" if "actual" in told else "target"

    def _missing(self, column: Column) -> list[int]:
        """The years that the reports held are silent of, and those that the question names in vain."""
        asked = (year for year in self._trend.years.asked if year not in column.series)
        years = {*column.silent, *asked}
        return sorted(year for year in years if self._quote(column, year) is None)

    def _quote(self, column: Column, year: int) -> Quote | None:
        return self._quotes.get((column.indicator, column.status, year))

    # --- sentences

    def _lines(self, column: Column) -> list[str]:
        points = column.points
        if len(points) > 1:
            return [self._course(column, points)]
        words = fact_words(points[0].fact, points[0].report, self._language)
        key = f"figure_{points[0].fact.status}"
        return [self._answers[key].format(**words, n=self._cite(points[0]))]

    def _course(self, column: Column, points: Sequence[Point]) -> str:
        """What code computes of the series; of falls the size counts, so that 降幅 rises when they grow."""
        values = _values(points)
        highest, lowest = values.index(max(values)), values.index(min(values))
        course = course_of(values)
        return self._said["course_level" if course == "level" else "course"].format(
            place=self._trend.place,
            subject=self._subject(column),
            course=self._said[course],
            left_out=self._left_out(column, points),
            first=self._point(points[0]),
            last=self._point(points[-1]),
            highest=self._point(points[highest]),
            lowest=self._point(points[lowest]),
        )

    def _left_out(self, column: Column, points: Sequence[Point]) -> str:
        """The years between the first and the last that are only quoted: 只降不升 says nothing of them."""
        quoted = [
            year
            for year in sorted(column.silent)
            if self._quote(column, year) and points[0].year < year < points[-1].year
        ]
        return self._said["left_out"].format(years=self._joined(quoted)) if quoted else ""

    def _subject(self, column: Column) -> str:
        points = column.points
        moved = "_fall" if _are_falls(points) else "_growth" if points[0].kind.is_growth else ""
        target = "_target" if column.status == "target" else ""
        return self._said[f"subject{moved}{target}"].format(indicator=self._name(column))

    def _name(self, column: Column) -> str:
        """The indicator as the place's reports call it: the nation's product is 国内生产总值."""
        return indicator_name(column.points[-1].fact.indicator, self._language)

    def _point(self, point: Point) -> str:
        return self._said[f"point_{point.fact.status}"].format(
            period=point.year, figure=self._figure(point), n=self._cite(point)
        )

    def _figure(self, point: Point) -> str:
        printed = explained(point.measure.text, self._language)
        if not point.kind.is_growth:
            return printed
        verb = self._answers["falls" if point.measure.low < 0 else "grows"]
        return verb.format(basis=self._answers.get(f"basis_{point.fact.basis}", ""), growth=printed)

    def _cite(self, point: Point) -> int:
        passage = self._passages[point.held.passage or 0]
        return self._citations.cite_fact(point.report, passage, point.fact).n

    # --- table

    def _table(self) -> Table:
        apart = [column for column in self._columns if column.apart]
        heads = [
            self._said["year"],
            *(self._heading(column, column.status) for column in self._columns),
            *(self._heading(column, "apart") for column in apart),
        ]
        rows = [
            (
                Cell(str(year)),
                *(self._cell(column, year) for column in self._columns),
                *(self._cell_apart(column, year) for column in apart),
            )
            for year in self._years()
        ]
        return Table(tuple(heads), tuple(rows))

    def _years(self) -> list[int]:
        return sorted(
            {y for column in self._columns for y in (*column.series, *column.apart, *column.silent)}
        )

    def _heading(self, column: Column, key: str) -> str:
        return self._said[f"column_{key}"].format(subject=self._name(column))

    def _cell(self, column: Column, year: int) -> Cell:
        point = column.series.get(year)
        if point is not None:
            return self._cited(point)
        quote = self._quote(column, year)
        if quote is not None:
            cited = self._citations.cite(quote.report, quote.passage, quote.span)
            return Cell(quote.words, cited.n)
        if year in column.apart:
            return Cell("")
        told = year in column.silent or any(
            year_of(report, column.status) == year for report in self._trend.reports
        )
        return Cell(self._said["silent" if told else "not_held"])

    def _cell_apart(self, column: Column, year: int) -> Cell:
        point = column.apart.get(year)
        return self._cited(point) if point else Cell("")

    def _cited(self, point: Point) -> Cell:
        figure = self._figure(point)
        if point.fact.status == "estimate":
            figure = self._said["cell_estimate"].format(figure=figure)
        return Cell(figure, self._cite(point))

    # --- notes

    def _notes(self, is_alone: bool) -> Iterator[str]:
        trend, years = self._trend, self._trend.years
        if trend.is_assumed:
            yield self._said["of_place"].format(place=trend.place)
        if years.assumed:
            yield self._said["window"].format(first=years.first, last=years.last)
        for column in self._columns:
            yield from self._notes_on(column)
        held = self._joined(dict.fromkeys(r.year for r in trend.reports if r.year))
        key = "held_alone" if is_alone else "held"
        yield self._said[key].format(place=trend.place, years=held)

    def _notes_on(self, column: Column) -> Iterator[str]:
        missing = self._missing(column)
        if missing and column.status == self._main:
            yield self._said["none_of"].format(
                years=self._joined(missing), subject=self._subject(column)
            )
        quoted = [year for year in sorted(column.silent) if self._quote(column, year)]
        if quoted:
            yield self._said["quoted"].format(years=self._joined(quoted))
        if column.apart:
            yield self._said["apart"].format(years=self._joined(sorted(column.apart)))
        points = column.points
        if len(points) < 2:
            return
        values = _values(points)
        if any(point.measure.qualifier for point in points):
            yield self._said["qualified"]
        if any(point.measure.low != point.measure.high for point in points):
            yield self._said["ranges"]
        if len({unit_of(point.measure) for point in points}) > 1:
            yield self._said["weights"]
        if min(values.count(max(values)), 2) + min(values.count(min(values)), 2) > 2:
            yield self._said["earliest"]

    def _joined(self, years: Sequence[int] | dict[int, None]) -> str:
        return self._said["separator"].join(map(str, years))


def _are_falls(points: Sequence[Point]) -> bool:
    return all(point.kind.is_growth and point.value < 0 for point in points)


def _values(points: Sequence[Point]) -> list[float]:
    sign = -1 if _are_falls(points) else 1
    return [sign * point.value for point in points]


def _passages(columns: Sequence[Column], library: Library) -> dict[int, Passage]:
    cited = (
        point.held.passage
        for column in columns
        for point in (*column.series.values(), *column.apart.values())
    )
    numbers = list(dict.fromkeys(number for number in cited if number is not None))
    return dict(zip(numbers, library.passages(numbers), strict=True))
