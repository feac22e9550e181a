"""What is told of an address, and what is no address."""

from pathlib import Path

import pytest

from qa.errors import SettingsError
from qa.library.server.address import address_of


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://wenzheng:hush@db/wenzheng",
        "postgresql://db/wenzheng?user=wenzheng&password=hush",
        "postgresql:///wenzheng?host=/run/postgresql&sslpassword=hush",
    ],
)
def test_no_secret_is_told(url: str) -> None:
    server = address_of(url, "http://root:hush@milvus:19530", "root:hush", Path("cache"))
    assert "hush" not in f"{server} {server!r}"
    assert "wenzheng" in str(server)


def test_where_the_database_is_is_told() -> None:
    server = address_of("postgresql:///wenzheng?host=/run/postgresql", "", "", Path("cache"))
    assert "postgresql" in str(server).split("?host=")[1]


@pytest.mark.parametrize("url", ["db/wenzheng", "postgresql://u:p@db:port/wenzheng", "mysql://db"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(SettingsError, match="WENZHENG_DATABASE_URL"):
        address_of(url, "", "", Path("cache"))
