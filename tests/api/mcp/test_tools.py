"""Each tool over real HTTP, by the SDK's own client, which holds every result against its schema."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp_types import ListToolsResult

from api.mcp.texts import texts
from api.mcp.tools import MOST_ROWS, PASSAGE_CHARS, TOOLS
from qa.library.library import Library
from qa.reports.decoding import decode
from tests.api.mcp.clients import QUESTION, asking, call, error_of, text_of

NAMES = ["ask", "search", "facts", "compare", "list_reports", "read_passage"]
YUECHENG = "330602-2024-27cca5e8"


@pytest.fixture(scope="module")
def listed(address: str) -> ListToolsResult:
    async def work(client: Client) -> ListToolsResult:
        return await client.list_tools()

    return asking(address, work)


def value(address: str, tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool's object, by the model that made its schema."""
    result = call(address, tool, **arguments)
    assert not result.is_error, text_of(result)
    given: dict[str, Any] = result.structured_content
    TOOLS[tool].given.model_validate(given)
    return given


# --- what there is -----------------------------------------------------------------------------


def test_the_tools_are_listed_with_valid_schemas(listed: ListToolsResult) -> None:
    assert [tool.name for tool in listed.tools] == NAMES
    for tool in listed.tools:
        assert tool.output_schema is not None
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"


def test_every_tool_says_what_it_is_for_and_that_it_changes_nothing(
    listed: ListToolsResult,
) -> None:
    for tool in listed.tools:
        assert tool.title
        assert len(tool.description or "") > 200
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.open_world_hint is False


def test_the_texts_are_of_the_tools_there_are() -> None:
    assert list(texts()["tools"]) == NAMES == list(TOOLS)


def test_a_client_is_told_how_answers_are_to_be_used(address: str) -> None:
    async def work(client: Client) -> tuple[str, str]:
        return client.instructions or "", client.server_info.name

    instructions, name = asking(address, work)
    assert name == "wenzheng"
    assert "refusal" in instructions


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_new_and_old_clients_are_answered(address: str, mode: str) -> None:
    async def work(client: Client) -> tuple[str, str]:
        return client.protocol_version, text_of(
            await client.call_tool("ask", {"question": QUESTION})
        )

    version, told = asking(address, work, mode)
    assert version == {"auto": "2026-07-28", "legacy": "2025-11-25"}[mode]
    assert told.startswith("越城区2023年地区生产总值增长7.6%[1]。")


# --- questions ---------------------------------------------------------------------------------


def test_ask_gives_the_answer_object_and_its_sources_to_read(
    address: str, samples_dir: Path
) -> None:
    result = call(address, "ask", question=QUESTION)
    answer = result.structured_content
    TOOLS["ask"].given.model_validate(answer)
    assert answer["status"] == "answered"
    assert answer["refusal"] is None
    (citation,) = answer["citations"]
    source = decode((samples_dir / citation["source"]).read_bytes())
    assert source[citation["start"] : citation["end"]] == citation["quote"]
    told = text_of(result)
    assert told.startswith(answer["answer"])
    assert citation["quote"] in told
    assert f"report_id: [1] {citation['report_id']}" in told


def test_earlier_questions_are_leant_on(address: str) -> None:
    answer = value(address, "ask", question="固定资产投资呢?", turns=[QUESTION])
    assert "9.9%" in answer["answer"]


def test_a_refusal_is_no_error_and_carries_its_reason(address: str) -> None:
    result = call(address, "ask", question="越城区2030年人口是多少?")
    assert not result.is_error
    assert result.structured_content["status"] == "refused"
    assert result.structured_content["refusal"]["reason"] == "period_not_held"
    assert result.structured_content["citations"] == []
    assert "report_id" not in text_of(result)


def test_whoever_wants_to_know_is_told_how_far_an_answer_is(address: str) -> None:
    told: list[tuple[float, str | None]] = []

    async def progress(steps: float, _: float | None, message: str | None) -> None:
        told.append((steps, message))

    async def work(client: Client) -> None:
        await client.call_tool("ask", {"question": QUESTION}, progress_callback=progress)

    asking(address, work)
    assert [steps for steps, _ in told] == [1, 2]
    assert told[0][1] == "2024年越城区政府工作报告"
    assert told[1][1] == "越城区2023年地区生产总值增长7.6%[1]。"


def test_search_gives_passages_and_the_ids_to_read_them_by(address: str) -> None:
    found = value(address, "search", question="老旧小区改造", k=3)
    assert len(found["hits"]) == 3
    told = text_of(call(address, "search", question="老旧小区改造", k=3))
    assert f"1. {found['hits'][0]['report_id']}" in told


# --- figures -----------------------------------------------------------------------------------


def test_facts_are_found_by_place_indicator_and_period(address: str) -> None:
    found = value(address, "facts", place=["越城"], indicator=["GDP"], period=["2023"])
    (fact,) = found["facts"]
    assert (fact["growth_percent"], fact["status"]) == (7.6, "actual")


def test_one_name_will_do_where_a_list_is_asked_for(address: str) -> None:
    listed = value(address, "facts", place=["越城"], indicator=["GDP"], period=["2023"])
    assert value(address, "facts", place="越城", indicator="GDP", period=2023) == listed
    compared = value(address, "compare", place="越城", indicator="GDP", period=2023)
    assert compared == value(address, "compare", place=["越城"], indicator=["GDP"], period=["2023"])


def test_facts_come_by_page_and_the_pages_are_all(address: str) -> None:
    seen, cursor = [], None
    while True:
        arguments = {"cursor": cursor} if cursor else {}
        page = value(address, "facts", place="越城", limit=50, **arguments)
        seen += page["facts"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == page["total"] == 125


def test_the_text_of_a_page_says_how_to_go_on(address: str) -> None:
    result = call(address, "facts", place="越城", limit=2)
    assert f"cursor={result.structured_content['next']}" in text_of(result)


def test_that_no_fact_matches_is_said(address: str) -> None:
    result = call(address, "facts", place="越城", q="火星基地")
    assert result.structured_content["total"] == 0
    assert text_of(result) == "没有符合条件的数据。"


def test_compare_gives_a_table_with_ranks_made_by_code(address: str) -> None:
    asked = {"place": ["越城", "上城"], "indicator": ["GDP"], "period": ["2023"]}
    table = value(address, "compare", **asked, computed=["rank"])
    assert [row[0]["text"] for row in table["rows"]] == ["越城区", "上城区"]
    assert table["cells"][0][-1]["told"] == "computed"
    told = text_of(call(address, "compare", **asked, language="en"))
    assert told.startswith("place")


def test_a_table_that_no_model_could_read_is_refused(address: str) -> None:
    periods = [str(year) for year in range(1950, 2050)]
    told = error_of(call(address, "compare", indicator=["GDP"], period=periods))
    assert str(MOST_ROWS) in told


# --- reports -----------------------------------------------------------------------------------


def test_reports_are_listed_by_place_and_year(address: str) -> None:
    assert len(value(address, "list_reports")["reports"]) == 8
    (report,) = value(address, "list_reports", place="浙江", year=2023)["reports"]
    assert report["place"] == "海曙区"


def test_reports_come_by_page(address: str) -> None:
    first = value(address, "list_reports", limit=5)
    rest = value(address, "list_reports", limit=5, cursor=first["next"])
    assert (len(first["reports"]), len(rest["reports"]), rest["next"]) == (5, 3, None)


def test_a_place_without_a_report_is_not_silently_empty(address: str) -> None:
    result = call(address, "list_reports", place="杭州市余杭区")
    assert result.structured_content == {"reports": [], "next": None}
    assert text_of(result) == "没有收录符合条件的报告。"


def test_read_passage_gives_exactly_the_characters_of_the_source(
    address: str, samples_dir: Path
) -> None:
    (citation,) = value(address, "ask", question=QUESTION)["citations"]
    where = {name: citation[name] for name in ("report_id", "start", "end")}
    exact = value(address, "read_passage", **where)
    assert exact["text"] == citation["quote"]
    assert exact["headings"] == citation["headings"]
    wider = value(address, "read_passage", **where, around=100)
    source = decode((samples_dir / wider["source"]).read_bytes())
    assert wider["start"] == citation["start"] - 100
    assert wider["text"] == source[wider["start"] : wider["end"]]
    assert citation["quote"] in wider["text"]


def test_what_surrounds_a_quote_is_its_own_report(address: str, bundled_library: Library) -> None:
    """One file holds four reports: the end of one is not followed by the beginning of the next."""
    together = [r for r in bundled_library.reports.values() if r.source.startswith("004")]
    assert len(together) == 4
    second = sorted(together, key=lambda report: report.start)[1]
    read = value(
        address,
        "read_passage",
        report_id=second.report_id,
        start=second.start + 10,
        end=second.end - 10,
        around=2000,
    )
    assert read["start"] == second.start
    assert read["next"] is None or read["next"] <= second.end


def test_a_long_passage_comes_in_parts(address: str) -> None:
    first = value(address, "read_passage", report_id=YUECHENG)
    assert len(first["text"]) == PASSAGE_CHARS
    rest = value(address, "read_passage", report_id=YUECHENG, start=first["next"])
    assert rest["next"] is None
    assert rest["start"] == first["end"]


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {}, "参数有误:question"),
        ("ask", {"question": "x" * 2001}, "wrong arguments: question"),
        ("ask", {"question": QUESTION, "trun": []}, "参数有误:trun"),
        ("search", {"question": "GDP", "k": 0}, "wrong arguments: k"),
        ("facts", {"place": "火星"}, "没有叫“火星”的地区"),
        ("facts", {"period": "去年"}, "参数有误:period.0"),
        ("facts", {"cursor": "abc"}, "cursor 无效"),
        ("facts", {"place": "火星", "language": "en"}, "火星"),
        ("compare", {"place": ["越城"]}, "参数有误:indicator"),
        ("compare", {"indicator": ["火星基地数"]}, "火星基地数"),
        ("compare", {"place": ["火星"], "indicator": ["GDP"]}, "没有叫“火星”的地区"),
        ("list_reports", {"place": "火星"}, "没有叫“火星”的地区"),
        ("list_reports", {"cursor": "abc"}, "cursor 无效"),
        ("read_passage", {"report_id": "nothing"}, "没有编号为 nothing 的报告"),
        ("read_passage", {"report_id": YUECHENG, "start": 9, "end": 5, "around": 50}, "start 9"),
        ("read_passage", {"report_id": YUECHENG, "start": 10**6, "end": 10**6 + 9}, "个字符"),
        ("read_passage", {"report_id": YUECHENG, "start": -1}, "参数有误:start"),
    ],
)
def test_what_cannot_be_done_is_an_error_on_one_line(
    address: str, tool: str, arguments: dict[str, Any], told: str
) -> None:
    assert told in error_of(call(address, tool, **arguments))


def test_an_error_is_told_in_the_language_asked(address: str) -> None:
    told = error_of(call(address, "read_passage", report_id="nothing", language="en"))
    assert told.startswith("no report")
    told = error_of(call(address, "search", question="What was the GDP growth?", k=1000))
    assert told.startswith("wrong arguments")
