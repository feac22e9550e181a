"""The library is changed while many ask: a served process, as its clients see it."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.settings import Settings
from tests.api.http.keeping import FILE, HAINING

CLIENTS = 32
HELD = ("越城区2023年GDP增长多少?", "荔湾区去年一般公共预算收入是多少?", "各区GDP增速对比")
NEW = ("海宁市2024年GDP增长多少?", "海宁市2025年GDP增长目标是多少?")


@contextmanager
def serving(library: Path, cache: Path) -> Iterator[str]:
    """The address of ``wenzheng serve`` over a library; nothing goes wrong in it unseen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "--library", str(library), "serve"]
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        stderr=subprocess.PIPE,
        env={**os.environ, "WENZHENG_CACHE": str(cache)},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{address}/healthz", timeout=30)
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=30)
    assert b"Traceback" not in errors, errors.decode()


def answer_of(client: httpx.Client, question: str) -> dict[str, Any]:
    """An answer without what differs from one asking to the next."""
    reply = client.post("/api/ask", json={"question": question})
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    del answer["id"], answer["timings_ms"]
    return answer


@dataclass
class Asking:
    """Clients that ask one after another until they are stopped, and what each was answered."""

    address: str
    answers: list[list[tuple[str, dict[str, Any]]]] = field(
        default_factory=lambda: [[] for _ in range(CLIENTS)]
    )
    errors: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int) -> None:
        questions = (*HELD, *NEW)
        with httpx.Client(base_url=self.address, timeout=60) as client:
            while not self.stopped.is_set():
                question = questions[(number + len(self.answers[number])) % len(questions)]
                try:
                    self.answers[number].append((question, answer_of(client, question)))
                except Exception as error:
                    self.errors.append(repr(error))
                    return

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.ask, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()

    def wait_for_each(self) -> None:
        """Until every client has been answered three questions that it asked since."""
        before = [len(told) for told in self.answers]
        for _ in range(1200):
            if self.errors or all(
                len(told) > count + 3 for told, count in zip(self.answers, before, strict=True)
            ):
                return
            time.sleep(0.05)
        raise AssertionError("the clients are not answered any more")


def test_reports_come_and_go_while_many_ask(bundled_settings: Settings, tmp_path: Path) -> None:
    """Every answer is the old library's or the new one's; the new one's from the moment it is told."""
    library = Path(shutil.copytree(bundled_settings.library, tmp_path / "library"))
    with (
        serving(library, bundled_settings.cache) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        old = {question: answer_of(client, question) for question in (*HELD, *NEW)}
        asking = Asking(address)
        with asking.running():
            asking.wait_for_each()
            reply = client.post("/api/reports", files={"file": (FILE, HAINING.text)})
            assert reply.status_code == 202
            for _ in range(10):
                job = client.get(reply.headers["location"], params={"wait": 30}).json()
                if job["finished"]:
                    break
            assert job["state"] == "done", job
            new = {question: answer_of(client, question) for question in (*HELD, *NEW)}
            asking.wait_for_each()
            (added,) = job["result"]["added"]
            assert client.delete(f"/api/reports/{added}").status_code == 204
            after = {question: answer_of(client, question) for question in (*HELD, *NEW)}
            asking.wait_for_each()
    assert asking.errors == []
    assert "6.3%" in new[NEW[0]]["answer"]
    assert new[NEW[0]]["citations"][0]["source"] == FILE
    assert old[NEW[0]]["status"] == "refused"
    assert after == old
    changed = {question for question in old if old[question] != new[question]}
    assert changed >= set(NEW)
    for told in asking.answers:
        for question, answer in told:
            assert answer in (old[question], new[question])
        turns = [answer == new[question] for question, answer in told if question in changed]
        assert [turn for turn, _ in groupby(turns)] == [False, True, False]


@pytest.mark.parametrize("start", ["missing", "empty"])
def test_a_service_without_a_library_is_given_one(
    bundled_settings: Settings, tmp_path: Path, start: str
) -> None:
    library = tmp_path / "library"
    if start == "empty":
        library.mkdir()
    with (
        serving(library, bundled_settings.cache) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        assert client.post("/api/ask", json={"question": NEW[0]}).status_code == 503
        reply = client.post("/api/reports", files={"file": (FILE, HAINING.text)})
        job = client.get(reply.headers["location"], params={"wait": 30}).json()
        assert job["state"] == "done", job
        assert "6.3%" in answer_of(client, NEW[0])["answer"]
