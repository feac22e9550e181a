"""Libraries that earlier programs made, opened with today's: kept as they were written, in ``old/``."""

import json
import shutil
from pathlib import Path

import pytest

from qa.errors import LibraryFormatError, LibraryOutdatedError, LibraryUnwritableError
from qa.library import storage
from qa.library.integrity import database_faults, version_damage
from qa.library.library import Library
from qa.library.migrations import bring_up_to_date
from tests.qa.library.reading import finds_by_words, held, versions

OLD = sorted((Path(__file__).parent / "old").glob("*.tar.xz"))
# Their tables are too far from today's: all is made anew of the texts, the vectors by the next ingest.
REBUILT = {"without-facts", "names-in-sources"}


@pytest.fixture(params=OLD, ids=lambda path: path.name.split(".")[0])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    # Python before 3.11.4 knows no filter; these archives are our own.
    shutil.unpack_archive(request.param, tmp_path)
    return request.param.name.split(".")[0], tmp_path / "library"


def test_a_library_of_any_earlier_program_is_brought_up_to_date(old: tuple[str, Path]) -> None:
    name, library = old
    before = versions(library)
    (one,) = held(library)
    assert (one.report.place, one.report.year, one.passages, one.facts) == ("越城区", 2024, 8, 25)
    assert one.sources == ("000_excerpt.txt",)
    version = storage.version_in_force(library)
    manifest = storage.Manifest.read(version)
    assert manifest.has_vectors == (name not in REBUILT)
    assert version_damage(version) == []
    assert database_faults(version / storage.DATABASE) == []
    assert finds_by_words(library, "社会消费品零售总额")
    # The version of the earlier program is still there, should today's be regretted.
    assert set(before) < set(versions(library))


def test_it_is_done_once(old: tuple[str, Path]) -> None:
    library = old[1]
    held(library)
    before = versions(library)
    bring_up_to_date(library)
    held(library)
    assert versions(library) == before


def test_every_kept_library_is_small() -> None:
    assert len(OLD) == 5
    assert all(path.stat().st_size < 300_000 for path in OLD)


def test_where_it_cannot_be_written_the_remedy_is_told(
    old: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(library: Path) -> None:
        raise LibraryUnwritableError("unwritable", path=library, reason="Read-only file system")

    monkeypatch.setattr(storage, "exclusive", refuse)
    with pytest.raises(LibraryOutdatedError, match="make it writable"):
        Library(old[1])


def test_a_library_of_a_later_program_is_refused_and_left_alone(made: Path) -> None:
    path = storage.version_in_force(made) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99, "more": 1}))
    before = versions(made)
    with pytest.raises(LibraryFormatError, match="install a newer wenzheng"):
        Library(made)
    assert versions(made) == before
