"""Texts the product says, as files: ``load(name)`` reads one.

Files are named ``NAME.LANGUAGE.toml`` (messages with ``{placeholders}``) or ``NAME.md`` (prompts).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


class PromptNotFoundError(LookupError):
    """No text of that name ships with the product."""


@cache
def load(name: str) -> str:
    """The text of the file ``name``; raises ``PromptNotFoundError``."""
    path = files(__name__) / name
    if not path.is_file():
        raise PromptNotFoundError(f"no prompt named {name}")
    return path.read_text("utf-8")


@cache
def messages(name: str, language: str) -> dict[str, str]:
    """The messages of ``NAME.LANGUAGE.toml``: key → text with placeholders."""
    return dict(tomllib.loads(load(f"{name}.{language}.toml")))
