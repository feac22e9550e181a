"""What a command prints: strangers' texts do nothing to the terminal they are read on."""

from __future__ import annotations

import json
from typing import TextIO

from qa.harmless import escaped, harmless


def say(text: str, *, to: TextIO | None = None, end: str = "\n") -> None:
    """Print a text at once; to stdout by default."""
    print(harmless(text), file=to, end=end, flush=True)


def say_json(value: object) -> None:
    """Print a value as JSON, with what a terminal would obey escaped: the value stays the same."""
    print(escaped(json.dumps(value, ensure_ascii=False, indent=2)))


def json_line(value: object) -> str:
    """A value as one line of JSON, as harmless."""
    return escaped(json.dumps(value, ensure_ascii=False))
