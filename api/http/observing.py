"""What the operator sees of a request: its id, its log line, its share of metrics and traces."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from fastapi import Request
from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.logs import structured
from api.http.metrics import Metrics
from api.http.tracing import tell_answer, tell_request
from qa.answers.answer import Answer

Outcome = Literal["ok", "client_left", "failed"]

# The header in, and out again.
HEADER = "X-Request-ID"
_ID, _SEEN = "wenzheng.request_id", "wenzheng.seen"
# The id of the API key that a request came with, set where keys are checked.
KEY = "wenzheng.key"
# An id is written into logs and headers: nothing that could forge another line or field.
_HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EVENTS = "text/event-stream"
_NO_ROUTE = "none"
_LOG = structured("wenzheng.request")


def request_id(request: Request) -> str:
    """The id under which the log tells of a request."""
    return str(request.scope.setdefault(_ID, uuid.uuid4().hex))


def observed(request: Request, answer: Answer) -> Answer:
    """Count an answer that leaves."""
    request.app.state.metrics.count_answer(answer)
    tell_answer(request.app.state.tracer, answer)
    return answer


def broke(request: Request, error: Exception, *, traced: bool) -> None:
    """Tell the log why a request failed, ``traced`` with its traceback; its own line says failed."""
    seen = request.scope.get(_SEEN)
    if isinstance(seen, _Seen):
        seen.broke = True
    _LOG.error(
        "failure",
        route=route_of(request.scope),
        error=str(error),
        exc_info=error if traced else None,
    )


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The template of the route that a request went to: ids in a path are not told."""
    template = getattr(scope.get("route"), "path_format", None)
    if template is None:
        # The framework names its own routes only, not an endpoint that is an application itself.
        template = getattr(scope.get("endpoint"), "path", None)
    if template is None and "app_root_path" in scope:
        # A mounted application: its files are no routes.
        template = scope["root_path"].removeprefix(scope["app_root_path"])
    return template or _NO_ROUTE


class Observing:
    """Outermost of all middleware, so that no response leaves without an id, nor unobserved."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(_id_of(scope), self._metrics)
        scope.update({_ID: seen.id, _SEEN: seen})
        # Never unbound: a server logs what broke after this has returned. Each request has a task
        # of its own, and so a context of its own.
        structlog.contextvars.bind_contextvars(request_id=seen.id)
        tell_request(seen.id)
        self._metrics.in_flight.inc()
        try:
            await self.app(scope, seen.receiving(receive), seen.sending(send))
        except ClientDisconnect:
            seen.left = True
        except BaseException as error:
            seen.broke = True
            # A response that is whole was told of in the log already; the server would tell it again.
            if not (seen.is_whole and isinstance(error, Exception)):
                raise
        finally:
            self._metrics.in_flight.dec()
            seen.close()
            self._tell(scope, seen)

    def _tell(self, scope: Scope, seen: _Seen) -> None:
        method, route, seconds = scope["method"], route_of(scope), seen.seconds
        self._metrics.count_request(method, route, seen.status, seconds, seen.outcome)
        fields = {
            "method": method,
            "route": route,
            "status": seen.status,
            "ms": round(seconds * 1000, 1),
            "bytes": seen.size,
            "outcome": seen.outcome,
        }
        if KEY in scope:
            fields["key"] = scope[KEY]
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            fields["trace_id"] = trace.format_trace_id(span.trace_id)
        _LOG.info("request", **fields)


@dataclass(slots=True)
class _Seen:
    """What became of one request; ``status`` is None until a response begins."""

    id: str
    metrics: Metrics
    started: float = field(default_factory=time.perf_counter)
    status: int | None = None
    size: int = 0
    is_stream: bool = False
    is_whole: bool = False
    left: bool = False
    broke: bool = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    @property
    def outcome(self) -> Outcome:
        if self.left:
            return "client_left"
        is_failure = self.broke or not self.is_whole or (self.status or 500) >= 500
        return "failed" if is_failure else "ok"

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> Message:
            message = await receive()
            # A server says so of every connection once its response is whole.
            if message["type"] == "http.disconnect" and not self.is_whole:
                self.left = True
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._begin(message)
            await send(message)
            if message["type"] == "http.response.body":
                self.size += len(message.get("body", b""))
                self.is_whole = not message.get("more_body", False)

        return sent

    def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        headers[HEADER] = self.id
        # Some libraries send a member of an enumeration, which a log would tell by its name.
        self.status = int(message["status"])
        if headers.get("content-type", "").startswith(_EVENTS):
            self.is_stream = True
            self.metrics.open_streams.inc()

    def close(self) -> None:
        if self.is_stream:
            self.metrics.open_streams.dec()


def _id_of(scope: Scope) -> str:
    given = Headers(scope=scope).get(HEADER, "")
    return given if _HARMLESS.fullmatch(given) else uuid.uuid4().hex
