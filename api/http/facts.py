"""Facts: every figure of the library by page, as a file, and what there is to choose from."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.fact_tables import conflict_json, facts_csv
from api.http.access import reader
from api.http.caching import UNCHANGED, digest_of, not_modified, validators
from api.http.figure_schemas import FactsReply, IndicatorsReply, Name, Period, PlacesReply
from api.http.forms import (
    TEXT_FORMS,
    Form,
    csv_reply,
    form_of,
    lines_reply,
)
from api.http.problems import Problem, language_of
from api.http.schemas import problems
from api.http.service import Service, TheService
from prompts import messages
from qa.facts.conflicts import find_conflicts
from qa.facts.fact import Fact, Status
from qa.facts.holdings import indicators_in
from qa.facts.selection import FactFilter
from qa.library.library import Library
from qa.tables import subjects_of

router = APIRouter(prefix="/api", tags=["facts"], dependencies=[Depends(reader)])

_FORMS: tuple[Form, ...] = ("json", "csv", "jsonl")
_CURSOR = re.compile(r"([\w-]{1,80})\|([0-9a-f]{16})\|([0-9]{1,9})")


class Filters(BaseModel):
    """What facts must be; a value of each repeated filter will do. Unknown filters are told."""

    model_config = ConfigDict(extra="forbid")

    place: list[Name] = Field(
        default_factory=list,
        max_length=100,
        description="full or short name; a province or a city also asks for what lies below it",
    )
    indicator: list[Name] = Field(
        default_factory=list,
        max_length=100,
        description="any name (GDP, 固投), else a part of a printed one",
    )
    period: list[Period] = Field(default_factory=list, max_length=100)
    status: list[Status] = Field(default_factory=list, max_length=3)
    report_id: list[Name] = Field(default_factory=list, max_length=100)
    q: str = Field(
        default="", max_length=200, description="words that the quote or printed name must hold"
    )

    def select(self, library: Library) -> list[Fact]:
        """The facts of the library that pass."""
        asked = FactFilter(
            tuple(self.place),
            tuple(self.indicator),
            tuple(self.period),
            tuple(self.status),
            tuple(self.report_id),
            self.q,
        )
        return asked.select((held.fact for held in library.facts()), library.place_codes)

    @property
    def meaning(self) -> dict[str, Any]:
        """The filters alone, for telling one query from another."""
        return self.model_dump(include=set(Filters.model_fields))


class PageQuery(Filters):
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str | None = Field(
        default=None, max_length=500, description="`next` of the page before"
    )


class FactsQuery(PageQuery):
    format: Form | None = Field(
        default=None,
        description="`csv` and `jsonl` hold all facts that match; default is what is accepted",
    )


@router.get(
    "/facts",
    response_model=FactsReply,
    responses={200: {"content": TEXT_FORMS}, **UNCHANGED, **problems(410, 422, 429, 503)},
)
def facts(request: Request, service: TheService, query: Annotated[FactsQuery, Query()]) -> Response:
    """Figures of the reports, by page; all at once as CSV or JSON Lines."""
    library, language = service.chain.searcher.library, language_of(request)
    form = form_of(request, query.format, _FORMS)
    offset = offset_of(query, library, language)
    headers = validators(library, "facts", query.meaning, query.limit, offset, form, language)
    if unchanged := not_modified(request, headers):
        return unchanged
    found = query.select(library)
    if form == "csv":
        words = [*query.place, *query.indicator, *query.period]
        return csv_reply(iter(facts_csv(found)), headers, "wenzheng-facts", words)
    if form == "jsonl":
        return lines_reply((fact.as_contract() for fact in found), headers)
    page = page_of(found, offset, query, library)
    return JSONResponse(page.as_json(language), headers=headers)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the facts that match, ``offset`` of which came before; ``next`` is the cursor behind."""

    facts: list[Fact]
    offset: int
    total: int
    next: str | None

    def as_json(self, language: str) -> dict[str, Any]:
        """The reply's object."""
        return {
            "facts": [fact.as_contract() for fact in self.facts],
            "total": self.total,
            "next": self.next,
            "conflicts": [conflict_json(one, language) for one in find_conflicts(self.facts)],
        }


def page_of(found: list[Fact], offset: int, query: PageQuery, library: Library) -> Page:
    """The page of what matches that begins at an offset."""
    page = found[offset : offset + query.limit]
    end = offset + len(page)
    behind = _cursor(library, query, end) if end < len(found) else None
    return Page(page, offset, len(found), behind)


# --- cursor ------------------------------------------------------------------------------------


def _cursor(library: Library, query: PageQuery, offset: int) -> str:
    told = f"{library.stamp}|{digest_of(query.meaning)}|{offset}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def offset_of(query: PageQuery, library: Library, language: str) -> int:
    """Where the page begins; a cursor of another version or another query is a problem."""
    if query.cursor is None:
        return 0
    said = messages("paging", language)
    match = _CURSOR.fullmatch(_decoded(query.cursor))
    if match is None:
        raise Problem(422, "broken_cursor", said["broken_cursor"])
    stamp, digest, offset = match.groups()
    if stamp != library.stamp:
        raise Problem(410, "outdated_cursor", said["outdated_cursor"])
    if digest != digest_of(query.meaning):
        raise Problem(422, "broken_cursor", said["broken_cursor"])
    return int(offset)


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


# --- what there is -----------------------------------------------------------------------------


class IndicatorsQuery(Filters):
    limit: int = Field(default=500, ge=1, le=10_000)


@router.get(
    "/indicators",
    response_model=IndicatorsReply,
    responses={**UNCHANGED, **problems(422, 429, 503)},
)
def indicators(
    request: Request, service: TheService, query: Annotated[IndicatorsQuery, Query()]
) -> Response:
    """The indicators that facts tell of, with counts and units, for choosing among them."""

    def told(library: Library) -> dict[str, Any]:
        found = indicators_in(query.select(library))
        return {
            "indicators": [
                {
                    "name": one.name,
                    "english": one.english,
                    "facts": one.facts,
                    "reports": one.reports,
                    "units": list(one.units),
                }
                for one in found[: query.limit]
            ],
            "total": len(found),
        }

    return _kept(request, service, told, "indicators", query.model_dump())


@router.get("/places", response_model=PlacesReply, responses={**UNCHANGED, **problems(429, 503)})
def places(request: Request, service: TheService) -> Response:
    """The places that reports are held of."""
    return _kept(request, service, _places, "places")


def _places(library: Library) -> dict[str, Any]:
    counts = {held.report.report_id: held.facts for held in library.held}
    subjects = subjects_of(library)
    return {
        "places": [
            {
                "place": subject.place_name,
                "place_code": subject.reports[0].place_code,
                "level": subject.reports[0].level,
                "province": subject.reports[0].province,
                "years": sorted({one.year for one in subject.reports if one.year}),
                "reports": [one.report_id for one in subject.reports],
                "facts": sum(counts[one.report_id] for one in subject.reports),
            }
            for subject in subjects
            if subject.place_name
        ],
        "unnamed": [subject.name for subject in subjects if not subject.place_name],
    }


def _kept(
    request: Request, service: Service, told: Callable[[Library], dict[str, Any]], *what: object
) -> Response:
    """A reply that is made only for clients that do not have it."""
    library = service.chain.searcher.library
    headers = validators(library, *what)
    return not_modified(request, headers) or JSONResponse(told(library), headers=headers)
