"""A real ``wenzheng serve`` asked without a pause while its library is changed, killed at, damaged, restored."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from qa.library import storage
from qa.library.backup import back_up, restore
from tests.faults.figures import Figures
from tests.faults.killing import ROOT, start
from tests.faults.scene import QUESTIONS, Scene, Stage

_DEADLINE_SECONDS = 90


@contextmanager
def serving(stage: Stage, library: Path) -> Iterator[httpx.Client]:
    """The server as a user starts it, ready to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "WENZHENG_EMBEDDING": stage.embedding,
        "WENZHENG_CACHE": str(stage.cache),
        "WENZHENG_KEYS": str(stage.folder / "keys.json"),
        "WENZHENG_RATE_LIMIT": "none",
    }
    command = [sys.executable, "-m", "api.cli", "--library", str(library), "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        try:
            wait_until(lambda: _is_ready(client))
            yield client
        finally:
            process.terminate()
            process.wait()


def wait_until(holds) -> None:  # type: ignore[no-untyped-def]
    """Wait for a condition; fails after a minute and a half."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


class Asking:
    """Asks all questions, one after another, until it is stopped, and keeps what was answered."""

    def __init__(
        self, client: httpx.Client, allowed: dict[str, set[str]], figures: Figures
    ) -> None:
        self._client, self._allowed, self._figures = client, allowed, figures
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            for question in QUESTIONS:
                self._ask(question)

    def _ask(self, question: str) -> None:
        try:
            reply = self._client.post("/api/ask", json={"question": question})
        except httpx.HTTPError as error:
            self._figures.lost.append(f"a request was not answered: {error!r}")
            return
        self._figures.requests[str(reply.status_code)] += 1
        if reply.status_code != 200 or as_told(reply.json()) not in self._allowed[question]:
            self._figures.wrong.append(f"{question}: {reply.status_code} {reply.text[:300]}")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()


def as_told(answer: dict[str, Any]) -> str:
    """What an answer says and what it rests on, whichever door it comes through."""
    cited = [[c["report_id"], c["start"], c["end"], c["quote"]] for c in answer["citations"]]
    told = [answer["status"], answer["answer"], answer["refusal"], answer["table"], cited]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def serve_through(
    stage: Stage, scenes: list[Scene], figures: Figures, kills: int, random_: random.Random
) -> None:
    """Kill ingests beside the server, let one end, damage it, restore a backup; every answer is right."""
    scene = next(one for one in scenes if one.operation.name == "ingest")
    library = scene.copy_to(stage.folder / "served")
    allowed = {
        q: {_answer(scene.allowed[s], n) for s in ("before", "after")}
        for n, q in enumerate(QUESTIONS)
    }
    with serving(stage, library) as client, Asking(client, allowed, figures):
        saved = back_up(library, stage.folder).path
        for _ in range(kills):
            process = start(stage, library, scene)
            try:
                process.wait(timeout=random_.uniform(0.5, 4))
            except subprocess.TimeoutExpired:
                process.kill()
                figures.killed["ingest beside a server"] += 1
            process.wait()
            if storage.version_in_force(library).name != _held(client):
                wait_until(lambda: storage.version_in_force(library).name == _held(client))
        start(stage, library, scene).wait()
        _restored_while_serving(client, library, saved)
        _damaged_while_serving(client, library, figures)
        restore(library, saved)
        wait_until(lambda: storage.version_in_force(library).name == _held(client))
        assert client.get("/readyz").json()["status"] == "ready"


def _answer(told: str, number: int) -> str:
    return as_told(json.loads(told)[3][number])


def _held(client: httpx.Client) -> str:
    return str(client.get("/readyz").json().get("library"))


def _restored_while_serving(client: httpx.Client, library: Path, saved: Path) -> None:
    version = restore(library, saved).version
    wait_until(lambda: _held(client) == version)


def _damaged_while_serving(client: httpx.Client, library: Path, figures: Figures) -> None:
    """A version that comes into force damaged is never served: the one before answers on."""
    held = _held(client)
    version = storage.version_in_force(library)
    new = version.with_name(f"{int(version.name) + 1:06d}")
    shutil.copytree(version, new)
    with (new / storage.DATABASE).open("r+b") as file:
        file.seek(5000)
        file.write(b"?")
    (library / "CURRENT").write_text(
        (library / "CURRENT").read_text().replace(version.name, new.name)
    )
    figures.damaged["version damaged beside a server"] += 1
    wait_until(lambda: client.get("/readyz").json()["status"] == "outdated")
    assert _held(client) == held
    metrics = client.get("/metrics").text
    assert "wenzheng_library_failing 1.0" in metrics
    assert 'wenzheng_library_reload_failures_total{kind="damaged"} 1.0' in metrics
