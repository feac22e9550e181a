"""The server: tools, resources and prompts in the objects of the official SDK, for either transport.

The SDK's lower layer is used: the reports that are resources change while it runs, and an error is
told in the words of the product alone.
"""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as ToolObject
from pydantic import BaseModel
from starlette.requests import Request

from api.http.problems import Problem
from api.http.reports import held_report, reports_page
from api.http.service import Service
from api.mcp.arguments import language_asked
from api.mcp.calls import Call
from api.mcp.prompting import PROMPTS, prompt_text
from api.mcp.texts import texts
from api.mcp.tools import TOOLS, Tool
from prompts import messages
from qa.harmless import harmless
from qa.library.holdings import HeldReport
from qa.library.library import Library
from qa.questions import Language

_ROOT = "wenzheng://reports/"
_PLAIN = "text/plain"
_RESOURCES = 500
_READS_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
Context = ServerRequestContext[Any, Any]


def create_server(service: Service) -> Server[Any]:
    """A server of the Model Context Protocol over a service; it may serve many clients at once."""
    return Server(
        "wenzheng",
        title=texts()["title"],
        instructions=texts()["instructions"].strip(),
        version=version("wenzheng"),
        on_list_tools=_list_tools,
        on_call_tool=partial(_call_tool, service),
        on_list_resources=partial(_list_resources, service),
        on_list_resource_templates=_list_templates,
        on_read_resource=partial(_read_resource, service),
        on_list_prompts=_list_prompts,
        on_get_prompt=partial(_get_prompt, service),
    )


def _call_of(service: Service, context: Context) -> Call:
    async def progress(steps: float, told: str) -> None:
        await context.session.report_progress(steps, message=told)

    request = context.request if isinstance(context.request, Request) else None
    return Call(service, request, progress)


# --- tools -------------------------------------------------------------------------------------


async def _list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=[_tool_object(name, tool) for name, tool in TOOLS.items()])


def _tool_object(name: str, tool: Tool) -> ToolObject:
    told = texts()["tools"][name]
    return ToolObject(
        name=name,
        title=told["title"],
        description=told["description"].strip(),
        input_schema=_schema(tool.asked),
        output_schema=_schema(tool.given),
        annotations=_READS_ONLY,
    )


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


async def _call_tool(
    service: Service, context: Context, params: CallToolRequestParams
) -> CallToolResult:
    call = _call_of(service, context)
    arguments = params.arguments or {}
    language = language_asked(arguments, call.language)
    tool = TOOLS.get(params.name)
    if tool is None:
        said = messages("mcp", language)["unknown_tool"]
        told = said.format(name=params.name[:80], known=", ".join(TOOLS))
        raise MCPError(INVALID_PARAMS, told)
    if "language" in tool.asked.model_fields:
        arguments = {"language": language, **arguments}
    try:
        given = await tool.run(call, tool.asked.model_validate(arguments))
    except Exception as error:
        # Whatever it was, it is told as an error: nothing here may read as an empty answer.
        told = call.failed(error, language).detail
        return CallToolResult(content=[_text(told)], is_error=True)
    return CallToolResult(content=[_text(given.text)], structured_content=given.value)


def _text(text: str) -> TextContent:
    return TextContent(text=harmless(text))


# --- resources ---------------------------------------------------------------------------------


async def _list_resources(
    service: Service, context: Context, params: PaginatedRequestParams | None
) -> ListResourcesResult:
    call = _call_of(service, context)
    try:
        chain = await call.chain()
        cursor = params.cursor if params else None
        page, behind = await chain.threads.run(
            reports_page, chain.searcher.library, None, None, _RESOURCES, cursor, call.language
        )
    except Exception as error:
        raise _protocol_error(call.failed(error, call.language)) from error
    return ListResourcesResult(resources=[_resource(one) for one in page], next_cursor=behind)


def _resource(held: HeldReport) -> Resource:
    report = held.report
    told = (report.place, report.delivered or str(report.year or ""), report.speaker, report.source)
    return Resource(
        uri=_ROOT + report.report_id,
        name=report.report_id,
        title=report.title,
        description=" · ".join(filter(None, told)),
        mime_type=_PLAIN,
    )


async def _list_templates(
    _: Context, __: PaginatedRequestParams | None
) -> ListResourceTemplatesResult:
    template = ResourceTemplate(
        uri_template=_ROOT + "{report_id}",
        name="report",
        title="政府工作报告全文 A report's text",
        description="report_id 见 list_reports 或引用 as in list_reports and citations",
        mime_type=_PLAIN,
    )
    return ListResourceTemplatesResult(resource_templates=[template])


async def _read_resource(
    service: Service, context: Context, params: ReadResourceRequestParams
) -> ReadResourceResult:
    call, uri = _call_of(service, context), str(params.uri)
    try:
        report_id = _report_id(uri, call.language)
        chain = await call.chain()
        contents = await chain.threads.run(_contents, chain.searcher.library, uri, report_id)
    except Exception as error:
        raise _protocol_error(call.failed(error, call.language), uri=uri[:200]) from error
    return ReadResourceResult(contents=[contents])


def _report_id(uri: str, language: Language) -> str:
    if not uri.startswith(_ROOT):
        told = messages("mcp", language)["unknown_resource"].format(uri=uri[:200])
        raise Problem(404, "no_resource", told)
    return uri.removeprefix(_ROOT)


def _contents(library: Library, uri: str, report_id: str) -> TextResourceContents:
    report = held_report(library, report_id).report
    return TextResourceContents(
        uri=uri,
        mime_type=_PLAIN,
        text=library.source_text(report.report_id)[report.start : report.end],
        # Citations count from the file's beginning, not the report's.
        _meta={"source": report.source, "start": report.start, "end": report.end},
    )


# --- prompts -----------------------------------------------------------------------------------


async def _list_prompts(_: Context, __: PaginatedRequestParams | None) -> ListPromptsResult:
    return ListPromptsResult(prompts=[_prompt(name) for name in PROMPTS])


def _prompt(name: str) -> Prompt:
    told = texts()["prompts"][name]
    arguments = [
        PromptArgument(name=key, description=told["arguments"][key], required=needed)
        for key, needed in PROMPTS[name].items()
    ]
    return Prompt(
        name=name, title=told["title"], description=told["description"], arguments=arguments
    )


async def _get_prompt(
    service: Service, context: Context, params: GetPromptRequestParams
) -> GetPromptResult:
    call = _call_of(service, context)
    try:
        text = prompt_text(params.name, params.arguments or {})
    except Exception as error:
        raise _protocol_error(call.failed(error, call.language)) from error
    return GetPromptResult(
        description=texts()["prompts"][params.name]["description"],
        messages=[PromptMessage(role="user", content=_text(text))],
    )


def _protocol_error(problem: Problem, **data: str) -> MCPError:
    """What is no tool's call has no result to hold an error."""
    code = INVALID_PARAMS if problem.status < 500 else INTERNAL_ERROR
    return MCPError(code, problem.detail, data={"key": problem.key, **data})
