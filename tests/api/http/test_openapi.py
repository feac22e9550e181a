"""Requests made from the OpenAPI document, right ones and wrong ones: the service does what it says."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from schemathesis.specs.openapi import checks

from api.assembly import ChainOpener
from api.http import Service, access, create_app
from qa.chain import Chain
from qa.settings import Settings
from tests.api.http.serving import served


def _no_chain() -> Chain:
    raise AssertionError("the document is made without a library")


_KEY = "0123456789abcdef"
# On a busy machine a deletion waits behind the uploads before it.
_PATIENCE_SECONDS = 120
_APP = create_app(Service(Settings(), _no_chain))
schema = schemathesis.openapi.from_dict(_APP.openapi())


@pytest.fixture(scope="module")
def address(bundled_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Over a library of its own: it is told to add and delete reports, too.

    Every request is made again without its key and with wrong ones, which are more than would be let try.
    """
    folder = tmp_path_factory.mktemp("openapi") / "library"
    shutil.copytree(bundled_settings.library, folder)
    settings = bundled_settings.model_copy(
        update={"library": folder, "api_keys": SecretStr(_KEY), "rate_limit": "none"}
    )
    opener = ChainOpener(settings)
    service = Service(settings, opener.open, vectors=opener.vector_maker())
    service.open()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "_FAILURES", "1000000/minute")
        app = create_app(service)
    with served(app) as address:
        yield address


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_breaks_and_nothing_undocumented_is_replied(
    case: schemathesis.Case, address: str
) -> None:
    reply = case.call(
        base_url=address, headers={"Authorization": f"Bearer {_KEY}"}, timeout=_PATIENCE_SECONDS
    )
    excluded: list[Any] = []
    # What no schema can say: the last message is a user's, vectors have one size, a cursor is one that
    # was given, a report's text has an end.
    if case.path.startswith(("/v1/", "/api/reports", "/api/facts", "/api/compare", "/api/jobs")):
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
