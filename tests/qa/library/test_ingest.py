from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from embeddings.vectors import Vectors
from qa.errors import (
    EmptySourceError,
    LibraryNotFoundError,
    NotAReportError,
    NotTextError,
    OtherEmbeddingError,
    ReportNotFoundError,
    SourceVanishedError,
)
from qa.library.ingest import remove
from qa.library.library import Library
from tests.conftest import MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.library.conftest import Take, copy_to
from tests.qa.library.reading import finds_by_words, has_vectors, held, names_of, state, versions

YUECHENG = "2024年越城区政府工作报告"
SHANGCHENG = "2024年上城区政府工作报告"


# --- idempotent by content -------------------------------------------------------------------


def test_a_folder_of_reports_is_taken_in_once(
    take: Take, library_dir: Path, samples_dir: Path
) -> None:
    first = take(samples_dir)
    before = state(library_dir)
    second = take(samples_dir)
    assert len(first.added) == 8
    assert (first.unchanged, first.failed) == ([], [])
    assert (second.added, second.failed) == ([], [])
    assert second.unchanged == first.added
    assert state(library_dir) == before


def test_the_same_content_under_another_name_is_an_alias(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    (added,) = take(yuecheng).added
    copy = copy_to(tmp_path / "copy.txt", yuecheng)
    for _ in range(2):
        summary = take(copy)
        assert (summary.added, summary.unchanged) == ([], [added])
        assert names_of(library_dir) == {YUECHENG: (yuecheng.name, "copy.txt")}


def test_the_same_report_in_another_encoding_is_the_same_report(
    made: Path, take: Take, yuecheng: Path, tmp_path: Path
) -> None:
    (tmp_path / "gb.txt").write_bytes(yuecheng.read_text("utf-8").encode("gb18030"))
    assert take(tmp_path / "gb.txt").added == []
    assert len(held(made)) == 1


def test_a_changed_file_replaces_what_it_held(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "report.txt", yuecheng)
    take(path)
    copy_to(path, shangcheng)
    assert len(take(path).added) == 1
    assert names_of(library_dir) == {SHANGCHENG: ("report.txt",)}
    assert not finds_by_words(library_dir, "鉴水科技城")


def test_two_files_of_one_name_both_stay(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    copy_to(tmp_path / "in" / "a" / "report.txt", yuecheng)
    copy_to(tmp_path / "in" / "b" / "report.txt", shangcheng)
    take(tmp_path / "in")
    wanted = {YUECHENG: ("report.txt",), SHANGCHENG: ("b/report.txt",)}
    assert names_of(library_dir) == wanted


def test_two_files_of_one_name_are_unchanged_the_second_time(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    copy_to(tmp_path / "in" / "a" / "report.txt", yuecheng)
    copy_to(tmp_path / "in" / "b" / "report.txt", shangcheng)
    take(tmp_path / "in")
    before = state(library_dir)
    take(tmp_path / "in")
    assert state(library_dir) == before
    assert names_of(library_dir)[SHANGCHENG] == ("b/report.txt",)


def test_a_changed_file_takes_nothing_from_another_file_of_the_old_content(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "a.txt", yuecheng)
    take(path, copy_to(tmp_path / "b.txt", yuecheng))
    copy_to(path, shangcheng)
    take(path)
    assert names_of(library_dir) == {YUECHENG: ("b.txt",), SHANGCHENG: ("a.txt",)}


def test_a_file_changed_to_what_another_holds_gives_up_its_old_content(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    path = copy_to(tmp_path / "b.txt", shangcheng)
    take(copy_to(tmp_path / "a.txt", yuecheng), path)
    copy_to(path, yuecheng)
    take(path)
    assert names_of(library_dir) == {YUECHENG: ("a.txt", "b.txt")}


# --- removing --------------------------------------------------------------------------------


def test_a_removed_report_is_gone_from_texts_words_and_vectors(
    take: Take,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    vector_maker: MakeVectorMaker,
) -> None:
    (first,) = take(yuecheng).added
    take(shangcheng)
    remove(library_dir, first, vector_maker(), no_progress)
    assert list(names_of(library_dir)) == [SHANGCHENG]
    assert not finds_by_words(library_dir, "鉴水科技城")
    library = Library(library_dir)
    index = library.load_vectors(HashEmbedder())
    assert index is not None
    entries = library.entries([key.id for key in library.passage_keys])
    assert len(index) == sum(len(entry.sentences) for entry in entries)
    (report_id,) = library.reports
    assert {entry.passage.report_id for entry in entries} == {report_id}
    library.close()


def test_the_last_report_can_be_removed_and_taken_in_again(
    take: Take, library_dir: Path, yuecheng: Path, vector_maker: MakeVectorMaker
) -> None:
    (report_id,) = take(yuecheng).added
    remove(library_dir, report_id, vector_maker(), no_progress)
    assert held(library_dir) == []
    assert not finds_by_words(library_dir, "越城")
    assert take(yuecheng).added == [report_id]


def test_one_report_of_a_file_can_be_removed(
    take: Take, library_dir: Path, collection: Path, vector_maker: MakeVectorMaker
) -> None:
    ids = take(collection).added
    remove(library_dir, ids[0], vector_maker(), no_progress)
    assert {one.report.report_id for one in held(library_dir)} == set(ids[1:])


def test_a_removed_report_of_a_file_comes_back_with_the_file(
    take: Take, library_dir: Path, collection: Path, vector_maker: MakeVectorMaker
) -> None:
    ids = take(collection).added
    remove(library_dir, ids[0], vector_maker(), no_progress)
    summary = take(collection)
    assert summary.added == ids[:1]
    assert summary.unchanged == ids[1:]
    assert len(held(library_dir)) == 4


def test_an_unknown_id_cannot_be_removed_and_changes_nothing(
    made: Path, vector_maker: MakeVectorMaker
) -> None:
    before = state(made)
    with pytest.raises(ReportNotFoundError, match="no report 000000-1999-00000000"):
        remove(made, "000000-1999-00000000", vector_maker(), no_progress)
    assert state(made) == before


def test_nothing_can_be_removed_where_no_library_is(
    library_dir: Path, vector_maker: MakeVectorMaker
) -> None:
    with pytest.raises(LibraryNotFoundError):
        remove(library_dir, "330602-2024-27cca5e8", vector_maker(), no_progress)


# --- bad input -------------------------------------------------------------------------------


def test_a_failing_file_fails_alone(
    take: Take, library_dir: Path, yuecheng: Path, tmp_path: Path
) -> None:
    bad = {"empty.txt": b"", "noise.txt": bytes(range(256)) * 9, "poem.txt": "床前".encode() * 99}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    summary = take(*[tmp_path / name for name in bad], yuecheng, tmp_path / "gone.txt")
    assert len(summary.added) == 1
    assert [(failure.path.name, type(failure.error)) for failure in summary.failed] == [
        ("empty.txt", EmptySourceError),
        ("noise.txt", NotTextError),
        ("poem.txt", NotAReportError),
        ("gone.txt", SourceVanishedError),
    ]
    assert list(names_of(library_dir)) == [YUECHENG]


def test_where_all_fail_no_library_is_made(take: Take, library_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    (failure,) = take(tmp_path / "nothing").failed
    assert isinstance(failure.error, NotAReportError)
    with pytest.raises(LibraryNotFoundError):
        Library(library_dir)


def test_a_file_that_vanishes_midway_fails_alone(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path
) -> None:
    paths = [copy_to(tmp_path / "in" / p.name, p) for p in (yuecheng, shangcheng)]

    def vanish(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("read", 1):
            paths[1].unlink()

    (failure,) = take(tmp_path / "in", progress=vanish).failed
    assert isinstance(failure.error, SourceVanishedError)
    assert list(names_of(library_dir)) == [YUECHENG]


# --- what goes wrong on the way --------------------------------------------------------------


def test_another_embedding_is_refused_and_the_library_left_as_it_was(
    take: Take,
    library_dir: Path,
    yuecheng: Path,
    shangcheng: Path,
    vector_maker: MakeVectorMaker,
) -> None:
    (report_id,) = take(yuecheng).added
    before = state(library_dir)
    other = vector_maker("other")
    with pytest.raises(OtherEmbeddingError, match="WENZHENG_EMBEDDING=hash"):
        take(shangcheng, vectors=other)
    with pytest.raises(OtherEmbeddingError):
        remove(library_dir, report_id, other, no_progress)
    assert state(library_dir) == before


def test_another_embedding_is_taken_where_asked_for(
    made: Path, take: Take, vector_maker: MakeVectorMaker
) -> None:
    take(vectors=vector_maker("other"), reembed=True)
    library = Library(made)
    assert (library.manifest.embedding, library.manifest.has_vectors) == ("other", True)
    assert [one.report.title for one in library.held] == [YUECHENG]
    library.close()


class Stopped(BaseException):
    """A stop at a chosen point: not an error that anything may catch."""


@pytest.mark.parametrize("stage", ["read", "index"])
def test_a_stop_before_the_texts_are_in_leaves_the_library_as_it_was(
    made: Path, take: Take, shangcheng: Path, stage: str
) -> None:
    before = state(made)
    with pytest.raises(Stopped):
        take(shangcheng, progress=_stop_at(stage))
    assert state(made) == before
    assert has_vectors(made)
    assert len(take(shangcheng).added) == 1


def _stop_at(wanted: str) -> Callable[[str, int, int], None]:
    def progress(stage: str, done: int, total: int) -> None:
        if stage == wanted:
            raise Stopped

    return progress


class FailingEmbedder(HashEmbedder):
    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        raise ConnectionError("the endpoint is gone")


def test_a_failing_embedder_leaves_the_library_as_it_was(
    made: Path, take: Take, shangcheng: Path, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    before = state(made)
    failing = vector_maker(load=FailingEmbedder, cache=tmp_path / "cold.sqlite")
    with pytest.raises(ConnectionError):
        take(shangcheng, vectors=failing)
    assert state(made) == before
    assert has_vectors(made)
    take(shangcheng)
    assert set(names_of(made)) == {YUECHENG, SHANGCHENG}


def test_a_failing_embedder_leaves_search_by_words_where_nothing_was(
    library_dir: Path, take: Take, yuecheng: Path, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionError):
        take(yuecheng, vectors=vector_maker(load=FailingEmbedder, cache=tmp_path / "cold.sqlite"))
    assert finds_by_words(library_dir, "鉴水科技城")
    assert not has_vectors(library_dir)
    take()
    assert has_vectors(library_dir)


def test_nothing_is_embedded_and_no_model_loaded_when_nothing_is_new(
    take: Take, yuecheng: Path, vector_maker: MakeVectorMaker
) -> None:
    def load() -> HashEmbedder:
        raise AssertionError("the model is loaded for nothing")

    take(yuecheng)
    take(yuecheng, vectors=vector_maker(load=load))


def test_at_most_three_versions_are_kept(take: Take, library_dir: Path, samples_dir: Path) -> None:
    for sample in sorted(samples_dir.glob("*.txt")):
        take(sample)
        assert len(versions(library_dir)) <= 3
    assert len(held(library_dir)) == 8


def test_progress_tells_each_stage_to_its_end(take: Take, samples_dir: Path) -> None:
    told: list[tuple[str, int, int]] = []
    take(samples_dir, progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["read", "index", "embed"]
    for stage in stages:
        done = [(done, total) for name, done, total in told if name == stage]
        assert done == sorted(done)
        assert done[-1][0] == done[-1][1] > 0
