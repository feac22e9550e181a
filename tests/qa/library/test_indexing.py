"""Indexes brought up to date step by step are held against those of a library made at once."""

from pathlib import Path

import numpy as np
import pytest

from embeddings import FaissIndex, SegmentedIndex
from qa.errors import LibraryDamagedError
from qa.library import storage
from qa.library.ingest import remove
from qa.library.library import Library
from qa.search import Searcher
from tests.conftest import MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.library.conftest import Take, copy_to
from tests.qa.library.reading import versions

_QUESTIONS = ("越城区2023年GDP增长多少?", "上城区今年要改造多少老旧小区", "科技城", "鉴水科技城")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries of tests are large."""
    monkeypatch.setattr("embeddings.vector_store.FLAT_UP_TO", 10)


def _found(folder: Path) -> list[list[tuple[str, int, float]]]:
    """What each question finds, and how it is scored."""
    library = Library(folder)
    searcher = Searcher(library, HashEmbedder())
    found = [
        [
            (hit.passage.source, hit.passage.start, pytest.approx(hit.score, abs=2e-3))
            for hit in searcher.search(question).hits
        ]
        for question in _QUESTIONS
    ]
    library.close()
    return found


@pytest.mark.usefixtures("large")
def test_a_library_that_grew_and_shrank_finds_what_one_made_at_once_finds(
    take: Take,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    collection: Path,
    vector_maker: MakeVectorMaker,
    tmp_path: Path,
) -> None:
    take(collection)
    (gone,) = take(yuecheng).added
    take(shangcheng)
    remove(library_dir, gone, vector_maker(), no_progress)
    take(yuecheng)
    grown = _found(library_dir)
    library = Library(library_dir)
    index = library.load_vectors(HashEmbedder())
    assert isinstance(index, SegmentedIndex)
    assert len(index) == sum(
        len(entry.sentences) for entry in library.entries([key.id for key in library.passage_keys])
    )
    library.close()
    library_dir.rename(tmp_path / "aside")
    take(collection, yuecheng, shangcheng)
    assert _found(library_dir) == grown


@pytest.mark.usefixtures("large")
def test_a_small_addition_reads_nothing_of_what_was_there(
    take: Take, library_dir: Path, samples_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    take(samples_dir)
    text = yuecheng.read_text("utf-8").replace("越城", "柯桥")
    copy = tmp_path / "other.txt"
    copy.write_text(text[: len(text) // 8], "utf-8")
    told: list[tuple[str, int]] = []
    before = storage.current_version(library_dir)
    take(copy, progress=lambda stage, _, total: told.append((stage, total)))
    after = storage.current_version(library_dir)
    totals = dict(told)
    assert 0 < totals["index"] < 30
    assert 0 < totals["embed"] < 300
    for part in ("lexical/000001/rows.bin", "vectors/000001/vectors.bin"):
        assert (before / part).samefile(after / part)


def test_a_few_vectors_are_kept_flat(made: Path) -> None:
    library = Library(made)
    assert isinstance(library.load_vectors(HashEmbedder()), FaissIndex)
    library.close()


def test_filters_name_reports_by_their_rows(
    take: Take, library_dir: Path, samples_dir: Path
) -> None:
    take(samples_dir)
    library = Library(library_dir)
    index = library.load_vectors(HashEmbedder())
    assert index is not None
    for report_id in library.reports:
        groups = library.groups([report_id])
        assert groups is not None
        ids, _ = index.search(HashEmbedder().encode_query("增长"), 10_000, groups)
        passages = set(library.passages_of_sentences(ids.tolist()))
        assert passages == set(library.passage_ids(report_id))
        assert set(library.lexical.within(groups).ids.tolist()) == passages
    assert library.groups(list(library.reports)) is None
    assert np.array_equal(library.groups([]), np.empty(0, np.int64))
    library.close()


def _alter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_a_large_index_file_that_was_altered_is_not_written_on(
    made: Path, take: Take, shangcheng: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.manifest._READ_AT_OPENING", 8)
    monkeypatch.setattr("embeddings.durable_files._READ_WHOLE", 8)
    _alter(storage.current_version(made) / "lexical/000001/rows.bin")
    opened = Library(made)
    # Its length is right, which is all that an opening looks at.
    assert len(opened.lexical) > 0
    opened.close()
    before = versions(made)
    with pytest.raises(LibraryDamagedError, match="wenzheng repair"):
        take(shangcheng)
    assert versions(made) == before


def test_a_large_database_that_was_altered_is_not_copied(
    made: Path, take: Take, shangcheng: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.manifest._READ_AT_OPENING", 8)
    _alter(storage.current_version(made) / storage.DATABASE)
    with pytest.raises(LibraryDamagedError, match="wenzheng repair"):
        take(shangcheng)


def test_row_ids_are_never_used_twice(
    take: Take, library_dir: Path, yuecheng: Path, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    (gone,) = take(copy_to(tmp_path / "a.txt", yuecheng)).added
    first = Library(library_dir)
    before = {key.id for key in first.passage_keys}
    first.close()
    remove(library_dir, gone, vector_maker(), no_progress)
    take(yuecheng)
    second = Library(library_dir)
    assert before.isdisjoint(key.id for key in second.passage_keys)
    second.close()
