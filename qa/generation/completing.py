"""The final answer: what of the model's sentences left, and what the exact answer adds to it.

The exact answer is the one made without a model. What it is sure of is never lost because a model
did not say it, nor its table, which code made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa.answers.answer import Answer, Cell, Check, Table
from qa.answers.citing import Citations
from qa.answers.claims import claims_in, plain
from qa.answers.verification.sentences import MARKER
from qa.generation.checking import Checked

_QUOTED_LINE = re.compile(r"”(?:\([^()]*\))?(?:\[\d+\])+$")


def missing_lines(exact: Answer, released: Sequence[Checked]) -> list[str]:
    """The lines of the exact answer that the sentences released do not tell.

    Of quotes only the first is sure; every line of another answer is.
    """
    lines = [line for line in exact.text.split("\n") if line.strip()]
    sure = lines[:1] if lines and _QUOTED_LINE.search(lines[0]) else lines
    missing = [line for line in sure if not _is_told(line, exact, released)]
    # Figures of one answer belong together: a difference says nothing without what it is of.
    return sure if missing and sure is lines else missing


def _is_told(line: str, exact: Answer, released: Sequence[Checked]) -> bool:
    """True if the sentences cite what the line cites and tell its figures."""
    numbers = {int(n) for n in MARKER.findall(line)}
    cited = [c for c in exact.citations if c.n in numbers]
    spans = [(report, span) for one in released for report, span in one.spans]
    is_cited = all(
        any(r == c.report_id and a < c.end and c.start < b for r, (a, b) in spans) for c in cited
    )
    told = _figures([check.figure for one in released for check in one.checks])
    wanted = _figures(
        [k.figure for k in exact.checks if k.citation in numbers and k.figure in line]
    )
    return is_cited and wanted <= told


def _figures(texts: Sequence[str]) -> set[tuple[float, str]]:
    return {(claim.low, claim.unit) for text in texts for claim in claims_in(plain(text))}


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was taken over from the exact answer, under the numbers of the new one."""

    text: str
    table: Table | None
    checks: tuple[Check, ...]


def adopt(exact: Answer, lines: Sequence[str], citations: Citations) -> Adopted:
    """Lines of the exact answer and its table, cited among ``citations``."""
    text = "\n".join(lines)
    cells = [cell for row in exact.table.rows for cell in row] if exact.table else []
    used = [int(n) for n in MARKER.findall(text)]
    used += [cell.citation for cell in cells if cell.citation is not None]
    known = {one.n: one for one in exact.citations}
    numbers = {n: citations.adopt(known[n]).n for n in used}
    return Adopted(
        MARKER.sub(lambda marker: f"[{numbers[int(marker.group(1))]}]", text),
        None if exact.table is None else _numbered(exact.table, numbers),
        tuple(
            replace(check, citation=numbers[check.citation])
            for check in exact.checks
            if check.citation in numbers
        ),
    )


def _numbered(table: Table, numbers: Mapping[int, int]) -> Table:
    def numbered(cell: Cell) -> Cell:
        return cell if cell.citation is None else replace(cell, citation=numbers[cell.citation])

    return replace(table, rows=tuple(tuple(map(numbered, row)) for row in table.rows))
