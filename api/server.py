"""Serving: bind first, then load, so that a taken port is told before a minute of work."""

from __future__ import annotations

import socket
import sys

import uvicorn

from api.assembly import ChainOpener
from api.http import Service, create_app
from qa.errors import InputError
from qa.settings import Settings


def serve(settings: Settings) -> None:
    """Serve page and API until Ctrl-C or SIGTERM, which let answers under way end.

    Raises ``InputError`` if the address is taken, ``SettingsError`` if others reach it and there are
    no keys, and what keeps the library from being opened.
    """
    with _listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        service = Service(settings, ChainOpener(settings).open)
        app = create_app(service)
        app.state.guard.may_listen(host)
        service.open()
        print(f"http://{host}:{port}  (Ctrl-C 停止 / to stop)", file=sys.stderr, flush=True)
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise InputError("port_taken", address=f"{host}:{port}", reason=error.strerror) from error
    return listener
