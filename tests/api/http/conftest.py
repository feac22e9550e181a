"""The application over the chain of the samples, asked in the process."""

from collections.abc import Iterator

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
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield client
