from pathlib import Path

import pytest

from qa.errors import SettingsError
from qa.library.server.address import address_of


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:sesame@h:9/x",
        "postgresql://h:9/x?user=u&password=sesame",
        "postgresql://u:sesame@h:9/x?sslpassword=sesame&sslmode=require",
    ],
)
def test_a_password_is_shown_wherever_it_stands_in_the_address_by_none(
    url: str, tmp_path: Path
) -> None:
    shown = str(address_of(url, "", "", tmp_path))
    assert "sesame" not in shown
    assert "h:9/x" in shown


@pytest.mark.parametrize(
    "url", ["sesame", "postgresql:/u:sesame@h/x", "postgresql://u:sesame@h:port/x", "mysql://h/x"]
)
def test_what_is_no_address_is_told_without_what_it_is(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WENZHENG_DATABASE_URL") as raised:
        address_of(url, "", "", tmp_path)
    assert "sesame" not in str(raised.value)
