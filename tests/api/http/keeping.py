"""A service over a library of a test's own, which may be changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.http import Service, create_app
from qa.chain import Chain
from qa.library.ingest import VectorMaker
from qa.library.library import Library
from qa.search import Searcher
from qa.settings import Settings
from tests.conftest import Invented
from tests.embeddings.conftest import HashEmbedder

HAINING = Invented(
    "海宁市", 2025, "全市地区生产总值增长6.3%,达到1300.5亿元。", "地区生产总值增长6%左右。"
)
FILE = "海宁市2025年政府工作报告.txt"


def changeable(settings: Settings, vectors: VectorMaker) -> Service:
    """A service with the model's double."""
    embedder = HashEmbedder()

    def open_chain() -> Chain:
        library = Library(settings.library)
        return Chain(Searcher(library, embedder if library.manifest.has_vectors else None))

    service = Service(settings, open_chain, vectors=vectors)
    service.open()
    return service


def on_this_machine(service: Service) -> TestClient:
    """A client on this machine: without keys no other is answered."""
    return TestClient(
        create_app(service), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


@contextmanager
def client_of(service: Service) -> Iterator[TestClient]:
    with on_this_machine(service) as client:
        yield client


def send(client: TestClient, *files: tuple[str, str | bytes]) -> dict[str, Any]:
    """The job of an upload that is taken."""
    reply = client.post("/api/reports", files=[("file", file) for file in files])
    assert reply.status_code == 202, reply.text
    job: dict[str, Any] = reply.json()
    assert reply.headers["location"] == f"/api/jobs/{job['id']}"
    return job


def ended(client: TestClient, job: dict[str, Any], **headers: str) -> dict[str, Any]:
    """The job when it has ended."""
    path = f"/api/jobs/{job['id']}"
    for _ in range(4):
        told: dict[str, Any] = client.get(path, params={"wait": 20}, headers=headers).json()
        if told["state"] in ("done", "failed"):
            return told
    raise AssertionError(f"the job did not end: {told}")


def taken(client: TestClient, *files: tuple[str, str | bytes]) -> dict[str, Any]:
    """What became of files that were sent."""
    told = ended(client, send(client, *files))
    assert told["state"] == "done", told
    result: dict[str, Any] = told["result"]
    return result


def left_over(settings: Settings) -> list[Path]:
    """What uploads have left in the cache's folder."""
    for _ in range(20):
        if not (found := list((settings.cache / "uploads").glob("*"))):
            break
        time.sleep(0.05)
    return found
