"""Facts for people and programs: JSON Lines, CSV, an aligned table, and what disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from api.spreadsheets import csv_chunks
from qa.facts.fact import FACT_FIELDS

if TYPE_CHECKING:
    from qa.facts.conflicts import Conflict
    from qa.facts.fact import Fact

_COLUMNS = {
    "zh": ("地区", "时期", "性质", "指标", "数值", "增速", "口径", "出处"),
    "en": ("place", "period", "status", "indicator", "value", "growth", "basis", "source"),
}
_WORDS = {
    "actual": "实绩",
    "target": "目标",
    "estimate": "预计",
    "yoy": "同比",
    "yoy_real": "实际同比",
    "annual_avg": "年均",
    "annual_avg_real": "实际年均",
    "cumulative": "累计",
}


def facts_json_lines(facts: Iterable[Fact]) -> str:
    """One fact object a line."""
    return "".join(json.dumps(fact.as_contract(), ensure_ascii=False) + "\n" for fact in facts)


def facts_csv(facts: Iterable[Fact]) -> Iterable[str]:
    """Fact objects as pieces of CSV with a header, for a spreadsheet."""
    return csv_chunks(FACT_FIELDS, (fact.as_contract().values() for fact in facts))


def facts_table(facts: Iterable[Fact], language: str) -> str:
    """An aligned table; figures as printed."""
    rows = [
        (
            fact.place or "-",
            fact.period,
            _word(fact.status, language),
            fact.indicator,
            fact.value_printed or "",
            _growth(fact),
            _word(fact.basis or "", language),
            f"{fact.source}:{fact.start}-{fact.end}",
        )
        for fact in facts
    ]
    # Figures are text: 5.0 must not become 5, nor 0912 a number.
    return tabulate(rows, _COLUMNS[language], tablefmt="plain", disable_numparse=True)


def conflict_lines(conflicts: Iterable[Conflict], language: str) -> list[str]:
    """Each disagreement on one line: what differs, and where each figure stands."""
    return [_conflict_line(conflict, language) for conflict in conflicts]


def conflict_json(conflict: Conflict, language: str) -> dict[str, Any]:
    """A disagreement as an object; ``told`` is its line."""
    return {
        "place": conflict.place,
        "indicator": conflict.indicator,
        "period": conflict.period,
        "status": conflict.status,
        "aspect": conflict.aspect,
        "figures": [
            {
                "figure": _figure(conflict, fact),
                "report_id": fact.report_id,
                "source": fact.source,
                "start": fact.start,
                "end": fact.end,
            }
            for fact in conflict.facts
        ],
        "told": _conflict_line(conflict, language),
    }


def _conflict_line(conflict: Conflict, language: str) -> str:
    what = " ".join(
        filter(None, (conflict.place, conflict.period, _word(conflict.status, language)))
    )
    figures = [
        f"{_figure(conflict, fact)} ({fact.source}:{fact.start}-{fact.end})"
        for fact in conflict.facts
    ]
    differs = "不一致" if language == "zh" else "differs"
    return f"! {what} {conflict.indicator} {differs}: {'; '.join(figures)}"


def _figure(conflict: Conflict, fact: Fact) -> str:
    return _growth(fact) if conflict.aspect == "growth" else fact.value_printed or ""


def _growth(fact: Fact) -> str:
    if fact.growth_printed is None:
        return ""
    falls = fact.growth_percent is not None and fact.growth_percent < 0
    return f"-{fact.growth_printed}" if falls else fact.growth_printed


def _word(word: str, language: str) -> str:
    return _WORDS.get(word, word) if language == "zh" else word
