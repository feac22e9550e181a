"""Errors as problem documents (RFC 9457): an outage never looks like an empty answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from api.http.observing import broke, route_of
from embeddings import EmbeddingError
from eval.errors import NotEvaluatedError
from prompts import messages
from qa.errors import (
    InputError,
    LibraryBusyError,
    LibraryDamagedError,
    ModelUnavailableError,
    OriginalNotHeldError,
    OverloadedError,
    ReportNotFoundError,
    WenzhengError,
)

MEDIA_TYPE = "application/problem+json"
# The first that fits; all others are outages.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (ReportNotFoundError, 404),
    (OriginalNotHeldError, 404),
    (NotEvaluatedError, 404),
    (LibraryBusyError, 409),
    (InputError, 422),
    (ModelUnavailableError, 503),
)
# Seconds after which a client may try again: an ingest of a report takes about as long.
_BUSY_SECONDS = 5
_MOST_FAULTS, _LONGEST_DETAIL = 5, 1000
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Problem(Exception):
    """A request that cannot be served, told as a problem document.

    ``key`` names the kind of problem for programs, ``detail`` says in one sentence what to do.
    """

    def __init__(
        self, status: int, key: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.key = key
        self.detail = detail
        self.headers = headers or {}


def problem_of(error: Exception, language: str = "en") -> Problem:
    """What is told of an error that a user can act on."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, WenzhengError):
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 503)
        return Problem(status, error.key, error.said(language), _retry(error, status))
    if isinstance(error, EmbeddingError):
        return Problem(503, "embedding", str(error))
    return Problem(500, "internal", messages("access", language)["internal"])


def _retry(error: WenzhengError, status: int) -> dict[str, str] | None:
    if isinstance(error, OverloadedError):
        return {"Retry-After": str(error.fields["seconds"])}
    return {"Retry-After": str(_BUSY_SECONDS)} if status == 409 else None


def failure_of(request: Request, error: Exception) -> Problem:
    """What is told of an error; the log is told more, if the service is to blame."""
    problem = problem_of(error, language_of(request))
    if isinstance(error, OverloadedError):
        request.app.state.service.incidents.tell("shed", "answers", route=route_of(request.scope))
        return problem
    if isinstance(error, LibraryDamagedError):
        request.app.state.metrics.count_damage()
    if problem.status >= 500:
        broke(request, error, traced=problem.status == 500)
    return problem


def problem_body(problem: Problem) -> dict[str, Any]:
    """The problem document; ``error`` is what clients of OpenAI's protocol read."""
    return {
        "type": f"urn:wenzheng:problem:{problem.key}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "error": {"message": problem.detail, "type": problem.key, "code": problem.key},
    }


def respond(problem: Problem) -> JSONResponse:
    return JSONResponse(
        problem_body(problem), problem.status, problem.headers, media_type=MEDIA_TYPE
    )


def too_large(most: int) -> JSONResponse:
    """The reply to a body of more than ``most`` bytes, which is not read to its end."""
    told = f"the body is too large; send at most {most:,} bytes"
    return respond(Problem(413, "content_too_large", told))


def language_of(request: Request) -> Literal["zh", "en"]:
    """``"zh"`` unless the client prefers another language."""
    asked = request.headers.get("accept-language", "zh").lower()
    return "zh" if asked.startswith(("zh", "*")) else "en"


def add_handlers(app: FastAPI) -> None:
    """Every error of the application leaves as a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in (Problem, WenzhengError, EmbeddingError, Exception):
        app.add_exception_handler(kind, _failed)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if any(fault["type"] == "json_invalid" for fault in error.errors()):
        return respond(Problem(400, "broken_json", "the body is no JSON; send an object"))
    told = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'body'}: {fault['msg']}"
        for fault in error.errors()[:_MOST_FAULTS]
    ]
    return respond(Problem(422, "invalid_request", "; ".join(told)[:_LONGEST_DETAIL]))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    key = HTTPStatus(error.status_code).name.lower()
    detail = f"{error.detail}: {request.method} {request.url.path}"
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    return respond(Problem(error.status_code, key, detail, headers))


def _allowed(request: Request) -> list[str]:
    """The methods of the path: of several routes for it the framework names the first one's."""

    def is_served(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_served(method)]


async def _gone(request: Request, error: Exception) -> Response:
    """To nobody: what the log says of a client that left, as nginx calls it."""
    return Response(status_code=499)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    return respond(failure_of(request, error))
