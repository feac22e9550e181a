"""Where retrieved passages stand in their sources, by their text alone.

Rivals count no offsets, or count them in a text that they changed. White space is left out: some of
them fold it. So all systems, ours too, are judged by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from eval.questions import Evidence, QuestionCase, Span
from eval.spans import is_found

Passage = tuple[str, str]


def fold(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


@dataclass(frozen=True)
class Corpus:
    """The sources' texts, folded; ``Span`` below counts signs of these."""

    texts: Mapping[str, str]
    _before: dict[str, list[int]] = field(default_factory=dict, init=False, repr=False)
    _folded: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _placed: dict[Passage, list[Span]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, text in self.texts.items():
            self._folded[name] = fold(text)
            self._before[name] = list(accumulate((not c.isspace() for c in text), initial=0))

    def place(self, passage: Passage) -> list[Span]:
        """Where the passage stands; wherever it does, if its text is repeated.

        One that is nowhere as a whole is placed line by line, in order: a reader of Markdown leaves
        marks out. Lines that are nowhere are left out.
        """
        if passage not in self._placed:
            source, text = passage
            whole = self._all(source, fold(text))
            self._placed[passage] = whole or list(self._lines(source, text))
        return self._placed[passage]

    def _all(self, source: str, text: str) -> list[Span]:
        held, spans, start = self._folded.get(source, ""), [], -1
        while text and (start := held.find(text, start + 1)) >= 0:
            spans.append(Span(source, start, start + len(text)))
        return spans

    def _lines(self, source: str, text: str) -> Iterable[Span]:
        held, position = self._folded.get(source, ""), 0
        for line in filter(None, map(fold, text.splitlines())):
            start = held.find(line, position)
            if start >= 0:
                position = start + len(line)
                yield Span(source, start, position)

    def of(self, evidence: Evidence) -> Evidence:
        """The evidence with its spans counted in folded text."""
        return Evidence(evidence.quote, tuple(map(self._span, evidence.spans)))

    def _span(self, span: Span) -> Span:
        before = self._before[span.source]
        return Span(span.source, before[span.start], before[span.end])

    def holds(self, case: QuestionCase, passages: Sequence[Passage]) -> bool:
        """True if all evidence of ``case`` lies in the passages; two may hold a half each."""
        spans = [span for passage in passages for span in self.place(passage)]
        return all(is_found(self.of(evidence), spans) for evidence in case.evidence)

    def placed_share(self, passages: Iterable[Passage]) -> float:
        """The share of the passages' signs that were found in their sources."""
        placed = given = 0
        for passage in passages:
            length = len(fold(passage[1]))
            given += length
            spans = self.place(passage)
            placed += min(length, sum(span.end - span.start for span in spans))
        return placed / given if given else 1.0


def signs(passages: Iterable[Passage]) -> int:
    """How many signs the passages show, white space left out."""
    return sum(len(fold(text)) for _, text in passages)


def within(passages: Iterable[Passage], budget: int) -> list[Passage]:
    """The first ``budget`` signs of the passages; the last of them may be cut."""
    kept = []
    for source, text in passages:
        if budget <= 0:
            break
        length = len(fold(text))
        kept.append((source, text if length <= budget else fold(text)[:budget]))
        budget -= length
    return kept
