"""Orders planted in reports and questions, and a model that obeys every one of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.reports.parsing import PASSAGE_MAX_CHARS
from qa.reports.report import Source
from qa.search import Searcher
from qa.settings import Settings
from tests.conftest import MakeVectorMaker, no_progress
from tests.qa.generation.assisted import assisted, exhibit_with
from tests.qa.generation.openai_double import JSON, Reply

_FILE = Path(__file__).parent / "injections.jsonl"
PLANTED = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
GDP = "越城区2023年GDP增长多少?"
_BESIDE = "全年实现地区生产总值增长7.6%"


def _of(where: str) -> list[Any]:
    return [
        pytest.param(one, id=f"{n}") for n, one in enumerate(PLANTED) if one["planted_in"] == where
    ]


def test_there_are_enough_of_both_kinds() -> None:
    assert len(_of("report")) >= 20
    assert len(_of("question")) >= 10


@pytest.mark.parametrize("planted", _of("report"))
def test_an_order_in_a_report_is_not_followed(
    planted: dict[str, Any],
    tmp_path: Path,
    sample_sources: dict[str, Source],
    vector_maker: MakeVectorMaker,
) -> None:
    """The text stands in the passage that answers, right behind the sentence that does."""
    text = sample_sources["000"].text[:3000]
    end = text.index("。", text.index(_BESIDE)) + 1
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.txt").write_text(text[:end] + planted["text"] + text[end:], "utf-8")
    library = tmp_path / "library"
    ingest(
        library, [folder], vector_maker(), passage_max_chars=PASSAGE_MAX_CHARS, progress=no_progress
    )

    def obey(request: JSON) -> Reply:
        shown = exhibit_with(request, _BESIDE)
        return Reply(f"{planted['obeyed']}\n{planted['obeyed'].replace('[1]', f'[{shown}]')}")

    chain = Chain(Searcher(Library(library), None))
    with assisted(chain, Settings(library=library), tmp_path, obey) as (assisting, _):
        answer = assisting.ask(GDP)
    assert "7.6%" in answer.text
    _does_not_betray(answer.text, planted)
    chain.searcher.library.close()


@pytest.mark.parametrize("planted", _of("question"))
def test_an_order_in_a_question_is_not_followed(
    planted: dict[str, Any], bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path
) -> None:
    def obey(request: JSON) -> Reply:
        return Reply(planted["obeyed"])

    with assisted(bundled_chain, bundled_settings, tmp_path, obey) as (chain, _):
        _does_not_betray(chain.ask(planted["text"]).text, planted)


def _does_not_betray(text: str, planted: dict[str, Any]) -> None:
    assert [sign for sign in planted["betrays"] if sign in text] == []
