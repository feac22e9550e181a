"""Comparison: indicators of places side by side, each figure cited."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from api.comparison_tables import comparison_csv
from api.http.access import reader
from api.http.caching import UNCHANGED, not_modified, validators
from api.http.figure_schemas import CompareBody, CompareReply
from api.http.forms import Form, csv_reply, form_of
from api.http.problems import language_of
from api.http.schemas import problems
from api.http.service import TheService
from qa.library.library import Library
from qa.tables import Comparison, compare

router = APIRouter(prefix="/api", tags=["facts"], dependencies=[Depends(reader)])

_FORMS: tuple[Form, ...] = ("json", "csv")
_REPLIES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


class CompareQuery(CompareBody):
    """The same as the body, by address."""

    format: Literal["json", "csv"] | None = None


@router.get(
    "/compare",
    response_model=CompareReply,
    responses={**_REPLIES, **UNCHANGED, **problems(422, 429, 503)},
)
def compare_by_address(
    request: Request, service: TheService, query: Annotated[CompareQuery, Query()]
) -> Response:
    """Indicators by place and period: results, estimates and targets apart, each with its source."""
    library, language = service.chain.searcher.library, language_of(request)
    form = form_of(request, query.format, _FORMS)
    headers = validators(library, "compare", query.model_dump(exclude={"format"}), form, language)
    if unchanged := not_modified(request, headers):
        return unchanged
    return _reply(request, _compared(library, query), form, headers)


@router.post(
    "/compare",
    response_model=CompareReply,
    responses={**_REPLIES, **problems(400, 413, 422, 429, 503)},
)
def compare_by_body(request: Request, service: TheService, body: CompareBody) -> Response:
    """The same for more names than an address holds."""
    comparison = _compared(service.chain.searcher.library, body)
    return _reply(request, comparison, form_of(request, None, _FORMS), {})


def _compared(library: Library, asked: CompareBody) -> Comparison:
    return compare(
        library, asked.place, asked.indicator, asked.period, asked.status, asked.computed
    )


def _reply(
    request: Request, comparison: Comparison, form: Form, headers: dict[str, str]
) -> Response:
    if form == "csv":
        words = dict.fromkeys(row.indicator.name for row in comparison.rows)
        return csv_reply(comparison_csv(comparison), headers, "wenzheng-compare", list(words))
    return JSONResponse(comparison.as_json(language_of(request)), headers=headers)
