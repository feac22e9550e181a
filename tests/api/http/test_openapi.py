"""Requests made from the OpenAPI document, right ones and wrong ones: the service does what it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

from api.http import Service, create_app
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.serving import served


def _no_chain() -> Chain:
    raise AssertionError("the document is made without a library")


_APP = create_app(Service(Settings(), _no_chain))
schema = schemathesis.openapi.from_dict(_APP.openapi())


@pytest.fixture(scope="module")
def address(bundled_chain: Chain, bundled_settings: Settings) -> Iterator[str]:
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    with served(create_app(service)) as address:
        yield address


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_breaks_and_nothing_undocumented_is_replied(
    case: schemathesis.Case, address: str
) -> None:
    reply = case.call(base_url=address)
    excluded: list[Any] = []
    # What no schema can say: the last message is a user's, vectors have one size.
    if case.path.startswith("/v1/"):
        excluded.append(checks.positive_data_acceptance)
    # A refusal, too; and in an address all is text: a list of one text cannot be told from a number.
    if reply.status_code == 413 or case.method == "GET":
        excluded.append(checks.negative_data_rejection)
    case.validate_response(reply, excluded_checks=excluded)


def test_every_operation_says_what_it_does() -> None:
    paths = _APP.openapi()["paths"]
    operations = [one for path in paths.values() for one in path.values()]
    assert len(operations) >= 10
    for operation in operations:
        assert operation.get("description"), operation["summary"]
