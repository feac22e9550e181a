"""Addresses into a library, from real sites on this machine."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from qa.errors import NotAReportError
from qa.library import storage
from qa.library.fetches import Fetches
from qa.library.ingest import forget, remove
from qa.library.library import Library
from qa.library.taking import Taker
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.library.conftest import Take
from tests.qa.library.reading import held, names_of, versions
from tests.qa.library.web import PLACES, keys, page_of, take, taker_of, text_of
from tests.qa.reports.fetching.site import Page, Site, send
from tests.qa.reports.readers.made import packed, put


@pytest.fixture
def taker(library_dir: Path, vector_maker: MakeVectorMaker) -> Taker:
    return taker_of(library_dir, vector_maker)


def places(library: Path) -> set[str | None]:
    return {one.report.place for one in held(library)}


def test_a_report_of_an_address_is_held_and_cited_by_it(taker: Taker, library_dir: Path) -> None:
    with Site({"/a": page_of("绍兴市")}) as site:
        summary = take(taker, site.rules(), f"{site.url}/a")
    assert len(summary.added) == 1
    (report,) = held(library_dir)
    assert report.sources == (f"127.0.0.1:{site.port}/a",)
    assert report.report.url == f"{site.url}/a"


def test_a_page_that_changed_gives_up_what_it_gave_before(taker: Taker, library_dir: Path) -> None:
    with Site({"/a": page_of("绍兴市"), "/a/b": page_of("宁波市")}) as site:
        take(taker, site.rules(), f"{site.url}/a", f"{site.url}/a/b")
        site.pages["/a"] = page_of("杭州市")
        take(taker, site.rules(), f"{site.url}/a#again")
    assert places(library_dir) == {"杭州市", "宁波市"}


def test_a_page_that_is_gone_or_no_report_any_more_leaves_what_it_gave(
    taker: Taker, library_dir: Path
) -> None:
    with Site({"/a": page_of("绍兴市"), "/b": page_of("杭州市")}) as site:
        urls = (f"{site.url}/a", f"{site.url}/b")
        take(taker, site.rules(), *urls)
        site.pages["/a"] = Page(status=404)
        site.pages["/b"] = Page("本页面已经迁移。".encode())
        summary = take(taker, site.rules(), *urls)
    assert keys(summary) == ["http_status", "not_a_report"]
    assert places(library_dir) == {"绍兴市", "杭州市"}


def test_an_unmodified_page_is_not_sent_again_unless_its_report_was_removed(
    taker: Taker, library_dir: Path
) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers["If-None-Match"] == '"1"'
        send(handler, Page(status=304) if known else page_of("绍兴市", '"1"'))

    with Site({"/a": page}) as site:
        first = take(taker, site.rules(), f"{site.url}/a")
        again = take(taker, site.rules(), f"{site.url}/a")
        assert (again.unchanged, again.unmodified, again.failed) == (first.added, 1, [])
        remove(library_dir, first.added[0], taker.vectors, no_progress)
        third = take(taker, site.rules(), f"{site.url}/a")
    assert third.added == first.added
    asked = [one.headers.get("If-None-Match") for one in site.asked if one.path == "/a"]
    assert asked == [None, '"1"', None]


def test_the_text_of_a_file_that_is_held_gets_its_address(
    taker: Taker, request: pytest.FixtureRequest, library_dir: Path, tmp_path: Path
) -> None:
    take_files: Take = request.getfixturevalue("take")
    take_files(put(tmp_path, "a.txt", text_of("绍兴市").encode()))
    with Site({"/a.txt": page_of("绍兴市")}) as site:
        summary = take(taker, site.rules(), f"{site.url}/a.txt")
    assert (len(summary.added), len(summary.unchanged)) == (0, 1)
    (report,) = held(library_dir)
    assert report.sources == ("a.txt", f"127.0.0.1:{site.port}/a.txt")
    assert report.report.url == f"{site.url}/a.txt"


def test_two_addresses_of_one_text_are_both_known(taker: Taker, library_dir: Path) -> None:
    with Site({"/a": page_of("绍兴市"), "/b": page_of("绍兴市")}) as site:
        take(taker, site.rules(), f"{site.url}/a", f"{site.url}/b")
        forget(library_dir, [f"{site.url}/a"], taker.vectors, no_progress)
    (report,) = held(library_dir)
    assert report.sources == (f"127.0.0.1:{site.port}/b",)


def test_a_member_that_is_gone_from_an_archive_goes_and_an_address_below_it_stays(
    taker: Taker, library_dir: Path
) -> None:
    members = {f"{place}.txt": text_of(place).encode() for place in PLACES[:2]}
    with Site({"/a": Page(packed(members)), "/a/b": page_of("宁波市")}) as site:
        take(taker, site.rules(), f"{site.url}/a", f"{site.url}/a/b")
        assert places(library_dir) == {"绍兴市", "杭州市", "宁波市"}
        members.pop("绍兴市.txt")
        site.pages["/a"] = Page(packed(members))
        take(taker, site.rules(), f"{site.url}/a")
    assert places(library_dir) == {"杭州市", "宁波市"}
    assert forget(library_dir, [f"{site.url}/a"], taker.vectors, no_progress) == 1
    assert places(library_dir) == {"宁波市"}


def test_a_page_gives_up_an_attachment_for_its_own_text(taker: Taker, library_dir: Path) -> None:
    short = '<html><body><p>政府工作报告</p><a href="b.txt">附件</a></body></html>'
    with Site({"/a": Page(short.encode()), "/b.txt": page_of("绍兴市")}) as site:
        take(taker, site.rules(), f"{site.url}/a")
        assert [one.report.url for one in held(library_dir)] == [f"{site.url}/b.txt"]
        site.pages["/a"] = page_of("杭州市")
        take(taker, site.rules(), f"{site.url}/a")
        assert [one.report.url for one in held(library_dir)] == [f"{site.url}/a"]
        site.pages["/a"] = Page(short.encode())
        take(taker, site.rules(), f"{site.url}/a")
    assert [one.report.url for one in held(library_dir)] == [f"{site.url}/b.txt"]


def test_files_and_addresses_go_together_and_fail_alone(
    taker: Taker, library_dir: Path, tmp_path: Path
) -> None:
    given = put(tmp_path, "a.txt", text_of("绍兴市").encode())
    with Site({"/b": page_of("杭州市")}) as site:
        urls = (f"{site.url}/b", "http://10.0.0.1/", f"{site.url}/none")
        summary = take(taker, site.rules(), given, tmp_path / "none.txt", *urls)
    assert places(library_dir) == {"绍兴市", "杭州市"}
    assert keys(summary) == ["unreadable", "private_address", "http_status"]


def test_another_ingest_is_waited_for(library_dir: Path, vector_maker: MakeVectorMaker) -> None:
    told: list[str] = []
    taker = taker_of(library_dir, vector_maker, told)
    with Site({"/a": page_of("绍兴市")}) as site:
        with storage.exclusive(library_dir):
            run = threading.Thread(target=take, args=(taker, site.rules(), f"{site.url}/a"))
            run.start()
            while not told:
                run.join(0.05)
        run.join(60)
    assert told == ["library_busy"]
    assert places(library_dir) == {"绍兴市"}


# --- lists -------------------------------------------------------------------------------------


def test_a_list_is_taken_in_by_batches(
    taker: Taker, library_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.web.BATCH", 3)
    with Site({f"/{number}": page_of(place) for number, place in enumerate(PLACES)}) as site:
        urls = [f"{site.url}{path}" for path in site.pages]
        summary = take(taker, site.rules(), *urls, list_name="list")
        assert len(summary.added) == summary.taken == len(PLACES)
        # The run came to its end: the next one asks anew.
        again = take(taker, site.rules(), *urls, list_name="list")
    assert (again.earlier, len(again.unchanged)) == (0, len(PLACES))
    assert len(versions(library_dir)) <= 3


def test_a_killed_run_is_gone_on_with_by_the_next(
    library_dir: Path, tmp_path: Path, taker: Taker
) -> None:
    stuck, going_on = threading.Event(), threading.Event()

    def fifth(handler: BaseHTTPRequestHandler) -> None:
        if not going_on.is_set():
            stuck.set()
            going_on.wait(60)
            return
        send(handler, page_of(PLACES[4]))

    with Site() as site:
        for number, place in enumerate(PLACES):
            site.pages[f"/{number}"] = page_of(place)
        site.pages |= {
            "/1": Page(status=410),
            "/2": [Page(status=500), page_of(PLACES[2])],
            "/4": fifth,
        }
        urls = "\n".join(f"{site.url}/{number}" for number in range(len(PLACES)))
        given = put(tmp_path, "list.txt", urls.encode())
        command = [sys.executable, "-m", "tests.qa.library.killed_list", str(library_dir)]
        command += [f"127.0.0.1:{site.port}", str(tmp_path / "cache.sqlite"), str(given)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert stuck.wait(60)
            killed.kill()
            killed.communicate()
        # Two batches of two are in but for what failed; the third is lost.
        assert places(library_dir) == {PLACES[0], PLACES[3]}
        going_on.set()
        before = len(site.asked)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        again = [one.path for one in site.asked[before:] if one.path != "/robots.txt"]
    # What is in is not asked for, nor what is gone for good; what the server failed at is.
    assert again == ["/2", "/4", "/5", "/6", "/7"]
    assert ended.stdout.split() == ["2", "5", "1"], ended.stderr
    assert places(library_dir) == set(PLACES) - {PLACES[1]}


def test_errors_are_remembered_with_their_kind(taker: Taker, library_dir: Path) -> None:
    error = NotAReportError("not_a_report", name="x")
    with Fetches(library_dir) as fetches:
        fetches.keep_done("list", {"a": None, "b": error})
    with Fetches(library_dir) as fetches:
        done = fetches.done("list")
        assert done["a"] is None
        assert type(done["b"]) is NotAReportError
        assert str(done["b"]) == str(error)
        fetches.finish("list")
        assert fetches.done("list") == {}


def test_a_damaged_memory_is_made_anew(library_dir: Path) -> None:
    library_dir.mkdir()
    (library_dir / "fetches.sqlite").write_bytes(b"no database" * 100)
    with Fetches(library_dir) as fetches:
        assert fetches.done("list") == {}


def test_a_library_of_the_web_opens_as_any_other(taker: Taker, library_dir: Path) -> None:
    with Site({"/a": page_of("绍兴市")}) as site:
        take(taker, site.rules(), f"{site.url}/a")
    library = Library(library_dir)
    (report_id,) = library.reports
    assert library.source_text(report_id) == text_of("绍兴市")
    library.close()
    assert names_of(library_dir)
