"""The SDK's own client, over whichever transport."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from qa.settings import Settings

ROOT = Path(__file__).parents[3]
QUESTION = "越城区2023年GDP增长多少?"
Done = TypeVar("Done")


def asking(target: Any, work: Callable[[Client], Awaitable[Done]], mode: str = "auto") -> Done:
    """What ``work`` makes of a client of the target: an address, a transport or a command."""

    async def ask() -> Done:
        async with Client(target, mode=mode) as client:
            return await work(client)

    return asyncio.run(ask())


def call(target: Any, tool: str, **arguments: Any) -> CallToolResult:
    """One call of a tool by a client of its own; its result is valid by the tool's schema."""

    async def work(client: Client) -> CallToolResult:
        await client.list_tools()
        return await client.call_tool(tool, arguments)

    return asking(target, work)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def error_of(result: CallToolResult) -> str:
    """The one line of a failed call."""
    assert result.is_error
    assert result.structured_content is None
    told = text_of(result)
    assert "\n" not in told
    return told


@asynccontextmanager
async def with_headers(address: str, **headers: str) -> AsyncIterator[Any]:
    """A transport that sends headers with each request."""
    async with (
        httpx2.AsyncClient(headers=headers) as client,
        streamable_http_client(address, http_client=client) as streams,
    ):
        yield streams


def command(settings: Settings, *more: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", "--library", str(settings.library), "mcp", *more]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    ours = {"WENZHENG_CACHE": str(settings.cache), "WENZHENG_KEYS": os.environ["WENZHENG_KEYS"]}
    return {**os.environ, **ours, **more}


def over_stdio(settings: Settings, **more: str) -> StdioServerParameters:
    """The server as a process of its own, as a desktop client starts it."""
    program, *arguments = command(settings)
    return StdioServerParameters(
        command=program, args=arguments, cwd=ROOT, env=environment(settings, **more)
    )
