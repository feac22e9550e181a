"""The figures of a report in words: its line, its cells in the table, their citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prompts import messages
from qa.answers.answer import Cell, Citation, Table
from qa.answers.citing import Citations
from qa.answers.surveys.columns import Column, Told, asks_either
from qa.answers.surveys.survey import Survey
from qa.facts.lexicon import canonical
from qa.library.library import Library
from qa.questions import Question
from qa.reports.report import Passage, Report


class Rows:
    """Says what the reports state in ``columns``; collects the citations of it."""

    def __init__(
        self,
        survey: Survey,
        question: Question,
        columns: Mapping[Column, Sequence[Told]],
    ) -> None:
        self._survey = survey
        self._said = survey.said
        self._question = question
        self._columns = columns
        self._passages = _passages_of(columns, survey.library)
        self.citations = Citations()

    def subject(self, ranked: Sequence[Told]) -> str:
        """What is ranked, as one says it: 固定资产投资增速, 地区生产总值增长目标."""
        names = dict.fromkeys(self._label(column.name) for column in self._columns)
        labels = self._said["separator"].join(names)
        if len(self._columns) > 1 or not ranked:
            return labels
        growth = all(one.measure == one.fact.growth for one in ranked)
        target = all(one.fact.status == "target" for one in ranked)
        key = f"subject{'_growth' * growth}{'_target' * target}"
        return self._said[key].format(subject=labels)

    def line(self, one: Told) -> str:
        """A report with its figures: in each column the one it states."""
        several = len({column.name for column in self._columns}) > 1
        marked = [
            self._marked(other, self._label(asked.name) if several else "")
            for asked, column in self._columns.items()
            for other in column
            if other.report is one.report and (other is one or other.measure)
        ]
        joined = self._said["separator"].join(marked)
        return self._said["row"].format(place=self._survey.name(one.report), told=joined)

    def table(self, reports: Sequence[Report]) -> Table:
        """A row for each report, a cell for each column."""
        labels = [self._heading(column) for column in self._columns]
        rows = []
        for report in reports:
            row = [Cell(self._survey.name(report))]
            for column in self._columns.values():
                row.append(self._cell(next((o for o in column if o.report is report), None)))
            rows.append(tuple(row))
        return Table((self._said["report"], *labels), tuple(rows))

    def _heading(self, column: Column) -> str:
        """A column's heading, with its status where results and targets stand side by side."""
        label = self._label(column.name)
        if len({one.status for one in self._columns}) < 2:
            return label
        return self._said[f"column_{column.status}"].format(label=label)

    def _label(self, name: str) -> str:
        asked = (one for one in self._question.indicators if one.name == name)
        indicator = next(asked, canonical(name))
        return indicator.english if indicator and self._question.language == "en" else name

    def _marked(self, one: Told, label: str) -> str:
        n = self._cite(one).n
        return self._said["marked"].format(told=self._told(one, label), n=n)

    def _told(self, one: Told, label: str) -> str:
        return self._said[one.fact.status].format(
            period=one.fact.period,
            indicator=one.printed or label,
            figures=self._figures(one),
        )

    def _figures(self, one: Told) -> str:
        """The figure asked for; amount and growth where neither alone is."""
        said = messages("answers", self._question.language)
        either = asks_either(self._question)
        fact, figures = one.fact, []
        if fact.level and (either or one.measure in (fact.level, None)):
            figures.append(fact.level.text)
        if fact.growth and (either or one.measure in (fact.growth, None)):
            verb = said["falls" if fact.growth.low < 0 else "grows"]
            basis = said.get(f"basis_{fact.basis}", "")
            figures.append(verb.format(basis=basis, growth=fact.growth.text))
        return said["figures"].join(figures)

    def _cite(self, one: Told) -> Citation:
        fact = one.fact
        passage = self._passages[one.held.passage or 0]
        spans = [(a, b) for a, b in passage.sentences if a <= fact.start < b]
        span = spans[0] if spans else (fact.start, fact.end)
        return self.citations.cite(one.report, passage, span)

    def _cell(self, one: Told | None) -> Cell:
        if one is None:
            return Cell(self._said["cell_silent"])
        citation = self._cite(one)
        told = self._told(one, "")
        if one.measure is None:
            return Cell(self._said["cell_only"].format(figure=told), citation.n)
        return Cell(told, citation.n)


def _passages_of(columns: Mapping[Column, Sequence[Told]], library: Library) -> dict[int, Passage]:
    cited = (one.held.passage for column in columns.values() for one in column)
    numbers = list(dict.fromkeys(number for number in cited if number is not None))
    return dict(zip(numbers, library.passages(numbers), strict=True))
