"""Questions answered from a folder and from servers: are the answers the same, and how fast?

    python -m benchmarks.server_mode [--sources PATH…] [--cases SET]

Ingests the samples, or what is at PATH, into a folder, migrates them to a PostgreSQL and a Milvus 2.3.5 that
it starts itself (both from the extra ``dev``), asks every question of SET (a file, or the name of a set) of both, and
tells how many answers differ, and the median and the 95th percentile of the time for one.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.assembly import chain_of, server_of, vector_maker_of
from eval.questions import QuestionCase, read_case_set
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.settings import Settings
from tests.embeddings.conftest import model_cache_dir
from tests.servers.milvus import milvus_server
from tests.servers.postgres import new_database, postgres_server

_SAMPLES = Path(__file__).parents[1] / "samples"
_PASSAGES = 10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", nargs="+", type=Path, default=[_SAMPLES])
    parser.add_argument("--cases", default="shipped")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        milvus = stack.enter_context(milvus_server(folder / "milvus"))
        database = stack.enter_context(
            new_database(stack.enter_context(postgres_server()), "wenzheng_benchmark")
        )
        embedded = Settings(library=folder / "library", cache=model_cache_dir())
        served = embedded.model_copy(
            update=Settings(database_url=database, milvus_uri=milvus).model_dump(
                include={"database_url", "milvus_uri"}
            )
        )
        _timed("ingest into a folder", lambda: _ingested(embedded, asked.sources))
        _timed("migrate to the servers", lambda: _migrated(embedded, served))
        of_folder, of_servers = chain_of(embedded), chain_of(served)
        _compare(of_folder, of_servers, read_case_set(asked.cases))


def _ingested(settings: Settings, sources: list[Path]) -> None:
    ingest(
        settings.library,
        sources,
        vector_maker_of(settings),
        passage_max_chars=settings.passage_max_chars,
        progress=_untold,
    )


def _migrated(embedded: Settings, served: Settings) -> None:
    from qa.library.server.copying import put_in

    server = server_of(served)
    assert server
    put_in(embedded.library, server, vector_maker_of(embedded), _untold, replace=False)


def _compare(of_folder: Chain, of_servers: Chain, cases: list[QuestionCase]) -> None:
    same = {"answers": 0, "passages": 0}
    seconds: dict[str, list[float]] = {"folder": [], "servers": []}
    for case in cases:
        told = {}
        for name, chain in (("folder", of_folder), ("servers", of_servers)):
            started = time.perf_counter()
            findings, answer = chain.ask_exactly(case.question, case.turns)
            seconds[name].append(time.perf_counter() - started)
            hits = [hit.passage for hit in findings.hits[:_PASSAGES]]
            told[name] = (answer.as_json() | {"timings_ms": None, "id": None}, hits)
        is_same = told["folder"][0] == told["servers"][0]
        same["answers"] += is_same
        same["passages"] += told["folder"][1] == told["servers"][1]
        if not is_same:
            print(f"differs: {case.question}\n  {told['folder'][0]}\n  {told['servers'][0]}")
    for name, times in seconds.items():
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"{name}: median {median * 1000:.0f} ms, 95th percentile {high * 1000:.0f} ms")
    for what, count in same.items():
        print(f"the same {what}: {count} of {len(cases)}")


def _timed(what: str, work: Callable[[], Any]) -> None:
    started = time.perf_counter()
    work()
    print(f"{what}: {time.perf_counter() - started:.1f} s", flush=True)


def _untold(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


if __name__ == "__main__":
    main()
