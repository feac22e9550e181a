"""A watched folder, with the watcher in a thread; as a process of its own it is in tests/api."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from qa.errors import LibraryUnwritableError, OtherEmbeddingError, SourceVanishedError
from qa.library import storage
from qa.library.taking import Taker
from qa.library.watching import FileOutcome, Watcher
from tests.conftest import MakeVectorMaker
from tests.qa.library.reading import held
from tests.qa.library.web import taker_of, text_of
from tests.qa.reports.readers.made import packed, put

LONGEST = 60.0


class Told:
    """What a watcher says, and a way to wait for it."""

    def __init__(self) -> None:
        self.outcomes: list[FileOutcome] = []
        self.troubles: list[Exception] = []

    @property
    def lines(self) -> list[tuple[str, str]]:
        return [(one.path.name, one.state) for one in self.outcomes]

    def wait_for(self, *lines: tuple[str, str]) -> None:
        until(lambda: len(self.lines) >= len(lines))
        assert sorted(self.lines) == sorted(lines)
        self.outcomes.clear()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


@pytest.fixture
def taker(library_dir: Path, vector_maker: MakeVectorMaker) -> Taker:
    return taker_of(library_dir, vector_maker)


@contextmanager
def watching(
    folder: Path, taker: Taker, *, delete: bool = False, settle: float = 0.3
) -> Iterator[Told]:
    told, stop = Told(), threading.Event()
    watcher = Watcher(
        folder,
        taker,
        told.outcomes.append,
        told.troubles.append,
        settle_seconds=settle,
        delete=delete,
    )
    errors: list[Exception] = []

    def run() -> None:
        try:
            watcher.run(stop)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(LONGEST)
    assert not thread.is_alive()
    assert errors == []


def write(folder: Path, name: str, place: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text_of(place), "utf-8")
    return path


def places(library: Path) -> set[str | None]:
    return {one.report.place for one in held(library)} if storage.has_library(library) else set()


def test_what_is_there_and_what_comes_is_taken_in(
    folder: Path, taker: Taker, library_dir: Path
) -> None:
    write(folder, "a.txt", "绍兴市")
    with watching(folder, taker) as told:
        told.wait_for(("a.txt", "added"))
        write(folder, "b.txt", "杭州市")
        write(folder, "in/c.txt", "宁波市")
        told.wait_for(("b.txt", "added"), ("c.txt", "added"))
        write(folder, "a.txt", "温州市")
        told.wait_for(("a.txt", "added"))
    assert places(library_dir) == {"温州市", "杭州市", "宁波市"}
    with watching(folder, taker) as told:
        told.wait_for(("a.txt", "unchanged"), ("b.txt", "unchanged"), ("c.txt", "unchanged"))


def test_a_file_that_is_still_written_is_left_alone(
    folder: Path, taker: Taker, library_dir: Path
) -> None:
    data = text_of("绍兴市").encode()
    with watching(folder, taker, settle=5.0) as told:
        with (folder / "a.txt").open("wb") as file:
            for start in range(0, len(data), 200):
                file.write(data[start : start + 200])
                file.flush()
                time.sleep(0.02)
            assert told.outcomes == []
        told.wait_for(("a.txt", "added"))
    (report,) = held(library_dir)
    assert report.passages > 5


def test_a_bad_file_fails_alone_and_is_read_again_when_it_changes(
    folder: Path, taker: Taker, library_dir: Path
) -> None:
    put(folder, "bad.pdf", b"%PDF-1.7 no")
    put(folder, "none.txt", "今天天气很好。".encode())
    write(folder, "good.txt", "绍兴市")
    with watching(folder, taker) as told:
        told.wait_for(("bad.pdf", "failed"), ("none.txt", "failed"), ("good.txt", "added"))
        write(folder, "none.txt", "杭州市")
        told.wait_for(("none.txt", "added"))
    assert places(library_dir) == {"绍兴市", "杭州市"}


def test_an_archive_is_one_line_with_what_failed_in_it(folder: Path, taker: Taker) -> None:
    put(folder, "a.zip", packed({"b.txt": text_of("绍兴市").encode(), "c.txt": b""}))
    with watching(folder, taker) as told:
        until(lambda: bool(told.outcomes))
        (outcome,) = told.outcomes
    assert outcome.state == "added"
    assert len(outcome.reports) == len(outcome.failures) == 1


def test_files_that_programs_keep_beside_theirs_are_no_reports(
    folder: Path, taker: Taker, library_dir: Path
) -> None:
    for name in ("~$a.docx", ".a.txt", "a.txt.part", "a.tmp", ".git/a.txt"):
        write(folder, name, "杭州市")
    put(folder, "empty.txt", b"")
    write(folder, "b.txt", "绍兴市")
    with watching(folder, taker) as told:
        told.wait_for(("b.txt", "added"))
        (folder / "a.txt.part").rename(folder / "a.txt")
        told.wait_for(("a.txt", "added"))


def test_without_delete_what_is_gone_stays(folder: Path, taker: Taker, library_dir: Path) -> None:
    gone = write(folder, "a.txt", "绍兴市")
    with watching(folder, taker) as told:
        told.wait_for(("a.txt", "added"))
        gone.unlink()
        write(folder, "b.txt", "杭州市")
        told.wait_for(("b.txt", "added"))
    assert places(library_dir) == {"绍兴市", "杭州市"}


def test_with_delete_what_is_gone_goes_and_what_was_moved_stays(
    folder: Path, taker: Taker, library_dir: Path
) -> None:
    gone, moved = write(folder, "a.txt", "绍兴市"), write(folder, "b.txt", "杭州市")
    with watching(folder, taker, delete=True) as told:
        told.wait_for(("a.txt", "added"), ("b.txt", "added"))
        (folder / "in").mkdir()
        moved.rename(folder / "in" / "b.txt")
        gone.unlink()
        until(lambda: ("b.txt", "added") in told.lines and ("a.txt", "removed") in told.lines)
    assert places(library_dir) == {"杭州市"}


def test_with_delete_what_went_meanwhile_goes_but_not_what_is_of_elsewhere(
    folder: Path, taker: Taker, library_dir: Path, tmp_path: Path
) -> None:
    gone = write(folder, "a.txt", "绍兴市")
    write(folder, "b.txt", "杭州市")
    picture = put(folder, "c.report", text_of("宁波市").encode())
    other = write(tmp_path / "other", "d.txt", "温州市")
    taker.take([gone, folder / "b.txt", picture, other])
    gone.unlink()
    other.unlink()
    with watching(folder, taker, delete=True) as told:
        told.wait_for(("a.txt", "removed"), ("b.txt", "unchanged"))
    assert places(library_dir) == {"杭州市", "宁波市", "温州市"}


def test_an_empty_folder_deletes_nothing(folder: Path, taker: Taker, library_dir: Path) -> None:
    """That is how a disk looks that is not mounted."""
    gone = write(folder, "a.txt", "绍兴市")
    taker.take([gone])
    gone.unlink()
    with watching(folder, taker, delete=True):
        time.sleep(1.0)
    assert places(library_dir) == {"绍兴市"}


def test_another_ingest_is_waited_for(
    folder: Path, library_dir: Path, vector_maker: MakeVectorMaker
) -> None:
    waited: list[str] = []
    taker = taker_of(library_dir, vector_maker, waited)
    write(folder, "a.txt", "绍兴市")
    with watching(folder, taker) as told:
        with storage.exclusive(library_dir):
            until(lambda: bool(waited))
            assert told.outcomes == []
        told.wait_for(("a.txt", "added"))
    assert waited == ["library_busy"]


def test_trouble_of_the_library_is_told_once_and_passes(
    folder: Path, taker: Taker, library_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.watching.RETRY_SECONDS", 0.3)
    # A file where the folder of the versions should be: nothing can be written.
    library_dir.mkdir()
    versions = library_dir / "versions"
    versions.write_text("in the way")
    write(folder, "a.txt", "绍兴市")
    with watching(folder, taker) as told:
        until(lambda: bool(told.troubles))
        time.sleep(1.0)
        assert [type(error) for error in told.troubles] == [LibraryUnwritableError]
        versions.unlink()
        told.wait_for(("a.txt", "added"))


def test_what_does_not_pass_ends_the_watching(
    folder: Path, taker: Taker, vector_maker: MakeVectorMaker
) -> None:
    taker.take([write(folder, "a.txt", "绍兴市")])
    other = replace(taker, vectors=vector_maker("another"))
    with pytest.raises(OtherEmbeddingError):
        Watcher(folder, other, print, print, settle_seconds=0.1).run(threading.Event())


def test_a_folder_that_is_none_is_told(tmp_path: Path, taker: Taker) -> None:
    for path in (tmp_path / "none", put(tmp_path, "file.txt", b"x")):
        with pytest.raises(SourceVanishedError, match="is no folder"):
            Watcher(path, taker, print, print).run(threading.Event())


def test_a_folder_that_goes_ends_the_watching(
    folder: Path, taker: Taker, monkeypatch: pytest.MonkeyPatch, library_dir: Path
) -> None:
    monkeypatch.setattr("qa.library.watching._IDLE_LOOK_SECONDS", 0.2)
    write(folder, "a.txt", "绍兴市")
    told: list[FileOutcome] = []

    def take_away(outcome: FileOutcome) -> None:
        told.append(outcome)
        folder.rename(folder.with_name("away"))

    with pytest.raises(SourceVanishedError):
        Watcher(folder, taker, take_away, print, settle_seconds=0.1, delete=True).run(
            threading.Event()
        )
    assert places(library_dir) == {"绍兴市"}
