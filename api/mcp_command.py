"""``wenzheng mcp``: the same answers for programs that ask with a language model."""

from __future__ import annotations

import argparse
from functools import partial

from qa.settings import Settings, load_settings

_OK = 0


def _mcp(parser: argparse.ArgumentParser, arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.http:
        from api.server import serve_mcp

        serve_mcp(load_settings(library=settings.library, host=arguments.host, port=arguments.port))
        return _OK
    if arguments.host is not None or arguments.port is not None:
        parser.error("--host and --port go with --http")
    from api.mcp.stdio import serve_stdio

    serve_stdio(settings)
    return _OK


def add_mcp(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``mcp`` to the command line."""
    mcp = commands.add_parser("mcp", help="MCP server over stdio, or HTTP at /mcp; docs/mcp.md")
    mcp.add_argument("--http", action="store_true", help="streamable HTTP instead of stdio")
    mcp.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    mcp.add_argument("--port", type=int, help="port to listen on (default 8000)")
    mcp.set_defaults(run=partial(_mcp, mcp))
