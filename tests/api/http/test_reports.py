import base64
import errno
import shutil
import socket
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.http import create_app
from api.http.schemas import CitationBody, JobBody, ReportBody, ReportDetail, TextBody
from qa.errors import LibraryDamagedError
from qa.library import storage
from qa.library.library import Library
from qa.reports.report import Source
from qa.settings import Settings
from tests.api.http.keeping import (
    FILE,
    HAINING,
    changeable,
    client_of,
    ended,
    left_over,
    send,
    taken,
)
from tests.api.http.serving import served
from tests.conftest import Invented, MakeVectorMaker
from tests.qa.reports.readers.made import document, packed

YUECHENG = "330602-2024-27cca5e8"


def places(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [report["place"] for report in reply.json()]


# --- the list ----------------------------------------------------------------------------------


def test_the_list_is_what_the_command_prints(client: TestClient) -> None:
    reply = client.get("/api/reports")
    assert len(reply.json()) == 8
    for report in reply.json():
        ReportBody.model_validate(report)
    by_id = {report["report_id"]: report for report in reply.json()}
    assert by_id[YUECHENG]["speaker"] == "钱林江"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("place=越城区", {"越城区"}),
        ("place=越城", {"越城区"}),
        ("place=绍兴", {"越城区", "绍兴市"}),
        ("place=全国", {"越城区", "绍兴市", "上城区", "海曙区", "荔湾区", "临淄区"}),
        ("place=浙江", {"越城区", "绍兴市", "上城区", "海曙区"}),
        ("place=浙江省&year=2024", {"越城区", "上城区"}),
        ("place=东京", set()),
        ("year=1949", set()),
        ("place=越城&year=2024", {"越城区"}),
        ("place=越城&year=2023", set()),
    ],
)
def test_reports_are_chosen_by_place_and_year(
    client: TestClient, asked: str, wanted: set[str]
) -> None:
    assert set(places(client.get(f"/api/reports?{asked}"))) == wanted


def test_pages_follow_their_links_to_the_end(client: TestClient) -> None:
    whole = client.get("/api/reports").json()
    found: list[Any] = []
    path = "/api/reports?limit=3"
    while path:
        page = client.get(path)
        assert len(page.json()) <= 3
        found += page.json()
        path = page.links.get("next", {}).get("url", "")
    assert found == whole


def test_a_page_keeps_its_filter_and_survives_a_new_report(own_client: TestClient) -> None:
    before = places(own_client.get("/api/reports?place=浙江"))
    first = own_client.get("/api/reports?place=浙江&limit=1")
    taken(own_client, (FILE, HAINING.text))
    rest = places(own_client.get(first.links["next"]["url"].replace("limit=1", "limit=100")))
    assert sorted([*places(first), *rest]) == sorted([*before, "海宁市"])


_DEEP = base64.urlsafe_b64encode(b"[" * 1490).decode().rstrip("=")
_ENDLESS = base64.urlsafe_b64encode(b'["a", Infinity, "b", 1]').decode()


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "W10", "WyJhIiwiYiIsImMiLDFd", "%00", "ü", _DEEP, _ENDLESS]
)
def test_a_broken_cursor_is_told(client: TestClient, cursor: str) -> None:
    reply = client.get(f"/api/reports?cursor={cursor}")
    assert reply.status_code == 422
    assert "cursor" in reply.json()["detail"]


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "limit=x", "year=x"])
def test_wrong_parameters_are_told(client: TestClient, asked: str) -> None:
    assert client.get(f"/api/reports?{asked}").status_code == 422


def test_without_a_library_there_is_no_empty_list(empty_client: TestClient) -> None:
    reply = empty_client.get("/api/reports")
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "no_library"


# --- what has not changed ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", f"/{YUECHENG}", f"/{YUECHENG}/text?start=0&end=9"])
def test_what_has_not_changed_is_not_sent_again(own_client: TestClient, path: str) -> None:
    first = own_client.get(f"/api/reports{path}")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = own_client.get(f"/api/reports{path}", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert own_client.get(f"/api/reports{path}", headers={"if-none-match": '"x"'}).is_success
    taken(own_client, (FILE, HAINING.text))
    changed = own_client.get(f"/api/reports{path}", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_another_library_at_the_same_path_has_other_tags(
    own_settings: Settings, vector_maker: MakeVectorMaker
) -> None:
    tags = []
    for _ in range(2):
        with client_of(changeable(own_settings, vector_maker())) as client:
            tags.append(client.get("/api/reports").headers["etag"])
        shutil.copytree(own_settings.library, own_settings.library.with_name("moved"))
        shutil.rmtree(own_settings.library)
        moved = own_settings.library.with_name("moved")
        shutil.copytree(moved, own_settings.library, copy_function=shutil.copyfile)
        shutil.rmtree(moved)
    assert tags[0] != tags[1]
    assert tags[0].split("-")[0] == tags[1].split("-")[0]


# --- one report --------------------------------------------------------------------------------


def test_a_report_comes_with_its_table_of_contents(
    client: TestClient, sample_sources: dict[str, Source]
) -> None:
    report = client.get(f"/api/reports/{YUECHENG}").json()
    ReportDetail.model_validate(report)
    assert sum(section["passages"] for section in report["sections"]) == report["passages"]
    text = sample_sources["000"].text
    for section in report["sections"]:
        assert all(heading in text[: section["end"]] for heading in section["headings"])
    kinds = [section["kind"] for section in report["sections"]]
    assert kinds.index("review") < kinds.index("plan")
    for before, after in pairwise(report["sections"]):
        assert before["end"] <= after["start"]
        assert (before["headings"], before["kind"]) != (after["headings"], after["kind"]) or (
            before["period"] != after["period"]
        )
    first = report["sections"][2]
    assert first["headings"] == ["一、2023年工作回顾"]
    assert text[first["start"] :].startswith("一、2023年工作回顾")


@pytest.mark.parametrize("path", ["/nothing", "/nothing/text", "/%2e%2e%2fx"])
def test_an_unknown_report_is_not_found(client: TestClient, path: str) -> None:
    reply = client.get(f"/api/reports{path}")
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"


# --- texts -------------------------------------------------------------------------------------


def test_every_report_s_text_is_its_file_s_by_the_offsets_of_citations(
    client: TestClient, sample_sources: dict[str, Source]
) -> None:
    texts = {source.name: source.text for source in sample_sources.values()}
    for report in client.get("/api/reports").json():
        told = client.get(f"/api/reports/{report['report_id']}/text").json()
        TextBody.model_validate(told)
        assert told["text"] == texts[told["source"]][told["start"] : told["end"]]
        assert told["total"] == len(texts[told["source"]])
        assert told["next"] is None


def test_a_citation_s_offsets_give_its_quote(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": "荔湾区去年一般公共预算收入是多少?"}).json()
    for citation in answer["citations"]:
        path = f"/api/reports/{citation['report_id']}/text"
        told = client.get(path, params={"start": citation["start"], "end": citation["end"]}).json()
        assert told["text"] == citation["quote"]
        assert told["source"] == citation["source"]


def test_a_text_may_be_had_plain(client: TestClient, sample_sources: dict[str, Source]) -> None:
    path = f"/api/reports/{YUECHENG}/text?start=10&end=300"
    plain = client.get(path, headers={"accept": "text/plain"})
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.content.decode() == sample_sources["000"].text[10:300]
    assert plain.headers["etag"] != client.get(path).headers["etag"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("start=5&end=4", 422),
        ("start=-1", 422),
        ("end=x", 422),
        ("start=0&end=99999999", 200),
        ("start=99999998&end=99999999", 416),
        ("start=99999999", 422),
        ("start=7&end=7", 200),
    ],
)
def test_ranges_that_are_none_are_told(client: TestClient, asked: str, status: int) -> None:
    reply = client.get(f"/api/reports/{YUECHENG}/text?{asked}")
    assert reply.status_code == status
    if status == 416:
        assert reply.headers["content-range"].startswith("characters */")


def test_a_long_text_comes_in_parts(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, sample_sources: dict[str, Source]
) -> None:
    monkeypatch.setattr("api.http.reports._MOST_CHARS", 4000)
    whole, start = "", 0
    while start is not None:
        told = client.get(f"/api/reports/{YUECHENG}/text?start={start}").json()
        whole, start = whole + told["text"], told["next"]
    assert whole == sample_sources["000"].text[: len(whole)]
    assert len(whole) > 8000
    plain, path = "", f"/api/reports/{YUECHENG}/text"
    while path:
        reply = client.get(path, headers={"accept": "text/plain"})
        plain, path = plain + reply.text, reply.links.get("next", {}).get("url", "")
    assert plain == whole


# --- uploads -----------------------------------------------------------------------------------


def test_an_upload_is_answered_from_as_soon_as_its_job_is_done(
    own_client: TestClient, own_settings: Settings
) -> None:
    question = {"question": "海宁市2024年GDP增长多少?"}
    assert own_client.post("/api/ask", json=question).json()["status"] == "refused"
    job = send(own_client, (FILE, HAINING.text))
    JobBody.model_validate(job)
    told = ended(own_client, job)
    JobBody.model_validate(told)
    answer = own_client.post("/api/ask", json=question).json()
    assert "6.3%" in answer["answer"]
    citation = answer["citations"][0]
    assert citation["source"] == FILE
    assert HAINING.text[citation["start"] : citation["end"]] == citation["quote"]
    assert [citation["report_id"]] == told["result"]["added"]
    assert left_over(own_settings) == []


def test_the_first_upload_makes_the_library(empty_client: TestClient) -> None:
    assert len(taken(empty_client, (FILE, HAINING.text))["added"]) == 1
    assert places(empty_client.get("/api/reports")) == ["海宁市"]


def test_several_files_are_taken_at_once_and_fail_alone(own_client: TestClient) -> None:
    other = Invented("平湖市", 2025, "地区生产总值增长5.1%。", "增长5%。")
    result = taken(
        own_client,
        (FILE, HAINING.text),
        ("平湖.txt", other.text.encode("gb18030")),
        ("封面.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20),
        ("空.txt", b""),
        ("信.txt", "亲爱的妈妈:今天天气很好。" * 30),
    )
    assert len(result["added"]) == 2
    assert [row["path"] for row in result["failed"]] == ["封面.pdf", "空.txt", "信.txt"]
    for row in result["failed"]:
        assert row["path"] in row["error"]
        assert "uploads" not in row["error"]


def test_messages_are_in_the_client_s_language(own_client: TestClient) -> None:
    job = send(own_client, ("empty.txt", b""))
    (chinese,) = ended(own_client, job)["result"]["failed"]
    (english,) = ended(own_client, job, **{"accept-language": "en-GB"})["result"]["failed"]
    assert "empty.txt is empty" in english["error"]
    assert "空" in chinese["error"]


def test_the_same_file_again_is_unchanged(own_client: TestClient) -> None:
    added = taken(own_client, (FILE, HAINING.text))["added"]
    tag = own_client.get("/api/reports").headers["etag"]
    again = taken(own_client, (FILE, HAINING.text))
    assert (again["added"], again["unchanged"]) == ([], added)
    assert own_client.get("/api/reports").headers["etag"] == tag


def test_files_of_any_form_are_taken_and_a_bad_one_fails_alone(own_client: TestClient) -> None:
    archive = packed(
        {"in/海宁.docx": document(*HAINING.text.splitlines()), "坏.pdf": b"%PDF-1.7 no"}
    )
    result = taken(own_client, ("报告.zip", archive))
    assert len(result["added"]) == 1
    assert [row["path"] for row in result["failed"]] == ["报告.zip/坏.pdf"]
    assert "已损坏" in result["failed"][0]["error"] or "damaged" in result["failed"][0]["error"]
    asked = {"question": "海宁市2024年GDP增长多少?"}
    (citation, *_) = own_client.post("/api/ask", json=asked).json()["citations"]
    CitationBody.model_validate(citation)
    assert citation["source"] == "报告.zip/in/海宁.docx"
    assert citation["paragraph"] > 1
    text = own_client.get(
        f"/api/reports/{citation['report_id']}/text",
        params={"start": citation["start"], "end": citation["end"]},
    )
    assert text.json()["text"] == citation["quote"]


def test_two_files_of_one_name_both_stay(own_client: TestClient) -> None:
    other = Invented("平湖市", 2025, "地区生产总值增长5.1%。", "增长5%。")
    files = [("报告.txt", HAINING.text), ("报告.txt", other.text), ("报告.txt", other.text)]
    result = taken(own_client, *files)
    assert (len(result["added"]), len(result["unchanged"])) == (2, 1)
    held = {r["place"]: r["sources"] for r in own_client.get("/api/reports").json()}
    assert held["海宁市"] == ["报告.txt"]
    (name,) = held["平湖市"]
    assert name.endswith("/报告.txt")
    assert len(name) == len("01234567/报告.txt")
    assert len(taken(own_client, files[1])["unchanged"]) == 1


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\报告\\越城 2024.txt", "越城 2024.txt"),
        ("/绝对/路径.txt", "路径.txt"),
        ("..隐藏.txt", "隐藏.txt"),
        (". .hidden", "hidden"),
        ("a\u202etxt.exe\u200b\x7f", "atxt.exe"),
        ("no suffix", "no suffix"),
        ("-rf.txt", "-rf.txt"),
        ("%2e%2e%2fx.txt", "%2e%2e%2fx.txt"),
    ],
)
def test_a_file_goes_by_its_own_name(own_client: TestClient, given: str, name: str) -> None:
    taken(own_client, (given, HAINING.text))
    held = {r["place"]: r["sources"] for r in own_client.get("/api/reports").json()}
    assert held["海宁市"] == [name]


@pytest.mark.parametrize("given", ["..", "/", "a/", " ", "\u200b", "越" * 86])
def test_a_file_without_a_name_is_told(own_client: TestClient, given: str) -> None:
    reply = own_client.post("/api/reports", files=[("file", (given, b"x"))])
    assert reply.status_code == 422
    assert "name" in reply.json()["detail"]


def form(*parts: str) -> dict[str, Any]:
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    return {
        "content": f"{body}--b--\r\n".encode(),
        "headers": {"content-type": "multipart/form-data; boundary=b"},
    }


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"files": [("other", ("a.txt", b"x"))]}, 422),
        (form('name="file"\r\n\r\ntext'), 422),
        (form('name="file"; filename=""\r\n\r\nx'), 422),
        (form('name="file"; filename="a.txt"\r\n\r\nx', 'name="more"\r\n\r\n1'), 422),
        (form(), 422),
        ({"content": b"", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 422),
        ({"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 400),
        ({"content": b"junk", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"files": [("file", (f"{n}.txt", b"x")) for n in range(101)]}, 400),
        ({"content": HAINING.text.encode(), "headers": {"content-type": "text/plain"}}, 415),
        ({"json": {"file": "x"}}, 415),
        ({"data": {"file": "x"}}, 415),
        ({}, 415),
    ],
)
def test_what_is_no_upload_is_told(
    own_client: TestClient, own_settings: Settings, sent: dict[str, Any], status: int
) -> None:
    reply = own_client.post("/api/reports", **sent)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert left_over(own_settings) == []
    assert own_client.get("/api/jobs").json() == []


def test_too_much_is_told_before_it_is_read(
    own_settings: Settings, vector_maker: MakeVectorMaker
) -> None:
    settings = own_settings.model_copy(update={"upload_max_bytes": 300_000})
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (part, *[b"x" * 60_000] * 6))
    with served(create_app(changeable(settings, vector_maker()))) as address:
        for announced, body in (("Content-Length: 99999999999", b""), (CHUNKED, chunks)):
            # Neither body is ever ended.
            reply = begun(address, announced, body)
            assert reply.startswith("HTTP/1.1 413 ")
            assert "application/problem+json" in reply
        with httpx.Client(base_url=address, timeout=30) as client:
            fitting = client.post("/api/reports", files={"file": ("a.txt", b"x" * 290_000)})
            assert fitting.status_code == 202
            assert client.post("/api/ask", json={"question": "x" * 300_000}).status_code == 413
    assert left_over(settings) == []


CHUNKED = "Transfer-Encoding: chunked"


def begun(address: str, announced: str, body: bytes) -> str:
    """The reply to an upload that is only begun."""
    host, port = address.removeprefix("http://").split(":")
    media = "Content-Type: multipart/form-data; boundary=b"
    head = f"POST /api/reports HTTP/1.1\r\nHost: 127.0.0.1\r\n{announced}\r\n{media}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + body)
        return connection.recv(65536).decode()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES])
def test_a_disk_that_takes_no_file_is_told(
    own_client: TestClient, own_settings: Settings, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def refused(*arguments: object) -> None:
        raise OSError(error, "the disk says no")

    monkeypatch.setattr("api.http.reports.shutil.copyfileobj", refused)
    reply = own_client.post("/api/reports", files={"file": (FILE, HAINING.text)})
    assert reply.status_code == 503
    assert "the disk says no" in reply.json()["detail"]
    assert left_over(own_settings) == []


def test_a_cache_that_cannot_be_written_is_told(
    own_client: TestClient, own_settings: Settings
) -> None:
    own_settings.cache.write_text("a file in the way")
    reply = own_client.post("/api/reports", files={"file": (FILE, HAINING.text)})
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "unwritable"


def test_a_library_that_cannot_be_written_fails_the_job(
    own_client: TestClient, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "sync_tree", refused)
    told = ended(own_client, send(own_client, (FILE, HAINING.text)))
    assert told["state"] == "failed"
    assert told["problem"]["status"] == 503
    assert "No space left" in told["problem"]["detail"]
    assert told["result"] is None
    assert left_over(own_settings) == []
    assert len(own_client.get("/api/reports").json()) == 8


# --- deletions ---------------------------------------------------------------------------------


def test_a_report_is_gone_as_soon_as_its_deletion_is_told(own_client: TestClient) -> None:
    question = {"question": "越城区2023年GDP增长多少?"}
    assert own_client.post("/api/ask", json=question).json()["status"] == "answered"
    reply = own_client.delete(f"/api/reports/{YUECHENG}")
    assert (reply.status_code, reply.content) == (204, b"")
    answer = own_client.post("/api/ask", json=question).json()
    assert answer["refusal"]["reason"] == "place_not_held"
    assert own_client.get(f"/api/reports/{YUECHENG}").status_code == 404
    assert own_client.delete(f"/api/reports/{YUECHENG}").status_code == 404


def test_the_last_report_may_be_deleted_and_another_be_sent(empty_client: TestClient) -> None:
    (report_id,) = taken(empty_client, (FILE, HAINING.text))["added"]
    assert empty_client.delete(f"/api/reports/{report_id}").status_code == 204
    assert empty_client.get("/api/reports").json() == []
    answer = empty_client.post("/api/ask", json={"question": "海宁市2024年GDP增长多少?"})
    assert answer.json()["status"] == "refused"
    assert taken(empty_client, (FILE, HAINING.text))["added"] == [report_id]


def test_where_there_is_no_library_nothing_is_deleted(empty_client: TestClient) -> None:
    assert empty_client.delete("/api/reports/x").status_code == 503


def test_a_deletion_during_another_program_s_ingest_is_told_to_come_again(
    own_client: TestClient, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.writing._CLIENT_PATIENCE_SECONDS", 0.3)
    with storage.exclusive(own_settings.library):
        reply = own_client.delete(f"/api/reports/{YUECHENG}")
    assert reply.status_code == 409
    assert int(reply.headers["retry-after"]) > 0
    assert own_client.delete(f"/api/reports/{YUECHENG}").status_code == 204


def test_a_version_that_cannot_be_opened_is_told_of_and_the_old_one_answers(
    own_client: TestClient, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Library.__init__

    def broken(self: Library, path: Path) -> None:
        opened(self, path)
        raise LibraryDamagedError("library_damaged", path=path, reason="disk gone")

    monkeypatch.setattr(Library, "__init__", broken)
    told = ended(own_client, send(own_client, (FILE, HAINING.text)))
    assert (told["state"], told["problem"]["status"]) == ("failed", 503)
    answer = own_client.post("/api/ask", json={"question": "越城区2023年GDP增长多少?"})
    assert answer.json()["status"] == "answered"


def test_an_end_behind_the_file_s_is_the_file_s(client: TestClient) -> None:
    whole = client.get(f"/api/reports/{YUECHENG}/text?start=0").json()
    asked = client.get(f"/api/reports/{YUECHENG}/text?start=5&end={whole['total'] + 9}").json()
    assert (asked["end"], asked["next"]) == (whole["total"], None)
