import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.figure_schemas import CompareReply
from qa.library.library import Library
from qa.tables import making

TWO = {"place": ["越城", "上城"], "indicator": ["GDP"], "period": ["2023"]}


def test_the_table_has_the_form_of_an_answers_table(client: TestClient) -> None:
    reply = client.get("/api/compare", params=TWO)
    assert reply.status_code == 200
    body = reply.json()
    CompareReply.model_validate(body)
    assert body["columns"] == ["地区", "指标", "时期", "实绩", "目标"]
    assert body["rows"][1] == [
        {"text": "上城区", "citation": None},
        {"text": "地区生产总值", "citation": None},
        {"text": "2023", "citation": None},
        {"text": "2668.5亿元、增长4.3%", "citation": 2},
        {"text": "未收录", "citation": None},
    ]
    cell = body["cells"][1][3]
    assert (cell["value"], cell["unit"], cell["growth_percent"]) == ("2668.5", "亿元", 4.3)
    assert body["notes"] == []


def test_every_citation_is_the_sources_slice(client: TestClient, bundled_library: Library) -> None:
    query = {"indicator": ["GDP", "固投", "城乡居民人均可支配收入"]}
    body = client.get("/api/compare", params=query).json()
    assert len(body["citations"]) > 10
    for citation in body["citations"]:
        source = bundled_library.source_text(citation["report_id"])
        assert source[citation["start"] : citation["end"]] == citation["quote"]


def test_a_body_asks_the_same(client: TestClient) -> None:
    body = {**TWO, "status": ["actual"], "computed": ["rank", "difference_to_target"]}
    told = client.post("/api/compare", json=body).json()
    assert told == client.get("/api/compare", params=body).json()
    assert told["columns"][-2:] == ["排名(计算)", "与目标之差(计算)"]
    assert told["cells"][0][4] == {
        "place": "越城区",
        "indicator": "地区生产总值",
        "period": "2023",
        "told": "computed",
        "computed": "rank",
        "value": "1",
        "unit": None,
        "by": "growth",
    }


def test_english_readers_get_english_words(client: TestClient) -> None:
    body = client.get("/api/compare", params=TWO, headers={"accept-language": "en"}).json()
    assert body["columns"][0] == "place"
    assert "266.85 billion yuan" in body["rows"][1][3]["text"]


@pytest.mark.parametrize("by", [{"format": "csv"}, {"accept": "text/csv"}])
def test_a_spreadsheet_gets_a_line_a_figure(client: TestClient, by: dict[str, str]) -> None:
    format_ = {"format": by["format"]} if "format" in by else {}
    reply = client.get(
        "/api/compare", params={**TWO, **format_}, headers={"accept": by.get("accept", "*/*")}
    )
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [row["growth_percent"] for row in rows] == ["7.6", "", "4.3", ""]
    assert rows[0]["source"] == "000_9190cc2f12ee2c72.txt"
    assert "wenzheng-compare.csv" in reply.headers["content-disposition"]


def test_a_spreadsheet_by_body(client: TestClient) -> None:
    reply = client.post("/api/compare", json=TWO, headers={"accept": "text/csv"})
    assert reply.content.startswith(b"\xef\xbb\xbfplace,indicator")


def test_a_client_that_has_a_table_is_not_sent_it_again(client: TestClient) -> None:
    tag = client.get("/api/compare", params=TWO).headers["etag"]
    assert client.get("/api/compare", params=TWO, headers={"if-none-match": tag}).status_code == 304
    other = client.get(
        "/api/compare", params={**TWO, "computed": "rank"}, headers={"if-none-match": tag}
    )
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("query", "key", "told"),
    [
        ({"place": "火星", "indicator": "GDP"}, "unknown_place", "越城区"),
        ({"indicator": "GPP"}, "unknown_indicator", "GDP"),
        ({"indicator": " "}, "no_indicator", "GDP"),
        ({"indicator": "GDP", "period": "2025-2021"}, "wrong_period", "2025-2021"),
        ({}, "invalid_request", "indicator"),
        ({"indicator": "GDP", "period": "23"}, "invalid_request", "period"),
        ({"indicator": "GDP", "status": "done"}, "invalid_request", "status"),
        ({"indicator": "GDP", "computed": "sum"}, "invalid_request", "computed"),
        ({"indicator": "GDP", "places": "越城"}, "invalid_request", "places"),
        ({"indicator": "GDP", "format": "jsonl"}, "invalid_request", "format"),
    ],
)
def test_what_cannot_be_compared_is_told(
    client: TestClient, query: dict[str, Any], key: str, told: str
) -> None:
    reply = client.get("/api/compare", params=query)
    assert reply.status_code == 422
    assert reply.json()["type"] == f"urn:wenzheng:problem:{key}"
    assert told in reply.json()["detail"]


def test_a_table_that_is_too_large_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "MOST_CELLS", 1)
    reply = client.post("/api/compare", json=TWO)
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:wenzheng:problem:table_too_large"
