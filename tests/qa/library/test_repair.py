import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from embeddings import Embedder
from embeddings.errors import ModelNotFoundError
from qa.errors import LibraryDamagedError, LibraryNotFoundError
from qa.facts.fact import Fact
from qa.library import storage
from qa.library.correcting import correct
from qa.library.ingest import ingest, remove
from qa.library.integrity import database_faults
from qa.library.library import Library
from qa.library.repair import RepairSummary, repair
from qa.reports.correcting import read_changes
from tests.conftest import MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.library.conftest import Take, copy_to
from tests.qa.library.reading import finds_by_words, has_vectors, held, names_of, state


class Mend(Protocol):
    def __call__(
        self, library: Path, *, load: Callable[[], Embedder] = ..., cache: Path = ...
    ) -> RepairSummary: ...


@pytest.fixture
def mend(vector_maker: MakeVectorMaker) -> Mend:
    def run(library: Path, **given: Any) -> RepairSummary:
        maker = vector_maker(**given)
        return repair(library, maker, passage_max_chars=450, progress=no_progress)

    return run


def database(library: Path) -> Path:
    return storage.version_in_force(library) / storage.DATABASE


def spoil(path: Path, place: int = 100) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 4]))


def test_a_sound_library_is_left_alone(made: Path, mend: Mend) -> None:
    before = state(made)
    summary = mend(made)
    assert (summary.damage, summary.rebuilt, summary.is_whole) == ([], [], True)
    assert state(made) == before


def test_where_nothing_ever_was_there_is_nothing_to_mend(tmp_path: Path, mend: Mend) -> None:
    with pytest.raises(LibraryNotFoundError):
        mend(tmp_path / "library")


def test_indexes_are_made_anew_and_the_database_kept(made: Path, mend: Mend) -> None:
    inode = database(made).stat().st_ino
    shutil.rmtree(storage.version_in_force(made) / storage.LEXICAL)
    spoil(storage.version_in_force(made) / storage.VECTORS / "vectors.faiss")
    summary = mend(made)
    assert summary.rebuilt == ["lexical", "vectors"]
    assert summary.is_whole
    assert database(made).stat().st_ino == inode
    assert finds_by_words(made, "鉴水科技城")
    assert has_vectors(made)


def test_without_a_model_words_answer(made: Path, mend: Mend, tmp_path: Path) -> None:
    def broken() -> HashEmbedder:
        raise ModelNotFoundError("no such model", "give another")

    (storage.version_in_force(made) / storage.VECTORS / "vectors.faiss").unlink()
    summary = mend(made, load=broken, cache=tmp_path / "cold.sqlite")
    assert summary.notes == ["no such model; give another"]
    assert finds_by_words(made, "鉴水科技城")
    assert not has_vectors(made)
    assert mend(made).rebuilt == ["vectors"]
    assert has_vectors(made)


def test_a_lost_database_comes_back_from_the_texts_kept_beside_it(
    take: Take,
    library_dir: Path,
    collection: Path,
    yuecheng: Path,
    mend: Mend,
    vector_maker: MakeVectorMaker,
) -> None:
    ids = take(collection).added
    take(yuecheng)
    remove(library_dir, ids[0], vector_maker(), no_progress)
    before = {one.report.report_id: (one.facts, one.sources) for one in held(library_dir)}
    database(library_dir).unlink()
    summary = mend(library_dir)
    assert summary.is_whole
    # What had been deleted stays deleted.
    assert {one.report.report_id: (one.facts, one.sources) for one in held(library_dir)} == before
    assert database_faults(database(library_dir)) == []


@pytest.mark.parametrize("is_older_sound", [False, True])
def test_what_was_set_by_hand_comes_back_with_a_lost_database(
    take: Take,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    mend: Mend,
    vector_maker: MakeVectorMaker,
    is_older_sound: bool,
) -> None:
    (one,) = take(yuecheng).added
    (other,) = take(shangcheng).added

    def put_right(report_id: str, **given: str) -> None:
        changes = {report_id: read_changes(given)}
        correct(library_dir, changes, vector_maker(), passage_max_chars=450, progress=no_progress)

    put_right(one, place="宁波市江北区")
    if is_older_sound:
        # The older version knows nothing of the last two.
        first = storage.version_in_force(library_dir)
    put_right(one, place="", year="2022")
    put_right(other, speaker="某某")
    before = held(library_dir)
    facts = all_facts(library_dir)
    for version in (library_dir / "versions").iterdir():
        if not (is_older_sound and version == first):
            (version / storage.DATABASE).unlink()
    summary = mend(library_dir)
    assert summary.is_whole
    assert summary.notes == []
    assert held(library_dir) == before
    assert all_facts(library_dir) == facts


def test_a_correction_is_read_from_what_is_left_of_the_database(
    take: Take, library_dir: Path, yuecheng: Path, mend: Mend, vector_maker: MakeVectorMaker
) -> None:
    (one,) = take(yuecheng).added
    changes = {one: read_changes({"speaker": "某某"})}
    correct(library_dir, changes, vector_maker(), passage_max_chars=450, progress=no_progress)
    lose_texts(library_dir)
    for version in (library_dir / "versions").iterdir():
        with sqlite3.connect(version / storage.DATABASE) as connection:
            connection.execute("DELETE FROM facts")
    mend(library_dir)
    (found,) = held(library_dir)
    assert found.report.speaker == "某某"
    assert found.facts > 0


def test_copies_are_known_as_copies_after_a_repair(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path, mend: Mend
) -> None:
    take(yuecheng)
    twin = tmp_path / "twin.txt"
    twin.write_text(f"{yuecheng.read_text('utf-8')}\n(此件公开发布)\n", "utf-8")
    take(twin)
    before = held(library_dir)
    assert [bool(one.duplicate_of) for one in before].count(True) == 1
    for version in (library_dir / "versions").iterdir():
        (version / storage.DATABASE).unlink()
    assert mend(library_dir).is_whole
    assert held(library_dir) == before


def all_facts(library: Path) -> list[Fact]:
    opened = Library(library)
    try:
        return [one.fact for one in opened.facts()]
    finally:
        opened.close()


def lose_texts(library: Path) -> None:
    """Two faults at a time: the database and the texts kept beside it."""
    for version in (library / "versions").iterdir():
        shutil.rmtree(version / "kept", ignore_errors=True)


def test_where_both_are_lost_the_files_that_were_read_are_read_again(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path, mend: Mend
) -> None:
    take(yuecheng)
    here = copy_to(tmp_path / "shangcheng.txt", shangcheng)
    take(here)
    before = names_of(library_dir)
    lose_texts(library_dir)
    text = here.read_text("utf-8")
    content = database(library_dir).read_bytes()
    spot = content.index(text[60:80].encode())
    spoil(database(library_dir), spot)
    summary = mend(library_dir)
    assert summary.is_whole
    assert summary.saved == ["shangcheng.txt"]
    assert names_of(library_dir) == before


def test_what_is_nowhere_is_named(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path, mend: Mend
) -> None:
    take(yuecheng)
    here = copy_to(tmp_path / "shangcheng.txt", shangcheng)
    take(here)
    lose_texts(library_dir)
    spot = database(library_dir).read_bytes().index(here.read_text("utf-8")[60:80].encode())
    spoil(database(library_dir), spot)
    here.unlink()
    summary = mend(library_dir)
    assert not summary.is_whole
    assert [(file.name, file.path) for file in summary.lost] == [("shangcheng.txt", str(here))]
    assert len(held(library_dir)) == 1


def test_a_version_of_another_library_is_not_taken_for_ones_own(
    made: Path,
    take: Take,
    shangcheng: Path,
    tmp_path: Path,
    mend: Mend,
    vector_maker: MakeVectorMaker,
) -> None:
    take(shangcheng)
    other = tmp_path / "other"
    ingest(other, [shangcheng], vector_maker(), passage_max_chars=450, progress=no_progress)
    mine = storage.version_in_force(made)
    shutil.rmtree(mine)
    shutil.copytree(storage.version_in_force(other), mine)
    with pytest.raises(LibraryDamagedError, match="is altered"):
        Library(made)
    summary = mend(made)
    assert not summary.knows_all
    assert [one.report.place for one in held(made)] == ["越城区"]


def test_an_original_is_put_back_from_where_it_was_read_or_named(
    made: Path, yuecheng: Path, mend: Mend
) -> None:
    originals = made / "originals"
    originals.mkdir()
    there = originals / hashlib.sha256(yuecheng.read_bytes()).hexdigest()
    gone = originals / hashlib.sha256(b"gone").hexdigest()
    there.write_bytes(b"spoilt")
    gone.write_bytes(b"spoilt")
    summary = mend(made)
    assert summary.originals_saved == [there.name]
    assert summary.originals_lost == [gone.name]
    assert there.read_bytes() == yuecheng.read_bytes()
    assert not gone.exists()


def test_an_ingest_never_vouches_for_damage(made: Path, take: Take, shangcheng: Path) -> None:
    spoil(database(made), 5000)
    before = state(made)
    with pytest.raises(LibraryDamagedError, match="mend it with `wenzheng repair`"):
        take(shangcheng)
    assert state(made) == before
