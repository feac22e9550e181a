"""What may leave: the answer without its unsupported sentences, its citations numbered anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from prompts import messages
from qa.answers.answer import Answer, Cell, Check, Citation, Table
from qa.answers.verification.checking import Judged, Verification, verify_answer
from qa.answers.verification.evidence import Evidence
from qa.answers.verification.sentences import MARKER, split_lines, split_sentences
from qa.library.library import Library

# What announces a list stands at most so many signs above its first item.
_ABOVE = 400
# Cells by row and column.
_Cells = Mapping[tuple[int, int], Judged]


def release(answer: Answer, library: Library, language: str) -> Answer | None:
    """The answer that may leave, its ``checks`` filled; None if nothing of it is supported.

    A refusal leaves as it is. Where something was removed the answer is partial and says so.
    """
    if answer.refusal is not None:
        return answer
    return released(answer, evidence_of(answer, library), language)


def evidence_of(answer: Answer, library: Library) -> dict[int, Evidence]:
    """What the library knows of each citation, by its number."""
    return {citation.n: evidence_for(citation, library) for citation in answer.citations}


def evidence_for(citation: Citation, library: Library) -> Evidence:
    """What the library knows of one citation."""
    report = library.reports[citation.report_id]

    def read_above() -> str:
        start = max(report.start, citation.start - _ABOVE)
        return library.source_text(report.report_id)[start : citation.start]

    facts = (held.fact for held in library.facts([report.report_id]))
    return Evidence.of(citation, report, facts, read_above)


def released(answer: Answer, evidence: Mapping[int, Evidence], language: str) -> Answer | None:
    """``release`` with the evidence at hand."""
    found = verify_answer(answer, evidence)
    removed = sum(not one.is_supported for one in found.judged)
    if not removed:
        return replace(answer, checks=_checks(found.judged))
    said = messages("answers", language)
    text = "\n".join(_kept_lines(found))
    if not MARKER.search(text):
        return None
    table = _kept_table(answer.table, found.cells, said["cell_removed"])
    kept = replace(
        answer,
        status="partial",
        text=text,
        table=table,
        checks=_checks(one for one in found.judged if one.is_supported),
        notes=(*answer.notes, said["removed"].format(count=removed)),
        withheld=removed,
    )
    return _renumbered(kept)


def cited_sentences(answer: Answer) -> int:
    """How many sentences of an answer stand on a citation."""
    lines = (split_sentences(line) or [line] for line in split_lines(answer.text))
    return sum(MARKER.search(sentence) is not None for line in lines for sentence in line)


def in_stead(quoted: Answer, language: str) -> Answer:
    """Quotes that stand in for an answer of which nothing was supported: partial, and it says so."""
    said = messages("answers", language)
    return replace(quoted, status="partial", notes=(*quoted.notes, said["replaced"]))


def _checks(judged: Iterable[Judged]) -> tuple[Check, ...]:
    """Each once: a table repeats the figures of the lines."""
    return tuple(dict.fromkeys(finding.check for one in judged for finding in one.findings))


def _kept_lines(found: Verification) -> list[str]:
    """The lines without unsupported sentences, and without headings that now announce nothing."""
    kept: list[str] = []
    heading: str | None = None
    for line in found.lines:
        text = "".join(one.text for one in line if one.is_supported)
        if line[-1].is_heading:
            heading = text
        elif text.strip() or not line[-1].text.strip():
            kept += [heading, text] if heading is not None else [text]
            heading = None
    return kept


def _kept_table(table: Table | None, judged: _Cells, removed: str) -> Table | None:
    if table is None:
        return None
    rows = tuple(
        tuple(_kept_cell(cell, judged.get((i, j)), removed) for j, cell in enumerate(row))
        for i, row in enumerate(table.rows)
    )
    cited = any(cell.citation is not None for row in rows for cell in row)
    return replace(table, rows=rows) if cited else None


def _kept_cell(cell: Cell, judged: Judged | None, removed: str) -> Cell:
    return cell if judged is None or judged.is_supported else Cell(removed)


# --- numbers -----------------------------------------------------------------------------------


def renumbered(text: str, numbers: Mapping[int, int]) -> str:
    """The text with the markers of its citations' new numbers."""
    return MARKER.sub(lambda marker: f"[{numbers[int(marker.group(1))]}]", text)


def _renumbered(answer: Answer) -> Answer:
    """Citations that still have a marker, numbered as they are first used."""
    cells = [cell for row in answer.table.rows for cell in row] if answer.table else []
    used = [int(n) for n in MARKER.findall(answer.text)]
    used += [cell.citation for cell in cells if cell.citation is not None]
    numbers = {old: new for new, old in enumerate(dict.fromkeys(used), 1)}
    known = {citation.n: citation for citation in answer.citations}
    return replace(
        answer,
        text=renumbered(answer.text, numbers),
        citations=tuple(replace(known[old], n=new) for old, new in numbers.items()),
        table=replace(answer.table, rows=_numbered_rows(answer.table.rows, numbers))
        if answer.table
        else None,
        checks=tuple(replace(c, citation=numbers[c.citation]) for c in answer.checks),
    )


def _numbered_rows(
    rows: Sequence[Sequence[Cell]], numbers: Mapping[int, int]
) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        tuple(
            cell if cell.citation is None else replace(cell, citation=numbers[cell.citation])
            for cell in row
        )
        for row in rows
    )
