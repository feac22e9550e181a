"""A table that corrects metadata of many reports: ``wenzheng ingest --meta FILE.csv``.

A row names its report by file, id or address and gives the values to correct; an empty cell says
nothing. What cannot be used is told by row, and the other rows count.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from qa.errors import CorrectionError, InputError, SourceVanishedError
from qa.library import source_rows, tables
from qa.reports.correcting import FIELD_NAMES, FIELDS, Change, Field, read_change
from qa.reports.decoding import decode

_FIELD_HEADERS: dict[str, Field] = {
    **{name: name for name in FIELDS},
    **{chinese: name for name, chinese in FIELD_NAMES.items()},
    "地名": "place",
    "年度": "year",
    "日期": "delivered",
    "演讲人": "speaker",
    "题目": "title",
    "回顾年份": "reviewed_period",
    "计划年份": "planned_period",
}
_KEY_HEADERS = {
    "file": "file",
    "source": "file",
    "文件": "file",
    "文件名": "file",
    "来源": "file",
    "report_id": "report_id",
    "报告编号": "report_id",
    "编号": "report_id",
    "url": "url",
    "source_url": "url",
    "网址": "url",
    "链接": "url",
    "number": "number",
    "序号": "number",
}
_KEYS = ("report_id", "url", "file")
_LISTED = 6


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that could not be used, by its line in the file, and why."""

    line: int
    error: CorrectionError


@dataclass(frozen=True, slots=True)
class MetaRow:
    """What names a report (``file``, ``report_id``, ``url``, ``number``) and what is corrected."""

    line: int
    keys: Mapping[str, str]
    changes: Mapping[Field, Change]


@dataclass(frozen=True, slots=True)
class MetaTable:
    """The rows that can be read, and the faults of the others and of the header."""

    rows: tuple[MetaRow, ...]
    faults: tuple[RowFault, ...]


def read_meta(path: Path) -> MetaTable:
    """Read a CSV of metadata, in any encoding that texts may have.

    Raises ``InputError`` if the file cannot be read, or has no column that names a report or none
    that corrects one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceVanishedError("unreadable", name=path, reason=error.strerror) from error
    text = decode(data, path.name).lstrip("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError("wrong_csv", name=path.name, line=reader.line_num, reason=error) from error
    (first, header), body = lines[0], lines[1:]
    names = [name.strip().lower() for name in header]
    _require_columns(path, names)
    faults = [RowFault(first, error) for error in _faults_of_header(names)]
    rows = []
    for line, cells in body:
        row, found = _row(line, names, cells)
        faults += [RowFault(line, error) for error in found]
        rows += [row] if row else []
    return MetaTable(tuple(rows), tuple(faults))


def _require_columns(path: Path, names: Sequence[str]) -> None:
    keys = any(_KEY_HEADERS.get(name) in _KEYS for name in names)
    if not keys or not any(name in _FIELD_HEADERS for name in names):
        raise InputError("no_meta_columns", name=path.name)


def _faults_of_header(names: Sequence[str]) -> list[CorrectionError]:
    unknown = [n for n in names if n not in _FIELD_HEADERS and n not in _KEY_HEADERS]
    meant = [_FIELD_HEADERS.get(n) or _KEY_HEADERS.get(n) for n in names]
    twice = [n for n, m in zip(names, meant, strict=True) if m and meant.count(m) > 1]
    return [
        *(CorrectionError("unknown_column", name=n, known="、".join(FIELDS)) for n in unknown),
        *([CorrectionError("columns_twice", names="、".join(twice))] if twice else []),
    ]


def _row(
    line: int, names: Sequence[str], cells: Sequence[str]
) -> tuple[MetaRow | None, list[CorrectionError]]:
    """The row, None if it names no report; and what of it cannot be used."""
    if len(cells) > len(names):
        return None, [CorrectionError("too_many_cells", cells=len(cells), columns=len(names))]
    keys: dict[str, str] = {}
    changes: dict[Field, Change] = {}
    faults: list[CorrectionError] = []
    for name, cell in zip(names, cells, strict=False):
        told = cell.strip()
        if told and name in _KEY_HEADERS:
            keys[_KEY_HEADERS[name]] = told
        elif told and name in _FIELD_HEADERS:
            try:
                changes[_FIELD_HEADERS[name]] = read_change(_FIELD_HEADERS[name], told)
            except CorrectionError as error:
                faults.append(error)
    if not any(key in keys for key in _KEYS):
        faults.append(CorrectionError("row_names_none"))
    return (None if faults else MetaRow(line, keys, changes)), faults


# --- rows to reports ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    report_id: str
    number: int
    name: str
    path: str
    url: str | None


def match_rows(
    connection: Connection, table: MetaTable
) -> tuple[dict[str, tuple[int, dict[Field, Change]]], list[RowFault]]:
    """Report id → the last line about it and what to change; and the rows that match no report or
    several. Of rows for one report the later one counts, field by field.
    """
    held = _held(connection)
    changes: dict[str, tuple[int, dict[Field, Change]]] = {}
    faults = []
    for row in table.rows:
        found = sorted({one.report_id for one in held if _is_meant(one, row.keys)})
        if len(found) == 1:
            _, before = changes.get(found[0], (0, {}))
            changes[found[0]] = row.line, before | dict(row.changes)
        else:
            faults.append(RowFault(row.line, _no_match(row.keys, found)))
    return changes, faults


def _no_match(keys: Mapping[str, str], found: Sequence[str]) -> CorrectionError:
    told = ", ".join(f"{key}={value}" for key, value in keys.items())
    if not found:
        return CorrectionError("row_matches_none", told=told)
    return CorrectionError("row_matches_several", told=told, ids="、".join(found[:_LISTED]))


def _is_meant(held: _Held, keys: Mapping[str, str]) -> bool:
    """True if everything the row says of its report is so."""
    tests: dict[str, Callable[[str], bool]] = {
        "report_id": lambda told: held.report_id == told,
        "url": lambda told: (held.url or "").rstrip("/") == told.rstrip("/"),
        "file": lambda told: _is_file(held, told),
        "number": lambda told: told == str(held.number),
    }
    return all(tests[key](told) for key, told in keys.items())


def _is_file(held: _Held, told: str) -> bool:
    """True for the source's name, its path, or the end of either, from a folder on."""
    told = told.replace("\\", "/").removeprefix("./")
    return any(full == told or full.endswith(f"/{told}") for full in (held.name, held.path))


def _held(connection: Connection) -> list[_Held]:
    """All reports under all files that hold them."""
    columns = (
        tables.reports.c.report_id,
        tables.reports.c.source_id,
        tables.files.c.name,
        tables.files.c.path,
    )
    joined = tables.reports.join(
        tables.files, tables.files.c.source_id == tables.reports.c.source_id
    )
    query = select(*columns).select_from(joined).order_by(tables.reports.c.start)
    urls, of_files = source_rows.urls_of_sources(connection), source_rows.urls_of_files(connection)
    counts: Counter[str] = Counter()
    found = []
    for row in connection.execute(query):
        counts[row.path] += 1
        url = of_files.get(row.name, urls.get(row.source_id))
        found.append(_Held(row.report_id, counts[row.path], row.name, row.path, url))
    return found
