"""Is the process alive, and can it answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.http.problems import problem_of
from api.http.schemas import problems
from api.http.service import Service, service_of

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", responses=problems(503))
async def ready(service: Annotated[Service, Depends(service_of)]) -> dict[str, Any]:
    """Questions can be answered; `library` is the version in force."""
    library = service.chain.searcher.library
    told = {"status": "ready", "library": library.version, "reports": len(library.held)}
    if service.failure is not None:
        told |= {"status": "outdated", "detail": problem_of(service.failure).detail}
    return told
