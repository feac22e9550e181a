"""The real client of OpenAI's protocol, made fast enough to be made in every test."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The double speaks plain HTTP; reading the certificates takes a client 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield
