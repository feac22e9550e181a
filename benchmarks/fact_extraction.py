"""Recall, precision and contradictions of extracted facts against hand-made ones.

    python benchmarks/fact_extraction.py --sources samples eval/cases/facts/haishu-2023.jsonl
    python benchmarks/fact_extraction.py --sources DIR dev/facts.jsonl --partial --only even

A gold line has ``quote`` and either the contract's fields (``source``, ``value``, ``unit``,
``growth_percent``, ``period``, ``status``) or a report ``key`` with ``value``/``growth`` as printed
and ``kind``. ``--partial`` is for gold that covers only parts of a report: precision is not judged.

A fact counts as found if it overlaps the quote and names the same figures, period and status;
``strict`` also wants the indicator: equal canonical names, or one name inside the other.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qa.facts.extraction import extract_facts
from qa.facts.fact import Fact
from qa.facts.figures import find_figures
from qa.facts.lexicon import canonical, same_family
from qa.reports.clean_text import fold
from qa.reports.decoding import decode
from qa.reports.parsing import parse_reports
from qa.reports.report import Report, Source

_SCOPE = re.compile(r"^(?:全社会|全[市区省县国年州]|我[市区省县国]|各类|实现|完成|新增)+")


@dataclass(frozen=True)
class Gold:
    """One hand-made fact, figures as numbers in plain digits."""

    report: str
    indicator: str
    value: str | None
    growth: float | None
    period: str
    status: str
    quote: str
    spans: tuple[tuple[int, int], ...]


@dataclass
class Score:
    """The counts of one report, and the lines to look at."""

    gold: int = 0
    found: int = 0
    found_strict: int = 0
    facts: int = 0
    right: int = 0
    right_strict: int = 0
    contradictions: int = 0
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line(self, label: str, partial: bool) -> str:
        def share(part: int, whole: int) -> str:
            return f"{part / whole:.3f}" if whole else "  -  "

        columns = [f"{label:16}", f"gold {self.gold:4}", f"recall {share(self.found, self.gold)}"]
        columns.append(f"strict {share(self.found_strict, self.gold)}")
        if not partial:
            columns += [f"facts {self.facts:4}", f"precision {share(self.right, self.facts)}"]
            columns.append(f"strict {share(self.right_strict, self.facts)}")
        columns.append(f"contradictions {share(self.contradictions, self.gold)}")
        return "  ".join(columns)


def main() -> None:
    args = _arguments()
    total = Score()
    for label, lines in _by_report(args.gold, args.only):
        score = _score_report(lines, args.sources, args.partial)
        print(score.line(label, args.partial))
        if args.errors:
            print(*(f"  - {line}" for line in score.missed), sep="\n")
            print(*(f"  + {line}" for line in score.extra), sep="\n")
        total.add(score)
    print(total.line("all", args.partial))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--sources", type=Path, required=True, help="folder of the report files")
    parser.add_argument("--partial", action="store_true", help="gold covers parts of the reports")
    parser.add_argument("--only", choices=("even", "odd"), help="reports of even or odd rank")
    parser.add_argument("--errors", action="store_true", help="list what was missed or is extra")
    return parser.parse_args()


def _by_report(
    paths: Iterable[Path], only: str | None
) -> Iterator[tuple[str, list[dict[str, object]]]]:
    reports: dict[str, list[dict[str, object]]] = {}
    for path in paths:
        for text in path.read_text("utf-8").splitlines():
            line = json.loads(text)
            reports.setdefault(str(line.get("key", path.stem)), []).append(line)
    for rank, (label, lines) in enumerate(reports.items()):
        if only is None or (only == "even") == (rank % 2 == 0):
            yield label, lines


def _score_report(lines: list[dict[str, object]], folder: Path, partial: bool) -> Score:
    source = _source(lines[0], folder)
    golds = [_gold(line, source) for line in lines]
    facts = [f for report in _reports_of(golds, source) for f in extract_facts(source, report)]
    score = Score(gold=len(golds), facts=len(facts))
    pairs = _matched(golds, facts, strict=False)
    strict = _matched(golds, facts, strict=True)
    score.found, score.found_strict = len(pairs), len(strict)
    score.right, score.right_strict = len(pairs), len(strict)
    claimed = set(strict.values()) | set(pairs.values())
    score.contradictions = sum(
        any(_contradicts(fact, gold) for index, fact in enumerate(facts) if index not in claimed)
        for gold in golds
    )
    score.missed = [_shown_gold(g) for i, g in enumerate(golds) if i not in strict]
    if not partial:
        score.extra = [_shown(f) for i, f in enumerate(facts) if i not in set(strict.values())]
    else:
        score.extra = [
            _shown(f)
            for i, f in enumerate(facts)
            if i not in claimed and any(_overlaps(f, g) for g in golds)
        ]
    return score


def _source(line: dict[str, object], folder: Path) -> Source:
    if "source" in line:
        path = folder / str(line["source"])
    else:
        key = str(line["key"])
        name = key.removeprefix("guowuyuan-") + ".txt"
        path = next(p for p in sorted(folder.rglob(name)))
    return Source(path.name, decode(path.read_bytes(), path.name))


def _reports_of(golds: list[Gold], source: Source) -> list[Report]:
    """The reports of a collection the gold speaks of."""
    reports = parse_reports(source)
    starts = [start for gold in golds for start, _ in gold.spans[:1]]
    return [r for r in reports if any(r.start <= start < r.end for start in starts)]


def _gold(line: dict[str, object], source: Source) -> Gold:
    quote = str(line["quote"])
    spans = [(m.start(), m.end()) for m in re.finditer(re.escape(quote), source.text)]
    if "start" in line:
        spans = [(int(str(line["start"])), int(str(line["end"])))]
    if "kind" in line:
        value, growth = _printed(line.get("value")), _printed(line.get("growth"))
        status, number = str(line["kind"]), growth[1] if growth else None
        return Gold(
            str(line["key"]),
            str(line["indicator"]),
            value[0] if value else None,
            number,
            str(line["period"]),
            status,
            quote,
            tuple(spans),
        )
    growth_percent = line["growth_percent"]
    return Gold(
        str(line["source"]),
        str(line["indicator"]),
        None if line["value"] is None else str(line["value"]),
        None if growth_percent is None else float(str(growth_percent)),
        str(line["period"]),
        str(line["status"]),
        quote,
        tuple(spans),
    )


def _printed(text: object) -> tuple[str, float] | None:
    """Number and value of a figure as printed: ``1 1 ％`` → ``("11", 11.0)``, ``1.71倍`` → 171."""
    if text is None:
        return None
    folded = fold(str(text))
    figure = find_figures(folded.lstrip("-"))[0]
    sign = -1 if folded.startswith("-") else 1
    return figure.number, sign * figure.low * (100 if figure.kind == "multiple" else 1)


def _matched(golds: list[Gold], facts: list[Fact], strict: bool) -> dict[int, int]:
    """Gold index → fact index, each fact used once; sure matches (same indicator) first."""
    pairs: dict[int, int] = {}
    for with_indicator in (True,) if strict else (True, False):
        for i, gold in enumerate(golds):
            if i in pairs:
                continue
            for j, fact in enumerate(facts):
                if j in pairs.values() or not _same(fact, gold):
                    continue
                if not with_indicator or _same_indicator(fact, gold):
                    pairs[i] = j
                    break
    return pairs


def _same(fact: Fact, gold: Gold) -> bool:
    return (
        _overlaps(fact, gold)
        and _same_number(fact.value, gold.value)
        and fact.growth_percent == gold.growth
        and fact.period == gold.period
        and (fact.status == gold.status)
    )


def _same_number(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return re.sub("[—~至-]", "-", one) == re.sub("[—~至-]", "-", other)


def _overlaps(fact: Fact, gold: Gold) -> bool:
    return any(fact.start < end and start < fact.end for start, end in gold.spans)


def _same_indicator(fact: Fact, gold: Gold) -> bool:
    if same_family(fact.indicator, gold.indicator):
        return True
    names = [_bare(fact.indicator), _bare(fact.printed_indicator)]
    wanted = [
        _bare(gold.indicator),
        _bare(getattr(canonical(gold.indicator), "name", gold.indicator)),
    ]
    return any(a and b and (a in b or b in a) for a in names for b in wanted)


def _bare(name: str) -> str:
    return re.sub("[“”()、的]", "", _SCOPE.sub("", name))


def _contradicts(fact: Fact, gold: Gold) -> bool:
    """Same quote, indicator, period and status, another figure of the same kind."""
    if not (_overlaps(fact, gold) and _same_indicator(fact, gold)):
        return False
    if (fact.period, fact.status) != (gold.period, gold.status):
        return (fact.value, fact.growth_percent) == (gold.value, gold.growth)
    values = fact.value is not None and gold.value is not None and fact.value != gold.value
    growths = fact.growth_percent is not None and gold.growth is not None
    return values or (growths and fact.growth_percent != gold.growth)


def _shown_gold(gold: Gold) -> str:
    return f"{gold.indicator} | {gold.value} | {gold.growth} | {gold.period} {gold.status} | {gold.quote}"


def _shown(fact: Fact) -> str:
    return (
        f"{fact.indicator} | {fact.value} | {fact.growth_percent} | {fact.period} {fact.status}"
        f" | {fold(fact.quote)}"
    )


if __name__ == "__main__":
    main()
