"""Two programs that serve one library, of one PostgreSQL and one Milvus: real processes, killed for real."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from embeddings import unpack_bundled_model
from tests.conftest import Invented
from tests.embeddings.conftest import model_cache_dir
from tests.qa.reports.readers.made import put, report_pdf

SAMPLES = Path(__file__).parents[2] / "samples"
_DEADLINE_SECONDS = 120
_WENZHENG = [sys.executable, "-c", "from api.cli import main; raise SystemExit(main())"]


@dataclass
class Replica:
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def answer(self, question: str) -> str:
        """Empty as long as the program has not seen what another took in."""
        reply = self.client.post("/api/ask", json={"question": question})
        if reply.status_code == 503:
            return ""
        reply.raise_for_status()
        return str(reply.json()["answer"])

    def upload(self, path: Path) -> str:
        files = {"file": (path.name, path.read_bytes())}
        reply = self.client.post("/api/reports", files=files)
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        reply = self.client.get(f"/api/jobs/{job_id}")
        assert reply.is_success, reply.text
        told: dict[str, Any] = reply.json()
        return told

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Cluster:
    """Servers, and programs that have nothing in common but them."""

    folder: Path
    database_url: str
    milvus_uri: str

    def environment(self, name: str) -> dict[str, str]:
        cache = self.folder / name
        if not cache.exists():
            cache.mkdir()
            model = unpack_bundled_model(model_cache_dir())
            (cache / model.name).symlink_to(model)
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("WENZHENG_")},
            "WENZHENG_DATABASE_URL": self.database_url,
            "WENZHENG_MILVUS_URI": self.milvus_uri,
            "WENZHENG_CACHE": str(cache),
            "WENZHENG_LIBRARY": str(cache / "library"),
            "WENZHENG_KEYS": str(cache / "keys.json"),
        }

    def run(self, *command: str, name: str = "shell") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_WENZHENG, *command],
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=600,
        )

    @contextmanager
    def replica(self, name: str) -> Iterator[Replica]:
        log = self.folder / f"{name}.log"
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                [*_WENZHENG, "serve", "--port", "0"], stderr=errors, env=self.environment(name)
            ) as process,
        ):
            try:
                address = until(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))
                with httpx.Client(base_url=address[0], timeout=60) as client:
                    until(lambda: answers(client))
                    yield Replica(process, client)
            finally:
                process.kill()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False


def until(told: Callable[[], Any]) -> Any:
    """What is told, as soon as it is something; a generous while, for machines are busy."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while not (found := told()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return found


@pytest.fixture
def cluster(tmp_path: Path, database_url: str, milvus_uri: str) -> Cluster:
    return Cluster(tmp_path, database_url, milvus_uri)


def invented(folder: Path, place: str, figure: str) -> Path:
    review = f"全年地区生产总值增长{figure}。"
    return put(folder, f"{place}.pdf", report_pdf(Invented(place, 2031, review=review).text))


def test_what_one_takes_in_the_other_answers_and_neither_is_missed(
    cluster: Cluster, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        one = stack.enter_context(cluster.replica("one"))
        other = stack.enter_context(cluster.replica("other"))
        job = one.upload(invented(tmp_path, "磐安县", "6.1%"))
        until(lambda: other.job(job)["state"] == "done")
        assert other.job(job)["result"]["added"]
        until(lambda: "6.1%" in other.answer("磐安县2030年GDP增长多少?"))
        report = f"/api/reports/{other.job(job)['result']['added'][0]}"
        page = other.client.get(f"{report}/pages/1.png")
        assert page.content.startswith(b"\x89PNG"), page.text
        kept = other.client.get(f"{report}/original").content
        assert kept == (tmp_path / "磐安县.pdf").read_bytes()

        # Killed with a job that it has promised to do.
        promised = one.upload(invented(tmp_path, "临海市", "8.3%"))
        one.kill()
        until(lambda: other.job(promised)["state"] == "done")
        assert other.job(promised)["result"]["added"]
        until(lambda: "8.3%" in other.answer("临海市2030年GDP增长多少?"))

        other.kill()
        again = stack.enter_context(cluster.replica("third"))
        for place, figure in (("磐安县", "6.1%"), ("临海市", "8.3%")):
            assert figure in again.answer(f"{place}2030年GDP增长多少?")
        assert len(again.client.get("/api/reports").json()) == 2

        made = cluster.run("keys", "add", "ops", "--scope", "read")
        assert made.returncode == 0, made.stderr
        assert again.client.get("/api/reports").status_code == 401
        key = {"Authorization": f"Bearer {made.stdout.strip()}"}
        assert again.client.get("/api/reports", headers=key).is_success


def test_a_library_migrates_to_the_servers_and_back(cluster: Cluster) -> None:
    environment = cluster.environment("shell")
    folder, back = Path(environment["WENZHENG_LIBRARY"]), cluster.folder / "back"
    embedded = {k: v for k, v in environment.items() if k != "WENZHENG_DATABASE_URL"}
    subprocess.run([*_WENZHENG, "ingest", str(SAMPLES)], env=embedded, check=True, timeout=600)
    moved = cluster.run("migrate", "server")
    assert moved.returncode == 0, moved.stderr
    assert "--replace" in cluster.run("migrate", "server").stderr
    taken = cluster.run("--library", str(back), "migrate", "folder", name="elsewhere")
    assert taken.returncode == 0, taken.stderr
    told = [
        json.loads(
            subprocess.run(
                [*_WENZHENG, "--library", str(library), "reports", "--json"],
                env=env,
                check=True,
                capture_output=True,
                timeout=600,
            ).stdout
        )
        for library, env in ((folder, embedded), (folder, environment), (back, embedded))
    ]
    assert len(told[0]) == 8
    assert told[0] == told[1] == told[2]
