import json
import shutil
from pathlib import Path

import pytest

from api.cli import main
from qa.library import storage


@pytest.fixture
def library(small_library_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("WENZHENG_EMBEDDING", "hash")
    monkeypatch.setenv("WENZHENG_CACHE", str(tmp_path / "cache"))
    folder = Path(shutil.copytree(small_library_dir, tmp_path / "library"))
    monkeypatch.setenv("WENZHENG_LIBRARY", str(folder))
    return folder


def spoil(library: Path, part: str) -> None:
    path = storage.version_in_force(library) / part
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_doctor_tells_what_is_well_and_what_is_not(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert "✓ files: all " in capsys.readouterr().out
    spoil(library, "lexical/000001/ids.bin")
    assert main(["doctor"]) == 1
    assert "lexical/000001/ids.bin is altered; run `wenzheng repair`" in capsys.readouterr().out
    assert main(["doctor", "--json", "--deep"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {frozenset(one) for one in told} == {
        frozenset({"name", "severity", "message", "remedy"})
    }
    assert [one["name"] for one in told if one["severity"] == "error"] == ["lexical"]


def test_repair_says_what_it_did(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair"]) == 0
    assert capsys.readouterr().out == "nothing is damaged\n"
    spoil(library, "lexical/000001/ids.bin")
    assert main(["repair"]) == 0
    said = capsys.readouterr().out
    assert "damaged: " in said
    assert "made anew: lexical" in said
    assert "nothing is lost" in said
    assert main(["doctor"]) in (0, 1)
    spoil(library, "library.sqlite")
    assert main(["repair", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))["is_whole"]


def test_what_a_damaged_library_is_asked_for_names_the_remedy(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(library, "library.sqlite")
    assert main(["reports"]) == 1
    assert "library.sqlite is altered); mend it with `wenzheng repair`" in capsys.readouterr().err


def test_a_backup_is_made_and_restored(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path)]) == 0
    path = capsys.readouterr().out.strip()
    assert Path(path).is_file()
    shutil.rmtree(library)
    assert main(["restore", path]) == 0
    assert "restored from" in capsys.readouterr().err
    assert main(["reports", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 8


def test_a_broken_backup_is_one_line(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.tar").write_bytes(b"no tar")
    assert main(["restore", str(tmp_path / "b.tar")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
