"""The product in one page: a question goes in, a cited answer comes out."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

from prompts import messages
from qa.answers.answer import Answer
from qa.answers.comparisons import answer_with_comparison
from qa.answers.computing import answer_with_equation, answer_with_rise
from qa.answers.excerpts import ASKS_FIGURE
from qa.answers.extractive import answer_with_quotes
from qa.answers.figures import answer_with_facts
from qa.answers.imprint import answer_with_imprint
from qa.answers.kindred import with_kindred_notes
from qa.answers.lists import answer_with_list
from qa.answers.metadata import answer_with_metadata
from qa.answers.off_topic import is_off_topic, refuse_off_topic
from qa.answers.parts import first_quote, joined, of_the_places_told, parts_of, tells_more
from qa.answers.refusals import refuse_not_stated
from qa.answers.surveys import answer_with_survey
from qa.answers.targets import answer_with_targets
from qa.answers.telling import Told, told_of
from qa.answers.trends import answer_with_trend
from qa.answers.verification import cited_sentences, in_stead, release
from qa.event_loop import EVENT_LOOP
from qa.harmless import harmless
from qa.library.library import Library
from qa.search import Findings, Searcher
from qa.threads import Threads

WAYS: tuple[Callable[[Findings, Library], Answer | None], ...] = (
    answer_with_trend,
    answer_with_survey,
    answer_with_imprint,
    answer_with_metadata,
    answer_with_equation,
    answer_with_comparison,
    answer_with_rise,
    answer_with_targets,
    answer_with_list,
    answer_with_facts,
)


_WITHOUT_SCOPE = (answer_with_trend, answer_with_survey, answer_with_comparison)

_ORDER = {"answered": 0, "partial": 1, "refused": 2}

# 今年的目标是多少 finds 培训4万人次 (0.11) for the visitors asked of before; halves rightly quoted are surer.
_SURE_HALF = 0.2

# Searching by words alone, all is Python; a second thread, so that a long question holds up nobody.
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found; the first thing that a stream tells."""

    findings: Findings


class Assistant(Protocol):
    """Answers with a language model: sentences as they pass their checks, last the whole answer.

    ``exact`` is the answer made without it, ``version`` the library's.
    """

    def answer(
        self, findings: Findings, exact: Answer, version: str
    ) -> AsyncGenerator[Told | Answer, None]: ...


class Chain:
    """Understand, filter, search, answer. Built once; safe to ask from several threads.

    With an ``assistant`` answers are written by a language model and checked; without one, and
    whenever it fails, they are made of facts and quotes. Of the answers made without one the latest
    ``kept`` are remembered: the library of a chain never changes. A question that would wait for a
    thread for longer than ``patience`` seconds is refused (``OverloadedError``).
    """

    def __init__(self, searcher: Searcher, *, kept: int = 0, patience: float = math.inf) -> None:
        self.searcher = searcher
        self.assistant: Assistant | None = None
        self.threads = Threads(
            searcher.embedder.parallel_queries if searcher.embedder else _THREADS, patience
        )
        self._recall = lru_cache(maxsize=kept)(self._made)

    def search(self, text: str, k: int = 10, turns: Sequence[str] = ()) -> Findings:
        """Passages for a question, best first, without an answer."""
        return self.searcher.search(text, k, turns)

    def ask(self, text: str, turns: Sequence[str] = ()) -> Answer:
        """Answer a question, leaning on earlier user ``turns`` where it does not stand alone."""
        if self.assistant is None:
            return self.ask_exactly(text, turns)[1].harmless()
        return EVENT_LOOP.run(self.answer, text, turns)

    async def answer(self, text: str, turns: Sequence[str] = ()) -> Answer:
        """``ask`` for callers with an event loop."""
        async with aclosing(self.stream(text, turns)) as events:
            return [event async for event in events if isinstance(event, Answer)][-1]

    async def stream(
        self, text: str, turns: Sequence[str] = ()
    ) -> AsyncGenerator[Searched | Told | Answer, None]:
        """What was found, each sentence as it may be read, and last the whole answer."""
        findings, exact = await self.threads.run(self.ask_exactly, text, turns)
        yield Searched(findings)
        library = self.searcher.library
        events = self.assistant.answer(findings, exact, library.version) if self.assistant else None
        async with aclosing(events or told_of(exact)) as told:
            async for event in told:
                if isinstance(event, Answer):
                    whole = with_kindred_notes(event, library, findings.question.language)
                    yield whole.harmless()
                else:
                    yield replace(event, text=harmless(event.text))

    def ask_exactly(self, text: str, turns: Sequence[str] = ()) -> tuple[Findings, Answer]:
        """What was found, and the answer made without a language model."""
        started = time.perf_counter()
        findings, answer, made = self._recall(text, tuple(turns))
        if made < started:
            recalling = (time.perf_counter() - started) * 1000
            answer = replace(answer, timings_ms={"recall": recalling}, withheld=0)
        return findings, answer

    def _made(self, text: str, turns: tuple[str, ...]) -> tuple[Findings, Answer, float]:
        """Findings, answer, and when it was made on the clock of ``time.perf_counter``."""
        findings, answer = self._asked_of(self.searcher, text, turns)
        abridged = self._of_abridged
        if abridged is not None and _leaves_open(answer):
            other_findings, other = self._asked_of(abridged, text, turns)
            if _ORDER[other.status] < _ORDER[answer.status]:
                findings, answer = other_findings, other
        language = findings.question.language
        answer = with_kindred_notes(answer, self.searcher.library, language)
        return findings, answer, time.perf_counter()

    @cached_property
    def _of_abridged(self) -> Searcher | None:
        """Searches abridged versions in the places of the full ones; None if the library holds none."""
        library = self.searcher.library.of_abridged
        return None if library is None else self.searcher.over(library)

    def _asked_of(
        self, searcher: Searcher, text: str, turns: tuple[str, ...]
    ) -> tuple[Findings, Answer]:
        """What was found and the answer, verified, with what both took."""
        findings = searcher.search(text, turns=turns)
        found = time.perf_counter()
        settled = _settled(findings, searcher.library)
        drafted = settled or _quoted(findings, searcher.library)
        answer = self._supported(drafted, findings, searcher.library)
        if _may_lack_a_part(answer):
            answer = self._in_parts(searcher, findings, answer, is_quoted=settled is None)
        answer = _with_scope_told(answer, findings)
        timings = {**findings.timings_ms, "answer": (time.perf_counter() - found) * 1000}
        return findings, replace(answer, timings_ms=timings)

    def _in_parts(
        self, searcher: Searcher, findings: Findings, whole: Answer, *, is_quoted: bool
    ) -> Answer:
        """The answers to the parts of a question, where they tell more than the answer to the whole:
        a search for two years at once finds the sentence of one."""
        parts = parts_of(findings.question)
        told = len(whole.text.split("\n"))
        if not is_quoted and whole.status == "answered" and told >= len(parts):
            return whole
        answers: list[Answer] = []
        least = _least_sure(whole, is_quoted=is_quoted)
        for part in parts:
            found = searcher.search(part.text, turns=part.turns)
            found = of_the_places_told(found, answers) if answers else found
            answers.append(self._of_part(found, searcher.library, least))
        if not tells_more(answers, whole):
            return whole
        return joined(findings.question, [part.words for part in parts], answers)

    def _of_part(self, findings: Findings, library: Library, least: float) -> Answer:
        """The answer to one part; where facts are silent, a quote that is at least so sure: half a
        question says less of what is asked than a whole one."""
        drafted = _settled(findings, library) or refuse_not_stated(findings, library.reports)
        answer = self._supported(drafted, findings, library)
        if answer.refusal is None or answer.refusal.reason != "not_stated":
            return answer
        quoted = self._supported(_quoted(findings, library), findings, library)
        if quoted.refusal is None and (quoted.confidence or 0.0) < least:
            return answer
        return first_quote(quoted) if ASKS_FIGURE.search(findings.question.text) else quoted

    def draft(self, findings: Findings, library: Library | None = None) -> Answer:
        """An answer that was not verified yet, by the first way that settles the question; quotes
        settle every one."""
        library = library or self.searcher.library
        return _settled(findings, library) or _quoted(findings, library)

    def _supported(self, answer: Answer, findings: Findings, library: Library) -> Answer:
        """The answer without what its citations do not support; if nothing is left, quotes, which
        are supported unless they were cut wrongly; else a refusal."""
        language = findings.question.language
        kept = release(answer, library, language)
        if kept is not None:
            return kept
        quoted = release(_quoted(findings, library), library, language)
        if quoted is None:
            instead = refuse_not_stated(findings, library.reports)
        else:
            instead = quoted if quoted.refusal else in_stead(quoted, language)
        return replace(instead, withheld=instead.withheld + cited_sentences(answer))


def _settled(findings: Findings, library: Library) -> Answer | None:
    """An answer by the first way that settles the question; None if it is left to quotes."""
    if is_off_topic(findings.question):
        return refuse_off_topic(findings.question)
    answers = (way(findings, library) for way in _ways(findings))
    return next((answer for answer in answers if answer is not None), None)


def _may_lack_a_part(answer: Answer) -> bool:
    """True unless it tells side by side in a table, or refuses for another reason than silence."""
    if answer.refusal is not None:
        return answer.refusal.reason in ("not_stated", "only_target_stated", "only_actual_stated")
    return answer.table is None


def _least_sure(whole: Answer, *, is_quoted: bool) -> float:
    """How sure a quote for half a question must be to stand against the answer to the whole: none does
    against the refusal of facts, which know that their thing has no figure."""
    if whole.refusal is None:
        return 0.0
    return _SURE_HALF if is_quoted else math.inf


def _leaves_open(answer: Answer) -> bool:
    """True if another version of a report may say what this answer lacks."""
    if answer.refusal is not None:
        return answer.refusal.reason not in ("out_of_scope", "unclear")
    return answer.status != "answered"


def _ways(findings: Findings) -> Sequence[Callable[[Findings, Library], Answer | None]]:
    """The ways to try before quotes. A trend and a survey choose their reports themselves: 2018年以来
    asks more than the reports of 2018, 哪几份报告提到了深圳 no report of 深圳; so does a comparison of bodies. What a province's report says of its city only quotes that name the city can tell."""
    if findings.question.spoken_of:
        return ()
    return _WITHOUT_SCOPE if findings.scope.missing else WAYS


def _with_scope_told(answer: Answer, findings: Findings) -> Answer:
    """The answer with a note that not all reports in scope were read for it, where that is so; a survey
    chooses its reports itself."""
    scope, question = findings.scope, findings.question
    if not scope.of_many or question.survey:
        return answer
    said = messages("answers", question.language)["read_closely"]
    note = said.format(count=scope.of_many, read=len(scope.report_ids))
    return replace(answer, notes=(*answer.notes, note))


def _quoted(findings: Findings, library: Library) -> Answer:
    """Quotes; a question in English is matched by other means than one in the reports' own words."""
    if findings.question.language == "zh":
        return answer_with_quotes(findings, library)
    from qa.answers.english import answer_in_english

    return answer_in_english(findings, library.reports)
