"""The last evaluation: how well questions are answered from this library."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from api.http.access import reader
from api.http.schemas import EvaluationReply, problems
from api.http.service import TheService
from eval.last_run import read_last

router = APIRouter(prefix="/api", tags=["evaluation"], dependencies=[Depends(reader)])


@router.get("/evaluation", response_model=EvaluationReply, responses=problems(404, 429))
async def evaluation(service: TheService) -> dict[str, Any]:
    """Scores of the last `wenzheng eval run`, with every wrong answer; 404 if there was none."""
    return await run_in_threadpool(read_last, service.settings.library)
