"""Alive and ready are two things."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.http import Service, create_app
from embeddings import EmbeddingError
from qa.chain import Chain
from qa.errors import LibraryDamagedError, LibraryNotFoundError
from qa.settings import Settings
from tests.api.http.conftest import Lines

MISSING = LibraryNotFoundError("no_library", path="/gone")
DAMAGED = LibraryDamagedError("library_damaged", path="/gone", reason="disk gone")
UNREACHABLE = EmbeddingError("the embeddings endpoint is down", "start it")


def _raising(error: Exception) -> Callable[[], Chain]:
    def open_chain() -> Chain:
        raise error

    return open_chain


def _looked(service: Service) -> TestClient:
    """A client of the service after it looked for a library once."""
    asyncio.run(service.refresh())
    return TestClient(create_app(service), base_url="http://127.0.0.1")


def test_ready_tells_the_version_that_answers(client: TestClient, bundled_chain: Chain) -> None:
    reply = client.get("/readyz")
    version = bundled_chain.searcher.library.version
    assert reply.json() == {"status": "ready", "library": version, "reports": 8}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MISSING, "/gone"), (DAMAGED, "disk gone"), (UNREACHABLE, "endpoint is down")],
)
def test_not_ready_says_why_and_the_process_is_alive_all_the_same(
    bundled_settings: Settings, lines: Lines, error: Exception, reason: str
) -> None:
    client = _looked(Service(bundled_settings, _raising(error)))
    reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.headers["content-type"] == "application/problem+json"
    assert reason in reply.json()["detail"]
    assert client.get("/healthz").status_code == 200
    assert not lines.of("failure"), "asked every few seconds, it is no failure of its own"


@pytest.mark.parametrize("error", [MISSING, DAMAGED, UNREACHABLE])
def test_an_older_version_that_still_answers_is_outdated(
    bundled_chain: Chain,
    bundled_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    chains = [lambda: bundled_chain, _raising(error)]
    service = Service(bundled_settings, lambda: chains.pop(0)())
    service.open()
    monkeypatch.setattr(type(bundled_chain.searcher.library), "is_current", lambda self: False)
    reply = _looked(service).get("/readyz")
    assert reply.status_code == 200
    assert reply.json()["status"] == "outdated"
    assert reply.json()["detail"]


def test_a_library_mended_is_seen_whatever_broke_the_look_before(
    bundled_chain: Chain, bundled_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even what no one foresaw must not end the watch for newer versions."""
    monkeypatch.setattr("api.http.service._LOOK_SECONDS", 0.001)
    opened = asyncio.Event()
    troubles: list[Exception] = [ZeroDivisionError(), UNREACHABLE, MISSING]

    def open_chain() -> Chain:
        if troubles:
            raise troubles.pop(0)
        return bundled_chain

    async def watch() -> None:
        service = Service(bundled_settings, open_chain)
        async with service.running():
            while service.opened is None:
                await asyncio.sleep(0.001)
            opened.set()

    asyncio.run(asyncio.wait_for(watch(), 20))
    assert opened.is_set()


def test_stopping_does_not_wait_for_the_next_look(service: Service) -> None:
    async def stop() -> None:
        async with service.running():
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(stop(), 0.5))


def test_an_opened_library_is_left_out_of_collections(
    bundled_settings: Settings, bundled_chain: Chain
) -> None:
    gc.unfreeze()
    try:
        Service(bundled_settings, lambda: bundled_chain).open()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_pages_of_the_library_are_given_back_while_it_serves(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr("api.http.service.give_back_mapped", looked.append)
    monkeypatch.setattr("api.http.service._LOOK_SECONDS", 0.01)

    async def serve() -> None:
        async with service.running(), asyncio.timeout(60):
            while not looked:
                await asyncio.sleep(0.01)

    asyncio.run(serve())
    assert looked[0] == service.settings.library
