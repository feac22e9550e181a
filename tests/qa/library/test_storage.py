import errno
import fcntl
import gc
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from qa.errors import (
    LibraryBusyError,
    LibraryDamagedError,
    LibraryFormatError,
    LibraryNotFoundError,
    LibraryUnwritableError,
)
from qa.library import storage
from qa.library.ingest import ingest, remove
from qa.library.library import Library
from tests.conftest import MakeVectorMaker, no_progress
from tests.embeddings.conftest import HashEmbedder
from tests.qa.library.conftest import Take
from tests.qa.library.reading import finds_by_words, has_vectors, held, state, versions

ROOT = Path(__file__).parents[3]


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has said its first line; killed at the end."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline()
            yield running
        finally:
            running.kill()


# --- one writer ------------------------------------------------------------------------------

READ = "import sys; from pathlib import Path; from qa.library.library import Library; l = Library(Path(sys.argv[1])); print(l.version, flush=True); input()"
HOLD = "import fcntl, sys; f = open(sys.argv[1], 'a+'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); input()"


def test_a_library_that_another_process_writes_is_busy(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, vector_maker: MakeVectorMaker
) -> None:
    (report_id,) = take(yuecheng).added
    before = state(library_dir)
    with process("-c", HOLD, str(library_dir / "lock")):
        with pytest.raises(LibraryBusyError, match="another process is changing the library"):
            take(shangcheng)
        with pytest.raises(LibraryBusyError):
            remove(library_dir, report_id, vector_maker(), no_progress)
        assert len(held(library_dir)) == 1
    assert state(library_dir) == before
    assert len(take(shangcheng).added) == 1


def test_there_is_one_writer_at_a_time(library_dir: Path) -> None:
    with storage.exclusive(library_dir), pytest.raises(LibraryBusyError):  # noqa: SIM117
        with storage.exclusive(library_dir):
            pass
    with storage.exclusive(library_dir):
        pass


@pytest.mark.parametrize("first", [True, False], ids=["first ingest", "later ingest"])
def test_an_ingest_killed_while_it_embeds_loses_nothing(
    take: Take, library_dir: Path, yuecheng: Path, shangcheng: Path, tmp_path: Path, first: bool
) -> None:
    if not first:
        take(shangcheng)
    arguments = [str(library_dir), str(yuecheng), str(tmp_path / "cold.sqlite")]
    with process("-m", "tests.qa.library.killed_ingest", *arguments) as running:
        running.kill()
        assert running.wait() == -9
    # Where nothing answered yet, words do already; where all did, nothing is worse.
    assert finds_by_words(library_dir, "鉴水科技城") == first
    assert has_vectors(library_dir) == (not first)
    assert len(held(library_dir)) == 1
    assert len(take(yuecheng).added) == (0 if first else 1)
    assert finds_by_words(library_dir, "鉴水科技城")
    assert has_vectors(library_dir)
    assert len(versions(library_dir)) <= 3


# --- versions --------------------------------------------------------------------------------


def test_a_version_half_written_is_never_seen_and_swept_up_later(
    made: Path, take: Take, shangcheng: Path
) -> None:
    (made / "versions" / "000009.part").mkdir()
    (made / "CURRENT.part").write_text("0000")
    assert len(held(made)) == 1
    take(shangcheng)
    assert len(held(made)) == 2
    assert not list((made / "versions").glob("*.part"))


def test_a_version_complete_but_not_yet_current_is_passed_over(
    made: Path, take: Take, shangcheng: Path
) -> None:
    (made / "versions" / "000007").mkdir()
    assert len(held(made)) == 1
    take(shangcheng)
    assert len(held(made)) == 2
    assert Library(made).version == "000009"


def test_a_new_version_is_current_only_if_its_block_ends_well(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), storage.new_version(tmp_path):
        raise ZeroDivisionError
    assert not storage.has_library(tmp_path)
    assert versions(tmp_path) == []
    with storage.new_version(tmp_path) as folder:
        (folder / "whole").write_text("")
        assert not storage.has_library(tmp_path)
    assert storage.current_version(tmp_path) == tmp_path / "versions" / "000001"
    assert (storage.current_version(tmp_path) / "whole").exists()


def test_a_reader_reads_on_after_ingests_and_knows_it_is_outdated(
    made: Path, take: Take, yuecheng: Path, shangcheng: Path, collection: Path
) -> None:
    reader = Library(made)
    index: tuple[object, ...] = (reader.lexical, reader.load_vectors(HashEmbedder()))
    assert reader.is_current()
    take(shangcheng)
    take(collection)
    assert not reader.is_current()
    assert [one.report.place for one in reader.held] == ["越城区"]
    ids, _ = reader.lexical.search("鉴水科技城", 1)
    assert "鉴水科技城" in reader.passages([int(ids[0])])[0].text
    assert reader.source_text(reader.held[0].report.report_id) == yuecheng.read_text("utf-8")
    assert None not in index
    reader.close()


def test_a_reader_opens_its_indexes_even_after_an_ingest(
    made: Path, take: Take, shangcheng: Path
) -> None:
    reader = Library(made)
    take(shangcheng)
    ids, _ = reader.lexical.search("鉴水科技城", 1)
    assert len(ids) == 1


def test_a_version_stays_while_it_is_read_and_goes_when_it_is_not(
    made: Path, take: Take, samples_dir: Path, shangcheng: Path, collection: Path, tmp_path: Path
) -> None:
    reader = Library(made)
    for path in (shangcheng, collection, next(samples_dir.glob("002_*"))):
        take(path)
    assert reader.version in versions(made)
    assert len(versions(made)) == 4
    ids, _ = reader.lexical.search("鉴水科技城", 1)
    assert "鉴水科技城" in reader.passages([int(ids[0])])[0].text
    assert reader.load_vectors(HashEmbedder()) is not None
    assert len(reader.held) == 1
    reader.close()
    take(next(samples_dir.glob("003_*")))
    assert reader.version not in versions(made)
    assert len(versions(made)) == 3


def test_a_version_read_by_another_process_stays(
    made: Path, take: Take, shangcheng: Path, collection: Path
) -> None:
    version = storage.current_version(made).name
    with process("-c", READ, str(made)):
        take(shangcheng)
        take(collection)
        assert version in versions(made)


def test_a_library_that_nobody_holds_any_more_lets_its_version_go(
    made: Path, take: Take, samples_dir: Path, shangcheng: Path, collection: Path
) -> None:
    version = Library(made).version
    gc.collect()
    for path in (shangcheng, collection, next(samples_dir.glob("002_*"))):
        take(path)
    assert version not in versions(made)


def test_where_locks_are_not_to_be_had_versions_are_made_and_removed_all_the_same(
    made: Path,
    take: Take,
    samples_dir: Path,
    shangcheng: Path,
    collection: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flock = fcntl.flock

    def refused(handle: IO[str] | int, kind: int) -> None:
        name = "" if isinstance(handle, int) else Path(handle.name).name
        if name != "lock":
            raise OSError(errno.ENOLCK, "No locks available")
        flock(handle, kind)

    monkeypatch.setattr("fcntl.flock", refused)
    reader = Library(made)
    for path in (shangcheng, collection, next(samples_dir.glob("002_*"))):
        take(path)
    assert reader.version not in versions(made)
    assert len(held(made)) == 7


def test_what_an_ingest_has_written_is_seen_by_nobody_else_before_its_end(
    made: Path, take: Take, shangcheng: Path, vector_maker: MakeVectorMaker
) -> None:
    reader = Library(made)
    seen: list[tuple[bool, bool, str]] = []

    def load() -> HashEmbedder:
        other = threading.Thread(target=lambda: seen.append(look()))
        other.start()
        other.join()
        return HashEmbedder()

    def look() -> tuple[bool, bool, str]:
        return reader.is_current(), reader.is_superseded(), storage.current_version(made).name

    take(shangcheng, vectors=vector_maker(load=load))
    assert seen == [(True, False, reader.version)]
    assert not reader.is_current()
    assert reader.is_superseded()
    reader.close()


def test_looking_whether_a_library_is_written_keeps_no_writer_out(made: Path) -> None:
    assert not storage.is_being_written(made)
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.002):
            storage.is_being_written(made)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(20):
            with storage.exclusive(made):
                assert storage.is_being_written(made)
    finally:
        stop.set()
        looking.join()


# --- damage ----------------------------------------------------------------------------------


def test_where_nothing_is_there_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFoundError, match=r"no library at .*; run `wenzheng ingest PATH`"):
        Library(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\0", "[" * 100_000])
def test_a_broken_manifest_is_damage(made: Path, take: Take, shangcheng: Path, text: str) -> None:
    (storage.current_version(made) / "manifest.json").write_text(text)
    with pytest.raises(LibraryDamagedError, match="mend it with `wenzheng repair`"):
        Library(made)
    with pytest.raises(LibraryDamagedError):
        take(shangcheng)


def test_a_library_of_another_format_is_told(made: Path) -> None:
    path = storage.current_version(made) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(
        LibraryFormatError, match=f"has format 99, this program reads {storage.FORMAT}"
    ):
        Library(made)


@pytest.mark.parametrize("name", ["000099", "", "\0"])
def test_a_missing_version_is_damage(made: Path, name: str) -> None:
    (made / "CURRENT").write_text(name)
    with pytest.raises(LibraryDamagedError):
        Library(made)


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_what_others_left_beside_a_database_is_not_taken_for_a_part_of_it(
    made: Path, take: Take, shangcheng: Path, end: str
) -> None:
    database = storage.current_version(made) / storage.DATABASE
    database.with_name(database.name + end).write_bytes(b"?" * 4096)
    assert finds_by_words(made, "越城区")
    take(shangcheng)
    assert len(held(made)) == 2


def test_a_broken_database_is_damage(made: Path) -> None:
    (storage.current_version(made) / storage.DATABASE).write_bytes(b"no database" * 999)
    with pytest.raises(LibraryDamagedError, match=r"library.sqlite has another length"):
        held(made)


def test_a_missing_database_is_damage(made: Path) -> None:
    (storage.current_version(made) / storage.DATABASE).unlink()
    with pytest.raises(LibraryDamagedError):
        held(made)


@pytest.mark.parametrize("content", [None, b"no database" * 999], ids=["missing", "broken"])
def test_an_ingest_over_a_damaged_database_tells_so(
    made: Path, take: Take, shangcheng: Path, content: bytes | None
) -> None:
    database = storage.current_version(made) / storage.DATABASE
    database.unlink()
    if content:
        database.write_bytes(content)
    with pytest.raises(LibraryDamagedError):
        take(shangcheng)


@pytest.mark.parametrize("part", [storage.LEXICAL, storage.VECTORS])
def test_a_missing_index_is_damage(made: Path, part: str) -> None:
    library = Library(made)
    shutil.rmtree(library.folder / part)
    with pytest.raises(LibraryDamagedError):
        _ = library.lexical if part == storage.LEXICAL else library.load_vectors(HashEmbedder())


# --- places to write -------------------------------------------------------------------------


@pytest.mark.parametrize("blocked", [".", "versions"])
def test_a_folder_that_cannot_be_written_is_told(
    take: Take, library_dir: Path, yuecheng: Path, blocked: str
) -> None:
    blocker = library_dir / blocked
    blocker.parent.mkdir(parents=True, exist_ok=True)
    blocker.write_text("in the way")
    with pytest.raises(LibraryUnwritableError, match=r"check permissions and free space"):
        take(yuecheng)
    assert blocker.read_text() == "in the way"


@pytest.mark.parametrize(
    "name",
    [
        "报告 库",
        "it's & more=1",
        "reports#1",
        "what?",
        "100%41",
    ],
)
def test_a_library_may_have_any_name(
    tmp_path: Path, yuecheng: Path, vector_maker: MakeVectorMaker, name: str
) -> None:
    folder = tmp_path / name
    ingest(folder, [yuecheng], vector_maker(), passage_max_chars=450, progress=no_progress)
    assert len(held(folder)) == 1
