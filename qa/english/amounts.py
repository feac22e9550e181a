"""Chinese amounts in English: 超20万人次 is more than 200,000 visits, computed from numeral and unit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from qa.facts.alternation import alternation
from qa.reports.clean_text import fold

_SCALES = {"万": Decimal(10**4), "亿": Decimal(10**8), "万亿": Decimal(10**12), "千": Decimal(1000)}
_WORDS = ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million"))


@dataclass(frozen=True, slots=True)
class _Data:
    """Printed unit → its English and whether a plain number with it is explained; words before and
    behind a figure → their English around ``{}``."""

    units: Mapping[str, tuple[str, bool]]
    before: Mapping[str, str]
    behind: Mapping[str, str]


def equivalents(text: str) -> list[str]:
    """``20万人次 = 200,000 visits`` for each amount of ``text`` with a Chinese scale or with a unit
    that English readers do not know, in order, each once."""
    found = [f"{printed} = {english}" for printed, english in _amounts_in(text)]
    return list(dict.fromkeys(found))


def in_english(figure: str) -> str | None:
    """The English of one printed figure with its qualifiers: 突破1500亿元 is more than 150 billion
    yuan. None if it reads the same (7.6%) or is a range."""
    amounts = [english for _, english in _amounts_in(figure, plain=True)]
    return amounts[0] if len(amounts) == 1 and amounts[0] != fold(figure) else None


def digits(number: Decimal) -> str:
    """A number as English prints it: 200,000, then 1.67 million, 850 billion. Exact."""
    for worth, word in _WORDS:
        if abs(number) >= worth:
            return f"{_plain(number / worth)} {word}"
    return _plain(number)


def _amounts_in(text: str, plain: bool = False) -> Iterator[tuple[str, str]]:
    """Printed amounts and their English; ``plain`` also those without scale and strange unit."""
    for match in _amount().finditer(fold(text)):
        unit, explained = _data().units.get(match["unit"] or "", ("", False))
        if not (match["scale"] or explained or plain):
            continue
        number = Decimal(match["number"].replace(",", "")) * _SCALES.get(match["scale"], Decimal(1))
        amount = f"{digits(number)}{match['percent'] or ''} {unit}".strip()
        before = _data().before.get(match["before"] or "", "{}")
        # 超10万余人: said twice in Chinese, once in English.
        vague = match["behind"] or match["more"] or match["many"] or ""
        behind = _data().behind.get(vague, "{}") if before == "{}" else "{}"
        yield match.group(), behind.format(before.format(amount))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"


@cache
def _data() -> _Data:
    data = tomllib.loads(files(__package__).joinpath("units.toml").read_text("utf-8"))
    units = {
        printed: (str(row["english"]), bool(row.get("explained")))
        for row in data["units"]
        for printed in row["printed"]
    }
    return _Data(units, data["before"], data["behind"])


@cache
def _amount() -> re.Pattern[str]:
    """A numeral with its scale, unit and qualifiers, none of whose digits belong to a longer one."""
    data = _data()
    return re.compile(
        rf"(?P<before>{alternation(data.before)})?(?<![\d.])(?P<number>\d[\d,]*(?:\.\d+)?)"
        rf"(?:(?P<percent>%)|(?P<more>[余多])?(?P<scale>万亿|亿|万|千)?(?P<many>[余多])?(?P<unit>{alternation(data.units)})?)"
        rf"(?P<behind>{alternation(data.behind)})?"
    )
