"""Serving: bind first, then load, so that a taken port is told before a minute of work."""

from __future__ import annotations

import logging
import math
import resource
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.http import Service, create_app, create_bare_app, service_over
from api.http.connections import Connections, silence_broken_requests
from api.http.logs import log_to_stderr
from api.http.tracing import exporting_to
from api.mcp.endpoint import McpEndpoint
from api.memory import share_arenas
from qa.errors import InputError
from qa.settings import Settings

_LOG = logging.getLogger("wenzheng.server")
# Seconds that an answer may take beside its language model.
_LEEWAY = 15
# Files that are open beside clients' connections: the library, the model's connections, uploads.
_OTHER_FILES = 512


def serve(settings: Settings) -> None:
    """Serve page, API and MCP until Ctrl-C or SIGTERM, which let answers under way end.

    A second signal ends the process at once. Raises ``InputError`` if the address is taken,
    ``SettingsError`` (if others reach it and there are no keys, too), and what keeps the library from
    being opened.
    """
    _serve(settings, create_app)


def serve_mcp(settings: Settings) -> None:
    """Serve MCP alone, in the same manner."""
    _serve(settings, create_bare_app, McpEndpoint.path)


def _serve(settings: Settings, create: Callable[..., FastAPI], path: str = "") -> None:
    share_arenas()
    log_to_stderr(settings.log_level, settings.log_format)
    exporting = exporting_to(settings.otlp_endpoint)
    try:
        with _listen(settings.host, settings.port) as listener:
            service = service_over(settings)
            tracers = exporting.provider if exporting else None
            app = create(service, tracers, [McpEndpoint(service)])
            host, port = listener.getsockname()[:2]
            app.state.guard.may_listen(host)
            service.open()
            _greet(settings, f"http://{host}:{port}{path}")
            _Server(server_config(app, service)).run(sockets=[listener])
    finally:
        if exporting:
            exporting.close()


class _Server(uvicorn.Server):
    """Ends in good order at the first signal, as if nothing else had been meant to happen.

    uvicorn would raise the signal again once all is done, which tells a supervisor of a crash.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            # Whoever asks twice will not wait: answers and threads under way are given up.
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        self.should_exit = True


def server_config(app: FastAPI, service: Service) -> uvicorn.Config:
    """How uvicorn serves the application: with limits to what clients may hold.

    Not with its own ``limit_concurrency``, which refuses the probes and the metrics as well.
    """
    silence_broken_requests()
    settings, incidents = service.settings, service.incidents
    connections = Connections(
        _files_for(settings.connections_max), settings.client_timeout_seconds, told=incidents
    )
    return uvicorn.Config(
        app,
        http=connections,  # type: ignore[arg-type]
        # Nothing speaks it; and nothing of what guards requests would stand before it.
        ws="none",
        server_header=False,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=math.ceil(settings.llm_timeout_seconds) + _LEEWAY,
    )


def _files_for(connections: int) -> int:
    """So many connections, or as many as the system lets us open files for: else none could be taken,
    nor a library be opened, once all of them are there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft < wanted:
        _LOG.warning(
            "only %d files may be open, so that %d connections may, not %d; raise `ulimit -n`",
            *(soft, most := max(soft // 2, soft - _OTHER_FILES), connections),
        )
        return most
    return connections


def _greet(settings: Settings, address: str) -> None:
    if settings.log_format == "json":
        # A line that is no JSON would be an error to whoever collects the log.
        _LOG.info("serving %s", address)
    else:
        print(f"{address}  (Ctrl-C 停止 / to stop)", file=sys.stderr, flush=True)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise InputError("port_taken", address=f"{host}:{port}", reason=error.strerror) from error
    return listener
