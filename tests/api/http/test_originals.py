"""The file a report came as: taken away, shown page by page, a sentence found on it."""

import asyncio
import io
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.http.drawing import Page, Press
from api.http.problems import Problem
from qa.reports.limits import ReadLimits
from qa.settings import Settings
from tests.api.http.conftest import GuardedClient
from tests.api.http.keeping import changeable, client_of, taken
from tests.conftest import Invented, MakeVectorMaker
from tests.qa.reports.readers.made import document, packed, put, report_pdf
from tests.qa.reports.test_drawing import picture

HAINING = Invented("海宁市", 2025, "全市地区生产总值增长6.3%。", "地区生产总值增长6%左右。")
PDF = report_pdf(HAINING.text, rows=16)
NAME = "海宁市2025年政府工作报告,终稿.pdf"
WORD = document(*Invented("桐乡市", 2025, "新建学校3所。").text.splitlines())
HTML = f"<!DOCTYPE html><html><body><script>alert(1)</script>{''.join(f'<p>{line}</p>' for line in Invented('嘉善县', 2025, '新建学校5所。').text.splitlines())}</body></html>".encode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", cache=tmp_path / "cache", embedding="hash")


@pytest.fixture
def client(settings: Settings, vector_maker: MakeVectorMaker) -> Iterator[TestClient]:
    with client_of(changeable(settings, vector_maker())) as client:
        yield client


def address(client: TestClient, *files: tuple[str, str | bytes]) -> str:
    """Take files in; the address of the first report that they gave."""
    return f"/api/reports/{taken(client, *files)['added'][0]}"


def kept(settings: Settings) -> list[Path]:
    return [p for p in (settings.library / "originals").iterdir() if len(p.name) == 64]


def problem(reply: Any) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["type"].rpartition(":")[2]


# --- the file ----------------------------------------------------------------------------------


def test_a_file_is_given_back_as_it_came(client: TestClient) -> None:
    at = address(client, (NAME, PDF))
    reply = client.get(f"{at}/original")
    assert reply.content == PDF
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-security-policy"] == "sandbox"
    assert reply.headers["x-content-type-options"] == "nosniff"
    named = reply.headers["content-disposition"]
    assert named.startswith('attachment; filename="___2025')
    assert named.endswith("filename*=UTF-8''%E6%B5%B7%E5%AE%81%E5%B8%822025%E5%B9%B4%E6%94%BF%E5%BA%9C%E5%B7%A5%E4%BD%9C%E6%8A%A5%E5%91%8A%2C%E7%BB%88%E7%A8%BF.pdf")  # fmt: skip
    again = client.get(f"{at}/original", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = client.get(f"{at}/original", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")
    told = client.get(at).json()["original"]
    assert told == {"form": "pdf", "name": NAME, "bytes": len(PDF), "pages": 2}


def test_a_web_page_is_never_called_one(client: TestClient) -> None:
    reply = client.get(f"{address(client, ('a', HTML))}/original")
    assert reply.content == HTML
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment;")
    assert "a.html" in reply.headers["content-disposition"]


def test_a_member_of_an_archive_is_given_alone(client: TestClient) -> None:
    at = address(client, ("a.zip", packed({"卷/b.docx": WORD})))
    reply = client.get(f"{at}/original")
    assert reply.content == WORD
    assert reply.headers["content-type"].endswith("wordprocessingml.document")
    assert 'filename="b.docx"' in reply.headers["content-disposition"]


def test_what_was_not_kept_is_said(
    client: TestClient, settings: Settings, vector_maker: MakeVectorMaker
) -> None:
    at = address(client, ("a.txt", HAINING.text.encode()))
    assert problem(client.get(f"{at}/original")) == (404, "no_original")
    assert problem(client.get(f"{at}/pages/1.png")) == (404, "no_pages")
    assert client.get(at).json()["original"] is None
    assert problem(client.get("/api/reports/none/original")) == (404, "no_report")
    assert problem(client.get("/api/reports/none/pages/1.png")) == (404, "no_report")
    assert problem(client.get("/api/reports/none/boxes?start=0&end=1")) == (404, "no_report")
    sparing = Settings(**{**settings.model_dump(), "original_max_bytes": 0})
    with client_of(changeable(sparing, vector_maker())) as other:
        at = address(other, ("b.pdf", report_pdf(HAINING.text.replace("海宁市", "平湖市"))))
        assert problem(other.get(f"{at}/original")) == (404, "no_original")
        told = other.get(f"{at}/pages/1.png", headers={"Accept-Language": "zh"}).json()
        assert "可看文字版" in told["detail"]


def test_what_is_missing_or_altered_is_said_and_the_text_is_there(
    client: TestClient, settings: Settings
) -> None:
    at = address(client, (NAME, PDF))
    (path,) = kept(settings)
    assert client.get(f"{at}/original").status_code == 200
    path.write_bytes(PDF.replace(b"%PDF-1.3", b"%PDF-1.4"))
    assert problem(client.get(f"{at}/original")) == (503, "original_missing")
    path.unlink()
    for what in ("original", "pages/1.png"):
        reply = client.get(f"{at}/{what}")
        assert problem(reply) == (503, "original_missing")
        assert "可看文字版" in reply.json()["detail"]
    assert "6.3%" in client.get(f"{at}/text").json()["text"]
    assert client.get(at).json()["original"]["bytes"] is None
    # The same file, sent again, is put back.
    assert taken(client, (NAME, PDF))["unchanged"]
    assert client.get(f"{at}/original").content == PDF


def test_who_may_not_read_gets_nothing(guarded: GuardedClient, bundled_chain: Any) -> None:
    report_id = next(iter(bundled_chain.searcher.library.reports))
    client = guarded(api_keys="read:sesame-open-sesame")
    for what in ("original", "pages/1.png", "boxes?start=0&end=1"):
        assert client.get(f"/api/reports/{report_id}/{what}").status_code == 401


# --- pages -------------------------------------------------------------------------------------


def test_a_page_is_drawn_in_a_width_of_steps(client: TestClient) -> None:
    at = address(client, (NAME, PDF))
    reply = client.get(f"{at}/pages/1.png?width=700")
    assert reply.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(reply.content))
    assert image.width == 800
    assert abs(image.height - 800 * 842 / 595) <= 1
    assert image.mode == "L"
    tag = reply.headers["etag"]
    assert client.get(f"{at}/pages/1.png?width=800").headers["etag"] == tag
    known = client.get(f"{at}/pages/1.png?width=800", headers={"If-None-Match": tag})
    assert known.status_code == 304
    assert client.get(f"{at}/pages/2.png?width=800").headers["etag"] != tag


@pytest.mark.parametrize("page", ["0", "3", "99", "-1"])
def test_a_page_that_is_not_there_is_said(client: TestClient, page: str) -> None:
    at = address(client, (NAME, PDF))
    assert problem(client.get(f"{at}/pages/{page}.png")) == (404, "no_such_page")


@pytest.mark.parametrize("asked", ["1.png?width=100", "1.png?width=9999", "x.png", "1.png?width=x"])
def test_a_width_or_page_of_no_sense_is_refused(client: TestClient, asked: str) -> None:
    at = address(client, (NAME, PDF))
    assert problem(client.get(f"{at}/pages/{asked}")) == (422, "invalid_request")


def test_a_document_of_word_has_paragraphs_and_no_pages(client: TestClient) -> None:
    at = address(client, ("b.docx", WORD))
    assert problem(client.get(f"{at}/pages/1.png")) == (404, "no_pages")
    text = client.get(f"{at}/text").json()["text"]
    start = text.index("新建学校3所")
    told = client.get(f"{at}/boxes?start={start}&end={start + 6}").json()
    assert (told["page"], told["pages"]) == (None, [])
    assert told["paragraph"] == text.count("\n", 0, start) + 1


def test_a_page_that_cannot_be_drawn_is_said_and_the_server_lives(
    client: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = address(client, (NAME, PDF))
    (path,) = kept(settings)
    path.write_bytes(PDF[:300])
    # As if the file had been like this when it came.
    monkeypatch.setattr("qa.library.kept_files.original_fault", lambda path: None)
    reply = client.get(f"{at}/pages/1.png")
    assert problem(reply) == (422, "page_not_drawn")
    assert "请看文字版" in reply.json()["detail"]
    path.write_bytes(PDF)
    assert client.get(f"{at}/pages/1.png").status_code == 200


# --- boxes -------------------------------------------------------------------------------------


def test_a_sentence_over_two_pages_has_boxes_on_both(client: TestClient) -> None:
    at = address(client, (NAME, PDF))
    text = client.get(f"{at}/text").json()["text"]
    start = text.index("各位代表")
    told = client.get(f"{at}/boxes?start={start}&end={len(text)}").json()
    assert [page["page"] for page in told["pages"]] == [1, 2]
    assert told["page"] == 1
    for page in told["pages"]:
        assert (page["width"], page["height"]) == (595.0, 842.0)
        for left, top, right, bottom in page["boxes"]:
            assert 50 < left < right < 595
            assert 50 < top < bottom < 842


def test_offsets_of_no_sense_are_refused(client: TestClient) -> None:
    at = address(client, (NAME, PDF))
    assert problem(client.get(f"{at}/boxes?start=5&end=4"))[0] == 422
    assert problem(client.get(f"{at}/boxes?start=999999&end=999999"))[0] == 416
    assert problem(client.get(f"{at}/boxes"))[0] == 422


# --- the press ---------------------------------------------------------------------------------


def test_a_process_that_is_killed_is_replaced(tmp_path: Path) -> None:
    page = Page(put(tmp_path, "a.png", picture(900, 1200)), "a.png", 1, 400)
    press = Press(ReadLimits(), kept_bytes=0)

    async def draw_twice() -> tuple[bytes, bytes]:
        async with press.running():
            first = await press.drawn(page)
            child = press._drawer._process._child
            assert child is not None
            child.send_signal(signal.SIGKILL)
            child.wait()
            return first, await press.drawn(page)

    first, second = asyncio.run(draw_twice())
    assert first == second
    assert press._drawer._process._child is None


def test_what_is_asked_for_at_once_is_drawn_once(tmp_path: Path) -> None:
    press = Press(ReadLimits())
    page = Page(tmp_path / "a.png", "a.png", 1, 400)
    count = 0

    class Drawer:
        def draw(self, *asked: object) -> bytes:
            nonlocal count
            count += 1
            return b"png"

    press._drawer = Drawer()  # type: ignore[assignment]

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(press.drawn(page) for _ in range(20)))

    assert set(asyncio.run(all_at_once())) == {b"png"}
    assert count == 1


def test_too_many_that_wait_are_told_to_come_again(tmp_path: Path) -> None:
    press = Press(ReadLimits())
    go = threading.Event()

    class Drawer:
        def draw(self, *asked: object) -> bytes:
            go.wait(60)
            return b"png"

    press._drawer = Drawer()  # type: ignore[assignment]

    async def crowd() -> list[bytes | BaseException]:
        pages = [Page(tmp_path / "a.png", "a.png", number, 400) for number in range(40)]
        waiting = [asyncio.create_task(press.drawn(page)) for page in pages]
        await asyncio.sleep(0)
        go.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    told = asyncio.run(crowd())
    refused = [one for one in told if isinstance(one, Problem)]
    assert told.count(b"png") == 32
    assert {(one.status, one.key) for one in refused} == {(503, "pages_busy")}
    assert all(one.headers["Retry-After"] for one in refused)


def test_the_latest_pictures_are_kept_up_to_a_bound(tmp_path: Path) -> None:
    press = Press(ReadLimits(), kept_bytes=5)
    drawn = []

    class Drawer:
        def draw(self, path: Path, name: str, page: int, width: int) -> bytes:
            drawn.append(page)
            return b"ab"

    press._drawer = Drawer()  # type: ignore[assignment]

    async def ask() -> None:
        for number in (1, 2, 1, 3, 1, 2):
            await press.drawn(Page(tmp_path, "a", number, 400))

    asyncio.run(ask())
    assert drawn == [1, 2, 3, 2]
