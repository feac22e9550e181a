"""MCP over streamable HTTP, as an endpoint of the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.http.access import require
from api.http.seats import seated
from api.http.service import Service
from api.mcp.server import create_server

# Who may come, and under what name, is asked before any route: two lists of hosts would differ some
# day, and a key opens this endpoint under any name as it does all others.
_ASKED_BEFORE = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class McpEndpoint:
    """Answers each request by itself: nothing is kept for a client between two of them.

    Any process may so answer any request, and a client that goes leaves nothing behind. What a server
    sends unasked (GET) is not offered.
    """

    path = "/mcp"
    methods = ("POST",)

    def __init__(self, service: Service) -> None:
        self._server = create_server(service)
        self._sessions: StreamableHTTPSessionManager | None = None
        # At a signal it would cut answers off that the server still waits for.
        AppStatus.enable_automatic_graceful_drain = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take requests until the block ends."""
        # Anew for each run of the application: the SDK's manager runs once.
        self._sessions = StreamableHTTPSessionManager(
            self._server, stateless=True, security_settings=_ASKED_BEFORE
        )
        async with self._sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        require(request, "read")
        await seated(request)
        assert self._sessions is not None, "the application is not running"
        await self._sessions.handle_request(scope, receive, send)
