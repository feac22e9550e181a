"""An English question as a ``Question``: what the Chinese side reads of it, and what only English says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from qa.english import asking
from qa.english.glossary import find_terms
from qa.english.places import find_places, place_spans
from qa.english.words import is_empty, is_plain, words_in
from qa.facts.lexicon import IndicatorMention, find_indicators
from qa.places import HeldPlaces
from qa.questions import Question

_YEAR = re.compile(r"(?:19|20)\d\d")


def understand_english(
    text: str, held: HeldPlaces, read: Callable[[str, HeldPlaces], Question]
) -> Question:
    """Understand ``text``; ``read`` is the Chinese side, which reads years, plans and places named in
    Chinese from it."""
    question = read(text, held)
    spans, in_spans = asking.periods(text)
    places = find_places(text, held)
    mentions = indicators_named(text)
    taken = [
        *place_spans(text, held),
        *asking.time_spans(text),
        *((m.start, m.end) for m in mentions),
    ]
    rest = " ".join(_content(text, taken))
    report_years = asking.report_years(text)
    years = dict.fromkeys((*question.years, *question.report_years, *in_spans))
    chinese = tuple(
        m for m in question.places if m.place.name in text or m.place.short_name in text
    )
    return replace(
        question,
        text=text,
        places=tuple(dict.fromkeys((*chinese, *(named.mention for named in places)))),
        years=tuple(year for year in years if year not in report_years),
        spans=tuple(dict.fromkeys((*question.spans, *spans))),
        report_years=report_years,
        relative=asking.relative_years(text),
        status=asking.status_asked(text),
        indicators=tuple(dict.fromkeys(i for m in mentions for i in m.indicators)),
        survey=question.survey and not places,
        rest=rest,
        core=f"{rest} {' '.join(text[m.start : m.end] for m in mentions)}".strip(),
        anchor="",
        formal="",
        sense=_without(text, place_spans(text, held)),
    )


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{text[end:]}"
    return " ".join(text.split())


def indicators_named(text: str) -> list[IndicatorMention]:
    """The indicators that a question names, but for those inside a longer term of the genre: the
    visitors of “foreign visitors” are not all visitors."""
    terms = [(start, end) for start, end, _ in find_terms(text)]
    return [
        mention
        for mention in find_indicators(text)
        if not any(
            start <= mention.start
            and mention.end <= end
            and end - start > mention.end - mention.start + 1
            for start, end in terms
        )
    ]


def _content(text: str, taken: Iterable[tuple[int, int]]) -> Iterator[str]:
    """The words that narrow what is asked about: not those of asking, of figures, nor years."""
    spans = list(taken)
    for word in words_in(text):
        if any(start < word.end and word.start < end for start, end in spans):
            continue
        lowered = word.text.lower()
        if not is_empty(lowered) and not is_plain(lowered) and not _YEAR.fullmatch(lowered):
            yield word.text
