"""A model's sentence held against what it cites, before anyone reads it.

A model cites whole exhibits; what leaves cites the very sentences. A figure whose number of exhibit
is wrong, but which one sentence of one report shown supports in every respect, is cited anew;
everything else that fails is handed back with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from embeddings.terms import bigrams
from prompts import messages
from qa.answers.answer import Check, Citation, without_markers
from qa.answers.citing import Citations
from qa.answers.claims import claims_in, plain
from qa.answers.naming import period_told, report_name
from qa.answers.verification import (
    Context,
    Evidence,
    Judged,
    Reason,
    evidence_for,
    judge_sentence,
)
from qa.answers.verification.wording import wording_support
from qa.facts.lexicon import find_indicators
from qa.generation.exhibits import Exhibit, Span
from qa.generation.instructions import speaks_to_the_program
from qa.generation.relevance import shares_words, tells_other_figures
from qa.library.library import Library
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Passage, Report

Failure = Reason | Literal["wording", "other", "instruction"]
# The cosine of a sentence and the nearest of several others.
Similarity = Callable[[str, Sequence[str]], float]

_RUN = re.compile(r"(?:\s*\[\d+\])+")
_NUMBER = re.compile(r"\d+")
_FIGURE = "\ufffc"
_TOLD_OF_FIGURE = re.compile(
    rf"(?:同比|比上年|较上年|年均|累计)?(?:增长|上升|提高|增加|上涨|下降|减少|降低|回落)?(?:到|至|了)?{_FIGURE}"
)
_NOUN = re.compile("[一-龥]{2,4}$")
_LINKS = re.compile(
    r"(?:的?目标[是为]?|预计|力争|计划|要|将|共|为|是|达到?|有|到|至|超过?|突破|完成|实现|同比|年均|累计"
    r"|增长|上升|提高|增加|上涨|下降|减少|降低|回落|[,、:()\s])+$"
)
_PERIOD = re.compile(r"(?:19|20)\d\d(?:\s*[-—–~至]\s*(?:19|20)?\d\d)?年?")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]")
_HEADING = re.compile(r"[:\uff1a]\s*$")
_LONGEST_HEADING = 40
# Fewer signs in a row may be alike by chance.
_SHORTEST_COPY = 10
_BREAK = re.compile("(?<=[,;\uff0c\uff1b])")
# Where the exhibit named does not support a sentence, those that share most words with it are tried.
_NEAREST = 6


@dataclass(frozen=True)
class _SourceSentence:
    """A sentence that may be cited, under the number that it has while a sentence is checked."""

    number: int
    exhibit: int
    report: Report
    passage: Passage
    span: Span
    library: Library

    @cached_property
    def evidence(self) -> Evidence:
        citation = Citation.of(self.number, self.report, self.passage, self.span)
        return evidence_for(citation, self.library)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(bigrams(self.evidence.text))

    @cached_property
    def figures(self) -> frozenset[float]:
        """The figures that it prints, in their base units."""
        return frozenset(claim.low for claim in self.evidence.claims)

    @property
    def context(self) -> tuple[str, ...]:
        """What a sentence about it may name beside what it prints: place, headings, and what its facts
        are called in the lexicon or elsewhere in the report."""
        names = (name for f in self.evidence.facts for name in (f.indicator, f.printed_indicator))
        place = (self.report.place or "", *self.evidence.parents)
        return (self.report.title, *place, *self.passage.headings, *names)


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence that was checked. ``text`` is what may leave, its markers those of the answer; empty
    if ``failure`` says why nothing may. ``is_heading`` if it announces what follows and cites nothing."""

    sentence: str
    text: str = ""
    checks: tuple[Check, ...] = ()
    failure: Failure | None = None
    is_heading: bool = False
    spans: tuple[tuple[str, Span], ...] = ()


class Checker:
    """Checks the sentences of one answer, one after the other; numbers its citations."""

    def __init__(
        self,
        question: Question,
        exhibits: Sequence[Exhibit],
        library: Library,
        similarity: Similarity | None = None,
        *,
        exact: Collection[Span] = (),
        takes_all: bool = False,
    ) -> None:
        """``exact`` are the spans that the answer made without a model cites; ``takes_all`` if an
        overview is asked for, to which every sentence of the exhibits may belong."""
        self._exact = frozenset(exact)
        self._takes_all = takes_all
        self.citations = Citations()
        self.exhibits = tuple(exhibits)
        self._question = question
        self._similarity = similarity
        self._sources = list(_sources(exhibits, library))
        self._by_exhibit = {
            exhibit.n: [one for one in self._sources if one.exhibit == exhibit.n]
            for exhibit in exhibits
        }

    def check(self, sentence: str) -> Checked:
        """What may leave of a sentence whose markers are numbers of exhibits."""
        if speaks_to_the_program(sentence):
            return Checked(sentence, failure="instruction")
        checked = self._check_as_told(sentence)
        if checked.failure in (None, "other"):
            return checked
        return self._quoted(sentence) or checked

    def _check_as_told(self, sentence: str) -> Checked:
        parts = list(_parts(sentence))
        if not any(numbers for _, numbers in parts) and self._is_heading(sentence):
            return Checked(sentence, sentence, is_heading=True)
        cited: list[tuple[str, list[_SourceSentence]]] = []
        for words, numbers in parts:
            if not _WORD.search(words):
                cited.append((words, []))
                continue
            chosen, failure = self._choose(words, numbers)
            if failure:
                return Checked(sentence, failure=failure)
            cited.append((words, chosen))
        sources = [one for _, chosen in cited for one in chosen]
        if not sources:
            return Checked(sentence, failure="marker")
        return self._released(sentence, _told(cited), sources)

    # --- which sentences a stretch rests on ---

    def _choose(
        self, words: str, numbers: Sequence[int]
    ) -> tuple[list[_SourceSentence], Failure | None]:
        """The source sentences that support the words, and why there are none."""
        named = [one for n in numbers for one in self._by_exhibit.get(n, ())]
        failure: Failure = "marker"
        if named:
            chosen, failed = self._supporting(words, named)
            if failed is None:
                return chosen, None
            failure = failed
        elsewhere = self._supporting_elsewhere(words)
        return (elsewhere, None) if elsewhere else ([], failure)

    def _supporting(
        self, words: str, among: Sequence[_SourceSentence]
    ) -> tuple[list[_SourceSentence], Failure | None]:
        """The sentence that supports the words, else one for each of their clauses.

        Never two for one clause: a figure of the one would be told of what the other speaks of.
        """
        whole, failure = self._nearest(words, among)
        if whole is not None:
            return [whole], None
        clauses = _clauses(words)
        found = [self._nearest(clause, among)[0] for clause in clauses] if clauses[1:] else []
        chosen = [one for one in found if one is not None]
        if not found or len(chosen) < len(found):
            return [], failure
        return list(dict.fromkeys(chosen)), None

    def _nearest(
        self, words: str, among: Sequence[_SourceSentence]
    ) -> tuple[_SourceSentence | None, Failure | None]:
        """The sentence that supports the words and shares most of them; if none does, why the one
        that comes nearest fails."""
        asked = frozenset(bigrams(fold(words)))
        least: list[Failure] = []
        # A passage has a dozen sentences; what is far from all words will not support them.
        for one in sorted(among, key=lambda one: -len(asked & one.words))[:_NEAREST]:
            failures = self._failures(words, [one])
            if not failures:
                return one, None
            if not least or len(failures) < len(least):
                least = failures
        return None, least[0]

    def _supporting_elsewhere(self, words: str) -> list[_SourceSentence]:
        """The sentence that supports the words though another exhibit, or none, was named; none where
        sentences of several reports would do: the place is not said then."""
        asked = frozenset(bigrams(fold(words)))
        told = {claim.low for claim in claims_in(plain(words))}
        likely = [one for one in self._sources if told <= one.figures]
        likely.sort(key=lambda one: -len(asked & one.words))
        fitting = [one for one in likely[:_NEAREST] if not self._failures(words, [one])]
        return fitting[:1] if len({one.report.report_id for one in fitting}) == 1 else []

    def _failures(self, words: str, sources: Sequence[_SourceSentence]) -> list[Failure]:
        judged = self._judged(words, sources)
        found: list[Failure] = [
            finding.reason or "value" for finding in judged.findings if not finding.check.supported
        ]
        if found or not judged.figures:
            return found or self._wording_failures(words, sources)
        if not all(_prints_noun(words, one) for one in sources):
            return ["indicator"]
        # Figures, their directions and periods were checked, and need not be printed in these words.
        beside = _without_figures(words)
        return self._wording_failures(beside, sources) if _WORD.search(beside) else []

    def _judged(self, words: str, sources: Sequence[_SourceSentence]) -> Judged:
        markers = "".join(f"[{one.number}]" for one in sources)
        evidence = {one.number: one.evidence for one in sources}
        return judge_sentence(f"{words.rstrip()}{markers}", evidence, self._context)

    @property
    def _context(self) -> Context:
        return Context(self._question.text, tuple(i.name for i in self._question.indicators))

    def _wording_failures(self, words: str, sources: Sequence[_SourceSentence]) -> list[Failure]:
        quotes = [one.evidence.quote for one in sources]
        near = self._similarity(words, quotes) if self._similarity else None
        kinds = {one.passage.kind for one in sources}
        support = wording_support(
            words,
            quotes,
            near,
            context=[name for one in sources for name in one.context],
            is_plan=(kinds == {"plan"})
            if kinds <= {"plan", "review"} and len(kinds) == 1
            else None,
        )
        return [] if support.is_supported else ["wording"]

    # --- what leaves ---

    def _quoted(self, sentence: str) -> Checked | None:
        """The sentence as a quote, if it is copied from a report: told as the model's own, the plan
        that it copies would read as done, or be of no place."""
        words = _RUN.sub("", sentence).strip().rstrip("。.!?;\uff1b")
        if len(words) < _SHORTEST_COPY:
            return None
        source = next((one for one in self._sources if one.evidence.holds(words)), None)
        if source is None:
            return None
        language = self._question.language
        text = messages("answers", language)["quote"].format(
            place=report_name(source.report, language),
            period=period_told(source.passage, source.report, language),
            quote=without_markers(words),
            n=source.number,
        )
        quoted = self._released(sentence, text, [source])
        return None if quoted.failure else quoted

    def _released(self, sentence: str, text: str, sources: Sequence[_SourceSentence]) -> Checked:
        """The text that tells the sentence, cited by ``sources``; looked at once more as a whole."""
        evidence = {one.number: one.evidence for one in sources}
        judged = judge_sentence(text, evidence, self._context)
        wrong = next((f.reason or "value" for f in judged.findings if not f.check.supported), None)
        if wrong:
            return Checked(sentence, failure=wrong)
        if self._is_beside(text, sources, judged):
            return Checked(sentence, failure="other")
        numbers = {
            one.number: self.citations.cite(one.report, one.passage, one.span).n for one in sources
        }
        return Checked(
            sentence,
            _RUN.sub(lambda run: _renumbered(run.group(), numbers), text),
            tuple(Check(f.check.figure, True, numbers[f.check.citation]) for f in judged.findings),
            spans=tuple((one.report.report_id, one.span) for one in sources),
        )

    def _is_beside(self, text: str, sources: Sequence[_SourceSentence], judged: Judged) -> bool:
        """True if the sentence is no answer to the question, be it true. What the answer made without
        a model rests on is to the point, whatever its words."""
        if self._takes_all:
            return False
        if tells_other_figures(self._question, judged.figures):
            return True
        if any(one.span in self._exact for one in sources):
            return False
        return not shares_words(self._question, [text, *(one.evidence.quote for one in sources)])

    def _is_heading(self, sentence: str) -> bool:
        """True for a short line that announces others and tells no figure of its own."""
        return (
            bool(_HEADING.search(sentence))
            and len(sentence) <= _LONGEST_HEADING
            and not claims_in(plain(sentence))
        )


def _told(cited: Sequence[tuple[str, Sequence[_SourceSentence]]]) -> str:
    """The words, each stretch with the markers of its sources."""
    return "".join(
        words.rstrip() + "".join(f"[{one.number}]" for one in chosen) if chosen else words
        for words, chosen in cited
    )


def _prints_noun(words: str, source: _SourceSentence) -> bool:
    """True if the source prints what each figure is told of, or the lexicon knows it: else 未来乡村1个
    would pass for a sentence on 示范镇1个 and 乡村博物馆."""
    text = plain(words)
    printed = frozenset(bigrams("".join([source.evidence.text, *source.context])))
    for claim in claims_in(text):
        lead = _LINKS.sub("", text[: claim.at])
        noun = _NOUN.search(lead)
        pairs = bigrams(noun.group()) if noun and not find_indicators(lead) else []
        if sum(pair in printed for pair in pairs) < len(pairs) / 2:
            return False
    return True


def _without_figures(words: str) -> str:
    """The words without figures, what says how they moved, and periods."""
    text = plain(words)
    for claim in reversed(claims_in(text)):
        text = text[: claim.at] + _FIGURE + text[claim.at + len(claim.text) :]
    return _PERIOD.sub("", _TOLD_OF_FIGURE.sub(",", text))


def _clauses(words: str) -> list[str]:
    """The words in clauses, each with a figure if the words tell any: what stands before a clause with
    a figure is its subject."""
    clauses: list[str] = []
    held = ""
    for piece in _BREAK.split(words):
        held += piece
        if claims_in(plain(piece)):
            clauses.append(held)
            held = ""
    if not clauses:
        return _BREAK.split(words)
    return [*clauses[:-1], clauses[-1] + held]


def _renumbered(run: str, numbers: dict[int, int]) -> str:
    found = [numbers[int(number)] for number in _NUMBER.findall(run)]
    return "".join(f"[{n}]" for n in dict.fromkeys(found))


def _sources(exhibits: Sequence[Exhibit], library: Library) -> Iterator[_SourceSentence]:
    spans = [(exhibit, span) for exhibit in exhibits for span in exhibit.spans]
    for number, (exhibit, span) in enumerate(spans, 1):
        yield _SourceSentence(number, exhibit.n, exhibit.report, exhibit.passage, span, library)


def _parts(sentence: str) -> Iterator[tuple[str, list[int]]]:
    """The sentence cut behind its runs of markers: words, and the numbers behind them."""
    start = 0
    for run in _RUN.finditer(sentence):
        yield sentence[start : run.start()], [int(n) for n in _NUMBER.findall(run.group())]
        start = run.end()
    if sentence[start:].strip():
        yield sentence[start:], []
