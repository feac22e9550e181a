"""HTTP: routes that translate between JSON and the chain."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from embeddings import EmbeddingError
from qa.chain import Chain
from qa.errors import WenzhengError

_PAGE = Path(__file__).parent / "page"
_LOG = logging.getLogger("wenzheng.http")


class AskRequest(BaseModel):
    """A question and the user turns before it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "越城区2023年GDP增长多少?"}]}
    )

    question: str = Field(min_length=1, max_length=2000)
    turns: list[str] = Field(default_factory=list, max_length=50)


def create_app(chain: Chain) -> FastAPI:
    """The application over a finished chain."""
    app = FastAPI(title="wenzheng 问政", description="Cited answers over government work reports")

    @app.post("/api/ask")
    async def ask(request: AskRequest) -> dict[str, Any]:
        """Answer one question with citations."""
        answer = await run_in_threadpool(chain.ask, request.question, request.turns)
        return answer.as_json()

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE / "index.html")

    app.mount("/static", StaticFiles(directory=_PAGE), name="static")
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(WenzhengError, _failed)
    app.add_exception_handler(EmbeddingError, _failed)
    app.add_exception_handler(Exception, _broken)
    return app


# Problem documents of RFC 9457: an outage never looks like an empty answer.


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    told = [
        f"{'.'.join(str(part) for part in e['loc'][1:]) or 'body'}: {e['msg']}"
        for e in error.errors()
    ]
    return _problem(422, "Unprocessable Content", "; ".join(told))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail), f"{request.method} {request.url.path}")


async def _broken(request: Request, error: Exception) -> JSONResponse:
    _LOG.exception("%s %s broke", request.method, request.url.path, exc_info=error)
    return _problem(500, "Internal Server Error", "the service failed; its log says why")


async def _failed(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed: %s", request.method, request.url.path, error)
    return _problem(503, "Service Unavailable", str(error))
