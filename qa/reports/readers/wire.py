"""Outcomes as rows of JSON and back: what passes between the process that parses and ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from qa import errors
from qa.errors import InputError, UnreadableFormError
from qa.reports.origin import Origin, mark_rows, marks_of
from qa.reports.readers.protocol import NO_LINKS, Links, Outcome, Read


def row_of(name: str, read: Read | InputError) -> dict[str, Any]:
    """An outcome as a JSON object."""
    if isinstance(read, Read):
        origin = asdict(replace(read.origin, marks=()))
        origin["marks"] = mark_rows(read.origin.marks)
        row = {"name": name, "text": read.text, "origin": origin}
        return row if read.links == NO_LINKS else {**row, "links": asdict(read.links)}
    fields = {key: str(value) for key, value in read.fields.items()}
    return {"name": name, "error": type(read).__name__, "key": read.key, "fields": fields}


def outcome_of(row: Mapping[str, Any]) -> Outcome:
    """The outcome of a row; one of an error that is none of ours is ``UnreadableFormError``."""
    name = str(row["name"])
    if "text" in row:
        links = _links_of(row["links"]) if "links" in row else NO_LINKS
        return Outcome(name, Read(str(row["text"]), _origin_of(row["origin"]), links))
    kind = getattr(errors, str(row["error"]), None)
    if not (isinstance(kind, type) and issubclass(kind, InputError)):
        kind = UnreadableFormError
    return Outcome(name, kind(str(row["key"]), **row["fields"]))


def _links_of(row: Mapping[str, Any]) -> Links:
    return Links(row["next_page"], tuple((str(at), str(told)) for at, told in row["attachments"]))


def _origin_of(row: Mapping[str, Any]) -> Origin:
    kept = {**row, "marks": marks_of(row["marks"])}
    return Origin(**{**kept, "place": tuple(row["place"]), "warnings": tuple(row["warnings"])})
