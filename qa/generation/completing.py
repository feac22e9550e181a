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
from qa.answers.sentences import has_the_kind_asked
from qa.answers.verification.sentences import MARKER
from qa.generation.checking import Checked
from qa.reports.clean_text import fold

_QUOTED_LINE = re.compile(r"”(?:\([^()]*\))?(?:\[\d+\])+$")


def missing_lines(exact: Answer, released: Sequence[Checked]) -> list[str]:
    """The lines of the exact answer that the sentences released do not tell.

    Of quotes only some are sure (``_sure_quotes``); every line of another answer is.
    """
    lines = [line for line in exact.text.split("\n") if line.strip()]
    quoted = bool(lines) and bool(_QUOTED_LINE.search(lines[0]))
    sure = _sure_quotes(lines, exact) if quoted else lines
    missing = [line for line in sure if not _is_told(line, exact, released)]
    # Figures of one answer belong together: a difference says nothing without what it is of.
    return sure if missing and not quoted else missing


def _sure_quotes(lines: Sequence[str], exact: Answer) -> list[str]:
    """The first quote of each report, and the first that has a date, or a figure, if one is asked for."""
    cited = {citation.n: citation for citation in exact.citations}
    asked = fold(exact.question)
    of_reports: set[str] = set()
    is_given = False
    sure = []
    for line in lines:
        citations = [cited[int(n)] for n in MARKER.findall(line)]
        told = {citation.report_id for citation in citations} - of_reports
        # Not the line: the year that it says of its report is no date asked for.
        gives = not is_given and any(has_the_kind_asked(asked, fold(c.quote)) for c in citations)
        if told or gives:
            sure.append(line)
        of_reports |= told
        is_given = is_given or gives
    return sure


def _is_told(line: str, exact: Answer, released: Sequence[Checked]) -> bool:
    """True if the sentences cite what the line cites and tell its figures."""
    numbers = {int(n) for n in MARKER.findall(line)}
    told = _figures([check.figure for one in released for check in one.checks])
    if not numbers:
        # Computed from other lines: no citation holds it.
        return _figures([line]) <= told
    cited = [c for c in exact.citations if c.n in numbers]
    spans = [(report, span) for one in released for report, span in one.spans]
    is_cited = all(
        any(r == c.report_id and a < c.end and c.start < b for r, (a, b) in spans) for c in cited
    )
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
