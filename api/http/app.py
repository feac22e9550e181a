"""The application: routes over one service, with what guards and watches them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import NoOpTracer, TracerProvider
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from api.bots.desk import Desk
from api.bots.platforms import bots_of
from api.http import (
    asking,
    bots,
    compare,
    evaluation,
    facts,
    health,
    jobs,
    openai,
    originals,
    reports,
)
from api.http.access import Doorkeeper, Guard
from api.http.bodies import LimitBodies
from api.http.drawing import Press
from api.http.headers import Application, headers_for
from api.http.jobs import Jobs
from api.http.metrics import Metrics
from api.http.observing import Observing
from api.http.problems import add_handlers
from api.http.schemas import problems
from api.http.seats import GiveBack, Seats
from api.http.service import Service

_PAGE = Path(__file__).parents[1] / "page"
# Questions and their turns fit many times; a report is sent to a route with a limit of its own.
_MOST_BYTES = 256 * 1024
# Seconds that a bot's answer may take beside its language model, when the server ends.
_LEEWAY = 15
# Asked every few seconds by machines: traces would hold little else.
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_DESCRIPTION = (
    "Answers over Chinese government work reports: the exact sentence cited, every figure checked, "
    "and a reasoned refusal where the reports do not say.\n\n"
    "从政府工作报告中作答:引用原句、逐个核对数字;报告没有写的,说明理由后拒答。"
)


class Endpoint(Protocol):
    """A protocol of its own at one address, spoken while the application runs.

    It asks itself for the scope it needs (``access.require``); all else that guards and watches the
    routes guards and watches it.
    """

    path: str
    methods: Sequence[str]

    def running(self) -> AbstractAsyncContextManager[None]: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def create_app(
    service: Service, tracers: TracerProvider | None = None, endpoints: Sequence[Endpoint] = ()
) -> FastAPI:
    """Page, API and bots over a service, with other ``endpoints``; traced if there are ``tracers``.

    Raises ``SettingsError`` for wrong keys, limits, origins or bots.
    """
    metrics = Metrics(service)
    the_bots = bots_of(service.settings, _desk(service, metrics))
    app = create_bare_app(service, tracers, endpoints, metrics=metrics, signed=the_bots.paths)
    app.state.jobs = Jobs(service)
    app.state.bots = the_bots
    app.state.press = Press(service.settings.read_limits)
    app.state.parts += [app.state.jobs, the_bots, app.state.press]
    for part in (asking, openai, facts, compare, reports, originals, jobs, evaluation):
        app.include_router(part.router, responses=problems(401, 403, 429, 503))
    app.include_router(bots.router_of(the_bots))

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE / "index.html")

    app.mount("/static", StaticFiles(directory=_PAGE), name="static")
    return app


def create_bare_app(
    service: Service,
    tracers: TracerProvider | None = None,
    endpoints: Sequence[Endpoint] = (),
    *,
    metrics: Metrics | None = None,
    signed: Collection[str] = (),
) -> FastAPI:
    """Nothing but the ``endpoints`` and what tells how the service does; guarded like the whole.

    What comes to the ``signed`` paths carries a signature instead of a key. Raises ``SettingsError``
    for wrong keys, limits or origins.
    """
    metrics = metrics or Metrics(service)
    guard = Guard(service.settings, signed)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for part in app.state.parts:
                await running.enter_async_context(part.running())
            yield

    app = Application(
        title="wenzheng 问政",
        description=_DESCRIPTION,
        lifespan=lifespan,
        # Their pages fetch scripts from the internet, which a laptop may not have.
        docs_url=None,
        redoc_url=None,
        telemetry=_telemetry(tracers),
    )
    app.state.service = service
    app.state.guard = guard
    app.state.parts = [service, *endpoints]
    app.state.metrics = metrics
    app.state.tracer = tracers.get_tracer("wenzheng") if tracers else NoOpTracer()
    app.around = [Middleware(Observing, metrics=app.state.metrics), *headers_for(guard.origins)]
    _limit_bodies(app, service)
    app.state.seats = Seats(service.settings.answers_max)
    app.add_middleware(GiveBack, seats=app.state.seats)
    app.add_middleware(Doorkeeper, guard=guard)
    app.include_router(health.router)
    for endpoint in endpoints:
        methods = list(endpoint.methods)
        app.router.add_route(endpoint.path, endpoint, methods, include_in_schema=False)  # type: ignore[arg-type]
    add_handlers(app)
    return app


def _limit_bodies(app: FastAPI, service: Service) -> None:
    uploads = {reports.router.prefix: service.settings.upload_max_bytes}

    def told(path: str, why: Literal["too_large", "too_slow"]) -> None:
        if why == "too_slow":
            service.incidents.tell("slow_client", "body")
        elif path in uploads:
            service.incidents.tell("upload_refused", why)

    seconds = service.settings.client_timeout_seconds
    app.add_middleware(LimitBodies, most=_MOST_BYTES, of_path=uploads, seconds=seconds, told=told)


def _desk(service: Service, metrics: Metrics) -> Desk:
    settings = service.settings
    return Desk(
        lambda: service.chain,
        settings.page_url,
        counted=metrics.count_answer,
        overloaded=lambda platform: service.incidents.tell("shed", "answers", route=platform),
        patience=settings.llm_timeout_seconds + _LEEWAY,
    )


def _telemetry(tracers: TracerProvider | None) -> TelemetryConfig:
    """A span for every request but probes; metrics and logs leave on ways of our own."""
    config: TelemetryConfig = {
        "tracing": tracers is not None,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
        "exclude": lambda scope: scope.get("path") in _PROBES,
    }
    return config | {"tracer_provider": tracers} if tracers else config
