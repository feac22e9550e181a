"""Answers from a single small report, for sentences that the samples do not print."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.search import Searcher
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.facts.reports import text_of

YuechengOver = Callable[..., Chain]


@pytest.fixture
def yuecheng_over(tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[YuechengOver]:
    """Makes a chain over 越城区's report of 2024 whose sections hold the given text."""
    opened: list[Library] = []

    def over(**sections: str) -> Chain:
        (tmp_path / "r.txt").write_text(text_of(**sections), "utf-8")
        folder = tmp_path / "library"
        ingest(folder, [tmp_path], vector_maker(), passage_max_chars=600, progress=no_progress)
        opened.append(Library(folder))
        return Chain(Searcher(opened[-1], None))

    yield over
    for library in opened:
        library.close()
