"""PATCH /api/reports/{id}: what was read of a report is put right, and answers follow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.http.schemas import ReportBody
from qa.settings import Settings
from tests.api.http.keeping import changeable, client_of, taken
from tests.conftest import MakeVectorMaker

YUECHENG = "330602-2024-27cca5e8"
PATH = f"/api/reports/{YUECHENG}"


def put_right(client: TestClient, **fields: Any) -> dict[str, Any]:
    reply = client.patch(PATH, json=fields)
    assert reply.status_code == 200, reply.text
    ReportBody.model_validate(reply.json())
    told: dict[str, Any] = reply.json()
    return told


def test_a_correction_is_in_force_when_it_is_told(own_client: TestClient) -> None:
    before = own_client.get(PATH)
    told = put_right(own_client, place="宁波江北区", year=2022, speaker="-")
    assert (told["report_id"], told["place"], told["year"], told["speaker"]) == (
        YUECHENG, "江北区", 2022, None,
    )  # fmt: skip
    assert told["corrected"] == {"place": "越城区", "year": 2024, "speaker": "钱林江"}
    assert told["warnings"] == ["人工更正:地区(原文越城区)、年份(原文2024)、报告人(原文钱林江)"]
    after = own_client.get(PATH, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["corrected"] == told["corrected"]
    assert [one["report_id"] for one in own_client.get("/api/reports?place=江北区").json()] == [
        YUECHENG
    ]
    facts = own_client.get("/api/facts", params={"report_id": YUECHENG}).json()
    assert {fact["place"] for fact in facts["facts"]} == {"江北区"}
    answer = own_client.post("/api/ask", json={"question": "江北区2023年GDP增长多少?"}).json()
    assert "江北区2023年地区生产总值增长7.6%" in answer["answer"]
    assert own_client.get(f"{PATH}/text").status_code == 200


def test_null_takes_a_correction_back_and_fields_left_out_stay(own_client: TestClient) -> None:
    plain = own_client.get(PATH).json()
    put_right(own_client, year="2022", title="另一标题")
    assert put_right(own_client, year=None)["title"] == "另一标题"
    put_right(own_client, title=None)
    assert own_client.get(PATH).json() == plain


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"place": "鼓楼区"}, "南京市鼓楼区"),
        ({"place": "火星"}, "火星"),
        ({"year": 24}, "24"),
        ({"year": 2024, "delivered": "2023-01-01"}, "2023-01-01"),
        ({"reviewed_period": "去年"}, "去年"),
        ({}, "reviewed_period"),
        ({"yaer": 2024}, "yaer"),
        ({"speaker": 3}, "speaker"),
    ],
)
def test_what_is_no_value_is_told_and_changes_nothing(
    own_client: TestClient, body: dict[str, Any], said: str
) -> None:
    before = own_client.get(PATH).json()
    reply = own_client.patch(PATH, json=body)
    assert reply.status_code == 422
    assert said in reply.json()["detail"]
    assert own_client.get(PATH).json() == before


def test_a_report_that_is_not_held_is_not_found(own_client: TestClient) -> None:
    reply = own_client.patch("/api/reports/330602-2024-00000000", json={"year": 2024})
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "no_report")


@pytest.fixture
def keyed_client(own_settings: Settings, vector_maker: MakeVectorMaker) -> Iterator[TestClient]:
    settings = own_settings.model_copy(update={"api_keys": SecretStr("0123456789abcdef")})
    with client_of(changeable(settings, vector_maker())) as client:
        yield client


def test_only_who_may_write_may_correct(keyed_client: TestClient) -> None:
    assert keyed_client.patch(PATH, json={"year": 2022}).status_code == 401
    key = {"authorization": "Bearer 0123456789abcdef"}
    assert keyed_client.patch(PATH, json={"year": 2022}, headers=key).status_code == 200


def test_copies_are_linked_in_lists_and_citations(
    own_client: TestClient, samples_dir: Path
) -> None:
    text = next(samples_dir.glob("000_*")).read_text("utf-8")
    (copy,) = taken(own_client, ("转载.txt", f"(转载)\n{text}"))["added"]
    listed = {one["report_id"]: one for one in own_client.get("/api/reports").json()}
    assert listed[copy]["duplicate_of"] == YUECHENG
    assert listed[YUECHENG]["also_in"] == [{"name": "转载.txt", "report_id": copy}]
    question = {"question": "越城区2023年GDP增长多少?"}
    answer = own_client.post("/api/ask", json=question).json()
    assert [c["report_id"] for c in answer["citations"]] == [YUECHENG]
    (also,) = answer["citations"][0]["also_in"]
    assert (also["name"], also["report_id"]) == ("转载.txt", copy)
    hits = own_client.post("/api/search", json=question).json()["hits"]
    assert {hit["report_id"] for hit in hits if hit["source"] == "转载.txt"} == set()
    assert own_client.get(f"/api/reports/{copy}/text").status_code == 200
    own_client.delete(PATH)
    answer = own_client.post("/api/ask", json=question).json()
    assert [c["report_id"] for c in answer["citations"]] == [copy]
    assert not answer["citations"][0]["also_in"]
