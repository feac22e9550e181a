"""Search is a plan: understand, filter, lexical and dense, fuse, rank, quotas per place.

A filter with no match finds nothing, never everything; what is missing is said in ``Findings``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from embeddings.terms import bigrams
from qa.facts.lexicon import names_of
from qa.library.library import Library, PassageKey
from qa.place_mentions import PlaceMention
from qa.places import THE_NATION, Place, resolve
from qa.questions import Question, asks_work_of_a_year, understand
from qa.reports.periods import overlaps, span_of
from qa.reports.report import Passage, Report

if TYPE_CHECKING:
    from embeddings import Embedder, FaissIndex
    from embeddings.vectors import Vectors
    from qa.english.translating import Translator

Missing = Literal["place_not_held", "period_not_held"]

# Candidates of each leg that are scored in full. Evidence stands among them for all questions of
# the shipped set.
_CANDIDATES = 60
# An anchor (洪楼、唐冶那个区) means the report whose best passage beats the next by this factor.
_STANDS_OUT = 1.2
# The reports' words for a colloquial question count less than words the user chose.
_FORMAL_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the ranking's features, each scaled to about [0, 1] over the candidates.

    Chosen before the first measurement; what each is worth: ``benchmarks/search_ablation.py``.
    """

    lexical: float = 1.0
    context: float = 0.35
    dense: float = 0.25
    status: float = 0.12
    period: float = 0.08
    heading: float = 0.1


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. ``score`` orders hits of one search; it means nothing across searches.

    ``features`` are what it is made of, and ``nearest``, the cosine of the passage's sentence nearest
    to the question (0 without vectors). ``similarities`` are the cosines of its sentences, in order;
    0 for those too far to be among the nearest, or without vectors."""

    passage: Passage
    report: Report
    score: float
    features: Mapping[str, float] = field(repr=False, default_factory=dict)
    similarities: tuple[float, ...] = field(repr=False, default=())


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

    ``embedder`` is None for lexical search alone.
    """

    def __init__(
        self, library: Library, embedder: Embedder | None, weights: Weights | None = None
    ) -> None:
        self.library = library
        self.weights = weights or Weights()
        self.embedder = embedder

    @cached_property
    def _vectors(self) -> FaissIndex | None:
        return None if self.embedder is None else self.library.load_vectors(self.embedder)

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
        ranked = self._rank(question, scope) if scope.report_ids else []
        if scope.missing == "place_not_held":
            question, scope, ranked = self._ranked_from_above(question, scope)
        hits = tuple(_with_quotas(ranked, question, k))
        found = time.perf_counter()
        timings = {
            "understand": (understood - started) * 1000,
            "search": (found - understood) * 1000,
        }
        return Findings(question, scope, hits, self._vectors is not None, timings)

    def _anchored(self, question: Question) -> Report | None:
        """The report that the question's anchor stands for, if one stands out."""
        if not question.anchor:
            return None
        return report_of(question.anchor, self.library)

    def _rank(self, question: Question, scope: Scope) -> list[Hit]:
        keys = [key for key in self.library.passage_keys if key.report_id in scope.report_ids]
        lexical = self._lexical(question, keys)
        similar = self._dense(question, keys)
        nearest = {key: max(of_passage.values()) for key, of_passage in similar.items()}
        dense = _scaled(nearest)
        chosen = _candidates(keys, lexical, dense)
        passages = self.library.passages([key.id for key in chosen])
        hits = [
            self._hit(
                question,
                passage,
                lexical.get(key.id),
                dense.get(key.id, 0.0),
                self._similarities(key.id, similar),
            )
            for key, passage in zip(chosen, passages, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.source, hit.passage.start))

    def _ranked_from_above(
        self, question: Question, missing: Scope
    ) -> tuple[Question, Scope, list[Hit]]:
        """The passages of reports above the place with a sentence that names it (and the indicator
        asked for); nothing, as before, if there is none."""
        asked, scope = from_above(question, missing, self.library.reports.values())
        hits = self._rank(asked, scope) if scope.report_ids else []
        naming = [hit for hit in hits if _speaks_of(hit.passage, asked)]
        return (asked, scope, naming) if naming else (question, missing, [])

    def _lexical(
        self, question: Question, keys: list[PassageKey]
    ) -> dict[int, tuple[float, float]]:
        """Passage id → BM25 of the question's words and of its context's, scaled to [0, 1]."""
        wanted = np.array([key.id for key in keys], dtype=np.int64)
        rows = np.searchsorted(self.library.lexical.ids, wanted)
        own = _to_unit(self._own_scores(question)[rows])
        context = _to_unit(self._scores(question.context)[rows])
        return {
            key.id: (float(a), float(b))
            for key, a, b in zip(keys, own, context, strict=True)
            if a > 0 or b > 0
        }

    def _own_scores(self, question: Question) -> Vectors:
        """BM25 over all passages, each indicator under the name that the passage uses for it."""
        if question.language == "en":
            from qa.english.terms import scores

            return scores(question.terms, self.library.lexical)
        total = self._scores(question.rest) + _FORMAL_SHARE * self._scores(question.formal)
        for indicator in question.indicators:
            names = [self._scores(name) for name in names_of(indicator)]
            total = total + np.max(names, axis=0)
        return total

    def _scores(self, text: str) -> Vectors:
        return self.library.lexical.scores(text)

    def _similarities(
        self, passage: int, similar: Mapping[int, Mapping[int, float]]
    ) -> tuple[float, ...]:
        """The cosines of a passage's sentences, in order."""
        found = similar.get(passage, {})
        return tuple(
            found.get(number, 0.0) for number in self.library.passage_sentences.get(passage, ())
        )

    def _dense(self, question: Question, keys: list[PassageKey]) -> dict[int, dict[int, float]]:
        """Passage id → its sentences among the nearest to the question → their cosines."""
        if self._vectors is None or self.embedder is None:
            return {}
        vector = self.embedder.encode_query(question.sense)
        sentences = [s for key in keys for s in self.library.passage_sentences.get(key.id, ())]
        ids = np.array(sentences, dtype=np.int64)
        found, scores = self._vectors.search(vector, 4 * _CANDIDATES, allowed=ids)
        similar: dict[int, dict[int, float]] = {}
        for sentence, score in zip(found.tolist(), scores.tolist(), strict=True):
            similar.setdefault(self.library.sentence_passages[sentence], {})[sentence] = score
        return similar

    def _hit(
        self,
        question: Question,
        passage: Passage,
        lexical: tuple[float, float] | None,
        dense: float,
        similarities: tuple[float, ...],
    ) -> Hit:
        report = self.library.reports[passage.report_id]
        own, context = lexical or (0.0, 0.0)
        features = {
            "lexical": own,
            "context": context,
            "dense": dense,
            "status": _status_match(question, passage, report),
            "period": _period_match(question, passage, report),
            "heading": _heading_match(question, passage),
        }
        score = sum(getattr(self.weights, name) * value for name, value in features.items())
        nearest = max(similarities, default=0.0)
        return Hit(passage, report, score, {**features, "nearest": nearest}, similarities)


def report_of(anchor: str, library: Library) -> Report | None:
    """The report that the words stand for (洪楼、唐冶 of 洪楼、唐冶那个区), if one stands out."""
    best: dict[str, float] = {}
    scores = library.lexical.scores(anchor)
    for key, score in zip(library.passage_keys, scores.tolist(), strict=True):
        best[key.report_id] = max(best.get(key.report_id, 0.0), score)
    ranked = sorted(best, key=lambda report_id: -best[report_id])[:2]
    if not ranked or best[ranked[0]] == 0:
        return None
    if len(ranked) > 1 and best[ranked[0]] < _STANDS_OUT * best[ranked[1]]:
        return None
    return library.reports[ranked[0]]


def place_of(report: Report) -> Place | None:
    """The place of a report; the nation's reports have no code."""
    if report.level == "国家":
        return THE_NATION
    if report.place_code and report.place:
        return Place(report.place_code, report.place)
    return resolve(report.place) if report.place else None


# --- scope -------------------------------------------------------------------------------------


def find_scope(
    question: Question, reports: Iterable[Report], anchored: Report | None = None
) -> Scope:
    """The reports that a question's places and years allow; ``anchored`` is the one that words of
    the question stand for."""
    everything = list(reports)
    chosen, absent = _by_places(question.places, everything)
    if anchored:
        chosen = [*(chosen if question.places else ()), anchored]
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


# --- features ----------------------------------------------------------------------------------


def _to_unit(scores: Vectors) -> Vectors:
    top = float(scores.max(initial=0.0))
    return scores / top if top > 0 else scores


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    """Similarities to [0, 1]: those of one query lie within a few hundredths of each other."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    width = max(high - low, 1e-6)
    return {key: (score - low) / width for key, score in scores.items()}


def _candidates(
    keys: list[PassageKey],
    lexical: Mapping[int, tuple[float, float]],
    dense: Mapping[int, float],
) -> list[PassageKey]:
    by_words = sorted(lexical, key=lambda key: -sum(lexical[key]))[:_CANDIDATES]
    by_sense = sorted(dense, key=lambda key: -dense[key])[:_CANDIDATES]
    chosen = {*by_words, *by_sense}
    return [key for key in keys if key.id in chosen]


def _status_match(question: Question, passage: Passage, report: Report) -> float:
    """1 if the section's kind is the one asked for, -1 if it is the other one, else 0."""
    wanted = wanted_kinds(question, report)
    if not wanted or passage.kind not in ("review", "plan"):
        return 0.0
    return 1.0 if passage.kind in wanted else -1.0


def wanted_kinds(question: Question, report: Report) -> set[str]:
    """The kinds of section that tell what is asked: review, plan, both, or no matter which."""
    wanted = {"review" if offset < 0 else "plan" for offset in question.relative}
    if wanted:
        return wanted
    if question.status:
        return {"plan" if question.status == "target" else "review"}
    if report.year and question.years and report.reviewed_period != report.planned_period:
        wanted = {"plan" if year >= report.year else "review" for year in question.years}
    return wanted


def _period_match(question: Question, passage: Passage, report: Report) -> float:
    if passage.period in question.spans:
        return 1.0
    if not question.years or passage.period is None:
        return 0.0
    distances = []
    for year in question.years:
        first, last = span_of(passage.period)
        distances.append(
            0.0
            if first <= year <= last and first == last
            else 0.5
            if first <= year <= last
            else 1.0
        )
    return 1.0 - min(distances)


def _heading_match(question: Question, passage: Passage) -> float:
    """Share of the question's bigrams that stand in the headings above the passage."""
    asked = set(bigrams(question.core))
    if not asked:
        return 0.0
    return len(asked & set(bigrams(" ".join(passage.headings)))) / len(asked)


# --- quotas ------------------------------------------------------------------------------------


def _with_quotas(ranked: list[Hit], question: Question, k: int) -> list[Hit]:
    """The best ``k``, taking turns between the things compared so that none is crowded out."""
    lanes: dict[tuple[str, str], list[Hit]] = {}
    for hit in ranked:
        lanes.setdefault(_lane(hit, question), []).append(hit)
    mixed: list[Hit] = []
    while len(mixed) < k and any(lanes.values()):
        mixed += [lane.pop(0) for lane in lanes.values() if lane]
    return mixed[:k]


def _lane(hit: Hit, question: Question) -> tuple[str, str]:
    """What a hit competes with: its report where places are compared, its kind where 去年 and 今年
    are both asked for."""
    many = question.survey or len(question.places) > 1
    return hit.report.report_id if many else "", _kind(hit) if len(question.relative) > 1 else ""


def _kind(hit: Hit) -> str:
    return "review" if hit.passage.kind == "review" else "plan"
