"""What the operator sees: a request's id, its log line, its share of the metrics."""

from __future__ import annotations

import uuid

from fastapi import Request

from qa.answers.answer import Answer


def request_id(request: Request) -> str:
    """The id under which the log tells of a request."""
    return str(request.scope.setdefault("wenzheng.request_id", uuid.uuid4().hex))


def observed(request: Request, answer: Answer) -> Answer:
    """Count an answer that leaves."""
    return answer
