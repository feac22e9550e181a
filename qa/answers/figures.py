"""Answers made of facts: a figure question first looks among the facts of the reports in scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from prompts import messages
from qa.answers.answer import Answer, without_markers
from qa.answers.cells import (
    Cell,
    asks_relation,
    claimed,
    fill_cells,
)
from qa.answers.citing import Citations
from qa.answers.naming import period_told, place_name, report_name
from qa.answers.plain import is_plain, wants_figure
from qa.answers.refusals import refuse
from qa.answers.relations import verdict_on, with_relation
from qa.facts.fact import Fact
from qa.facts.figures import find_figures
from qa.facts.lexicon import Indicator, canonical, find_indicators, names_of, own_tail
from qa.library.library import Library
from qa.library.reading import HeldFact
from qa.moments import asks_amount, asks_growth
from qa.places import Place
from qa.questions import Language, Question
from qa.ranking import wanted_kinds
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report
from qa.search import Findings

_NEW_ONES = re.compile("新增|净增|新入|新培育|新认定")


def answer_with_facts(findings: Findings, library: Library) -> Answer | None:
    """The figures asked for, each with its sentence; a refusal if the reports give only the other
    status or the growth alone; None if the facts do not settle the question."""
    question = findings.question
    if not is_plain(question) or not findings.scope.report_ids:
        return None
    reports = _reports(findings, library)
    facts = library.facts(findings.scope.report_ids)
    cells = fill_cells(question, reports, facts)
    filled = [cell for cell in cells if cell.held and _has_what_is_asked(question, cell)]
    if not filled and _asks_on_for_targets(question):
        # 目标呢? after a result of 2023: the report that tells it sets targets for 2024 alone.
        planned = replace(question, years=(), spans=(), relative=(0,), years_are_inherited=False)
        return answer_with_facts(replace(findings, question=planned), library)
    if not filled:
        return _refusal(question, cells, library)
    if _is_scattered(question, cells, filled):
        return None
    return _Wording(findings, library).answer(cells, filled, claimed(question, filled, facts))


def _asks_on_for_targets(question: Question) -> bool:
    return question.years_are_inherited and question.status == "target"


def _reports(findings: Findings, library: Library) -> list[Report]:
    """The reports to ask: of each place the latest, where no year was named."""
    question = findings.question
    reports = [library.reports[report_id] for report_id in findings.scope.report_ids]
    reports.sort(key=lambda r: (_rank_of_place(r, question), -(r.year or 0), r.report_id))
    if question.years or question.report_years:
        return reports
    latest: dict[str, Report] = {}
    for report in reports:
        latest.setdefault(report.place or report.report_id, report)
    return list(latest.values())


def _rank_of_place(report: Report, question: Question) -> int:
    names = [mention.place.name for mention in question.places]
    return names.index(report.place) if report.place in names else len(names)


def _has_what_is_asked(question: Question, cell: Cell) -> bool:
    fact = cell.fact
    if fact is None:
        return False
    if asks_growth(question):
        return fact.growth is not None or fact.unit in ("%", "个百分点")
    return fact.level is not None or not asks_amount(question)


def _is_scattered(question: Question, cells: Sequence[Cell], filled: Sequence[Cell]) -> bool:
    """True if no place was named and several reports could be meant: search ranks them better."""
    return not question.places and len({cell.report.report_id for cell in filled}) > 1


# --- refusals ----------------------------------------------------------------------------------


def _refusal(question: Question, cells: Sequence[Cell], library: Library) -> Answer | None:
    """Why no cell is filled, if the facts are sure of it."""
    said = messages("answers", question.language)
    told = next((cell for cell in cells if cell.other), None)
    if told and told.other and _adds(question.text) and not _adds(told.other.fact.quote):
        # 新增多少家 is no question for how many there are.
        return None
    # 居民消费价格总体平稳 answers 北京2025年居民消费价格, which does not insist on a figure.
    if told and told.other and _expected(told) and wants_figure(question):
        fact = told.other.fact
        reason = "only_target_stated" if fact.status == "target" else "only_actual_stated"
        if ("target" in _expected(told)) != (fact.status == "target"):
            detail = said[reason].format(**fact_words(fact, told.report, question.language))
            return refuse(
                question,
                "only_target_stated" if fact.status == "target" else "only_actual_stated",
                detail,
            )
    grown = next((c for c in cells if c.fact and c.fact.growth and not c.fact.level), None)
    if grown and grown.fact and asks_amount(question):
        detail = said["only_growth"].format(
            **fact_words(grown.fact, grown.report, question.language)
        )
        return refuse(question, "not_stated", detail)
    level = next((c for c in cells if c.fact and c.fact.level and not c.fact.growth), None)
    if level and level.fact and asks_growth(question):
        detail = said["only_level"].format(
            **fact_words(level.fact, level.report, question.language)
        )
        return refuse(question, "not_stated", detail)
    named = question.places or question.anchor
    if named and not any(_telling_sentence(cell, question, library) for cell in cells):
        cell = cells[0]
        detail = said["indicator_not_stated"].format(
            place=place_name(cell.report.place or cell.report.title, question.language),
            indicator=indicator_name(cell.indicator.name, question.language),
        )
        return refuse(question, "not_stated", detail)
    return None


def _adds(text: str) -> bool:
    return _NEW_ONES.search(text) is not None


def _expected(cell: Cell) -> tuple[str, ...]:
    """The statuses that answer the cell: those asked for, else those of the year it asks about."""
    if cell.moment.statuses:
        return cell.moment.statuses
    reviewed, planned = cell.report.reviewed_period, cell.report.planned_period
    if reviewed == planned or cell.moment.period is None:
        return ()
    if cell.moment.period == reviewed:
        return ("actual", "estimate")
    return ("target",) if cell.moment.period == planned else ()


def _telling_sentence(
    cell: Cell, question: Question, library: Library
) -> tuple[Passage, tuple[int, int]] | None:
    """A sentence about the time asked for that names the indicator, beside a figure if one is asked for,
    though no fact was made of it: what may be told there must not be called silence."""
    keys = library.passage_ids(cell.report.report_id)
    for passage in library.passages(keys):
        for span, text in zip(passage.sentences, passage.sentence_texts(), strict=True):
            clean = fold(text)
            if not _may_name(clean, cell.indicator):
                continue
            told = _tells_something(clean, cell.indicator, figure=wants_figure(question))
            if told and _is_of_time(passage, text, cell, question):
                return passage, span
    return None


def _tells_something(clean: str, asked: Indicator, *, figure: bool) -> bool:
    if not figure and any(name in clean.lower() for name in _folded_names(asked)):
        return True
    return any(names_with_figure(clause, asked) for clause in re.split("[,;。]", clean))


def _may_name(clean: str, asked: Indicator) -> bool:
    """False where a sentence prints no name that ``names_with_figure`` could find: most of them, of all
    sentences of many reports."""
    lowered = clean.lower()
    tail = own_tail(asked)
    return bool(tail and tail in clean) or any(name in lowered for name in _folded_names(asked))


@cache
def _folded_names(indicator: Indicator) -> tuple[str, ...]:
    return tuple(fold(name).lower() for name in names_of(indicator))


def _is_of_time(passage: Passage, text: str, cell: Cell, question: Question) -> bool:
    """True if the passage's section, or the sentence itself, is about the period asked for."""
    period = cell.moment.period
    if period is None or (not question.years and not question.relative):
        return True
    if question.relative:
        return passage.kind in wanted_kinds(question, cell.report)
    return passage.period == period or period in fold(text)


def names_with_figure(clause: str, asked: Indicator) -> bool:
    """True if a clause names the indicator itself (not 常住人口 in 常住人口城镇化率), or by an end that is
    no other's (死亡人数), and a figure."""
    own = any(
        indicator.family == asked.family
        for mention in find_indicators(clause)
        for indicator in mention.indicators
    )
    tail = own_tail(asked)
    return bool(find_figures(clause)) and (own or bool(tail and tail in clause))


# --- wording -----------------------------------------------------------------------------------


class _Wording:
    """Sentences over filled cells, with citations numbered as they are first used."""

    def __init__(self, findings: Findings, library: Library) -> None:
        self._findings = findings
        self._library = library
        self._question = findings.question
        self._said = messages("answers", findings.question.language)
        self._citations = Citations()

    def answer(
        self, cells: Sequence[Cell], filled: Sequence[Cell], claims: Sequence[HeldFact]
    ) -> Answer:
        held = list(dict.fromkeys([*(c.held for c in filled if c.held), *claims]))
        passages = self._passages(held)
        lines = [self._sentence(one, passages) for one in held]
        missing = self._missing(cells, filled)
        quoted = {c: line for c in missing if not c.fact and (line := self._quote(c))}
        silent = [self._silence(cell) for cell in missing if cell not in quoted]
        lines += quoted.values()
        if asks_relation(self._question.text) and not any(
            self._with_relation(h.fact) for h in held
        ):
            silent.append(self._said["relation_not_stated"])
        silent = list(dict.fromkeys(silent))
        absent = self._findings.scope.absent
        notes = [*silent, *([self._absent(absent)] if absent else [])]
        if not self._findings.dense:
            notes.append(self._said["no_vectors"])
        return Answer(
            status="partial" if silent or absent else "answered",
            text="\n".join(dict.fromkeys([*lines, *silent])),
            question=self._question.text,
            citations=self._citations.made,
            notes=tuple(notes),
        )

    def _passages(self, held: Sequence[HeldFact]) -> dict[int, Passage]:
        numbers = [one.passage for one in held if one.passage is not None]
        return dict(zip(numbers, self._library.passages(numbers), strict=True))

    def _sentence(self, held: HeldFact, passages: dict[int, Passage]) -> str:
        fact = held.fact
        report = self._library.reports[fact.report_id]
        assert held.passage is not None
        citation = self._citations.cite_fact(report, passages[held.passage], fact)
        if beside := self._with_relation(fact):
            told = self._said["quote"].format(
                place=report_name(report, self._question.language),
                period=period_told(passages[held.passage], report, self._question.language),
                quote=without_markers(beside),
                n=citation.n,
            )
            verdict = verdict_on(fold(self._question.text), beside)
            return self._said[f"relation_{verdict}"].format(told=told) if verdict else told
        words = fact_words(fact, report, self._question.language)
        return self._said[f"figure_{fact.status}"].format(**words, n=citation.n)

    def _with_relation(self, fact: Fact) -> str:
        """The fact as printed with how it stands to a wider average, if that is asked for and stands
        right behind it; else empty."""
        if not asks_relation(self._question.text):
            return ""
        return with_relation(fact, self._library.source_text(fact.report_id))

    def _missing(self, cells: Sequence[Cell], filled: Sequence[Cell]) -> list[Cell]:
        """What was asked and no fact answers, each place and indicator once."""
        if not self._question.places:
            # Nobody asked what each report says: what one of them tells is told.
            known = {(c.indicator.family, c.moment) for c in filled}
            cells = [c for c in cells if (c.indicator.family, c.moment) not in known]
        told = {(c.report.place, c.indicator.family, c.moment) for c in filled}
        missing = {
            (c.report.place or c.report.title, c.indicator.name, c.moment.period): c
            for c in cells
            if (c.report.place, c.indicator.family, c.moment) not in told
            and not any(c.report.place == f.report.place and self._same(c, f) for f in filled)
        }
        return list(missing.values())

    def _quote(self, cell: Cell) -> str | None:
        """The sentence that tells of the cell, where no fact was made of it."""
        found = _telling_sentence(cell, self._question, self._library)
        if found is None:
            return None
        citation = self._citations.cite(cell.report, *found)
        return self._said["quote"].format(
            place=report_name(cell.report, self._question.language),
            period=period_told(found[0], cell.report, self._question.language),
            quote=re.sub(r"\s+", "", without_markers(citation.quote)),
            n=citation.n,
        )

    def _silence(self, cell: Cell) -> str:
        """Said place by place, never left out; what is told instead is said."""
        if cell.held:
            words = fact_words(cell.held.fact, cell.report, self._question.language)
            return self._said[
                "only_growth" if cell.held.fact.level is None else "only_level"
            ].format(**words)
        period = cell.moment.period
        return self._said["not_mentioned"].format(
            place=place_name(cell.report.place or cell.report.title, self._question.language),
            indicator=indicator_name(cell.indicator.name, self._question.language),
            period=self._said["in_period"].format(period=period) if period else "",
        )

    def _same(self, cell: Cell, other: Cell) -> bool:
        """True if another report of the same place fills the cell's moment."""
        return cell.moment == other.moment and cell.indicator == other.indicator

    def _absent(self, places: Iterable[Place]) -> str:
        names = self._said["separator"].join(
            place_name(place.name, self._question.language) for place in places
        )
        return self._said["absent_places"].format(places=names)


def fact_words(fact: Fact, report: Report, language: Language) -> dict[str, str]:
    """Place, period, indicator and figures of a fact, as the sentence templates want them."""
    said = messages("answers", language)
    figures = [explained(fact.value_printed, language)] if fact.value_printed else []
    if fact.growth_printed:
        falls = fact.growth_percent is not None and fact.growth_percent < 0
        verb = said["falls" if falls else "grows"]
        basis = said.get(f"basis_{fact.basis}", "")
        figures.append(verb.format(basis=basis, growth=explained(fact.growth_printed, language)))
    return {
        "place": report_name(report, language),
        "period": fact.period,
        "indicator": indicator_name(fact.indicator, language),
        "figures": said["figures"].join(figures),
    }


def explained(printed: str, language: Language) -> str:
    """A figure as printed; for English readers with its English behind: 1500亿元 (150 billion yuan)."""
    if language == "zh":
        return printed
    from qa.english.amounts import in_english

    english = in_english(printed)
    said = messages("answers", language)["figure_explained"]
    return said.format(figure=printed, english=english) if english else printed


def indicator_name(name: str, language: str) -> str:
    indicator = canonical(name)
    return indicator.english if language == "en" and indicator else name
