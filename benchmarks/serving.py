"""A service over sources of its own, for benchmarks."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def served(library: Path, *sources: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a service over the sources, ready to answer, and its process."""
    command = [sys.executable, "-m", "api.cli", "--library", str(library)]
    subprocess.run([*command, "ingest", *sources], check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*command, "serve", "--port", str(port)])
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait()


def _wait_until_ready(address: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(address).is_success:
                return
        except httpx.ConnectError:
            pass
        time.sleep(0.1)
    sys.exit("the service was not ready after a minute")
