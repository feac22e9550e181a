"""Recall, precision and contradictions of extracted facts against hand-made ones.

A gold line has ``quote`` and either the contract's fields (``source``, ``value``, ``unit``,
``growth_percent``, ``period``, ``status``) or a report ``key`` with ``value``/``growth`` as printed
and ``kind``. A fact is found if an extracted one overlaps its quote and names the same figures,
period and status; strictly found if the indicator is the same too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.case_lines import naming_line, read_objects
from eval.errors import SourceMissingError
from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.facts.figures import find_figures
from qa.facts.lexicon import canonical, same_family
from qa.reports.clean_text import fold
from qa.reports.decoding import decode
from qa.reports.parsing import parse_reports
from qa.reports.report import Source

SHIPPED_FACTS = Path(__file__).parent / "cases" / "facts"
_SCOPE = re.compile(r"^(?:全社会|全[市区省县国年州]|我[市区省县国]|各类|实现|完成|新增)+")
_DASH = re.compile("[—~至-]")


@dataclass(frozen=True, slots=True)
class GoldFact:
    """A hand-made fact: figures in plain digits, ``spans`` where its quote stands."""

    indicator: str
    value: str | None
    growth: float | None
    period: str
    status: str
    quote: str
    spans: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        figures = f"{self.value} | {self.growth} | {self.period} {self.status}"
        return f"{self.indicator} | {figures} | {fold(self.quote)}"


@dataclass(frozen=True, slots=True)
class FactCounts:
    """What was found of a report's gold. ``extracted`` is None where the gold covers only parts of
    the report: then nothing can be said of precision."""

    gold: int
    found: int
    found_strictly: int
    contradicted: int
    extracted: int | None

    @property
    def recall(self) -> float | None:
        return _share(self.found, self.gold)

    @property
    def strict_recall(self) -> float | None:
        return _share(self.found_strictly, self.gold)

    @property
    def precision(self) -> float | None:
        return _share(self.found, self.extracted)

    @property
    def strict_precision(self) -> float | None:
        return _share(self.found_strictly, self.extracted)

    @property
    def contradictions(self) -> float | None:
        """Share of the gold that an extracted fact contradicts: same quote and indicator, other
        figure, period or status."""
        return _share(self.contradicted, self.gold)

    def __add__(self, other: FactCounts) -> FactCounts:
        both = None not in (self.extracted, other.extracted)
        return FactCounts(
            self.gold + other.gold,
            self.found + other.found,
            self.found_strictly + other.found_strictly,
            self.contradicted + other.contradicted,
            (self.extracted or 0) + (other.extracted or 0) if both else None,
        )


def _share(part: int, whole: int | None) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class FactOutcome:
    """One report's counts, and the facts to look at: gold ones missed, extracted ones extra."""

    label: str
    counts: FactCounts
    missed: tuple[GoldFact, ...] = field(repr=False)
    extra: tuple[Fact, ...] = field(repr=False)


def evaluate_facts(
    gold: Sequence[Path], sources: Path, *, partial: bool = False
) -> list[FactOutcome]:
    """Extract the facts of every report the gold speaks of; ``sources`` is the reports' folder.

    Raises ``CaseFileError`` or ``SourceMissingError``.
    """
    return [_evaluate(label, lines, sources, partial) for label, lines in _by_report(gold).items()]


def gold_files(path: Path) -> list[Path]:
    """The file itself, or the case files of a folder."""
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


@dataclass(frozen=True, slots=True)
class _GoldLine:
    """A line of a gold file and where it stands."""

    path: Path
    number: int
    data: Mapping[str, Any]


def _by_report(paths: Iterable[Path]) -> dict[str, list[_GoldLine]]:
    reports: dict[str, list[_GoldLine]] = {}
    for path in paths:
        for number, data in read_objects(path):
            label = str(data.get("key", path.stem))
            reports.setdefault(label, []).append(_GoldLine(path, number, data))
    return reports


def _evaluate(label: str, lines: Sequence[_GoldLine], folder: Path, partial: bool) -> FactOutcome:
    source = _source(lines[0], folder)
    gold = [_gold(line, source.text) for line in lines]
    facts = list(_extracted(source, gold))
    pairs, strict = matched(gold, facts, strict=False), matched(gold, facts, strict=True)
    claimed = {*pairs.values(), *strict.values()}
    free = [fact for i, fact in enumerate(facts) if i not in claimed]
    counts = FactCounts(
        gold=len(gold),
        found=len(pairs),
        found_strictly=len(strict),
        contradicted=sum(any(contradicts(fact, g) for fact in free) for g in gold),
        extracted=None if partial else len(facts),
    )
    missed = tuple(g for i, g in enumerate(gold) if i not in strict)
    extra = [f for f in free if not partial or any(_overlaps(f, g) for g in gold)]
    return FactOutcome(label, counts, missed, tuple(extra))


def _source(line: _GoldLine, folder: Path) -> Source:
    with naming_line(line.path, line.number):
        name = line.data.get("source") or f"{line.data['key'].removeprefix('guowuyuan-')}.txt"
        path = next(iter(sorted(folder.rglob(name))), None)
    if path is None:
        raise SourceMissingError("no_gold_source", name=name, folder=folder)
    return Source(path.name, decode(path.read_bytes(), path.name))


def _extracted(source: Source, gold: Sequence[GoldFact]) -> Iterator[Fact]:
    """The facts of the reports that the gold speaks of: a file may hold several."""
    starts = [start for g in gold for start, _ in g.spans[:1]]
    for report in parse_reports(source):
        if any(report.start <= start < report.end for start in starts):
            yield from extract_facts(source, report)


def _gold(line: _GoldLine, text: str) -> GoldFact:
    with naming_line(line.path, line.number):
        data = line.data
        quote = str(data.get("quote", ""))
        value, growth, status = _figures(data)
        spans = [(m.start(), m.end()) for m in re.finditer(re.escape(quote), text)]
        if "start" in data:
            spans = [(int(data["start"]), int(data["end"]))]
        period, indicator = str(data["period"]), str(data["indicator"])
    return GoldFact(indicator, value, growth, period, status, quote, tuple(spans))


def _figures(line: Mapping[str, Any]) -> tuple[str | None, float | None, str]:
    if "kind" in line:
        value, growth = _printed(line.get("value")), _printed(line.get("growth"))
        return value[0] if value else None, growth[1] if growth else None, str(line["kind"])
    value, growth = line["value"], line["growth_percent"]
    return (
        None if value is None else str(value),
        None if growth is None else float(growth),
        str(line["status"]),
    )


def _printed(text: object) -> tuple[str, float] | None:
    """Number and value of a figure as printed: ``1 1 ％`` → ``("11", 11.0)``, ``1.71倍`` → 171."""
    if text is None:
        return None
    folded = fold(str(text))
    figure = find_figures(folded.lstrip("-"))[0]
    sign = -1 if folded.startswith("-") else 1
    return figure.number, sign * figure.low * (100 if figure.kind == "multiple" else 1)


# --- matching ----------------------------------------------------------------------------------


def matched(gold: Sequence[GoldFact], facts: Sequence[Fact], *, strict: bool) -> dict[int, int]:
    """Gold index → fact index, each fact used once; sure matches (same indicator) first."""
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for with_indicator in (True,) if strict else (True, False):
        for i, g in enumerate(gold):
            if i not in pairs:
                j = _match(g, facts, used, with_indicator)
                if j is not None:
                    pairs[i] = j
                    used.add(j)
    return pairs


def _match(
    gold: GoldFact, facts: Sequence[Fact], used: set[int], with_indicator: bool
) -> int | None:
    free = (j for j, fact in enumerate(facts) if j not in used and _says(fact, gold))
    return next((j for j in free if not with_indicator or _same_indicator(facts[j], gold)), None)


def _says(fact: Fact, gold: GoldFact) -> bool:
    return (
        _overlaps(fact, gold)
        and _same_number(fact.value, gold.value)
        and fact.growth_percent == gold.growth
        and (fact.period, fact.status) == (gold.period, gold.status)
    )


def _same_number(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return _DASH.sub("-", one) == _DASH.sub("-", other)


def _overlaps(fact: Fact, gold: GoldFact) -> bool:
    return any(fact.start < end and start < fact.end for start, end in gold.spans)


def _same_indicator(fact: Fact, gold: GoldFact) -> bool:
    """One family, or one name inside the other once scope words and quotation marks are off."""
    if same_family(fact.indicator, gold.indicator):
        return True
    known = canonical(gold.indicator)
    names = {_bare(fact.indicator), _bare(fact.printed_indicator)}
    wanted = {_bare(gold.indicator), _bare(known.name if known else gold.indicator)}
    return any(a and b and (a in b or b in a) for a in names for b in wanted)


def _bare(name: str) -> str:
    return re.sub("[“”()、的]", "", _SCOPE.sub("", name))


def contradicts(fact: Fact, gold: GoldFact) -> bool:
    """Same quote and indicator, but another figure of the same kind, or the same figure in another
    period or status."""
    if not (_overlaps(fact, gold) and _same_indicator(fact, gold)):
        return False
    if (fact.period, fact.status) != (gold.period, gold.status):
        return (fact.value, fact.growth_percent) == (gold.value, gold.growth)
    values = None not in (fact.value, gold.value) and not _same_number(fact.value, gold.value)
    growths = None not in (fact.growth_percent, gold.growth) and fact.growth_percent != gold.growth
    return values or growths
