"""The figures of several reports side by side: ranked by code, silence told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from prompts import messages
from qa.answers.answer import Answer
from qa.answers.surveys.asking import DEGREE, NOUN
from qa.answers.surveys.citing import compose
from qa.answers.surveys.columns import NEW, Reading, Told, fill_columns
from qa.answers.surveys.limits import EXTREME, LOWEST, limit_of
from qa.answers.surveys.own_words import called, facts_about, floor_of
from qa.answers.surveys.rows import Rows
from qa.answers.surveys.shares import are_amounts, asks_share, shares_among, under_shares
from qa.answers.surveys.subjects import is_plain, named_in, printed_forms, subject_of
from qa.answers.surveys.survey import LINES, Survey
from qa.answers.surveys.untold import Quoted, clauses_told
from qa.facts.fact import Fact
from qa.facts.lexicon import Indicator, canonical, find_indicators, same_family
from qa.library.reading import HeldFact
from qa.moments import asks_growth, is_start_of_move
from qa.reports.clean_text import cut_out
from qa.reports.report import Report

_ASKS_EACH = re.compile(r"各|每|所有|分别|全部|\b(?:each|every|all)\b", re.I)
_WANTS_FIGURE = re.compile(
    rf"多少|几[家件人项]|{DEGREE}|从[高低大小多少]|排|[量数额率值]|目标|计划|打算|增|金额|规模|面积|数字|how|rank|highest|lowest|most|least|target",
    re.I,
)
_ASKS_TARGET = re.compile(r"^(?!.*(?:完成|实现|达到|达成)).*(?:目标|\btargets?\b|\bgoals?\b)", re.I)
# 有几个区, 多少份报告 ask how many reports there are, not what figures they print.
_ASKS_NUMBER = re.compile(
    rf"数字|多少(?!份|家|个?(?:{NOUN}))|各[是有定给写](?:了|的)?(?:几|多少)|(?<!哪)几[台件张套]|分别(?:是|有|为)?几|how much|figures?",
    re.I,
)
_ASKS_ORDER = re.compile(rf"{DEGREE}|从[高大多快低小少慢]到|排|\brank\b|{EXTREME.pattern}", re.I)
_ASKS_COUNT = re.compile(
    r"有(?:几|多少)[家份个]|(?<!哪)(?:几|多少)(?:[份家](?:报告)?|个(?:区县|区|县|市|省|地方))(?=[给写提定公披]|报[出了])"
    r"|how many (?:reports|districts|cities)",
    re.I,
)
_ASKS_PIECES = re.compile(
    r"多少[个家件套台张所户项条]|几[个家件套台张所户项条]|[个家件套台张]数|数量最"
)
_SAYS = "(?:给|写|公布|披露|报|说|定|设|提|明确|列)[出到明]?了?"
_ASKS_SILENT = re.compile(
    rf"(?:没有?|未|不)(?:明确|专门)?{_SAYS}|\b(?:not|n't)\s+(?:(?:give|set|state|publish))", re.I
)
_GROWTH = "(?:增速|增幅|增长率?|涨幅|比例)"
_AMOUNT = "(?:总量|总额|金额|数额|绝对[额值数]|具体数[字额]?|规模)"
_ONLY_GROWTH = re.compile(
    rf"[只仅光]{_SAYS}[^、,。?!;没未]{{0,12}}{_GROWTH}|{_SAYS}[^,。?!;]{{0,12}}{_GROWTH},?(?:但|而|却)?(?:没有?|未){_SAYS}?{_AMOUNT}"
)
_ONLY_AMOUNT = re.compile(
    rf"[只仅光]{_SAYS}[^、,。?!;没未]{{0,12}}{_AMOUNT}|{_SAYS}[^,。?!;]{{0,12}}{_AMOUNT},?(?:但|而|却)?(?:没有?|未){_SAYS}?{_GROWTH}"
)


def answer_with_figures(survey: Survey) -> Answer | None:
    """What each report states of an indicator of the lexicon, else of the subject in its own words."""
    if survey.phrase and not _asks_figure_of(survey.phrase.words):
        return None
    named, bare = named_in(survey)
    is_of_them = not (asks_share(survey.text) and are_amounts(named))
    if named and is_of_them and is_plain(bare, survey.question.language):
        held, printed = under_shares(survey.library.facts(survey.report_ids), named)
        answer = _FigureSurvey(survey, _readings(survey, bare), named, held, printed).answer()
        if answer is not None:
            return answer
    subject = subject_of(survey.text)
    if len(subject) < 2 or not _WANTS_FIGURE.search(survey.text):
        return None
    return _in_own_words(survey, subject, bare)


def answer_with_figures_mentioned(survey: Survey) -> Answer | None:
    """The figures of what is mentioned (提到装电梯的报告有哪几份,数字是多少); None if none is asked."""
    phrase = survey.phrase
    if phrase is None or phrase.negated:
        return None
    if phrase.quoted or phrase.without or _asks_figure_of(phrase.words):
        return None
    beside = survey.text.replace(phrase.words, " ")
    asked = _ASKS_NUMBER.search(beside) or EXTREME.search(beside)
    if not asked:
        return None
    indicator = canonical(phrase.words)
    if indicator is not None:
        held = survey.library.facts(survey.report_ids)
        return _FigureSurvey(survey, _readings(survey, beside), (indicator,), held).answer()
    return _in_own_words(survey, phrase.words, beside)


def _in_own_words(survey: Survey, subject: str, bare: str) -> Answer | None:
    """The figures of a subject outside the lexicon, under the name that most reports print."""
    held: Sequence[HeldFact] = survey.library.facts(survey.report_ids)
    if asks_share(survey.text):
        held = shares_among(held)
    found = [(form, facts_about(form, held)) for form in printed_forms(subject)]
    form, about = max(found, key=lambda one: len({fact.fact.report_id for fact in one[1]}))
    readings = _readings(survey, bare)
    return _FigureSurvey(survey, readings, (called(form),), list(about), about).answer()


def _asks_figure_of(words: str) -> bool:
    """True if 提到 is followed by an indicator's figure (GDP增长目标), not by its name alone."""
    mentions = [(m.start, m.end) for m in find_indicators(words)]
    return bool(mentions) and canonical(words) is None and is_plain(cut_out(words, mentions), "zh")


def _readings(survey: Survey, bare: str) -> list[Reading]:
    """How to look for the figures: results and targets apart where neither is asked for by name.

    A year that is not named is the one each report looks back on, or plans for its targets; a
    report that states another year is told with that year.
    """
    open_ = survey.question
    if not asks_growth(open_):
        # The 总额 of an indicator's name asks for no amount.
        open_ = replace(open_, text=bare)
    if _ASKS_TARGET.search(survey.text) and not open_.relative:
        # 目标定了多少: the 了多少 asks for no result.
        open_ = replace(open_, status="target")
    if _only(survey.text):
        # Neither measure is preferred: what is stated is what is asked about.
        open_ = replace(open_, text="")
    if open_.relative or open_.years or open_.spans or _OTHER_YEARS.search(survey.text):
        return [Reading(open_)]
    last, next_ = replace(open_, relative=(-1,)), replace(open_, relative=(0,))
    if open_.status:
        return [Reading(next_ if open_.status == "target" else last, open_)]
    if _ASKS_ORDER.search(survey.text) or limit_of(survey.text) or _only(survey.text):
        return [Reading(last, open_)]
    return [
        Reading(last, replace(open_, status="actual"), "actual"),
        Reading(next_, replace(open_, status="target"), "target"),
    ]


_OTHER_YEARS = re.compile(r"五年|年均|累计|十[一二三四五]五|\d{4}")


def _only(text: str) -> Literal["growth", "amount"] | None:
    """The one measure that reports are asked for which state no other (只报了增速、没报总量)."""
    if _ONLY_GROWTH.search(text):
        return "growth"
    return "amount" if _ONLY_AMOUNT.search(text) else None


class _FigureSurvey:
    """The figures of several reports in the order asked for."""

    def __init__(
        self,
        survey: Survey,
        readings: Sequence[Reading],
        indicators: tuple[Indicator, ...],
        held: Sequence[HeldFact],
        printed: Mapping[HeldFact, str] | None = None,
    ) -> None:
        """``printed`` are the reports' names for facts found by the words of their clause."""
        readings = [_about(reading, indicators) for reading in readings]
        self._survey = survey
        self._said = survey.said
        self._limit = limit_of(survey.text)
        self._in_own_words = bool(printed)
        self._indicators = indicators
        self._held = held
        self._is_ratio = all(one.kind in ("share", "rate") for one in indicators)
        columns = fill_columns(readings, survey.reports, held, self._limit, printed or {})
        stated = {c: told for c, told in columns.items() if any(one.measure for one in told)}
        self._columns = stated or columns
        self._rows = Rows(survey, readings[0].strict, self._columns)

    def answer(self) -> Answer | None:
        """The answer; None if no report states what is asked."""
        first = next((c for c in self._columns.values() if any(one.measure for one in c)), None)
        if first is None:
            return None
        ranked, apart = self._ranked(first)
        counted = [one for one in ranked if self._limit is None or self._limit.passes(one.value)]
        stating = {one.report.report_id for one in (*ranked, *apart)}
        untold = [r for r in self._survey.reports if r.report_id not in stating]
        quoted = self._quoted(untold)
        silent = [report for report in untold if report.report_id not in quoted]
        lines = self._only(ranked) or self._silent_first(silent, [*ranked, *apart])
        if not lines:
            lines = [*self._head(ranked, counted), *self._apart(apart)]
            if quoted:
                lines += [self._said["quoted_apart"], *self._quotes(quoted.values())]
            if silent:
                lines.append(self._said["unstated"].format(names=self._survey.names(silent)))
        table = self._rows.table([*(one.report for one in (*ranked, *apart)), *untold])
        absent = self._absent()
        unstated = bool(silent) and bool(_ASKS_EACH.search(self._survey.text))
        return compose(
            self._survey,
            lines,
            table,
            self._rows.citations,
            notes=[*absent, *self._notes(ranked, apart), *(lines[-1:] if unstated else [])],
            partial=unstated or bool(absent),
        )

    def _quoted(self, unstated: Sequence[Report]) -> dict[str, Quoted]:
        """Of reports without a fact of the indicator the clauses that tell of it."""
        if self._in_own_words or self._survey.question.years or self._limit:
            return {}
        names = [one.name for one in self._indicators]
        known = {
            one.fact.report_id
            for one in self._held
            if any(same_family(one.fact.indicator, name) for name in names)
            and not is_start_of_move(one.fact)
        }
        unread = [report for report in unstated if report.report_id not in known]
        return clauses_told(self._survey, unread, self._indicators)

    def _quotes(self, quoted: Iterable[Quoted]) -> Iterator[str]:
        for one in quoted:
            n = self._rows.citations.cite(one.report, one.passage, one.span).n
            quote = self._said["quote"].format(quote=one.words, n=n)
            yield self._said["line"].format(place=self._survey.name(one.report), quotes=quote)

    def _only(self, ranked: Sequence[Told]) -> list[str]:
        """The reports that state growth and no amount, or the other way round, if they are asked for."""
        wanted = _only(self._survey.text)
        if wanted is None:
            return []
        told = [one for column in self._columns.values() for one in column]
        fitting = [one for one in told if self._measures(one.fact) == {wanted}]
        others = [r for r in self._survey.reports if not any(one.report is r for one in fitting)]
        head = self._said[f"only_{wanted}" if fitting else f"only_{wanted}_none"]
        lines = [
            head.format(subject=self._rows.subject([]), count=len(fitting)),
            *self._lines(fitting),
        ]
        if others:
            lines.append(self._said["unlike"].format(names=self._survey.names(others)))
        return lines

    def _measures(self, fact: Fact) -> set[str]:
        """Which measures a report states of the fact's indicator for its year, in one place or two."""
        same = [
            held.fact
            for held in self._held
            if held.fact.report_id == fact.report_id
            and held.fact.period == fact.period
            and same_family(held.fact.indicator, fact.indicator)
        ]
        return {
            *(["growth"] if any(one.growth for one in same) else []),
            *(["amount"] if any(one.level for one in same) else []),
        }

    def _silent_first(self, silent: Sequence[Report], ranked: Sequence[Told]) -> list[str]:
        """Those that state nothing, then the others, if the former are asked for (没定目标的有哪几家)."""
        if not _ASKS_SILENT.search(self._survey.text) or self._limit:
            return []
        subject = self._rows.subject(ranked)
        if not silent:
            head = self._said["silent_none"].format(subject=subject)
        else:
            names = self._survey.names(silent)
            head = self._said["silent_first"].format(
                subject=subject, count=len(silent), names=names
            )
        return [head, self._said["others"], *self._lines(ranked)]

    def _absent(self) -> list[str]:
        """Places named of which no report is held."""
        places = self._survey.absent
        if not places:
            return []
        names = self._said["separator"].join(place.name for place in places)
        return [
            messages("answers", self._survey.question.language)["absent_places"].format(
                places=names
            )
        ]

    def _ranked(self, column: Sequence[Told]) -> tuple[list[Told], list[Told]]:
        """The figures of the commonest kind in the order asked for, and those of other kinds."""
        stated = [one for one in column if one.measure]
        asked = Counter(one.kind() for one in stated if self._is_of_asked_kind(one))
        kinds = asked or Counter(one.kind() for one in stated)
        commonest = kinds.most_common(1)[0][0]
        ranked = [one for one in stated if one.kind() == commonest]
        ranked.sort(key=lambda one: one.value, reverse=not LOWEST.search(self._survey.text))
        apart = [one for one in stated if one.kind() != commonest]
        return ranked, [*apart, *self._elsewhere(stated)]

    def _is_of_asked_kind(self, one: Told) -> bool:
        """True if it counts pieces where pieces are asked for, and what is worth as much as asked."""
        kind, text = one.kind(), self._survey.text
        pieces = not _ASKS_PIECES.search(text) or kind.unit == "count"
        # Of a ratio its growth (研发投入强度增长10%) is not what others state of it.
        if self._is_ratio and kind.basis is not None:
            return False
        return pieces and kind.floor == floor_of(text) and kind.is_new == bool(NEW.search(text))

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
        said = head.format(subject=self._rows.subject(ranked))
        return [*self._count(ranked), said, *self._lines(ranked)]

    def _count(self, ranked: Sequence[Told]) -> list[str]:
        """How many reports state it, where that is asked for."""
        if not _ASKS_COUNT.search(self._survey.text):
            return []
        return [self._said["stating"].format(subject=self._rows.subject([]), count=len(ranked))]

    def _verdicts(self, degree: str, ranked: Sequence[Told]) -> list[str]:
        """The first of the ranking, equals with it, then the others."""
        top = [one for one in ranked if one.value == ranked[0].value]
        joined = self._said["list_separator"].join(self._rows.line(one) for one in top)
        verdict = self._said["extreme"].format(
            subject=self._rows.subject(ranked), degree=degree, rows=joined
        )
        others = self._lines(ranked[len(top) :])
        return [*self._count(ranked), verdict, *([self._said["others"]] if others else []), *others]

    def _lines(self, ranked: Sequence[Told]) -> list[str]:
        lines = [self._rows.line(one) for one in ranked[:LINES]]
        if len(ranked) > LINES:
            more = len(ranked) - LINES
            lines.append(self._said["more_rows"].format(count=more))
        return lines

    def _apart(self, apart: Sequence[Told]) -> list[str]:
        """What is not ranked: targets where results are, other units, other things counted."""
        if not apart:
            return []
        if self._are_targets(apart):
            return [self._said["only_target"], *self._lines(apart)]
        return [self._said["apart"], *self._lines(apart)]

    def _are_targets(self, apart: Sequence[Told]) -> bool:
        """True if they differ from the ranked in nothing but being targets, in a column of their own."""
        apart_by_status = len({column.status for column in self._columns}) > 1
        return apart_by_status and all(one.fact.status == "target" for one in apart)

    def _notes(self, ranked: Sequence[Told], apart: Sequence[Told]) -> list[str]:
        years = sorted({one.fact.period for one in ranked})
        ranges = any(one.measure and one.measure.low != one.measure.high for one in ranked)
        notes = [self._said["ranges"]] if ranges else []
        if self._in_own_words:
            notes.append(self._said["own_words"])
        if apart and not self._are_targets(apart):
            notes.append(
                self._said["apart_note"].format(names=self._survey.names([o.report for o in apart]))
            )
        if len(years) > 1:
            joined = self._said["separator"].join(years)
            notes.insert(0, self._said["years"].format(years=joined))
        return notes


def _about(reading: Reading, indicators: tuple[Indicator, ...]) -> Reading:
    loose = reading.loose and replace(reading.loose, indicators=indicators)
    return replace(reading, strict=replace(reading.strict, indicators=indicators), loose=loose)
