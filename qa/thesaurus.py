"""What people say to what reports print; the data is ``thesaurus.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Saying:
    """``text[start:end]`` is ``said`` colloquially for what reports print as ``printed``."""

    start: int
    end: int
    said: str
    printed: str


def find_sayings(text: str) -> list[Saying]:
    """The sayings in a clean question, in the order of the data: the first rows are the surest."""
    return [
        Saying(match.start(), match.end(), match.group(), printed)
        for said, printed in _rows()
        if (match := said.search(text))
    ]


@cache
def _rows() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = tomllib.loads(files(__package__).joinpath("thesaurus.toml").read_text("utf-8"))
    return tuple((re.compile("|".join(row["said"])), row["printed"]) for row in data["rows"])
