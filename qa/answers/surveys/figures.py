"""The figures of several reports side by side: ranked by code, silence told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.answers import cells
from qa.answers.answer import Answer
from qa.answers.surveys.asking import DEGREE
from qa.answers.surveys.citing import compose
from qa.answers.surveys.columns import Told, fill_columns
from qa.answers.surveys.limits import EXTREME, LOWEST, limit_of
from qa.answers.surveys.own_words import called, facts_about
from qa.answers.surveys.rows import Rows
from qa.answers.surveys.subjects import is_plain, subject_of, without
from qa.answers.surveys.survey import LINES, Survey
from qa.facts.lexicon import Indicator, canonical, find_indicators
from qa.library.library import HeldFact
from qa.questions import Question

_ASKS_EACH = re.compile(r"各|每|所有|分别|全部|\b(?:each|every|all)\b", re.I)
_WANTS_FIGURE = re.compile(
    rf"多少|几[家件人项]|{DEGREE}|从[高低大小多少]|排|[量数额率值]|目标|增|金额|规模|面积|how|rank|highest|lowest|most|least|target",
    re.I,
)
_ASKS_TARGET = re.compile(r"^(?!.*(?:完成|实现|达到|达成)).*(?:目标|\btargets?\b|\bgoals?\b)", re.I)


def answer_with_figures(survey: Survey) -> Answer | None:
    """What each report states of an indicator of the lexicon, else of the subject in its own words."""
    if survey.phrase and not _asks_figure_of(survey.phrase.words):
        return None
    mentions = find_indicators(survey.text)
    named = tuple(dict.fromkeys(one for mention in mentions for one in mention.indicators))
    bare = without(survey.text, mentions)
    if not named:
        # Named in other words (老百姓的收入) or in an earlier turn.
        named, bare = survey.question.indicators, survey.question.rest
    reading = survey.question
    if not cells.asks_growth(reading):
        # The 总额 of an indicator's name asks for no amount.
        reading = replace(reading, text=bare)
    if _ASKS_TARGET.search(survey.text) and not reading.relative:
        # 目标定了多少: the 了多少 asks for no result.
        reading = replace(reading, status="target")
    held = survey.library.facts(survey.report_ids)
    if named and is_plain(bare, survey.question.language):
        answer = _FigureSurvey(survey, reading, named, held).answer()
        if answer is not None:
            return answer
    subject = subject_of(survey.text)
    if len(subject) < 2 or not _WANTS_FIGURE.search(survey.text):
        return None
    about = facts_about(subject, held)
    return _FigureSurvey(survey, reading, (called(subject),), list(about), about).answer()


def _asks_figure_of(words: str) -> bool:
    """True if 提到 is followed by an indicator's figure (GDP增长目标), not by its name alone."""
    mentions = find_indicators(words)
    return bool(mentions) and canonical(words) is None and is_plain(without(words, mentions), "zh")


class _FigureSurvey:
    """The figures of several reports in the order asked for."""

    def __init__(
        self,
        survey: Survey,
        question: Question,
        indicators: tuple[Indicator, ...],
        held: Sequence[HeldFact],
        printed: Mapping[HeldFact, str] | None = None,
    ) -> None:
        """``printed`` are the reports' names for facts found by the words of their clause."""
        question = replace(question, indicators=indicators)
        self._survey = survey
        self._said = survey.said
        self._limit = limit_of(survey.text)
        self._in_own_words = bool(printed)
        self._columns = fill_columns(question, survey.reports, held, self._limit)
        self._rows = Rows(survey, question, self._columns, printed or {})

    def answer(self) -> Answer | None:
        """The answer; None if no report states what is asked."""
        first = next((c for c in self._columns.values() if any(one.measure for one in c)), None)
        if first is None:
            return None
        ranked, apart = self._ranked(first)
        counted = [one for one in ranked if self._limit is None or self._limit.passes(one.value)]
        stating = {one.report.report_id for one in (*ranked, *apart)}
        silent = [r for r in self._survey.reports if r.report_id not in stating]
        lines = [*self._head(ranked, counted), *self._apart(apart)]
        if silent:
            lines.append(self._said["unstated"].format(names=self._survey.names(silent)))
        table = self._rows.table([*(one.report for one in (*ranked, *apart)), *silent])
        partial = bool(silent) and bool(_ASKS_EACH.search(self._survey.text))
        return compose(
            self._survey,
            lines,
            table,
            self._rows.citations,
            checks=self._rows.checks,
            notes=[*self._notes(ranked), *(lines[-1:] if partial else [])],
            partial=partial,
        )

    def _ranked(self, column: Sequence[Told]) -> tuple[list[Told], list[Told]]:
        """The figures of the commonest kind in the order asked for, and those of other kinds."""
        stated = [one for one in column if one.measure]
        kinds = Counter(one.kind() for one in stated)
        commonest = kinds.most_common(1)[0][0]
        ranked = [one for one in stated if one.kind() == commonest]
        ranked.sort(key=lambda one: one.value, reverse=not LOWEST.search(self._survey.text))
        apart = [one for one in stated if one.kind() != commonest]
        return ranked, [*apart, *self._elsewhere(stated)]

    def _elsewhere(self, stated: Sequence[Told]) -> list[Told]:
        """Of each report that states nothing in the column ranked what it states in another."""
        known = {one.report.report_id for one in stated}
        found: dict[str, Told] = {}
        for one in (one for column in self._columns.values() for one in column if one.measure):
            if one.report.report_id not in known:
                found.setdefault(one.report.report_id, one)
        return list(found.values())

    def _head(self, ranked: Sequence[Told], counted: Sequence[Told]) -> list[str]:
        """The verdict or what the list is, then the list."""
        if self._limit is not None and len(self._columns) == 1:
            said = self._said["within" if counted else "within_none"].format(
                subject=self._rows.subject(ranked), limit=self._limit.printed, count=len(counted)
            )
            return [said, *self._lines(counted or ranked)]
        extreme = EXTREME.search(self._survey.text)
        if extreme and len(ranked) > 1:
            return self._verdicts(extreme.group(), ranked)
        order = "up" if LOWEST.search(self._survey.text) else "down"
        head = self._said[order if len(ranked) > 1 else "list"]
        return [head.format(subject=self._rows.subject(ranked)), *self._lines(ranked)]

    def _verdicts(self, degree: str, ranked: Sequence[Told]) -> list[str]:
        """The first of the ranking, equals with it, then the others."""
        top = [one for one in ranked if one.value == ranked[0].value]
        joined = self._said["list_separator"].join(self._rows.line(one) for one in top)
        verdict = self._said["extreme"].format(
            subject=self._rows.subject(ranked), degree=degree, rows=joined
        )
        others = self._lines(ranked[len(top) :])
        return [verdict, *([self._said["others"]] if others else []), *others]

    def _lines(self, ranked: Sequence[Told]) -> list[str]:
        lines = [self._rows.line(one) for one in ranked[:LINES]]
        if len(ranked) > LINES:
            more = len(ranked) - LINES
            lines.append(self._said["more_rows"].format(count=more))
        return lines

    def _apart(self, apart: Sequence[Told]) -> list[str]:
        if not apart or self._limit:
            return []
        return [self._said["apart"], *self._lines(apart)]

    def _notes(self, ranked: Sequence[Told]) -> list[str]:
        years = sorted({one.fact.period for one in ranked})
        ranges = any(one.measure and one.measure.low != one.measure.high for one in ranked)
        notes = [self._said["ranges"]] if ranges else []
        if self._in_own_words:
            notes.append(self._said["own_words"])
        if len(years) > 1:
            joined = self._said["separator"].join(years)
            notes.insert(0, self._said["years"].format(years=joined))
        return notes
