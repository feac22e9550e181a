"""The application behind a real socket, in a thread of the tests' process."""

import asyncio
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.server import server_config


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of the application while the block runs; streams under way end before it does."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Who comes before the server is up waits instead of being refused.
    listener.listen(256)
    server = uvicorn.Server(_config(app))
    running: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        running.append(asyncio.get_running_loop())
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        assert not thread.is_alive(), f"the server did not stop: {_held_up_by(running)}"


def _config(app: FastAPI) -> uvicorn.Config:
    """As the product is served; a platform's double as uvicorn serves it by itself."""
    if hasattr(app.state, "service"):
        return server_config(app, app.state.service)
    return uvicorn.Config(app, log_level="error", access_log=False)


def _held_up_by(loops: list[asyncio.AbstractEventLoop]) -> str:
    """What the loops' tasks wait for, for whoever has to find out why one does not end."""
    told = io.StringIO()
    for loop in loops:
        for task in asyncio.all_tasks(loop):
            task.print_stack(file=told)
    return told.getvalue()
