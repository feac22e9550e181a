"""What programs that serve one library share: two of each, over one database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa.errors import LibraryUnavailableError
from qa.library.server.address import ServerAddress, address_of
from qa.library.server.shared import JobBoard, PostedJob, SharedHits, SharedKeys


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> ServerAddress:
    return address_of(database_url, "http://127.0.0.1:9", "", tmp_path)


def test_a_limit_holds_across_programs(server: ServerAddress) -> None:
    programs = [SharedHits(server), SharedHits(server)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: programs[n % 2].take("a", 5, 60, 1), range(24)))
    assert sum(taken) == 5
    assert programs[0].take("b", 5, 60, 1)
    age, count = programs[1].window("a", 60)
    assert count == 5
    assert 0 <= age < 60
    programs[0].forget(0)
    assert programs[1].window("a", 60) == (0.0, 0)


def test_keys_are_seen_by_all_as_soon_as_they_change(server: ServerAddress) -> None:
    one, other = SharedKeys(server), SharedKeys(server)
    assert other.changes() is None
    with one.locked():
        one.write([("k1", "first"), ("k2", "second")])
    assert other.changes() == 1
    assert other.entries() == (["first", "second"], 1)
    one.write([])
    assert other.changes() == 2
    assert other.entries() == ([], 2)


def test_a_job_of_a_program_that_died_is_taken_over_with_its_files(server: ServerAddress) -> None:
    one, other = JobBoard(server), JobBoard(server)
    job = PostedJob("j", "queued", {"zh": {"id": "j"}})
    files = [("a.txt", b"\x00\xff"), ("b.txt", b"text")]
    assert one.put(job, "one", files, 100)
    assert other.find("j") == job
    assert one.tell(PostedJob("j", "running", job.told), "one")
    assert other.take_abandoned("other", 600) is None
    taken = other.take_abandoned("other", 0)
    assert taken is not None
    assert (taken[0].id, taken[1]) == ("j", files)
    assert not one.tell(PostedJob("j", "done", job.told), "one")
    # What the first one made of it costs the files nothing: the one that took it may die as well.
    again = one.take_abandoned("third", 0)
    assert again is not None
    assert again[1] == files
    assert other.take_abandoned("other", 0) is not None
    assert other.tell(PostedJob("j", "done", job.told), "other")
    assert [posted.state for posted in one.latest(10)] == ["done"]
    assert one.take_abandoned("one", 0) is None


def test_a_job_let_go_is_taken_at_once(server: ServerAddress) -> None:
    board = JobBoard(server)
    board.put(PostedJob("j", "running", {}), "one", [("a.txt", b"a")], 100)
    board.release("j", "other")
    assert board.take_abandoned("other", 600) is None
    board.release("j", "one")
    assert board.take_abandoned("other", 600) is not None


def test_no_more_jobs_wait_than_may(server: ServerAddress) -> None:
    board = JobBoard(server)
    took = [
        board.put(PostedJob(f"j{n}", "queued", {}), "one", [("a.txt", b"a")], 2) for n in range(3)
    ]
    assert took == [True, True, False]


def test_a_database_that_is_gone_is_told(tmp_path: Path) -> None:
    server = address_of("postgresql://u:secret@127.0.0.1:9/x", "", "", tmp_path)
    with pytest.raises(LibraryUnavailableError, match="WENZHENG_DATABASE_URL") as raised:
        SharedKeys(server).changes()
    assert "secret" not in str(raised.value)
