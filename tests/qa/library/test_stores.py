"""The embedded library and the servers' held to one contract."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from qa.library.library import Library
from qa.library.server.address import ServerAddress, address_of
from qa.library.server.copying import changing
from qa.library.server.library import ServerLibrary
from tests.conftest import no_progress
from tests.qa.library.store_contract import StoreContract


class TestEmbedded(StoreContract):
    """SQLite, FAISS and BM25 in a folder."""

    @pytest.fixture(autouse=True)
    def placed(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "library"

    def changing(self) -> AbstractContextManager[Path]:
        return nullcontext(self.folder)

    def opened(self) -> Library:
        return Library(self.folder)


class ServerStore(StoreContract):
    server: ServerAddress

    def changing(self) -> AbstractContextManager[Path]:
        return changing(self.server, self.vectors, no_progress)

    def opened(self) -> Library:
        return ServerLibrary(self.server)


class TestPostgresAndMilvusLite(ServerStore):
    @pytest.fixture(autouse=True)
    def placed(self, tmp_path: Path, database_url: str, lite_uri: str) -> None:
        self.server = address_of(database_url, lite_uri, "", tmp_path / "cache")


class TestPostgresAndMilvus(ServerStore):
    @pytest.fixture(autouse=True)
    def placed(self, tmp_path: Path, database_url: str, milvus_uri: str) -> None:
        self.server = address_of(database_url, milvus_uri, "", tmp_path / "cache")


@pytest.fixture(scope="module")
def lite_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("lite") / "milvus.db")
