"""Data sets: a table (CSV) or lines of objects (JSON Lines), a report in each row.

A document's text is the title of the row, if the text does not begin with it, and the text; nothing
is made up. Other columns fill what the text leaves open.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping

from qa.errors import EmptySourceError, InputError, UnreadableFormError
from qa.reports.clean_text import fold
from qa.reports.decoding import decode
from qa.reports.origin import Origin
from qa.reports.readers.protocol import Outcome, Read, Task
from qa.reports.readers.sniffing import separator_of, text_column

_TITLES = ("title", "标题", "题名", "name", "名称")
_URLS = ("source_url", "url", "link", "网址", "链接", "来源网址")
_YEARS = ("year", "年份", "年度")
_DATES = ("published", "publish_date", "date", "发布日期", "发布时间", "日期")
# The most particular first.
_PLACES = (
    ("county", "district", "区县", "县区", "区", "县"),
    ("city", "prefecture", "市", "城市", "地市"),
    ("place", "region", "地区", "地名"),
    ("province", "省", "省份"),
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def read_csv(task: Task) -> Iterator[Outcome]:
    """A document for each row, named ``data.csv#12``: rows are counted from 1, the header is none."""
    text = decode(task.data, task.name).lstrip("\ufeff")
    header = text.lstrip().split("\n", 1)[0].strip()
    separator = separator_of(header) or ","
    # The module's own limit, 128 KiB, is less than a report.
    csv.field_size_limit(len(text) + 1)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            yield _outcome(f"{task.name}#{number}", row)
    except csv.Error as error:
        name = f"{task.name}#{number + 1}"
        yield Outcome(name, UnreadableFormError("damaged", name=name, reason=error))


def read_jsonl(task: Task) -> Iterator[Outcome]:
    """A document for each line that is not blank, named by the line's number: ``data.jsonl#12``."""
    for number, line in enumerate(decode(task.data, task.name).split("\n"), 1):
        if not line.strip("\ufeff \t\r"):
            continue
        name = f"{task.name}#{number}"
        try:
            row = json.loads(line.strip("\ufeff"))
            yield _outcome(name, row if isinstance(row, dict) else {})
        except (ValueError, RecursionError) as error:
            yield Outcome(name, UnreadableFormError("damaged", name=name, reason=error))


def _outcome(name: str, row: Mapping[str | None, object]) -> Outcome:
    cells = {
        str(key).strip().lower(): str(value).strip("\ufeff")
        for key, value in row.items()
        if isinstance(key, str) and isinstance(value, str | int | float)
    }
    try:
        return Outcome(name, _document(name, cells))
    except InputError as error:
        return Outcome(name, error)


def _document(name: str, cells: Mapping[str, str]) -> Read:
    column = text_column(list(cells))
    text = cells[column] if column else ""
    if not text.strip():
        raise EmptySourceError("empty_row", name=name)
    title = _first(cells, _TITLES)
    if title and fold(title) not in fold(text[: 10 * len(title) + 200]):
        text = f"{title}\n\n{text}"
    years = _YEAR.findall(_first(cells, _YEARS) or "")
    url = _first(cells, _URLS)
    origin = Origin(
        url=url if url and url.startswith(("http://", "https://")) else None,
        title=title,
        published=_first(cells, _DATES),
        place=tuple(place for names in _PLACES if (place := _first(cells, names))),
        year=int(years[0]) if len(years) == 1 else None,
    )
    return Read(text, origin)


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), None)
