"""The five real files, read once, and two libraries of them: one with a model's double, one with the bundled model."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from qa.search import Searcher
from qa.settings import Settings
from tests.embeddings.conftest import HashEmbedder, model_cache_dir
from tests.servers import milvus, postgres

MakeVectorMaker = Callable[..., VectorMaker]


def no_progress(stage: str, done: int, total: int) -> None:
    """Tells nobody."""


@pytest.fixture(scope="session", autouse=True)
def no_keys_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The API keys of whoever runs the tests neither close the tested servers nor are changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENZHENG_KEYS", str(tmp_path_factory.mktemp("keys") / "keys.json"))
        yield


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


@dataclass(frozen=True)
class Invented:
    """A report made up for a test, with its sections as texts and what its page prints above it."""

    place: str
    year: int
    review: str = ""
    plan: str = ""
    above: str = ""

    @property
    def text(self) -> str:
        government = "国务院" if self.place == "全国" else f"{self.place}人民政府"
        title = "国务院" if self.place == "全国" else self.place
        padding = "让我们团结一心,埋头苦干,勇毅前行。" * 50
        return (
            f"{self.above}\n{self.year}年{title}政府工作报告\n各位代表:\n"
            f"现在,我代表{government},向大会报告工作,请予审议。\n"
            f"一、{self.year - 1}年工作回顾\n{self.review}\n"
            f"二、{self.year}年工作安排\n{self.plan}\n{padding}\n"
        )


ChainOver = Callable[..., Chain]


@pytest.fixture
def chain_over(tmp_path: Path, vector_maker: MakeVectorMaker) -> Iterator[ChainOver]:
    """Makes a chain over invented reports, which finds by words alone."""
    libraries: list[Library] = []

    def make(*reports: Invented) -> Chain:
        texts, folder = tmp_path / "texts", tmp_path / "library"
        texts.mkdir()
        for one in reports:
            (texts / f"{one.place}-{one.year}.txt").write_text(one.text, "utf-8")
        ingest(
            folder,
            [texts],
            vector_maker(),
            passage_max_chars=PASSAGE_MAX_CHARS,
            progress=no_progress,
        )
        libraries.append(Library(folder))
        return Chain(Searcher(libraries[-1], None))

    yield make
    for library in libraries:
        library.close()


@pytest.fixture(scope="session")
def milvus_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Milvus server, started for whoever asks for it first."""
    if reason := milvus.missing():
        pytest.skip(reason)
    with milvus.milvus_server(tmp_path_factory.mktemp("milvus") / "server") as uri:
        yield uri


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The address of a PostgreSQL server, started for whoever asks for it first."""
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.postgres_server() as uri:
        yield uri


@pytest.fixture
def database_url(postgres_uri: str) -> Iterator[str]:
    """The address of an empty database of the test's own."""
    with postgres.new_database(postgres_uri, f"t{uuid.uuid4().hex[:12]}") as url:
        yield url
