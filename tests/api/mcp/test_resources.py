"""Reports as resources, and prompts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, TextContent

from api.mcp import server
from api.mcp.prompting import PROMPTS, prompt_text
from api.mcp.texts import texts
from qa.library.library import Library
from tests.api.mcp.clients import asking


def test_every_report_is_a_resource_given_whole(address: str, bundled_library: Library) -> None:
    async def work(client: Client) -> list[tuple[Any, Any]]:
        listed = (await client.list_resources()).resources
        return [(one, (await client.read_resource(one.uri)).contents[0]) for one in listed]

    read = asking(address, work)
    assert len(read) == 8
    for resource, contents in read:
        report = bundled_library.reports[resource.uri.removeprefix("wenzheng://reports/")]
        assert resource.title == report.title
        assert resource.mime_type == contents.mime_type == "text/plain"
        source = bundled_library.source_text(report.report_id)
        assert contents.text == source[contents.meta["start"] : contents.meta["end"]]
        assert (contents.meta["start"], contents.meta["end"]) == (report.start, report.end)


def test_resources_come_by_page(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_RESOURCES", 5)

    async def work(client: Client) -> list[list[str]]:
        first = await client.list_resources()
        rest = await client.list_resources(cursor=first.next_cursor)
        assert rest.next_cursor is None
        return [[one.uri for one in page.resources] for page in (first, rest)]

    first, rest = asking(address, work)
    assert (len(first), len(set(first + rest))) == (5, 8)


def test_there_is_a_template_for_the_address_of_a_report(address: str) -> None:
    async def work(client: Client) -> list[str]:
        templates = (await client.list_resource_templates()).resource_templates
        return [one.uri_template for one in templates]

    assert asking(address, work) == ["wenzheng://reports/{report_id}"]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (lambda c: c.read_resource("wenzheng://reports/nothing"), "没有编号为 nothing 的报告"),
        (lambda c: c.read_resource("file:///etc/passwd"), "没有地址为 file:///etc/passwd 的资源"),
        (lambda c: c.list_resources(cursor="abc"), "cursor 无效"),
        (lambda c: c.call_tool("forecast", {}), "没有名为 forecast 的工具"),
        (lambda c: c.get_prompt("haiku"), "没有名为 haiku 的提示"),
        (lambda c: c.get_prompt("brief"), "缺少参数 place"),
        (lambda c: c.get_prompt("brief", {"place": " "}), "参数 place 不能为空"),
        (lambda c: c.get_prompt("brief", {"place": "越城区", "language": "fr"}), "zh 或 en"),
        (lambda c: c.get_prompt("brief", {"place": "越城区", "tone": "warm"}), "没有参数 tone"),
    ],
)
def test_what_is_not_there_is_an_error_of_the_protocol(
    address: str, request_: Callable[[Client], Awaitable[Any]], told: str
) -> None:
    async def work(client: Client) -> MCPError:
        with pytest.raises(MCPError) as caught:
            await request_(client)
        return caught.value

    error = asking(address, work)
    assert error.code == INVALID_PARAMS
    assert told in str(error)


def test_prompts_are_listed_with_their_arguments(address: str) -> None:
    async def work(client: Client) -> dict[str, dict[str, bool | None]]:
        listed = (await client.list_prompts()).prompts
        assert all(one.title and one.description for one in listed)
        return {
            one.name: {argument.name: argument.required for argument in one.arguments or ()}
            for one in listed
        }

    assert asking(address, work) == PROMPTS
    described = {name: set(told["arguments"]) for name, told in texts()["prompts"].items()}
    assert described == {name: set(arguments) for name, arguments in PROMPTS.items()}


def test_a_prompt_comes_with_its_arguments_in_place(address: str) -> None:
    async def work(client: Client) -> str:
        given = {"claim": "越城区2023年{GDP}增长8%"}
        (message,) = (await client.get_prompt("check_claim", given)).messages
        assert message.role == "user"
        assert isinstance(message.content, TextContent)
        return message.content.text

    told = asking(address, work)
    assert "“越城区2023年{GDP}增长8%”" in told
    assert "`ask`" in told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"place": "越城区"}, "为越城区写一份要点。"),
        ({"place": "越城区", "topic": "民生", "year": ""}, "写一份要点(主题:民生)。"),
        ({"place": "越城区", "topic": "民生", "year": "2024"}, "(主题:民生;只用2024年的报告)"),
        (
            {"place": "Yuecheng", "year": "2024", "language": "en"},
            "reports (reports of 2024 only).",
        ),
    ],
)
def test_a_brief_is_narrowed_by_what_is_given(given: dict[str, str], told: str) -> None:
    assert told in prompt_text("brief", given)
