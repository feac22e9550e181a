"""The words of an English question in Chinese, of those that a library's reports print.

First the genre's terms and the indicators, the longest first; then a dictionary, phrases before words;
then romanised names; what is Latin in the reports as well (5G, RCEP) stays as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from qa.english.asking import time_spans
from qa.english.dictionary import Dictionary
from qa.english.glossary import find_terms
from qa.english.places import asks_by_landmarks, place_spans
from qa.english.romanised import printed_forms
from qa.english.terms import Term, holding, holding_any
from qa.english.understanding import indicators_named
from qa.english.words import Word, is_empty, is_plain, words_in
from qa.facts.lexicon import names_of
from qa.places import HeldPlaces, by_latin_name
from qa.questions import Question

if TYPE_CHECKING:
    from embeddings import Bm25Index

_LONGEST_PHRASE = 4
_MOST_WORDINGS = 10
# Words of earlier turns count less than those of the question itself.
_EARLIER = 0.6
# A word that nothing in the library translates speaks against an answer, but less than a known word
# that no passage prints: it may be the translation that fails.
_UNKNOWN = 0.5
# The rarest of a dictionary's words (refund: 退还) is often not the one that reports use: it must not
# outweigh the genre's own terms.
_MOST_LOOKED_UP = 4.0
_AMOUNT = re.compile(r"\b(\d+(?:\.\d+)?)\s+(thousand|million|billion|trillion)\b", re.I)
_TEN_THOUSANDS = {"thousand": 0.1, "million": 100, "billion": 100_000, "trillion": 100_000_000}
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class _Claim:
    """``text[start:end]`` is printed in one of these ways."""

    start: int
    end: int
    printed: tuple[str, ...]
    sure: float = 1.0
    names: bool = False
    looked_up: bool = False


class Translator:
    """Translates for one version of a library. Loads a dictionary when the first word asks for it."""

    def __init__(self, index: Bm25Index) -> None:
        self._index = index

    def translate(self, question: Question) -> Question:
        """The question with its ``terms``, and its ``anchor`` if names stand for an unnamed place."""
        claims = list(self._claims(question.text, question))
        terms = {_key(question.text, c): self._term(question.text, c) for c in claims}
        anchor = ""
        if not question.places and asks_by_landmarks(question.text):
            named = [claim for claim in claims if claim.names and claim.printed]
            anchor = " ".join(word for claim in named for word in claim.printed)
        if question.context and question.turns:
            earlier = question.turns[-1]
            for claim in self._claims(earlier, question):
                term = self._term(earlier, claim)
                terms.setdefault(term.said, replace(term, weight=_EARLIER * term.weight))
        return replace(question, terms=tuple(terms.values()), anchor=anchor or question.anchor)

    @cached_property
    def _dictionary(self) -> Dictionary:
        return Dictionary(self._is_held)

    def _is_held(self, word: str) -> bool:
        """True if some passage has each pair of signs: asked for every word of the dictionary, so without
        the folding of ``bigrams``."""
        return all(first + second in self._index for first, second in pairwise(word))

    def _term(self, text: str, claim: _Claim) -> Term:
        printed = tuple(word for word in claim.printed if len(word) > 1)
        passages = float(len(holding_any(printed, self._index))) if printed else 0.0
        rarity = math.log(1 + len(self._index) / max(passages, 0.5))
        weight = min(rarity, _MOST_LOOKED_UP) if claim.looked_up else rarity
        return Term(text[claim.start : claim.end].lower(), printed, claim.sure * weight)

    def _claims(self, text: str, question: Question) -> Iterator[_Claim]:
        """What of ``text`` is printed how, without overlaps."""
        held = HeldPlaces(mention.place for mention in question.places)
        spans = [*place_spans(text, held), *time_spans(text)]
        taken = [_Claim(start, end, ()) for start, end in spans]
        known = [*_glossary_claims(text), *_indicator_claims(text), *_amount_claims(text)]
        for claim in sorted(known, key=lambda c: (c.start - c.end, c.start)):
            if not any(_overlap(claim, other) for other in taken):
                taken.append(claim)
                yield claim
        yield from self._word_claims(text, taken)

    def _word_claims(self, text: str, taken: Sequence[_Claim]) -> Iterator[_Claim]:
        """Claims for the words left over: phrases of the dictionary, words, names."""
        run: list[Word] = []
        for word in (*words_in(text), None):
            free = word is not None and not any(
                other.start < word.end and word.start < other.end for other in taken
            )
            if (
                word is not None
                and free
                and (not run or text[run[-1].end : word.start].strip() == "")
            ):
                run.append(word)
                continue
            yield from self._run_claims(run)
            run = [word] if word is not None and free else []

    def _run_claims(self, run: Sequence[Word]) -> Iterator[_Claim]:
        start = 0
        while start < len(run):
            length, claim = self._longest(run[start : start + _LONGEST_PHRASE])
            if claim:
                yield claim
            start += length

    def _longest(self, words: Sequence[Word]) -> tuple[int, _Claim | None]:
        for length in range(len(words), 1, -1):
            part = words[:length]
            if any(is_empty(word.text) for word in (part[0], part[-1])):
                continue
            found, sure = self._dictionary.look_up(" ".join(word.text for word in part))
            printed = self._commonest(found)
            if printed:
                start, end = part[0].start, part[-1].end
                return length, _Claim(start, end, printed, sure, looked_up=True)
        return 1, self._of_word(words[0])

    def _of_word(self, word: Word) -> _Claim | None:
        lowered = word.text.lower()
        if is_empty(lowered) or is_plain(lowered) or _YEAR.fullmatch(lowered) or len(lowered) < 2:
            return None
        if lowered in self._index:
            return _Claim(word.start, word.end, (lowered,))
        found, sure = self._dictionary.look_up(lowered)
        if found:
            return _Claim(word.start, word.end, self._commonest(found), sure, looked_up=True)
        if word.is_name:
            places = by_latin_name().get(word.text, ())
            forms = tuple(dict.fromkeys(place.short_name for place in places))
            named = self._commonest(forms or printed_forms(word.text, self._is_held))
            return _Claim(word.start, word.end, named, 1.0 if named else _UNKNOWN, names=True)
        return _Claim(word.start, word.end, (), _UNKNOWN)

    def _commonest(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those that some passage prints, the most printed first: they are likelier meant."""
        counts = {word: len(holding(word, self._index)) for word in words}
        held = sorted((word for word in words if counts[word]), key=lambda word: -counts[word])
        return tuple(held[:_MOST_WORDINGS])


def _key(text: str, claim: _Claim) -> str:
    """What tells one term from another: a word said twice counts once."""
    return text[claim.start : claim.end].lower()


def _glossary_claims(text: str) -> Iterator[_Claim]:
    for start, end, printed in find_terms(text):
        yield _Claim(start, end, printed)


def _indicator_claims(text: str) -> Iterator[_Claim]:
    for mention in indicators_named(text):
        names = tuple(
            name.lower() for i in mention.indicators for name in names_of(i) if len(name) > 1
        )
        yield _Claim(mention.start, mention.end, tuple(dict.fromkeys(names)))


def _amount_claims(text: str) -> Iterator[_Claim]:
    """Amounts as reports print them: 5 billion is 50亿."""
    for match in _AMOUNT.finditer(text):
        ten_thousands = float(match[1]) * _TEN_THOUSANDS[match[2].lower()]
        if ten_thousands >= 10_000:
            yield _Claim(match.start(), match.end(), (f"{ten_thousands / 10_000:g}亿",))
        elif ten_thousands >= 1:
            yield _Claim(match.start(), match.end(), (f"{ten_thousands:g}万",))
        else:
            yield _Claim(match.start(), match.end(), (f"{ten_thousands * 10_000:g}",))


def _overlap(one: _Claim, other: _Claim) -> bool:
    return one.start < other.end and other.start < one.end
