"""The application over the chain of the samples, asked in the process."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http import Service
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.keeping import changeable, client_of, on_this_machine
from tests.conftest import MakeVectorMaker


@pytest.fixture
def service(bundled_chain: Chain, bundled_settings: Settings) -> Service:
    """Answers from the samples; the chain is opened already and never exchanged."""
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    return service


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with client_of(service) as client:
        yield client


class Lines(list[dict[str, Any]]):
    """The fields of every line that the log tells of requests."""

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self if line["event"] == event]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """What the log tells of requests while the test runs."""
    caplog.set_level(logging.INFO, "wenzheng.request")
    told = Lines()

    def keep(record: logging.LogRecord) -> bool:
        if isinstance(record.msg, dict):
            told.append(dict(record.msg))
        return True

    caplog.handler.addFilter(keep)
    return told


@pytest.fixture
def own_settings(tmp_path: Path, small_library_dir: Path) -> Settings:
    """Settings of a library of the samples that a test may change, made with the model's double."""
    folder = Path(shutil.copytree(small_library_dir, tmp_path / "library"))
    return Settings(library=folder, cache=tmp_path / "cache", embedding="hash")


@pytest.fixture
def own_client(own_settings: Settings, vector_maker: MakeVectorMaker) -> Iterator[TestClient]:
    with client_of(changeable(own_settings, vector_maker())) as client:
        yield client


@pytest.fixture
def empty_client(tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[TestClient]:
    """Over no library at all."""
    settings = Settings(library=tmp_path / "none", cache=tmp_path / "cache", embedding="hash")
    with client_of(changeable(settings, vector_maker())) as client:
        yield client


GuardedClient = Callable[..., TestClient]


@pytest.fixture
def guarded(bundled_chain: Chain, bundled_settings: Settings) -> GuardedClient:
    """Makes a client of an application with other settings of who may."""

    def make(**settings: object) -> TestClient:
        # Not a copy: what is given must count as given.
        given = {"library": bundled_settings.library, "cache": bundled_settings.cache, **settings}
        service = Service(Settings.model_validate(given), lambda: bundled_chain)
        service.open()
        return on_this_machine(service)

    return make
