"""Places named in English: romanised (Yuecheng District), translated (Inner Mongolia), or both."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.place_mentions import PlaceMention
from qa.places import THE_NATION, HeldPlaces, Place, by_latin_name

_DIVISION = "District|City|County|Province|Prefecture|Municipality|New Area|Autonomous Region"
_NAME = re.compile(
    rf"\b(?P<name>Inner Mongolia|Hong Kong|[A-Z][a-z]+(?:['’][a-rt-z][a-z]*)?)(?:['’]s)?"
    rf"(?P<division>\s+(?:{_DIVISION}|{_DIVISION.lower()}))?\b"
)
_NATION = re.compile(
    r"\b(?:State Council|China|the nation|nationwide|national government|central government)(?:['’]s)?\b"
)
# A capitalised word this long that is a place's romanised name is no English word by chance.
_SUREST = 5
# A place name that is part of another name: Zhejiang Canal Museum, Eastern Zhejiang. Words of a report's
# own title are none of it.
_NAME_GOES_ON = re.compile(
    r"\s+(?!(?:Government|Work|Report|People|GDP|District|City|County|Province|In|On|And|Is|Was)\b)[A-Z][a-z]+"
)
_NAME_BEFORE = re.compile(
    r"\b(?:Eastern|Western|Northern|Southern|East|West|North|South|Greater|New)\s+$"
)
# A district told by what lies in it: the district of Honglou and Tangye, the county where Tangye is.
_LANDMARKS = re.compile(
    r"\b(?:district|county|city|area|place|region)\s+(?:(?:with|where|around|near|including|containing|home to|in which)\b|that (?:has|includes|contains)\b|of\s+[A-Z]\w+\s+and\s+[A-Z])"
)
_OF_NAME = re.compile(r"\b(?:district|county|city|area)\s+of\s+([A-Z]\w+)")
_CHAINED = re.compile(r"(?:['’]s)?(?:\s*,\s*|\s+(?:in|of)\s+|\s+)", re.I)


@dataclass(frozen=True, slots=True)
class Named:
    """A place named by ``text[start:end]``."""

    start: int
    end: int
    mention: PlaceMention
    bearers: tuple[Place, ...] = ()
    division: str = ""


def find_places(text: str, held: HeldPlaces) -> list[Named]:
    """The places that a question is about, in order: of Hangzhou's Shangcheng the district."""
    found = _outright(text, held)
    nation = [Named(m.start(), m.end(), PlaceMention(THE_NATION)) for m in _NATION.finditer(text)]
    # The nation is asked about where no other place is: “China's first” stands beside districts.
    inner = [named for named in found if not _is_only_above(named, found, text, held)]
    return inner or nation[:1]


def place_spans(text: str, held: HeldPlaces) -> list[tuple[int, int]]:
    """Where places are named outright, also those that only stand above another one."""
    nation = [match.span() for match in _NATION.finditer(text)]
    return [(named.start, named.end) for named in _outright(text, held)] + nation


def _outright(text: str, held: HeldPlaces) -> list[Named]:
    """The places named; parts of other names (Eastern Zhejiang) only where no other place is."""
    landmarks = _LANDMARKS.search(text)
    found = [named for match in _NAME.finditer(text) if (named := _named(match, text, held))]
    if landmarks:
        # Some landmark's namesake far away: Qingshanhu is a lake here and a district elsewhere.
        found = [
            named
            for named in found
            if named.start < landmarks.start() or named.mention.place in held
        ]
    found = [named for named in found if not _is_inside_held(named, found, held)]
    return [named for named in found if not named.mention.loose] or found


def _is_inside_held(one: Named, found: list[Named], held: HeldPlaces) -> bool:
    """True if a place not held may lie in one that is and is named too: the report of Gansu tells of
    its Qingyang. One of a division's own name (Binjiang District) is asked about itself."""
    if one.mention.place in held or one.division:
        return False
    above = [other.mention.place for other in found if other.mention.place in held]
    return any(place.contains(bearer.code) for place in above for bearer in one.bearers)


def _named(match: re.Match[str], text: str, held: HeldPlaces) -> Named | None:
    name = match["name"]
    latin = re.sub("['’]", "", name)
    bearers = by_latin_name().get(latin, ())
    sure = match["division"] or len(latin) >= _SUREST or latin != name
    if not bearers or not sure:
        return None
    fitting = _of_division(bearers, match["division"])
    place = next((place for place in fitting if place in held), fitting[0])
    goes_on = not match["division"] and (
        _NAME_GOES_ON.match(text, match.end()) and not match.group().endswith(("'s", "’s"))
    )
    loose = bool(goes_on or _NAME_BEFORE.search(text, 0, match.start()))
    if loose and place not in held:
        return None
    division = (match["division"] or "").strip()
    return Named(match.start(), match.end(), PlaceMention(place, loose), bearers, division)


def _of_division(bearers: tuple[Place, ...], division: str | None) -> tuple[Place, ...]:
    """The bearers of the name that are of the division named with it, if there are any."""
    kinds = {"district": "区", "city": "市", "county": "县", "province": "省", "municipality": "市"}
    kind = kinds.get((division or "").strip().lower())
    fitting = tuple(place for place in bearers if kind and place.name.endswith(kind))
    return fitting or bearers


def _is_only_above(one: Named, found: list[Named], text: str, held: HeldPlaces) -> bool:
    """True if ``one`` is the city before or behind its district: Hangzhou's Shangcheng."""
    inside = [
        other
        for other in found
        if other.mention.place != one.mention.place
        and one.mention.place.contains(other.mention.place.code)
    ]
    if not inside:
        return False
    if one.mention.place not in held:
        return True
    return any(_are_chained(one, other, text) for other in inside)


def _are_chained(one: Named, other: Named, text: str) -> bool:
    first, second = sorted((one, other), key=lambda named: named.start)
    between = text[first.end : second.start]
    return bool(_CHAINED.fullmatch(between)) or between == ""


def asks_by_landmarks(text: str) -> bool:
    """True if the place is told by what lies in it."""
    single = _OF_NAME.search(text)
    return bool(_LANDMARKS.search(text)) or bool(single and single[1] not in by_latin_name())
