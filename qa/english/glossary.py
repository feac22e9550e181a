"""The genre's terms in English and as reports print them; the data is ``glossary.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any


def find_terms(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """``(start, end, wordings)`` of the genre's terms in ``text``; they may overlap."""
    lowered = text.lower()
    # The same length, so that the offsets hold: urban-village redevelopment, high tech enterprises.
    for spelling in dict.fromkeys((lowered, lowered.replace("-", " "))):
        for said, printed in _rows():
            for match in said.finditer(spelling):
                yield match.start(), match.end(), printed
        for part in _parts_of_provinces().finditer(spelling):
            province, side = _data()["provinces"][part["province"]], _data()["sides"][part["side"]]
            yield part.start(), part.end(), (f"{province}{side}",)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("glossary.toml").read_text("utf-8"))


@cache
def _parts_of_provinces() -> re.Pattern[str]:
    sides, provinces = ("|".join(_data()[name]) for name in ("sides", "provinces"))
    return re.compile(rf"(?<![\w-])(?P<side>{sides})(?:ern)? (?P<province>{provinces})(?![\w-])")


@cache
def _rows() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(
        (
            re.compile(rf"(?<![\w-])(?:{'|'.join(row['said'])})s?(?![\w-])"),
            tuple(map(str.lower, row["printed"])),
        )
        for row in _data()["rows"]
    )
