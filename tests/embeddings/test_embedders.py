from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings

from embeddings.embedders import Embedder, load_embedder
from embeddings.endpoint_embedder import EndpointEmbedder
from embeddings.errors import ModelNotFoundError
from tests.embeddings.conftest import model_cache_dir


def test_bundled_is_the_offline_default(bundled_folder: Path) -> None:
    embedder = load_embedder("bundled", cache_dir=model_cache_dir())
    assert embedder.dimension == 384
    assert embedder.model_id == bundled_folder.name
    assert isinstance(embedder, Embeddings)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_with_a_model_is_an_endpoint(tmp_path: Path, scheme: str) -> None:
    embedder: Embedder = load_embedder(f"{scheme}://host:1/v1/#bge-m3", cache_dir=tmp_path)
    assert isinstance(embedder, EndpointEmbedder)
    assert embedder.model_id == f"{scheme}://host:1/v1#bge-m3"


def test_an_address_without_a_model_says_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="/v1#model"):
        load_embedder("http://host/v1", cache_dir=tmp_path)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "/no/such", "a b?"])
def test_an_unknown_name_is_one_line_and_nothing_is_fetched(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="nothing is fetched") as caught:
        load_embedder(name, cache_dir=tmp_path)
    assert "\n" not in str(caught.value)
