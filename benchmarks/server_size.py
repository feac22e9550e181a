"""What a library on servers takes: bytes for each of its rows, on disk and in a program that answers.

    python -m benchmarks.server_size

Migrates the samples to a PostgreSQL and a milvus-lite that it starts itself (extra ``dev``), and tells the
size of each table with its indexes, of the index of words, and the memory that a program holds once it
has answered. Small tables are told too large: PostgreSQL takes pages of 8 kB.
"""

from __future__ import annotations

import tracemalloc
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from api.assembly import server_of, vector_maker_of
from qa.library.ingest import ingest
from qa.library.server.address import ServerAddress
from qa.library.server.copying import put_in
from qa.library.server.library import ServerLibrary
from qa.settings import Settings
from tests.embeddings.conftest import model_cache_dir
from tests.servers.postgres import new_database, postgres_server

_SAMPLES = Path(__file__).parents[1] / "samples"
_TABLES = ("sources", "reports", "passages", "sentences", "facts")


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        uri = stack.enter_context(postgres_server())
        database = stack.enter_context(new_database(uri, "wenzheng_benchmark"))
        settings = Settings(
            library=folder / "library",
            cache=model_cache_dir(),
            database_url=database,
            milvus_uri=str(folder / "milvus.db"),
        )
        vectors = vector_maker_of(settings)
        ingest(settings.library, [_SAMPLES], vectors, passage_max_chars=450, progress=_untold)
        server = server_of(settings)
        assert server
        put_in(settings.library, server, vectors, _untold, replace=False)
        _tell_tables(server)
        _tell_words(settings.library)
        _tell_memory(server)


def _tell_tables(server: ServerAddress) -> None:
    engine = server.engine()
    with engine.connect() as connection:
        for name in _TABLES:
            rows = connection.execute(text(f"SELECT count(*) FROM {name}_rows")).scalar_one()
            query = text("SELECT pg_total_relation_size(to_regclass(:name))")
            size = connection.execute(query, {"name": f"{name}_rows"}).scalar_one()
            print(f"{name}: {rows} rows, {size:,} bytes, {size / rows:,.0f} each")
    engine.dispose()


def _tell_words(library: Path) -> None:
    (version,) = (path for path in (library / "versions").iterdir() if (path / "vectors").exists())
    size = sum(path.stat().st_size for path in (version / "lexical").rglob("*") if path.is_file())
    print(f"index of words: {size:,} bytes")


def _tell_memory(server: ServerAddress) -> None:
    tracemalloc.start()
    library = ServerLibrary(server)
    for name, read in (
        ("reports", lambda: len(library.reports)),
        ("passages", lambda: len(library.passage_keys)),
        ("sentences", lambda: library.sentence_count),
        ("facts", lambda: len(library.facts())),
        ("index of words", lambda: library.lexical and len(library.passage_keys)),
    ):
        before, _ = tracemalloc.get_traced_memory()
        count = read()
        after, _ = tracemalloc.get_traced_memory()
        print(f"memory, {name}: {count}, {(after - before) / count:,.0f} bytes each")
    library.close()


def _untold(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


if __name__ == "__main__":
    main()
