"""Which of a report's lists a question asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from embeddings.terms import bigrams
from qa.answers.lists.asking import Asked
from qa.answers.lists.listing import Listing
from qa.answers.lists.numerals import MEASURE, NUMERAL
from qa.answers.lists.outline import Outline
from qa.answers.lists.parallels import ALIKE_SIGNS
from qa.ranking import wanted_kinds
from qa.search import Findings

_HITS = 5
# How the lists of a plan are announced: 重点要做好以下工作.
_PLANS = re.compile("(?:做好|抓好|重点|主要|以下|方面).{0,10}(?:工作|任务)|工作(?:安排|任务|重点)")
# Shares of a word's weight for standing among the items or only in the headings above.
_AMONG_ITEMS, _ABOVE = 0.5, 0.4
_COUNT_AGREES, _COUNT_DIFFERS = 0.3, -0.5
_LABEL_NEAR, _ITEMS_ALIKE = 0.3, 0.3
_FOUND_BY_SEARCH = 0.2
# 重点工作 are the headings of the plan sooner than what one paragraph counts up.
_OF_HEADINGS = 0.1
_OTHER_KIND = -0.5
_QUOTED_ELSEWHERE = -0.3
# What enumerated things are called stands so near behind them, and a phrase has so many signs.
_CALLED_WITHIN, _PHRASE = 8, 4
# Enumerations of several sentences that score so alike are each only part of the answer.
_AS_GOOD = 0.1
_NAMES_MORE = re.compile("等$")
# A list scores at least this much or the question is left to the other ways to answer.
_LEAST_SCORE = 0.75


@dataclass(frozen=True, slots=True)
class Choice:
    score: float
    listing: Listing
    outline: Outline


def nearest_lists(
    asked: Asked, outlines: Iterable[Outline], findings: Findings
) -> Iterator[Choice]:
    """The lists that may be meant and are near enough to the question."""
    found = {hit.passage.start for hit in findings.hits[:_HITS]}
    for outline in outlines:
        for listing in outline.listings:
            if _may_be_meant(asked, listing, outline):
                score = _score(asked, listing, outline, found)
                if score >= _LEAST_SCORE:
                    yield Choice(score, listing, outline)


def _has_the_quoted(asked: Asked, listing: Listing, outline: Outline) -> bool:
    """False if the report prints a term that the question quotes, but not where this list stands:
    “金玉良缘”是哪两个平台 is not answered by two of something else."""
    items = {item.unit for item in listing.items}
    here = " ".join([listing.near, listing.far, *(outline.units[unit].text for unit in items)])
    return all(
        term in here or not any(term in unit.text for unit in outline.units)
        for term in asked.quoted
    )


def whole_of(best: Choice, choices: Iterable[Choice]) -> Choice:
    """The list that names all of what the best one only begins (A、B、C等六大专项), if one does."""
    if best.listing.announced is None:
        return best
    begun = {_NAMES_MORE.sub("", item.text) for item in best.listing.items}
    for choice in choices:
        names = {item.text for item in choice.listing.items}
        if begun < names and len(names) == best.listing.announced:
            return choice
    return best


def is_one_of_several(asked: Asked, best: Choice, choices: Iterable[Choice]) -> bool:
    """True if the best choice is an enumeration and others in other sentences are as good."""
    if asked.count or best.listing.form != "names":
        return False
    where = {
        (c.outline.report.report_id, c.listing.items[0].unit)
        for c in choices
        if c.listing.form == "names" and c.score >= best.score - _AS_GOOD
    }
    return len(where) > 1


def _is_of_a_report_with(terms: Sequence[str], outline: Outline) -> bool:
    return all(any(term in unit.text for unit in outline.units) for term in terms)


def _may_be_meant(asked: Asked, listing: Listing, outline: Outline) -> bool:
    enumerates = listing.form in ("names", "subjects")
    if asked.defines and not _is_of_a_report_with(asked.quoted, outline):
        # “三个1亿人”是什么意思 is not told by 三个“十条” of a report that has no such term.
        return False
    if enumerates and any(term in item.text for item in listing.items for term in asked.quoted):
        # A list that names “456”产业链群 among others does not say what it is.
        return len(asked.quoted) > 1
    if asked.count:
        # An enumeration is known whole: with another number of names it is another list.
        exact = asked.count in (len(listing.items), listing.announced)
        return exact or (len(listing.items) < asked.count and not enumerates)
    if any(label in listing.near for label in asked.labels):
        return enumerates or listing.form == "colon" or not asked.defines
    return _names_things_asked(asked, listing) if enumerates else _is_about(asked, listing)


def _names_things_asked(asked: Asked, listing: Listing) -> bool:
    """True if the things enumerated are called as asked (…等特色街区), and are not figures."""
    counts = sum(bool(re.search(r"\d", item.text)) for item in listing.items)
    behind = re.sub(rf"^{NUMERAL}(?:{MEASURE})", "", listing.subject)[:_CALLED_WITHIN]
    called = f"{behind} {listing.items[0].text} {listing.items[-1].text}"
    return bool(asked.thing) and asked.thing in called and 2 * counts < len(listing.items)


def _is_about(asked: Asked, listing: Listing) -> bool:
    """True if what announces the list says a phrase of the question, not only words of it."""
    if asked.plans or _alike_as_asked(asked, listing):
        return True
    longest = max(asked.core.split(), key=len, default="")
    size = min(_PHRASE, len(longest))
    phrases = (part[i : i + size] for part in asked.core.split() for i in range(len(part)))
    return any(len(phrase) == size and phrase in listing.near for phrase in phrases)


def _score(asked: Asked, listing: Listing, outline: Outline, found: set[int]) -> float:
    units = [outline.units[item.unit] for item in listing.items]
    score = _told(asked, listing, outline)
    if asked.count:
        agrees = len(listing.items) == asked.count or asked.count == listing.announced
        score += _COUNT_AGREES if agrees else _COUNT_DIFFERS
    score += _LABEL_NEAR * any(label in listing.near for label in asked.labels)
    score += _ITEMS_ALIKE * _alike_as_asked(asked, listing)
    score += _FOUND_BY_SEARCH * any(unit.passage.start in found for unit in units)
    score += _QUOTED_ELSEWHERE * (not _has_the_quoted(asked, listing, outline))
    score += _OF_HEADINGS * all(unit.is_heading for unit in units)
    wanted = wanted_kinds(asked.question, outline.report)
    kind = units[0].passage.kind
    if wanted and kind in ("review", "plan") and kind not in wanted:
        score += _OTHER_KIND
    return score


def _told(asked: Asked, listing: Listing, outline: Outline) -> float:
    """Share of the question's words, weighted by rarity, that the list is about."""
    near = set(bigrams(listing.near))
    if asked.plans and listing.form == "numbered" and _PLANS.search(listing.near):
        near.update(asked.plans)
    among = {word for item in listing.items for word in bigrams(item.text)}
    far = set(bigrams(listing.far))
    whole = told = 0.0
    for word in asked.words:
        weight = outline.rarity(word)
        whole += weight
        told += weight * (
            1.0 if word in near else max(_AMONG_ITEMS * (word in among), _ABOVE * (word in far))
        )
    return told / whole if whole else 0.0


def _alike_as_asked(asked: Asked, listing: Listing) -> bool:
    """True if the items share the beginning or the ending that the question names (突出…, …城市)."""
    texts = [item.text.rstrip("”") for item in listing.items]
    beginning = _common_start(texts).strip("“”")
    ending = _common_start([text[::-1] for text in texts])[::-1]
    counted = len(texts) == asked.count
    return (len(beginning) >= ALIKE_SIGNS and beginning in asked.text) or (
        len(ending) >= (1 if counted else 2) and ending in asked.text
    )


def _common_start(texts: Sequence[str]) -> str:
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return "".join(signs[0] for signs in alike)
