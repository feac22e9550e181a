"""What a site's robots.txt asks of programs (RFC 9309); the door to ``protego``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from protego import Protego

from qa.reports.fetching.rules import TOKEN

# So much of the file counts, as RFC 9309 asks of all.
MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin; ``delay`` is the seconds it wants between two requests."""

    rules: Protego
    delay: float

    def allows(self, url: str) -> bool:
        return bool(self.rules.can_fetch(url, TOKEN))


def read_robots(path: Path) -> Robots:
    """The rules of a file as it was fetched."""
    with path.open("rb") as file:
        text = file.read(MOST_BYTES).decode("utf-8", "replace")
    return robots_of(text)


def robots_of(text: str) -> Robots:
    """The rules of a text; an empty one allows all."""
    rules = Protego.parse(text.lstrip("\ufeff"))
    rate = rules.request_rate(TOKEN)
    asked = [rules.crawl_delay(TOKEN), rate.seconds / rate.requests if rate else None]
    return Robots(rules, max((delay for delay in asked if delay and delay > 0), default=0.0))
