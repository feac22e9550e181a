"""Is the process alive, can it answer, and how does it do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from api.http.access import admin
from api.http.problems import language_of, problem_of, respond
from api.http.schemas import problems
from api.http.service import TheService
from embeddings import EmbeddingError
from qa.errors import WenzhengError

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", response_model=dict[str, Any], responses=problems(503))
async def ready(request: Request, service: TheService) -> Any:
    """Questions can be answered; `library` is the version that answers.

    `outdated` if a newer one, or none, is in force that cannot be opened.
    """
    try:
        library = service.chain.searcher.library
    except (WenzhengError, EmbeddingError) as error:
        # Asked every few seconds: not a failure for the log.
        return respond(problem_of(error, language_of(request)))
    told = {"status": "ready", "library": library.version, "reports": len(library.held)}
    if service.failure is not None:
        detail = problem_of(service.failure, language_of(request)).detail
        told |= {"status": "outdated", "detail": detail}
    return told


@router.get(
    "/metrics",
    dependencies=[Depends(admin)],
    response_class=Response,
    responses=problems(401, 403, 429, 503),
)
def metrics(request: Request) -> Response:
    """Metrics in Prometheus' format."""
    accept = request.headers.get("accept", "")
    text, media_type = request.app.state.metrics.rendered(accept)
    return Response(text, media_type=media_type)
