"""CSV that spreadsheets open as it is meant: Chinese signs, numbers as numbers, no formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from qa.harmless import harmless

# Without it Excel takes UTF-8 for the local code page.
BOM = "\ufeff"
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?%?")
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_AT_ONCE = 256


def csv_chunks(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The header, then the rows, some hundreds at once."""
    yield _written([header])
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield _written(some)


def _written(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return written.getvalue()


def safe_cell(value: object) -> object:
    """The value; a text that a spreadsheet would run as a formula with an apostrophe before it."""
    if not isinstance(value, str):
        return value
    value = harmless(value)
    if _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if _FORMULA.match(value) else value
