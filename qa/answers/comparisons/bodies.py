"""Bodies named after a place (宁波舟山港, 杭州萧山机场, a city of a province): what is told of them stands
in the report of another place, under their own name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from qa.answers.naming import place_name
from qa.answers.surveys.sightings import passages_with
from qa.facts.fact import Fact
from qa.library.library import Library
from qa.library.shelf import place_of
from qa.places import Place, by_short_name
from qa.questions import Question
from qa.reports.clean_text import fold
from qa.reports.report import Report

_KIND = re.compile(
    # 港口, 港湾 and 港区 are no names; 香港 is a place.
    r"(?<!香)港(?![口湾区澳币股元])|机场|新区|(?:高新|开发|保税|综保)区|口岸"
)
_HAN = re.compile(r"[一-龥]{2,14}$")
# 杭州萧山机场 is printed as 杭州萧山国际机场.
_MAY_BE_PRINTED = (("机场", "(?:国际)?机场"),)


@dataclass(frozen=True, slots=True)
class Body:
    """A body as reports print it, where it stands in the question (in an English one: which of the
    places it is), the reports that print it, and what an answer calls it."""

    name: str
    start: int
    end: int
    reports: tuple[Report, ...]
    label: str


def find_bodies(question: Question, library: Library) -> list[Body]:
    """The bodies that a question names and reports print, and the places it names that have no report
    of their own but stand in another's, in the order named."""
    if question.survey:
        return []
    having = library.shelf.places
    if question.language == "en":
        return _in_english(question, having, library)
    text = fold(question.text)
    named = list(_of_kinds(text, library))
    for place in (mention.place for mention in question.places if mention.place not in having):
        start = _position(place, question)
        if start >= 0 and not any(one.start <= start < one.end for one in named):
            name = min(place.names, key=len)
            named.append(Body(name, start, start + len(name), _printing(name, library), name))
    return sorted((one for one in named if one.reports), key=lambda one: one.start)


def _in_english(question: Question, having: Container[Place], library: Library) -> list[Body]:
    """The places without a report of their own, those named in a row together where they are
    printed so: Ningbo-Zhoushan."""
    places = [mention.place for mention in question.places]
    absent = [place for place in places if place not in having]
    if not absent:
        return []
    start = places.index(absent[0])
    name = "".join(place.short_name for place in absent)
    label = "-".join(place_name(one.name, "en").partition(" ")[0] for one in absent)
    reports = _printing(name, library)
    return [Body(name, start, start + len(absent), reports, label)] if reports else []


def _position(place: Place, question: Question) -> int:
    """Where the question names the place, in an English one which of its places it is; -1 if nowhere."""
    if question.language == "en":
        return [mention.place for mention in question.places].index(place)
    text = fold(question.text)
    return min((text.find(name) for name in place.names if name in text), default=-1)


def is_kind_of_body(name: str) -> bool:
    """True of a port, an airport, a zone: nothing told of the place it lies in is its own."""
    return any(kind.end() == len(name) for kind in _KIND.finditer(name))


def is_of(fact: Fact, name: str) -> bool:
    """True if the fact's own name says that it is of the body."""
    return bool(_printed_form(name).search(fold(fact.printed_indicator)))


def places_beside(
    question: Question, bodies: Sequence[Body], reports: Sequence[Report]
) -> Iterator[tuple[int, tuple[Report, ...]]]:
    """Of the places named apart from the bodies: where, and their own reports."""
    places = [mention.place for mention in question.places]
    for place in places:
        start = _position(place, question)
        own = tuple(one for one in reports if place_of(one) == place)
        if start >= 0 and own and not any(one.start <= start < one.end for one in bodies):
            yield start, own


def _of_kinds(text: str, library: Library) -> Iterator[Body]:
    taken = 0
    for kind in _KIND.finditer(text):
        run = _HAN.search(text[taken : kind.end()])
        for name in _names_in(run.group() if run else "", kind.group()):
            if reports := _printing(name, library):
                yield Body(name, kind.end() - len(name), kind.end(), reports, name)
                taken = kind.end()
                break


def _names_in(run: str, kind: str) -> Iterator[str]:
    """The ends of the words before a body's kind that open with a place, the longest first."""
    names = (run[start:] for start in range(len(run) - len(kind) - 1))
    return (name for name in names if _opens_with_a_place(name))


def _opens_with_a_place(name: str) -> bool:
    return any(name[:size] in by_short_name() for size in (2, 3, 4))


def _printing(name: str, library: Library) -> tuple[Report, ...]:
    """The reports that print the name, the latest first."""
    kind = next((said for said, _ in _MAY_BE_PRINTED if name.endswith(said)), "")
    passages = passages_with(library, set(library.reports), [name.removesuffix(kind)])
    form = _printed_form(name)
    passages = [one for one in passages if form.search("".join(fold(one.text).split()))]
    keys = dict.fromkeys(passage.report_id for passage in passages)
    reports = [library.reports[key] for key in keys]
    return tuple(sorted(reports, key=lambda one: (-(one.year or 0), one.report_id)))


def _printed_form(name: str) -> re.Pattern[str]:
    for said, printed in _MAY_BE_PRINTED:
        if name.endswith(said):
            return re.compile(re.escape(name[: -len(said)]) + printed)
    return re.compile(re.escape(name))
