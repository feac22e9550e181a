"""What a person knows better than the document: corrected values of a report's metadata.

A value is read from what people write (``2024年1月16日``, ``绍兴越城``) and refused if it is none;
nothing is guessed. The words ``原文`` and ``document``, or nothing at all, take a correction back;
``-`` and ``无`` say that there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from qa.errors import CorrectionError
from qa.places import Place, bearers, full_path, similar_places

Field = Literal[
    "place", "year", "delivered", "speaker", "title", "reviewed_period", "planned_period"
]
FIELDS: tuple[Field, ...] = get_args(Field)
Value = str | int | None

FIELD_NAMES: Mapping[Field, str] = {
    "place": "地区",
    "year": "年份",
    "delivered": "报告日期",
    "speaker": "报告人",
    "title": "标题",
    "reviewed_period": "回顾时期",
    "planned_period": "计划时期",
}
_AS_PRINTED = ("", "原文", "document")
_NONE = ("-", "无")
_YEARS = range(1949, 2101)
_MOST_CHARS = 200
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SPAN = re.compile(r"(\d{4})年?(?:[-—–~至到]{1,2}(\d{4})年?)?")


class _AsPrinted:
    """Stands for: what the document says."""


AS_PRINTED = _AsPrinted()
Change = Value | _AsPrinted


@dataclass(frozen=True, slots=True)
class Correction:
    """The fields corrected by hand: their values, and what the document says of them.

    A place is kept as code and name (``330602越城区``): the code may leave the gazetteer one day.
    """

    values: Mapping[Field, Value]
    read: Mapping[Field, Value] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    @property
    def place(self) -> Place | None:
        told = self.values.get("place")
        return Place(str(told)[:6], str(told)[6:]) if told else None

    def warning(self) -> str:
        """The warning of a report that was corrected: which fields, and what its text says."""
        told = [
            f"{FIELD_NAMES[name]}(原文{self.read[name] if self.read.get(name) else '未写明'})"
            for name in FIELDS
            if name in self.values
        ]
        return f"人工更正:{'、'.join(told)}"


def changed(before: Correction | None, changes: Mapping[Field, Change]) -> Correction:
    """The correction in force after ``changes``; raises ``CorrectionError`` if they contradict."""
    values = dict(before.values) if before else {}
    for name, value in changes.items():
        values.pop(name, None)
        if not isinstance(value, _AsPrinted):
            values[name] = value
    delivered, year = values.get("delivered"), values.get("year")
    if delivered and year and not str(delivered).startswith(str(year)):
        raise CorrectionError("date_not_in_year", delivered=delivered, year=year)
    return Correction(values)


def read_assignments(texts: Sequence[str]) -> dict[Field, Change]:
    """The changes of texts like ``year=2024``; raises ``CorrectionError``."""
    given: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.replace("＝", "=", 1).partition("=")
        if not sign:
            raise CorrectionError("wrong_assignment", told=text)
        given[name.strip()] = value
    return read_changes(given)


def read_changes(given: Mapping[str, str]) -> dict[Field, Change]:
    """Field → value, of texts as people write them, one at least; raises ``CorrectionError``."""
    if not given:
        raise CorrectionError("no_changes", known="、".join(FIELDS))
    return {_field(name): read_change(_field(name), text) for name, text in given.items()}


def _field(name: str) -> Field:
    for known in FIELDS:
        if name in (known, FIELD_NAMES[known]):
            return known
    raise CorrectionError("unknown_field", name=name, known="、".join(FIELDS))


def read_change(name: Field, text: str) -> Change:
    """The value that a text stands for; raises ``CorrectionError``."""
    text = text.strip()
    if text in _AS_PRINTED:
        return AS_PRINTED
    if text in _NONE and name != "title":
        return None
    if name == "place":
        return _place(text)
    if name == "year":
        return _year(text)
    if name == "delivered":
        return _day(text)
    if name in ("speaker", "title"):
        return _words(name, text)
    return _span(name, text)


def _place(text: str) -> str:
    found = bearers(text)
    if len(found) == 1:
        return f"{found[0].code}{found[0].name}"
    if found:
        raise CorrectionError("ambiguous_place", name=text, known=_listed(found))
    near = similar_places(text)
    if near:
        raise CorrectionError("no_such_place", name=text, known=_listed(near))
    raise CorrectionError("no_place_like_it", name=text)


def _listed(places: tuple[Place, ...]) -> str:
    return "、".join(map(full_path, places[:12]))


def _year(text: str) -> int:
    match = re.fullmatch(r"(\d{4})年?", text)
    if not match or int(match.group(1)) not in _YEARS:
        raise CorrectionError("wrong_year", value=text, first=_YEARS[0], last=_YEARS[-1])
    return int(match.group(1))


def _day(text: str) -> str:
    match = _DAY.fullmatch(text)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise CorrectionError("wrong_day", value=text)
    return day.isoformat()


def _words(name: Field, text: str) -> str:
    if len(text) > _MOST_CHARS or not text.isprintable():
        raise CorrectionError("wrong_words", name=name, most=_MOST_CHARS)
    return text


def _span(name: Field, text: str) -> str:
    match = _SPAN.fullmatch(text)
    first, last = (match.group(1), match.group(2) or match.group(1)) if match else ("", "")
    if not first or int(first) not in _YEARS or int(last) not in _YEARS or last < first:
        raise CorrectionError("wrong_span", name=name, value=text)
    return first if first == last else f"{first}-{last}"
