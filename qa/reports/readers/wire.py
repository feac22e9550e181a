"""Outcomes as rows of JSON and back: what passes between the process that parses and ours."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from qa import errors
from qa.errors import InputError, UnreadableFormError
from qa.reports.origin import Origin
from qa.reports.readers.protocol import NO_LINKS, Links, Outcome, Read

_PIECE_BYTES = 1 << 20


def row_of(name: str, read: Read | InputError) -> dict[str, Any]:
    """An outcome as a JSON object."""
    if isinstance(read, Read):
        row = {"name": name, "text": read.text, "origin": read.origin.as_json()}
        return row if read.links == NO_LINKS else {**row, "links": asdict(read.links)}
    fields = {key: str(value) for key, value in read.fields.items()}
    return {"name": name, "error": type(read).__name__, "key": read.key, "fields": fields}


def pieces_of(data: bytes) -> Iterator[dict[str, Any]]:
    """Bytes as rows of JSON, which hold a megabyte at most."""
    for start in range(0, len(data), _PIECE_BYTES):
        yield {"piece": base64.b64encode(data[start : start + _PIECE_BYTES]).decode()}


def piece_of(row: Mapping[str, Any]) -> bytes:
    """The bytes of such a row."""
    return base64.b64decode(row["piece"])


def outcome_of(row: Mapping[str, Any]) -> Outcome:
    """The outcome of a row; one of an error that is none of ours is ``UnreadableFormError``."""
    name = str(row["name"])
    if "text" in row:
        links = _links_of(row["links"]) if "links" in row else NO_LINKS
        return Outcome(name, Read(str(row["text"]), Origin.of_json(row["origin"]), links))
    kind = getattr(errors, str(row["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, InputError)):
        kind = UnreadableFormError
    return Outcome(name, kind(str(row["key"]), **row["fields"]))


def _links_of(row: Mapping[str, Any]) -> Links:
    return Links(row["next_page"], tuple((str(at), str(told)) for at, told in row["attachments"]))
