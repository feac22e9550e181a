import base64
import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http import Service
from api.http.figure_schemas import FactsReply, IndicatorsReply, PlacesReply
from qa.library.library import Library
from qa.library.reading import HeldFact
from tests.api.objects import YUECHENG_GDP
from tests.qa.facts.reports import facts_of

GDP = {"place": "越城", "indicator": "GDP", "period": "2023"}


def all_pages(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = client.get("/api/facts", params=query).json()
        found += page["facts"]
        if page["next"] is None:
            assert len(found) == page["total"]
            return found
        query["cursor"] = page["next"]


def test_facts_are_the_commands_objects(client: TestClient) -> None:
    reply = client.get("/api/facts", params=GDP)
    assert reply.status_code == 200
    body = reply.json()
    FactsReply.model_validate(body)
    assert body["total"] == 1
    assert body["next"] is None
    assert body["facts"][0] == YUECHENG_GDP


def test_every_quote_is_the_sources_slice(client: TestClient, bundled_library: Library) -> None:
    found = all_pages(client, limit=1000)
    assert len(found) == len(bundled_library.facts())
    for fact in found:
        text = bundled_library.source_text(fact["report_id"])
        assert text[fact["start"] : fact["end"]] == fact["quote"]


def test_pages_follow_each_other_without_gap_or_repetition(client: TestClient) -> None:
    everything = client.get("/api/facts", params={"place": "越城", "limit": 1000}).json()["facts"]
    assert all_pages(client, place="越城", limit=7) == everything
    assert len(client.get("/api/facts").json()["facts"]) == 100


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"place": ["绍兴"]}, {"绍兴市", "越城区"}),
        ({"place": ["浙江"]}, {"绍兴市", "越城区", "上城区", "海曙区"}),
        ({"place": ["越城区", "荔湾"]}, {"越城区", "荔湾区"}),
        ({"indicator": ["GDP", "固投"], "status": "estimate"}, {None}),
        ({"q": "地区生产总值 突破"}, {"海曙区"}),
        ({"report_id": "330602-2024-27cca5e8", "status": ["target"]}, {"越城区"}),
        ({"period": "2019-2024"}, set()),
        ({"place": "火星"}, set()),
    ],
)
def test_filters_choose(client: TestClient, query: dict[str, Any], places: set[str | None]) -> None:
    assert {fact["place"] for fact in all_pages(client, limit=1000, **query)} == places


@pytest.mark.parametrize(
    "query",
    [
        {"status": "done"},
        {"period": "23"},
        {"limit": 0},
        {"limit": 1001},
        {"indicater": "GDP"},
        {"place": ""},
        {"format": "xml"},
        {"cursor": "x" * 501},
    ],
)
def test_wrong_filters_are_told_and_not_ignored(client: TestClient, query: dict[str, Any]) -> None:
    reply = client.get("/api/facts", params=query)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert next(iter(query)) in reply.json()["detail"]


def test_figures_that_disagree_are_told_with_the_page(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = service.chain.searcher.library
    (report_id, *_) = library.reports
    facts = [
        HeldFact(replace(fact, report_id=report_id), None)
        for fact in facts_of("出口增长3%。一年来,出口增长4%。")
    ]
    monkeypatch.setattr(library, "facts", lambda report_ids=None: facts)
    asked = {"limit": 1000}
    body = client.get("/api/facts", params=asked).json()
    assert body["conflicts"]
    conflict = body["conflicts"][0]
    assert len(conflict["figures"]) >= 2
    assert conflict["told"].startswith("! ")
    assert "不一致" in conflict["told"]
    english = client.get("/api/facts", params=asked, headers={"accept-language": "en"}).json()
    assert "differs" in english["conflicts"][0]["told"]


# --- cursors -----------------------------------------------------------------------------------


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "!!!!", "é", encoded("a|b|c"), encoded("000002-0a0a0a0a|0123456789abcdef|-1"), "%00",
        base64.urlsafe_b64encode(b"\xff\xfe\xfd").decode(),
    ],
)  # fmt: skip
def test_a_broken_cursor_is_refused(client: TestClient, cursor: str) -> None:
    reply = client.get("/api/facts", params={"cursor": cursor})
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:wenzheng:problem:broken_cursor"


def test_a_cursor_of_another_query_is_refused(client: TestClient) -> None:
    cursor = client.get("/api/facts", params={"limit": 1}).json()["next"]
    reply = client.get("/api/facts", params={"cursor": cursor, "place": "越城"})
    assert reply.status_code == 422


def test_a_cursor_may_go_on_with_another_limit(client: TestClient) -> None:
    cursor = client.get("/api/facts", params={"limit": 1}).json()["next"]
    page = client.get("/api/facts", params={"limit": 2, "cursor": cursor}).json()
    assert page["facts"] == client.get("/api/facts").json()["facts"][1:3]


def test_a_cursor_of_an_older_library_says_to_start_again(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = client.get("/api/facts", params={"limit": 1}).json()["next"]
    monkeypatch.setattr(service.chain.searcher.library, "stamp", "000009-0")
    reply = client.get("/api/facts", params={"cursor": cursor})
    assert reply.status_code == 410
    assert reply.json()["type"] == "urn:wenzheng:problem:outdated_cursor"
    assert "重新开始" in reply.json()["detail"]
    english = client.get("/api/facts", params={"cursor": cursor}, headers={"accept-language": "en"})
    assert "start again" in english.json()["detail"]


# --- caching -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/facts", "/api/indicators", "/api/places"])
def test_a_client_that_has_a_reply_is_not_sent_it_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_another_query_form_language_or_library_has_another_tag(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tag(accept: str = "*/*", language: str = "zh", **query: Any) -> str:
        headers = {"accept": accept, "accept-language": language}
        return client.get("/api/facts", params=query, headers=headers).headers["etag"]

    tags = [tag(), tag(limit=5), tag(q="GDP"), tag(language="en"), tag("text/csv")]
    monkeypatch.setattr(service.chain.searcher.library, "stamp", "000009-0")
    assert len({*tags, tag()}) == 6


# --- forms -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "accept"),
    [({"format": "csv"}, "*/*"), ({}, "text/csv"), ({}, "application/json;q=0.5, text/csv")],
)
def test_a_spreadsheet_gets_all_that_matches(
    client: TestClient, params: dict[str, str], accept: str
) -> None:
    reply = client.get("/api/facts", params={**params, "place": "越城"}, headers={"accept": accept})
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.content.startswith(b"\xef\xbb\xbfreport_id,place,indicator,value")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == client.get("/api/facts", params={"place": "越城"}).json()["total"] > 100
    name = reply.headers["content-disposition"]
    assert name.startswith("attachment; filename=\"wenzheng-facts.csv\"; filename*=UTF-8''")
    assert "%E8%B6%8A%E5%9F%8E.csv" in name


def test_a_name_of_a_file_holds_nothing_that_breaks_a_header(client: TestClient) -> None:
    odd = 'a"\r\nx: y/../😀'
    reply = client.get("/api/facts", params={"place": odd, "format": "csv"})
    assert reply.status_code == 200
    assert "x" not in reply.headers
    assert reply.headers["content-disposition"].isascii()
    assert reply.content.decode("utf-8-sig").count("\n") == 1


def test_falls_are_numbers_in_a_spreadsheet(client: TestClient) -> None:
    reply = client.get("/api/facts", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    falls = [row["growth_percent"] for row in rows if row["growth_percent"].startswith("-")]
    assert falls
    assert all(float(fall) < 0 for fall in falls)


def test_json_lines_are_all_facts(client: TestClient) -> None:
    reply = client.get(
        "/api/facts", params={"place": "越城"}, headers={"accept": "application/x-ndjson"}
    )
    assert reply.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert lines == all_pages(client, place="越城", limit=1000)


@pytest.mark.parametrize(
    "accept", ["text/html, */*;q=0.8", "image/png", "text/csv;q=0", "text/csv;q=x"]
)
def test_json_is_what_all_others_get(client: TestClient, accept: str) -> None:
    reply = client.get("/api/facts", headers={"accept": accept})
    assert reply.headers["content-type"] == "application/json"


# --- what there is -----------------------------------------------------------------------------


def test_indicators_are_listed_for_choosing(client: TestClient) -> None:
    body = client.get("/api/indicators", params={"place": "上城"}).json()
    IndicatorsReply.model_validate(body)
    gdp = next(one for one in body["indicators"] if one["name"] == "地区生产总值")
    assert gdp == {
        "name": "地区生产总值",
        "english": "gross regional product",
        "facts": 2,
        "reports": 1,
        "units": ["亿元"],
    }
    assert body["total"] == len(body["indicators"])
    first = client.get("/api/indicators", params={"place": "上城", "limit": 1}).json()
    assert first["indicators"] == body["indicators"][:1]
    assert first["total"] == body["total"]


def test_places_are_listed_with_codes_and_years(client: TestClient) -> None:
    body = client.get("/api/places").json()
    PlacesReply.model_validate(body)
    names = [place["place"] for place in body["places"]]
    assert names == ["上城区", "海曙区", "绍兴市", "越城区", "临淄区", "荔湾区"]
    yuecheng = body["places"][3]
    assert yuecheng["facts"] > 100
    assert {name: yuecheng[name] for name in yuecheng if name != "facts"} == {
        "place": "越城区",
        "place_code": "330602",
        "level": "县",
        "province": "浙江省",
        "years": [2024],
        "reports": ["330602-2024-27cca5e8"],
    }
    assert len(body["unnamed"]) == 2


def test_an_outage_is_a_problem_and_no_empty_page(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_opened", None)
    for path in ("/api/facts", "/api/indicators", "/api/places", "/api/compare?indicator=GDP"):
        assert client.get(path).status_code == 503
