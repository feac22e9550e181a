"""The application with its MCP endpoint behind a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api.http import Service, create_app
from api.mcp.endpoint import McpEndpoint
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.serving import served


@contextmanager
def mcp_over(service: Service) -> Iterator[str]:
    """The endpoint's address while the block runs."""
    with served(create_app(service, endpoints=[McpEndpoint(service)])) as address:
        yield f"{address}/mcp"


@pytest.fixture(scope="module")
def address(bundled_chain: Chain, bundled_settings: Settings) -> Iterator[str]:
    """Over the samples, open to this machine."""
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    with mcp_over(service) as address:
        yield address
