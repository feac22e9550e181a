"""A request of a client under way: what answers it, and what is told if it cannot be answered."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.requests import Request

from api.http import problems
from api.http.observing import broke, observed, request_id
from api.http.problems import Problem, problem_of
from api.http.service import Service
from api.mcp.arguments import faults_of
from embeddings import EmbeddingError
from prompts import messages
from qa.answers.answer import Answer
from qa.chain import Chain
from qa.errors import OverloadedError
from qa.questions import Language

_LOG = logging.getLogger("wenzheng.mcp")


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``request`` is what it came with over HTTP, None over stdio.

    ``progress`` tells a client that wants to know how many steps are done, and what the last one gave.
    """

    service: Service
    request: Request | None
    progress: Callable[[float, str], Awaitable[None]]

    @property
    def language(self) -> Language:
        """The client's, where nothing in the call tells another: Chinese by default."""
        return problems.language_of(self.request) if self.request else "zh"

    async def chain(self) -> Chain:
        """The chain in force; raises the error that kept it from being opened.

        While there is none it is looked for: the first one may still be loading, and who asks then must
        wait, not be told that there is no library.
        """
        if self.service.opened is None:
            await self.service.refresh()
        return self.service.chain

    def leaves(self, answer: Answer) -> Answer:
        """An answer under the id by which the log tells of its request, counted where all are."""
        if self.request is None:
            return answer.identified(uuid.uuid4().hex)
        return observed(self.request, answer).identified(request_id(self.request))

    def failed(self, error: Exception, language: Language) -> Problem:
        """What is told of an error, on one line; the log is told more, if the service is to blame."""
        problem = _problem(error, language)
        if isinstance(error, OverloadedError):
            self.service.incidents.tell("shed", "answers", route="/mcp")
        elif problem.status >= 500:
            self._tell_log(error, traced=problem.status == 500)
        return problem

    def _tell_log(self, error: Exception, *, traced: bool) -> None:
        if self.request:
            broke(self.request, error, traced=traced)
        else:
            _LOG.error("%s", error, exc_info=error if traced else None)


def _problem(error: Exception, language: Language) -> Problem:
    said = messages("mcp", language)
    if isinstance(error, ValidationError):
        return Problem(
            422, "invalid_request", said["wrong_arguments"].format(faults=faults_of(error))
        )
    problem = problem_of(error, language)
    if isinstance(error, EmbeddingError):
        return Problem(503, problem.key, said["embedding"].format(reason=error))
    return Problem(500, problem.key, said["internal"]) if problem.status == 500 else problem
