"""What clients are told of tools and prompts before they use them; ``prompts/mcp.toml`` says it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from prompts import load


@cache
def texts() -> dict[str, Any]:
    """The tables of the file."""
    return tomllib.loads(load("mcp.toml"))
