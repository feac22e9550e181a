"""A chain whose language model is a double, talked to over HTTP by the real client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.assembly import assist
from qa.chain import Chain
from qa.settings import Settings
from tests.qa.generation.openai_double import OpenAIDouble, Scripted

MODEL = "openai:double"


@contextmanager
def assisted(
    chain: Chain, settings: Settings, cache: Path, *script: Scripted, **given: Any
) -> Iterator[tuple[Chain, OpenAIDouble]]:
    """A chain over the searcher of ``chain``, assisted by a double with a ``script``.

    ``given`` are settings; answers are kept below ``cache``.
    """
    with OpenAIDouble(*script) as double:
        told = {
            "llm": MODEL,
            "llm_base_url": double.url,
            "llm_api_key": "test",
            "llm_timeout_seconds": 20,
            "cache": cache,
            **given,
        }
        yield assist(Chain(chain.searcher), Settings(**{**settings.model_dump(), **told})), double


def exhibit_with(request: dict[str, Any], words: str) -> int:
    """The number of the first passage shown that prints the words; 0 if none does."""
    shown = request["messages"][1]["content"]
    for line in shown.split("\n"):
        number = re.match(r"\[(\d+)\] ", line)
        if number and words in line:
            return int(number.group(1))
    return 0
