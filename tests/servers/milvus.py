"""Milvus for tests: the lite one in a file, and the 2.3.5 server that a PyPI package carries, in a process."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

# Started apart: its package reads the program's arguments and ends the server with its own process.
_SERVE = """
import sys
from milvus import MilvusServer
server = MilvusServer(data_dir=sys.argv[1])
server.start()
print(server.listen_port, flush=True)
sys.stdin.read()
server.stop()
"""


def missing() -> str:
    """Why there is no server, empty if there is one."""
    return (
        ""
        if find_spec("milvus")
        else "the package milvus==2.3.5 is not installed: NO SERVER TESTED"
    )


@contextmanager
def _turn() -> Iterator[None]:
    # The etcd inside listens on port 2380, whatever the configuration says: a second server crashes,
    # which is told three minutes later.
    with (Path(tempfile.gettempdir()) / "wenzheng-tests-milvus.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """The address of a server that keeps its data below ``folder``, until the block ends.

    Another run of tests on this machine is waited for.
    """
    command = [sys.executable, "-c", _SERVE, str(folder)]
    with (
        _turn(),
        (folder.parent / f"{folder.name}.log").open("w") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        try:
            port = process.stdout.readline().strip()
            assert port.isdigit(), f"no Milvus: see {log.name}"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()
            process.wait(60)
