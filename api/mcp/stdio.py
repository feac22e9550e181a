"""MCP over standard input and output, for a client that starts the server itself."""

from __future__ import annotations

import asyncio
import signal

from mcp.server.stdio import stdio_server

from api.http.logs import log_to_stderr
from api.http.service import Service, service_over
from api.mcp.server import create_server
from qa.settings import Settings


def serve_stdio(settings: Settings) -> None:
    """Serve one client until it closes our input; logs go to stderr.

    The library is opened beside the first messages. One that is missing or damaged is told on each
    call: a server that ended at once would be shown as broken, its reason in a log that few clients
    show, and it would not see the library that is made or mended later.
    """
    log_to_stderr(settings.log_level, settings.log_format)
    # The thread that waits for input cannot be interrupted otherwise, and nothing is left to end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        asyncio.run(_serve(service_over(settings)))
    except* BrokenPipeError:
        # The client is gone: nobody is left to be told.
        pass


async def _serve(service: Service) -> None:
    server = create_server(service)
    async with service.running(), stdio_server() as (incoming, outgoing):
        opening = asyncio.create_task(service.refresh())
        await server.run(incoming, outgoing, server.create_initialization_options())
        opening.cancel()
