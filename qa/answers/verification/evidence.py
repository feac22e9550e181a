"""What is known of a citation: its words, and the place, the time and the facts they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from qa.answers.answer import Citation
from qa.answers.claims import Claim, claims_in, plain
from qa.facts.clocks import Clock, Reading, read_time
from qa.facts.fact import Fact
from qa.facts.figures import find_figures
from qa.facts.lexicon import find_indicators
from qa.places import resolve
from qa.reports.clean_text import fold
from qa.reports.report import Report, Section, SectionKind

_SPACE = re.compile(r"\s+")
_MARKER_OF_SOURCE = re.compile(r"［(\d+)］")
_LONGEST_FIGURE = 20


@dataclass(frozen=True)
class Evidence:
    """A cited sentence with what its report knows of it.

    ``kind`` and ``period`` are those of the section it stands in, ``year`` the report's year of
    delivery, ``facts`` those extracted from the sentence. Place, period and year may be unknown.
    ``read_above`` reads the words before the sentence, which are asked for only where an answer
    repeats what announces a list.
    """

    n: int
    quote: str
    place: str | None
    title: str
    year: int | None
    kind: SectionKind
    period: str | None
    facts: tuple[Fact, ...] = ()
    read_above: Callable[[], str] = field(default=str, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        citation: Citation,
        report: Report,
        facts: Iterable[Fact],
        read_above: Callable[[], str] = str,
    ) -> Evidence:
        """The evidence of a citation; ``facts`` are those of its report, others are left out."""
        section = _section_at(report.sections, citation.start)
        return cls(
            n=citation.n,
            quote=citation.quote,
            place=report.place,
            title=report.title,
            year=report.year,
            kind=section.kind if section else "other",
            period=section.period if section else None,
            facts=tuple(f for f in facts if citation.start <= f.start < citation.end),
            read_above=read_above,
        )

    @cached_property
    def text(self) -> str:
        """The sentence in clean form, without line breaks."""
        return plain(self.quote.replace("\n", ""))

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The figures that the sentence prints."""
        return tuple(claims_in(self.text))

    @cached_property
    def above(self) -> str:
        """The words above in clean form."""
        return plain(self.read_above().replace("\n", ""))

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """The names of all indicators of the lexicon that the sentence mentions."""
        mentions = find_indicators(self.text)
        return tuple(dict.fromkeys(one.name for m in mentions for one in m.indicators))

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.kind, self.period, self.year)

    @cached_property
    def reading(self) -> Reading:
        """The words of time in the sentence; the section's period where it names none."""
        return read_time(self.text, self.clock)

    @cached_property
    def names(self) -> frozenset[str]:
        """What the place is called: full name and short name; nothing for a report without one."""
        found = resolve(self.place) if self.place else None
        known = found.names if found else ()
        return frozenset({*known, *([self.place] if self.place else [])})

    @cached_property
    def parents(self) -> frozenset[str]:
        """The names of the places above (杭州市 of 上城区)."""
        found = resolve(self.place) if self.place else None
        return frozenset(name for p in (found.parents if found else ()) for name in p.names)

    @cached_property
    def head(self) -> tuple[frozenset[str], bool]:
        """The periods that may introduce a quote of it, and whether as a plan: (2024年计划). Of 今年
        in a review also the year of the report."""
        own = str(self.year) if self.year else ""
        periods = {self.period or own}
        if own and self.kind == "review" and "今年" in self.text:
            periods.add(own)
        return frozenset(periods), self.kind == "plan"

    @cached_property
    def _squeezed(self) -> str:
        return _squeeze(self.quote)

    def holds(self, words: str) -> bool:
        """True if the sentence prints the words, apart from spaces; … at an end is a cut. A cut must
        leave figures whole: neither 00个 nor 2400 stands in 2400个以上."""
        wanted = _squeeze(_MARKER_OF_SOURCE.sub(r"[\1]", words)).strip("…")
        at = self._squeezed.find(wanted) if wanted else -1
        while at >= 0:
            if self._is_whole(at, at + len(wanted)):
                return True
            at = self._squeezed.find(wanted, at + 1)
        return False

    def _is_whole(self, start: int, end: int) -> bool:
        return not (_cuts_figure(self._squeezed, start) or _cuts_figure(self._squeezed, end))


def _cuts_figure(text: str, at: int) -> bool:
    first = max(0, at - _LONGEST_FIGURE)
    around = find_figures(text[first : at + _LONGEST_FIGURE])
    return any(figure.left < at - first < figure.right for figure in around)


def _squeeze(text: str) -> str:
    return _SPACE.sub("", fold(text))


def _section_at(sections: Sequence[Section], offset: int) -> Section | None:
    return next((s for s in sections if s.start <= offset < s.end), None)
