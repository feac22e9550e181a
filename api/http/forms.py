"""The form of a reply: which one a client wants, and its name as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from api.spreadsheets import BOM

Form = Literal["json", "csv", "jsonl"]
_MEDIA: dict[Form, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
}
_LONGEST_NAME = 60
# What a route replies beside JSON, for the OpenAPI document.
TEXT_FORMS: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}


def form_of(request: Request, asked: Form | None, offered: tuple[Form, ...]) -> Form:
    """The form asked for by ``?format=``, else the one the client accepts best; JSON for any."""
    if asked:
        return asked
    accepted = _accepted(request.headers.get("accept", "*/*"))
    best = max(offered, key=lambda form: accepted.get(_MEDIA[form], 0.0))
    return best if accepted.get(_MEDIA[best]) else "json"


def _accepted(header: str) -> dict[str, float]:
    """Media type → its weight."""
    found = {}
    for part in header.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        found[media] = float(weight) if re.fullmatch(r"[01](?:\.\d{1,3})?", weight) else 0.0
    return found


def csv_reply(
    chunks: Iterator[str], headers: dict[str, str], name: str, words: list[str]
) -> Response:
    """A file for a spreadsheet; ``words`` of the request are in its name where that can hold them."""
    told = "-".join(re.sub(r"[^\w-]+", "_", word) for word in (name, *words))[:_LONGEST_NAME]
    named = f"attachment; filename=\"{name}.csv\"; filename*=UTF-8''{_quoted(told)}.csv"
    return StreamingResponse(
        _marked(chunks),
        media_type="text/csv; charset=utf-8",
        headers={**headers, "Content-Disposition": named},
    )


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="replace")


def _marked(chunks: Iterator[str]) -> Iterator[str]:
    yield BOM
    yield from chunks


def lines_reply(rows: Iterator[Any], headers: dict[str, str]) -> Response:
    """JSON Lines."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return StreamingResponse(_joined(lines), media_type=_MEDIA["jsonl"], headers=headers)


def _joined(lines: Iterator[str]) -> Iterator[str]:
    """Some lines at once: each piece of a stream changes threads."""
    some: list[str] = []
    for line in lines:
        some.append(line)
        if len(some) == 256:
            yield "".join(some)
            some.clear()
    yield "".join(some)
