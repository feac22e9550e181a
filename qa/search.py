"""Search is a plan: understand, filter, rank, quotas per place.

A filter with no match finds nothing, never everything; what is missing is said in ``Findings``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from qa.anchors import find_anchored, report_of
from qa.facts.lexicon import names_of
from qa.imprint import imprint_passages
from qa.library.library import Library
from qa.place_mentions import PlaceMention
from qa.places import THE_NATION, Place, resolve
from qa.questions import Question, asks_work_of_a_year, understand
from qa.ranking import Hit, Ranker, Weights, with_quotas
from qa.reports.clean_text import fold
from qa.reports.periods import overlaps
from qa.reports.report import Passage, Report
from qa.reranking import rerank

if TYPE_CHECKING:
    from embeddings import Embedder, Reranker
    from qa.english.translating import Translator

Missing = Literal["place_not_held", "period_not_held"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The reports a question may be answered from, or what the library lacks for it."""

    report_ids: frozenset[str]
    missing: Missing | None = None
    absent: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found and how the question was understood. ``dense`` is False while the
    library's vectors are not made yet."""

    question: Question
    scope: Scope
    hits: tuple[Hit, ...]
    dense: bool
    timings_ms: Mapping[str, float]


class Searcher:
    """Searches one version of a library. Safe to share between threads once built.

    ``embedder`` is None for lexical search alone; a ``reranker`` orders the best passages anew.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder | None,
        weights: Weights | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self.library = library
        self.embedder = embedder
        self._weights = weights
        self._ranker = Ranker(library, embedder, weights)
        self._reranker = reranker

    def over(self, library: Library) -> Searcher:
        """A searcher like this one of other reports."""
        return Searcher(library, self.embedder, self._weights, self._reranker)

    @cached_property
    def held_places(self) -> tuple[Place, ...]:
        """The places whose reports are held, each once."""
        found = dict.fromkeys(
            place for report in self.library.reports.values() if (place := place_of(report))
        )
        return tuple(found)

    def understand(self, text: str, turns: Sequence[str] = ()) -> Question:
        """Understand a question against the places held; an English one in the words of the reports."""
        question = understand(text, turns, self.held_places)
        return self._translator.translate(question) if question.language == "en" else question

    @cached_property
    def _translator(self) -> Translator:
        from qa.english.translating import Translator

        return Translator(self.library.lexical)

    def search(self, text: str, k: int = 10, turns: Sequence[str] = ()) -> Findings:
        """The best ``k`` passages for a question, best first; fewer if fewer bear on it."""
        started = time.perf_counter()
        question = self.understand(text, turns)
        anchored = self._anchored(question)
        if question.anchor and not anchored:
            question = replace(question, core=f"{question.anchor} {question.core}", anchor="")
        scope = find_scope(question, self.library.reports.values(), anchored)
        understood = time.perf_counter()
        ranked = self._ranked(question, scope)
        if scope.missing == "place_not_held":
            question, scope, ranked = self._ranked_from_above(question, scope)
        ranked = [*self._of_the_page(question, scope), *ranked]
        hits = tuple(with_quotas(ranked, question, k))
        found = time.perf_counter()
        timings = {
            "understand": (understood - started) * 1000,
            "search": (found - understood) * 1000,
        }
        return Findings(question, scope, hits, self._ranker.vectors is not None, timings)

    def _ranked(self, question: Question, scope: Scope) -> list[Hit]:
        if not scope.report_ids:
            return []
        hits = self._ranker.rank(question, scope.report_ids)
        return rerank(hits, question, self._reranker) if self._reranker else hits

    def _of_the_page(self, question: Question, scope: Scope) -> list[Hit]:
        """What the page above a report prints of its publication, for a question that asks for it."""
        reports = [self.library.reports[report_id] for report_id in scope.report_ids]
        found = imprint_passages(question, reports, self.library)
        return [Hit(passage, report, score=math.inf) for report, passage in found]

    def _anchored(self, question: Question) -> tuple[Report, ...]:
        """The reports that words of the question stand for (洪楼、唐冶那个区), each if it stands out."""
        if not question.anchor:
            return ()
        named = [mention.place for mention in question.places]
        several = find_anchored(fold(question.text), named, self.library).reports
        if len(several) > 1:
            return several
        report = report_of(question.anchor, self.library)
        return (report,) if report else ()

    def _ranked_from_above(
        self, question: Question, missing: Scope
    ) -> tuple[Question, Scope, list[Hit]]:
        """The passages of reports above the place with a sentence that names it (and the indicator
        asked for); nothing, as before, if there is none."""
        asked, scope = from_above(question, missing, self.library.reports.values())
        hits = self._ranked(asked, scope)
        naming = [hit for hit in hits if _speaks_of(hit.passage, asked)]
        return (asked, scope, naming) if naming else (question, missing, [])


def place_of(report: Report) -> Place | None:
    """The place of a report; the nation's reports have no code."""
    if report.level == "国家":
        return THE_NATION
    if report.place_code and report.place:
        return Place(report.place_code, report.place)
    return resolve(report.place) if report.place else None


# --- scope -------------------------------------------------------------------------------------


def find_scope(
    question: Question, reports: Iterable[Report], anchored: Sequence[Report] = ()
) -> Scope:
    """The reports that a question's places and years allow; ``anchored`` are those that words
    of the question stand for."""
    everything = list(reports)
    chosen, absent = _by_places(question.places, everything)
    if anchored:
        chosen = [*(chosen if question.places else ()), *anchored]
    if question.places and not chosen:
        return Scope(frozenset(), "place_not_held", absent)
    dated = [report for report in chosen if _is_in_period(question, report)]
    if not dated:
        return Scope(frozenset(), "period_not_held", absent)
    return Scope(frozenset(report.report_id for report in dated), None, absent)


def from_above(
    question: Question, scope: Scope, reports: Iterable[Report]
) -> tuple[Question, Scope]:
    """The question asked of the reports of the divisions above its one place, which may speak of it
    (惠州哪个县… of the province's); as it was, if none is held. The place stays ``absent``."""
    place = question.places[0].place if len(question.places) == 1 else THE_NATION
    if place == THE_NATION or question.survey or question.language != "zh":
        return question, scope
    above = [report for report in reports if _lies_above(report, place)]
    found = find_scope(replace(question, places=()), above) if above else scope
    if not found.report_ids:
        return question, scope
    name = min(place.names, key=len)
    asked = replace(
        question,
        spoken_of=(name,),
        core=f"{name} {question.core}",
        rest=f"{name} {question.rest}",
        sense=f"{name} {question.sense}",
    )
    return asked, Scope(found.report_ids, None, (place,))


def _speaks_of(passage: Passage, question: Question) -> bool:
    indicators = [name for one in question.indicators for name in names_of(one)]
    return any(
        any(name in text for name in question.spoken_of)
        and (not indicators or any(name in text for name in indicators))
        for text in passage.sentence_texts()
    )


def _lies_above(report: Report, place: Place) -> bool:
    own = place_of(report)
    return own is not None and own != THE_NATION and own.contains(place.code)


def _by_places(
    mentions: tuple[PlaceMention, ...], reports: list[Report]
) -> tuple[list[Report], tuple[Place, ...]]:
    if not mentions:
        return reports, ()
    chosen: dict[str, Report] = {}
    absent = []
    for mention in mentions:
        matching = [report for report in reports if _is_about(report, mention)]
        matching = matching or [report for report in reports if _may_tell_of(report, mention)]
        if not matching:
            absent.append(mention.place)
        chosen.update((report.report_id, report) for report in matching)
    return list(chosen.values()), tuple(absent)


def _is_about(report: Report, mention: PlaceMention) -> bool:
    place = place_of(report)
    if place == mention.place:
        return True
    # 绍兴儿童公园 may be told by a district's report.
    return mention.loose and place is not None and mention.place.contains(place.code)


def _may_tell_of(report: Report, mention: PlaceMention) -> bool:
    """True if a thing named after a place whose own report is not held (宁波舟山港) may stand in the
    report of the division above it."""
    return mention.loose and _lies_above(report, mention.place)


def _is_in_period(question: Question, report: Report) -> bool:
    if question.report_years and report.year not in question.report_years:
        return False
    if not question.years or report.year is None:
        return True
    if asks_work_of_a_year(question):
        return any(_is_on(report, year) for year in question.years)
    return any(_tells_of(report, year) for year in question.years) or _covers(question, report)


def _covers(question: Question, report: Report) -> bool:
    """True if the years are only the base of a comparison (比“十二五”末大多少) with what is told."""
    return question.years_are_bases and not question.report_years


def _is_on(report: Report, year: int) -> bool:
    """True if the report was delivered in the year, or reviews or plans it alone."""
    return report.year == year or any(s.period == str(year) for s in report.sections)


def _tells_of(report: Report, year: int) -> bool:
    """True if a section is about ``year`` or the text names it."""
    if year in report.mentioned_years:
        return True
    periods = [section.period for section in report.sections if section.period]
    return any(overlaps(period, str(year)) for period in periods)
