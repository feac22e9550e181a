import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.assembly import ChainOpener, model_of, reranker_of
from embeddings import ModelNotFoundError
from qa.errors import SettingsError
from qa.settings import Settings
from tests.embeddings.conftest import HashEmbedder
from tests.embeddings.cross_encoders import make_cross_encoder


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


def test_without_a_name_there_is_no_reranker() -> None:
    assert reranker_of(Settings()) is None


def test_chains_read_with_the_cross_encoder_the_settings_name(
    small_library_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.assembly.embedder_of", lambda settings: HashEmbedder())
    folder = make_cross_encoder(tmp_path / "cross", positions=128)
    settings = Settings(library=small_library_dir, embedding="hash", reranker=str(folder))
    opener = ChainOpener(settings)
    for chain in (opener.open(), opener.open()):
        hits = chain.search("越城区老旧小区改造多少个").hits
        assert len({hit.features["reranker"] for hit in hits}) > 1
        assert chain.searcher._reranker is opener._reranker
        chain.searcher.library.close()


def test_a_search_by_words_alone_has_no_cross_encoder(
    small_library_dir: Path, tmp_path: Path
) -> None:
    settings = Settings(library=small_library_dir, embedding="hash", reranker=str(tmp_path))
    chain = ChainOpener(settings, dense=False).open()
    assert "reranker" not in chain.search("越城区老旧小区").hits[0].features
    chain.searcher.library.close()


def test_a_cross_encoder_that_is_not_here_keeps_the_chain_from_opening(
    small_library_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.assembly.embedder_of", lambda settings: HashEmbedder())
    settings = Settings(library=small_library_dir, embedding="hash", reranker="no/such-model")
    with pytest.raises(ModelNotFoundError, match="WENZHENG_RERANKER"):
        ChainOpener(settings).open()
