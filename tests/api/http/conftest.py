"""The application over the chain of the samples, asked in the process."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from api.http import Service, create_app
from qa.chain import Chain
from qa.settings import Settings


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


def client_of(service: Service) -> TestClient:
    """A client on this machine: without keys no other is answered."""
    return TestClient(
        create_app(service), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


GuardedClient = Callable[..., TestClient]


@pytest.fixture
def guarded(bundled_chain: Chain, bundled_settings: Settings) -> GuardedClient:
    """Makes a client of an application with other settings of who may."""

    def make(**settings: object) -> TestClient:
        # Not a copy: what is given must count as given.
        given = {"library": bundled_settings.library, "cache": bundled_settings.cache, **settings}
        service = Service(Settings.model_validate(given), lambda: bundled_chain)
        service.open()
        return client_of(service)

    return make
