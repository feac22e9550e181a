import json
import multiprocessing
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.cli import main
from api.keys import Key, KeyFile, KeyRing, given_keys
from qa.errors import InputError, KeyFileError, SettingsError
from qa.settings import load_settings


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "new" / "keys.json")


def expired_since_yesterday(file: KeyFile) -> None:
    kept = json.loads(file.path.read_text("utf-8"))
    kept["keys"][0]["expires"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    file.path.write_text(json.dumps(kept), "utf-8")


# --- the file ----------------------------------------------------------------------------------


def test_a_key_is_found_by_its_text_and_its_text_is_kept_nowhere(file: KeyFile) -> None:
    key, text = file.add("张三", "write")
    assert text.startswith(f"wz_{key.id}_")
    assert len(bytes.fromhex(text.rpartition("_")[2])) == 32
    found = KeyRing(file).find(text)
    assert found == key
    assert (key.name, key.scope, key.expires) == ("张三", "write", None)
    assert text.rpartition("_")[2] not in file.path.read_text("utf-8")


def test_the_file_is_its_owners_alone(file: KeyFile) -> None:
    before = os.umask(0)
    try:
        file.add("a", "read")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    # Nothing is left of what was written aside.
    assert {path.name for path in file.path.parent.iterdir()} == {"keys.json", "keys.json.lock"}


def test_a_wrong_text_finds_nothing(file: KeyFile) -> None:
    key, text = file.add("a", "read")
    ring = KeyRing(file)
    wrong = [
        "", "wz", "wz__", f"wz_{key.id}_", f"wz_{key.id}_{'0' * 64}", text[:-1], text + "0",
        text.upper(), f"wz_000000000000_{text.rpartition('_')[2]}", "密钥", f"xx{text[2:]}",
    ]  # fmt: skip
    assert [ring.find(one) for one in wrong] == [None] * len(wrong)


def test_scopes_include_the_smaller_ones(file: KeyFile) -> None:
    may = {
        scope: [wanted for wanted in ("read", "write", "admin") if key.may(wanted)]
        for scope in ("read", "write", "admin")
        for key in [file.add("a", scope)[0]]
    }
    assert may == {
        "read": ["read"],
        "write": ["read", "write"],
        "admin": ["read", "write", "admin"],
    }


def test_a_key_expires(file: KeyFile) -> None:
    key, text = file.add("a", "read", days=1)
    assert key.expires == key.created + timedelta(days=1)
    ring = KeyRing(file)
    assert ring.find(text) == key
    expired_since_yesterday(file)
    assert ring.find(text) is None


def test_what_changes_counts_from_the_next_look(file: KeyFile) -> None:
    ring = KeyRing(file)
    assert not ring.required
    key, text = file.add("a", "read")
    assert ring.required
    assert ring.find(text) == key
    assert file.revoke(key.id) == 0
    assert ring.find(text) is None
    assert ring.required, "without a key left nobody may, not all"


def test_revoking_what_is_not_there_is_told(file: KeyFile) -> None:
    file.add("a", "read")
    with pytest.raises(InputError, match="no API key ffff; `wenzheng keys list`"):
        file.revoke("ffff")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m", "x" * 101])
def test_a_name_that_cannot_be_shown_is_refused(file: KeyFile, name: str) -> None:
    with pytest.raises(InputError, match="printable"):
        file.add(name, "read")


ENTRY = {
    "id": "0123456789ab",
    "name": "a",
    "scope": "read",
    "sha256": "0" * 64,
    "created": "2026-01-01T00:00:00Z",
    "expires": None,
}
DAMAGES = {
    "empty": "",
    "half": '{"format": 1, "keys": [',
    "no object": "[]",
    "no keys": '{"format": 1}',
    "other format": '{"format": 2, "keys": []}',
    "more": '{"format": 1, "keys": [], "open": true}',
    "no expiry": json.dumps(
        {"format": 1, "keys": [{k: v for k, v in ENTRY.items() if k != "expires"}]}
    ),
    "other scope": json.dumps({"format": 1, "keys": [ENTRY | {"scope": "root"}]}),
    "no hash": json.dumps({"format": 1, "keys": [ENTRY | {"sha256": ""}]}),
    "no zone": json.dumps({"format": 1, "keys": [ENTRY | {"created": "2026-01-01T00:00:00"}]}),
    "one id twice": json.dumps({"format": 1, "keys": [ENTRY, ENTRY]}),
    "binary": "\udcff",
}


@pytest.mark.parametrize("content", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_an_error_on_one_line_and_never_no_keys(
    file: KeyFile, content: str
) -> None:
    _, text = file.add("a", "read")
    ring = KeyRing(file)
    assert ring.find(text)
    file.path.write_bytes(content.encode("utf-8", "surrogateescape"))
    for use in (lambda: ring.required, lambda: ring.find(text), file.read):
        with pytest.raises(KeyFileError) as error:
            use()
        assert len(str(error.value).splitlines()) == 1
    before = file.path.read_bytes()
    with pytest.raises(KeyFileError):
        file.add("b", "read")
    assert file.path.read_bytes() == before, "what is damaged may still be mended by hand"


def test_a_file_that_is_gone_is_an_error_once_it_was_there(file: KeyFile) -> None:
    _, text = file.add("a", "read")
    ring = KeyRing(file)
    assert ring.required
    file.path.unlink()
    for use in (lambda: ring.required, lambda: ring.find(text)):
        with pytest.raises(KeyFileError, match="are gone"):
            use()


def test_a_damaged_file_that_is_then_gone_opens_nothing(file: KeyFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("{")
    ring = KeyRing(file)
    with pytest.raises(KeyFileError, match="cannot be read"):
        _ = ring.required
    file.path.unlink()
    with pytest.raises(KeyFileError, match="are gone"):
        _ = ring.required


def test_a_mended_file_counts_again(file: KeyFile) -> None:
    key, text = file.add("a", "read")
    whole = file.path.read_bytes()
    ring = KeyRing(file)
    file.path.write_text("{")
    with pytest.raises(KeyFileError):
        ring.find(text)
    file.path.write_bytes(whole)
    assert ring.find(text) == key


def test_a_folder_in_its_place_and_a_file_in_its_folders_place_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, told in ((tmp_path, "cannot be read"), (tmp_path / "file" / "k", "cannot be")):
        with pytest.raises(KeyFileError, match=told):
            KeyFile(path).read()
        with pytest.raises(KeyFileError, match="cannot be"):
            KeyFile(path).add("a", "read")


def test_a_failed_write_leaves_the_file_as_it_was(
    file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = file.add("a", "read")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyFileError, match="No space left"):
        file.add("b", "read")
    assert file.read() == (key,)
    assert len(list(file.path.parent.iterdir())) == 2


def _add_some(path: Path, count: int, together: Barrier) -> None:
    together.wait(60)
    for number in range(count):
        KeyFile(path).add(f"{os.getpid()}-{number}", "read")


def test_of_keys_made_at_once_none_is_lost(file: KeyFile) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3)
    makers = [context.Process(target=_add_some, args=(file.path, 10, together)) for _ in range(3)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert [maker.exitcode for maker in makers] == [0, 0, 0]
    assert len(file.read()) == 30


# --- keys given in the settings ----------------------------------------------------------------

LONG = "0123456789abcdef"


def test_given_keys_have_the_scope_before_them_and_are_admins_without() -> None:
    keys = given_keys(SecretStr(f"read:{LONG}1, write:{LONG}2,admin:{LONG}3,{LONG}4,"))
    assert [key.scope for key in keys] == ["read", "write", "admin", "admin"]
    assert given_keys(None) == ()


def test_given_keys_count_beside_those_of_the_file_and_without_it(file: KeyFile) -> None:
    ring = KeyRing(file, given_keys(SecretStr(f"write:{LONG}")))
    assert ring.required
    assert [ring.find(text) and ring.find(text).scope for text in (LONG, f"write:{LONG}")] == [  # type: ignore[union-attr]
        "write",
        None,
    ]
    _, text = file.add("a", "read")
    assert ring.find(text)
    assert ring.find(LONG)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("short", "key 1 has fewer than 16 characters"),
        (f"{LONG},read:{LONG[:15]}", "key 2 has fewer than 16"),
        (f"reader:{LONG}", "what precedes the colon of key 1"),
        (f"{LONG} {LONG}", "other than visible ASCII"),
        ("密钥" * 10, "other than visible ASCII"),
        (" , ", "holds no key"),
        (f"read:{LONG},admin:{LONG}", "one key stands there twice"),
    ],
)
def test_wrong_given_keys_are_refused_and_not_shown(given: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as error:
        given_keys(SecretStr(given))
    assert str(error.value).startswith("WENZHENG_API_KEYS: ")
    assert LONG not in str(error.value)


def test_given_keys_are_shown_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENZHENG_API_KEYS", LONG)
    settings = load_settings()
    assert (
        LONG not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    )
    assert LONG not in repr(given_keys(settings.api_keys))


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WENZHENG_KEYS", str(tmp_path / "keys.json"))
    monkeypatch.setenv("LC_ALL", "C")
    return tmp_path / "keys.json"


def test_a_key_alone_is_printed_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "add", "张三"]) == 0
    shown = capsys.readouterr()
    text = shown.out.removesuffix("\n")
    key = KeyRing(KeyFile(path)).find(text)
    assert key
    assert key.scope == "read", "what was not asked for is not given"
    assert key.id in shown.err
    assert text not in shown.err
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert "张三" in listed
    assert text.rpartition("_")[2] not in listed


def test_the_command_prints_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "add", "a", "--scope", "admin", "--expires", "30", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {"id", "name", "scope", "created", "expires", "expired", "key"}
    assert main(["keys", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{k: v for k, v in made.items() if k != "key"}]


def test_revoking_the_last_key_says_that_nobody_may(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [KeyFile(path).add(name, "read")[0].id for name in "ab"]
    assert main(["keys", "revoke", ids[0]]) == 0
    assert capsys.readouterr().err == f"wenzheng: key {ids[0]} is revoked\n"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["keys", "revoke", ids[1]]) == 0
    assert "任何人都不能使用" in capsys.readouterr().err
    assert main(["keys", "revoke", ids[1]]) == 1
    assert "没有编号为" in capsys.readouterr().err


def test_the_list_tells_what_expired(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KeyFile(path)
    file.add("a", "read")
    expired_since_yesterday(file)
    file.add("b", "write", days=9)
    file.add("c", "admin")
    assert main(["keys", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert ["EXPIRED" in line for line in lines] == [True, False, False]
    assert ["until" in line for line in lines] == [False, True, False]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["keys", "list"]) == 0
    assert "已过期" in capsys.readouterr().out


def test_an_empty_list_says_so_aside(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == []
    assert str(path) in shown.err


def test_a_damaged_file_fails_the_command_on_one_line(path: Path) -> None:
    path.write_text("{")
    command = [sys.executable, "-m", "api.cli", "keys", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "restore the file" in done.stderr


@pytest.mark.parametrize(
    "words",
    [[], ["add"], ["add", "a", "--scope", "root"], ["add", "a", "--expires", "0"], ["revoke"]],
)
def test_wrong_usage_is_refused(
    path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["keys", *words])
    assert end.value.code == 2
    assert not path.exists()


def test_nothing_of_a_key_that_is_shown_helps_to_use_it(file: KeyFile) -> None:
    key, text = file.add("a", "read")
    assert isinstance(key, Key)
    assert "sha256" not in key.as_json()
    assert text.rpartition("_")[2] not in json.dumps(key.as_json())
