"""The samples in a library made with the real bundled model, once a test run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.assembly import chain_of, vector_maker_of
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.library.library import Library
from qa.settings import Settings
from tests.embeddings.conftest import model_cache_dir

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="session")
def bundled_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a library that holds the samples; vectors are kept in the user's cache."""
    settings = Settings(
        library=tmp_path_factory.mktemp("bundled") / "library", cache=model_cache_dir()
    )
    ingest(
        settings.library,
        [SAMPLES],
        vector_maker_of(settings),
        passage_max_chars=settings.passage_max_chars,
        progress=lambda stage, done, total: None,
    )
    return settings


@pytest.fixture(scope="session")
def bundled_chain(bundled_settings: Settings) -> Iterator[Chain]:
    chain = chain_of(bundled_settings)
    yield chain
    chain.searcher.library.close()


@pytest.fixture(scope="session")
def bundled_library(bundled_chain: Chain) -> Library:
    return bundled_chain.searcher.library
