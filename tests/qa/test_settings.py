from pathlib import Path

import pytest
from pydantic import ValidationError

from qa.errors import SettingsError
from qa.reports.limits import ReadLimits
from qa.settings import PREFIX, Settings, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting in the environment, no ``.env`` in the folder, a home of our own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_key_and_no_network(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.library == tmp_path / "home/.local/share/wenzheng/library"
    assert settings.cache == tmp_path / "home/.cache/wenzheng"
    assert (settings.embedding, settings.embedding_api_key) == ("bundled", None)
    assert (settings.host, settings.port, settings.passage_max_chars) == ("127.0.0.1", 8000, 450)


def test_the_desktops_folders_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert load_settings().library == Path("/data/wenzheng/library")
    assert load_settings().cache == Path("/cache/wenzheng")


def test_the_environment_wins_over_the_file_and_the_command_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("WENZHENG_PORT=1001\nWENZHENG_HOST=0.0.0.0\n")
    assert (load_settings().host, load_settings().port) == ("0.0.0.0", 1001)
    monkeypatch.setenv("WENZHENG_PORT", "1002")
    assert load_settings().port == 1002
    assert load_settings(port=1003).port == 1003
    assert load_settings(port=None).port == 1002


@pytest.mark.parametrize("name", ["WENZHENG_EMBEDING", "WENZHENG_", "WENZHENG_LIBRARY_DIR"])
def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=rf"^unknown setting {name}; docs/settings\.md"):
        load_settings()


def test_all_unknown_names_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WENZHENG_B", "WENZHENG_A", "OTHER"):
        monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match="unknown setting WENZHENG_A, WENZHENG_B;"):
        load_settings()


def test_an_unknown_name_in_the_file_is_refused() -> None:
    Path(".env").write_text("WENZHENG_EMBEDING=bundled\n")
    with pytest.raises(SettingsError, match="WENZHENG_EMBEDING"):
        load_settings()


def test_names_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    Path(".env").write_text("OPENAI_API_KEY=x\n")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WENZHENG_PORT", "eighty"),
        ("WENZHENG_PORT", "65536"),
        ("WENZHENG_PORT", "-1"),
        ("WENZHENG_PASSAGE_MAX_CHARS", "99"),
        ("WENZHENG_PASSAGE_MAX_CHARS", "2001"),
        ("WENZHENG_EMBEDDING_TIMEOUT_SECONDS", "0"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}: Input should be .*; correct the value$"):
        load_settings()


def test_a_wrong_value_from_the_command_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"^WENZHENG_PORT: "):
        load_settings(port=70000)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_a_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENZHENG_EMBEDDING_API_KEY", "sesame")
    settings = load_settings()
    assert settings.embedding_api_key is not None
    assert settings.embedding_api_key.get_secret_value() == "sesame"
    assert "sesame" not in f"{settings!r} {settings}"


@pytest.mark.parametrize("address", ["http://u:sesame@host/v1#m", "https://sesame@host/v1#m"])
def test_an_endpoint_of_embeddings_has_no_password_in_its_address(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("WENZHENG_EMBEDDING", address)
    with pytest.raises(SettingsError, match="WENZHENG_EMBEDDING_API_KEY") as raised:
        load_settings()
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["bundled", "http://host/v1#owner@model", "BAAI/bge-m3@main", "http://host:80/v1#m"]
)
def test_a_sign_that_begins_no_host_is_no_password(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("WENZHENG_EMBEDDING", name)
    assert load_settings().embedding == name


def test_the_docs_list_every_setting() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if PREFIX + name.upper() not in text]
    assert missing == []


def test_the_limits_of_reading_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().read_limits == ReadLimits()
    monkeypatch.setenv("WENZHENG_READ_TIMEOUT_SECONDS", "5")
    monkeypatch.setenv("WENZHENG_FILE_MAX_BYTES", "2048")
    limits = load_settings().read_limits
    assert (limits.timeout_seconds, limits.file_max_bytes) == (5.0, 2048)
