import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.assembly import ChainOpener, model_of
from qa.errors import SettingsError
from qa.settings import Settings
from tests.embeddings.conftest import HashEmbedder


def test_without_a_name_there_is_no_model() -> None:
    assert model_of(Settings()) is None


@pytest.mark.parametrize("name", ["nonsense:x", "openai:x", "anthropic:x"])
def test_a_model_that_cannot_be_made_is_a_wrong_setting(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong provider, a key that is missing, a package that is not installed."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError) as raised:
        model_of(Settings(llm=name))
    assert "WENZHENG_LLM" in raised.value.said("zh")


def test_a_server_of_one_s_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert model_of(Settings(llm="openai:x", llm_base_url="http://127.0.0.1:9/v1")) is not None


def test_an_ingest_beside_the_chains_uses_their_model(
    monkeypatch: pytest.MonkeyPatch, small_library_dir: Path
) -> None:
    loaded: list[HashEmbedder] = []

    def load(settings: Settings) -> HashEmbedder:
        time.sleep(0.1)
        loaded.append(HashEmbedder())
        return loaded[-1]

    monkeypatch.setattr("api.assembly.embedder_of", load)
    opener = ChainOpener(Settings(library=small_library_dir, embedding="hash"))
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: opener.vector_maker().load(), range(4)))
    chain = opener.open()
    assert [*models, chain.searcher.embedder] == [loaded[0]] * 5
    assert len(loaded) == 1
    chain.searcher.library.close()
