"""The application: routes over one service, with what guards and watches them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from api.http import asking, health, openai
from api.http.access import Doorkeeper, Guard
from api.http.headers import Application, headers_for
from api.http.problems import add_handlers
from api.http.schemas import problems
from api.http.service import Service

_PAGE = Path(__file__).parents[1] / "page"
# Questions and their turns fit many times; a report is sent to a route with a limit of its own.
_MOST_BYTES = 256 * 1024
_DESCRIPTION = (
    "Answers over Chinese government work reports: the exact sentence cited, every figure checked, "
    "and a reasoned refusal where the reports do not say.\n\n"
    "从政府工作报告中作答:引用原句、逐个核对数字;报告没有写的,说明理由后拒答。"
)


def create_app(service: Service) -> FastAPI:
    """The application over a service; raises ``SettingsError`` for wrong keys, limits or origins."""
    guard = Guard(service.settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = Application(
        title="wenzheng 问政",
        description=_DESCRIPTION,
        lifespan=lifespan,
        max_body_size=_MOST_BYTES,
        # Their pages fetch scripts from the internet, which a laptop may not have.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.state.guard = guard
    app.around = headers_for(guard.origins)
    app.add_middleware(Doorkeeper, guard=guard)
    for part in (asking, openai):
        app.include_router(part.router, responses=problems(401, 403, 429, 503))
    app.include_router(health.router)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE / "index.html")

    app.mount("/static", StaticFiles(directory=_PAGE), name="static")
    add_handlers(app)
    return app
