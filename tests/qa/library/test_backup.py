import tarfile
from pathlib import Path

import pytest

from qa.errors import BackupError, LibraryDamagedError, LibraryFormatError, LibraryNotFoundError
from qa.library import backup as backups
from qa.library import storage
from qa.library.backup import back_up, restore
from qa.library.library import Library
from tests.qa.library.conftest import Take
from tests.qa.library.reading import (
    as_of_format_1,
    finds_by_words,
    has_vectors,
    held,
    names_of,
    state,
)


def test_a_backup_brings_back_what_was_held(
    made: Path, take: Take, shangcheng: Path, tmp_path: Path
) -> None:
    before = names_of(made)
    saved = back_up(made, tmp_path)
    assert saved.path.parent == tmp_path
    take(shangcheng)
    assert restore(made, saved.path).version == storage.version_in_force(made).name
    assert names_of(made) == before
    assert has_vectors(made)
    assert finds_by_words(made, "鉴水科技城")


def test_a_backup_makes_a_library_where_none_was(made: Path, tmp_path: Path) -> None:
    saved = back_up(made, tmp_path / "one.tar")
    restore(tmp_path / "new" / "library", saved.path)
    assert names_of(tmp_path / "new" / "library") == names_of(made)


def test_a_backup_is_of_one_version_whatever_is_ingested_meanwhile(
    made: Path, take: Take, shangcheng: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names_of(made)
    digest_of = backups.digest_of

    def meanwhile(path: Path) -> object:
        monkeypatch.setattr(backups, "digest_of", digest_of)
        take(shangcheng)
        return digest_of(path)

    monkeypatch.setattr(backups, "digest_of", meanwhile)
    saved = back_up(made, tmp_path)
    assert len(held(made)) == 2
    restore(tmp_path / "new", saved.path)
    assert names_of(tmp_path / "new") == before


def test_a_damaged_backup_replaces_nothing(made: Path, tmp_path: Path) -> None:
    saved = back_up(made, tmp_path).path
    content = saved.read_bytes()
    before = state(made)
    broken = tmp_path / "broken.tar"
    for place in range(0, len(content), len(content) // 40):
        broken.write_bytes(content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :])
        try:
            restore(made, broken)
        except BackupError:
            assert state(made) == before
        else:
            # A bit of a header that says nothing: owner, time, padding.
            assert len(held(made)) == 1
            before = state(made)
    for size in range(0, len(content), len(content) // 10):
        broken.write_bytes(content[:size])
        with pytest.raises(BackupError):
            restore(made, broken)
        assert state(made) == before


def test_a_backup_that_names_files_elsewhere_is_refused(made: Path, tmp_path: Path) -> None:
    saved = back_up(made, tmp_path).path
    with tarfile.open(saved, "a") as archive:
        archive.add(__file__, "version/../../evil")
    before = state(made)
    with pytest.raises(BackupError, match="is not listed"):
        restore(made, saved)
    assert state(made) == before


def test_a_backup_of_a_later_program_is_refused(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "FORMAT", 99)
    saved = back_up(made, tmp_path).path
    monkeypatch.undo()
    with pytest.raises(LibraryFormatError, match="has format 99"):
        restore(made, saved)


def test_a_library_of_an_earlier_format_is_brought_up_to_date_and_backed_up(
    made: Path, tmp_path: Path
) -> None:
    saved = back_up(as_of_format_1(made), tmp_path).path
    restore(tmp_path / "new", saved)
    assert Library(tmp_path / "new").manifest.format == storage.FORMAT


def test_a_damaged_library_is_not_backed_up(made: Path, tmp_path: Path) -> None:
    path = storage.version_in_force(made) / storage.DATABASE
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(LibraryDamagedError):
        back_up(made, tmp_path)
    assert list(tmp_path.glob("*.tar*")) == []


def test_a_backup_that_cannot_be_written_is_told(made: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="check permissions and free space"):
        back_up(made, tmp_path / "no" / "such" / "folder.tar")


def test_what_is_no_backup_is_told(made: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no backup")
    with pytest.raises(BackupError, match="is damaged or none"):
        restore(made, tmp_path / "note.txt")
    with pytest.raises(BackupError, match="no backup at"):
        restore(made, tmp_path / "nowhere.tar")
    with pytest.raises(LibraryNotFoundError):
        back_up(tmp_path / "nowhere", tmp_path)
