"""Questions: an answer at once or as it is told, and search without an answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import reader
from api.http.events import event, event_stream
from api.http.leaving import unless_left
from api.http.observing import observed, request_id
from api.http.problems import failure_of, problem_body
from api.http.schemas import AnswerBody, AskBody, SearchBody, SearchReply, Text, problems
from api.http.seats import seated
from api.http.service import Service, TheService
from api.rendering import search_json
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.chain import Searched
from qa.search import Findings

router = APIRouter(
    prefix="/api", tags=["questions"], dependencies=[Depends(reader), Depends(seated)]
)

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the answer object, or with `stream` the events understood, searched, "
        "sentence, citation, done (the answer object) and, where the service fails, error",
        "content": {"text/event-stream": {"schema": {}}},
    }
}
_MEDIA = "text/event-stream"


@router.post(
    "/ask", response_model=AnswerBody, responses={**_EVENTS, **problems(400, 413, 422, 429, 503)}
)
async def ask(body: AskBody, request: Request, service: TheService) -> Any:
    """Answer one question with citations.

    With `"stream": true`, or where only `text/event-stream` is accepted, as server-sent events.
    """
    return await _answer(request, service, body)


@router.get("/ask", response_model=AnswerBody, responses={**_EVENTS, **problems(422, 429, 503)})
async def ask_by_address(
    request: Request,
    service: TheService,
    question: Text,
    turns: Annotated[list[Text], Query(max_length=50)] = [],  # noqa: B006 — never changed
    stream: bool = False,
) -> Any:
    """The same for clients that can only GET, such as a browser's EventSource."""
    return await _answer(request, service, AskBody(question=question, turns=turns, stream=stream))


@router.post(
    "/search",
    responses=problems(400, 413, 422, 429, 503),
    response_model_exclude_unset=True,
)
async def search(body: SearchBody, request: Request, service: TheService) -> SearchReply:
    """Passages for a question, best first, without an answer."""
    return await _hits(request, service, body)


@router.get("/search", responses=problems(422, 429, 503), response_model_exclude_unset=True)
async def search_by_address(
    request: Request,
    service: TheService,
    question: Text,
    k: Annotated[int, Query(ge=1, le=100)] = 10,
) -> SearchReply:
    """The same by address."""
    return await _hits(request, service, SearchBody(question=question, k=k))


async def _hits(request: Request, service: Service, body: SearchBody) -> SearchReply:
    chain = service.chain
    searching = chain.threads.run(chain.search, body.question, body.k, body.turns)
    return SearchReply.model_validate(search_json(await unless_left(request, searching)))


async def _answer(request: Request, service: Service, body: AskBody) -> Response | dict[str, Any]:
    if body.stream or request.headers.get("accept") == _MEDIA:
        return await event_stream(request, _told(request, service, body))
    answer = await unless_left(request, service.chain.answer(body.question, body.turns))
    return observed(request, answer).identified(request_id(request)).as_json()


async def _told(request: Request, service: Service, body: AskBody) -> AsyncGenerator[bytes, None]:
    cited: set[int] = set()
    begun = False
    try:
        async with aclosing(service.chain.stream(body.question, body.turns)) as events:
            async for told in events:
                begun = True
                if isinstance(told, Searched):
                    yield event(_understood(told.findings), "understood")
                    yield event(_searched(told.findings), "searched")
                elif isinstance(told, Told):
                    yield event({"text": told.text}, "sentence")
                    citations = [c for c in told.citations if c.n not in cited]
                    cited |= {c.n for c in citations}
                    for citation in citations:
                        yield event(citation.as_json(), "citation")
                elif isinstance(told, Answer):
                    whole = observed(request, told).identified(request_id(request))
                    yield event(whole.as_json(), "done")
    except Exception as error:
        if not begun:
            raise
        # The status is sent already: the failure is told where the answer would have been.
        yield event(problem_body(failure_of(request, error)), "error")


def _understood(findings: Findings) -> dict[str, Any]:
    question = findings.question
    return {
        "places": [mention.place.name for mention in question.places],
        "years": list(question.years),
        "status": question.status,
        "indicators": [indicator.name for indicator in question.indicators],
        "language": question.language,
    }


def _searched(findings: Findings) -> dict[str, Any]:
    reports = dict.fromkeys(hit.report.report_id for hit in findings.hits)
    return {"reports": list(reports), "passages": len(findings.hits)}
