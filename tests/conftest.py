"""The five real files, read once, and two libraries of them: one with a model's double, one with the bundled model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.assembly import chain_of, vector_maker_of
from embeddings import Embedder, VectorCache
from qa.chain import Chain
from qa.library.ingest import VectorMaker, ingest
from qa.library.library import Library
from qa.reports.decoding import decode
from qa.reports.parsing import PASSAGE_MAX_CHARS, parse_reports
from qa.reports.report import Report, Source
from qa.settings import Settings
from tests.embeddings.conftest import HashEmbedder, model_cache_dir

MakeVectorMaker = Callable[..., VectorMaker]


def no_progress(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    return Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="session")
def sample_sources(samples_dir: Path) -> dict[str, Source]:
    """The first three digits of a sample's name → its source."""
    paths = sorted(samples_dir.glob("*.txt"))
    return {path.name[:3]: Source(path.name, decode(path.read_bytes())) for path in paths}


@pytest.fixture(scope="session")
def sample_reports(sample_sources: dict[str, Source]) -> list[Report]:
    """The eight reports of the samples, in the order of the files."""
    return [report for source in sample_sources.values() for report in parse_reports(source)]


@pytest.fixture(scope="session")
def vector_maker(tmp_path_factory: pytest.TempPathFactory) -> MakeVectorMaker:
    """Makes what an ingest embeds with: by default the double, named ``hash`` in the settings."""
    shared = tmp_path_factory.mktemp("vectors") / "vectors.sqlite"

    def make(
        embedding: str = "hash", load: Callable[[], Embedder] = HashEmbedder, cache: Path = shared
    ) -> VectorMaker:
        return VectorMaker(embedding, load, lambda: VectorCache(cache))

    return make


@pytest.fixture(scope="session")
def small_library_dir(
    tmp_path_factory: pytest.TempPathFactory, samples_dir: Path, vector_maker: MakeVectorMaker
) -> Path:
    """The folder of a library of the five samples, vectors included; tests only read it."""
    folder = tmp_path_factory.mktemp("small") / "library"
    ingest(
        folder,
        [samples_dir],
        vector_maker(),
        passage_max_chars=PASSAGE_MAX_CHARS,
        progress=no_progress,
    )
    return folder


@pytest.fixture(scope="session")
def small_library(small_library_dir: Path) -> Iterator[Library]:
    library = Library(small_library_dir)
    yield library
    library.close()


@pytest.fixture(scope="session")
def bundled_settings(tmp_path_factory: pytest.TempPathFactory, samples_dir: Path) -> Settings:
    """Settings of a library of the five samples made with the bundled model; tests only read it."""
    folder = tmp_path_factory.mktemp("bundled") / "library"
    settings = Settings(library=folder, cache=model_cache_dir())
    ingest(
        folder,
        [samples_dir],
        vector_maker_of(settings),
        passage_max_chars=settings.passage_max_chars,
        progress=no_progress,
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
