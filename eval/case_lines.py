"""Lines of case files: read one by one, so that what is wrong with one names it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from eval.errors import CaseFileError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file without its byte order mark; raises ``CaseFileError``."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CaseFileError("unreadable", name=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise CaseFileError("not_text", name=path) from error


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with the numbers of their lines; raises ``CaseFileError``."""
    # Not splitlines: a text may hold U+2028, which JSON does not escape.
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            with naming_line(path, number):
                value = _object(line)
            yield number, value


def _object(line: str) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def read_rows(path: Path, separator: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with a header, each with the line it ends on; raises ``CaseFileError``."""
    reader = csv.DictReader(StringIO(read_text(path), newline=""), delimiter=separator)
    while True:
        # The header counts as read only once it is asked for.
        with naming_line(path, reader.line_num + 1 if reader.fieldnames else 1):
            row = next(reader, None)
            if row is None:
                return
            # A comma without quotes would silently cut the text behind it.
            if None in row:
                raise ValueError("more cells than the header has")
        # DictReader gives None for the cells that a short row lacks: they are missing fields.
        yield reader.line_num, {name: cell for name, cell in row.items() if cell is not None}


@contextmanager
def naming_line(path: Path, number: int) -> Iterator[None]:
    """Turn what a malformed line raises into a ``CaseFileError`` that names the line."""
    try:
        yield
    except KeyError as error:
        raise CaseFileError(
            "case_lacks_field", name=path.name, line=number, field=error.args[0]
        ) from error
    except (ValueError, TypeError, AttributeError, IndexError, csv.Error) as error:
        raise CaseFileError("wrong_case_line", name=path.name, line=number, reason=error) from error
