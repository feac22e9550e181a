"""How search, answers, memory and ingest grow with the library, up to a million passages.

    python -m benchmarks.scale PATH… --work FOLDER [--passages 1000 10000 100000 1000000] [--plots docs/images]

Makes libraries of real passages of the reports at PATH with figures, places and years moved
(`benchmarks.scale_corpus`): the parser is bypassed, rows and indexes are written by the product. The
bundled model embeds the sentences of PATH; every other sentence gets the vector of the one it was made
of, moved by noise to a cosine of about .98. Each size is built, asked and added to in processes of
their own. Results are kept in FOLDER as JSON, so that a run can be resumed; a Markdown table and the
exponents of growth (slopes of log time over log passages) are printed.

Questions name a random clone's place, its year, and an indicator it states. `place and year` is the
filter most questions have; `year` matches a twentieth of all reports; `open` names neither.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale_corpus import Base, Clone, clone_of, clones, read_bases

_NOISE = 0.2
_QUESTIONS, _WARM_UP, _RECALLED = 100, 15, 40
_MODEL = "bundled"


def main() -> None:
    asked = _arguments()
    asked.work.mkdir(parents=True, exist_ok=True)
    if asked.step:
        print(json.dumps(_STEPS[asked.step](asked), ensure_ascii=False))
        return
    results = [_measured(asked, size) for size in asked.passages]
    print(_table(results))
    if asked.plots:
        _plot(results, asked.plots)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument(
        "--passages", nargs="+", type=int, default=[1000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--plots", type=Path)
    parser.add_argument("--step", choices=["build", "ask", "recall", "grow"])
    return parser.parse_args()


def _measured(asked: argparse.Namespace, size: int) -> dict[str, Any]:
    """The results of all steps of one size, each in a process of its own."""
    result: dict[str, Any] = {"passages": size}
    for step in _STEPS:
        kept = asked.work / f"{size}-{step}.json"
        if not kept.exists():
            command = [sys.executable, "-m", "benchmarks.scale", *map(str, asked.paths)]
            command += ["--work", str(asked.work), "--passages", str(size), "--step", step]
            print(f"{size} passages: {step} …", file=sys.stderr, flush=True)
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            kept.write_text(done.stdout.splitlines()[-1], "utf-8")
        result |= json.loads(kept.read_text("utf-8"))
    return result


# --- building ----------------------------------------------------------------------------------


def build(asked: argparse.Namespace) -> dict[str, Any]:
    """Write the library; seconds of each part, bytes of each part."""
    from qa.library import storage
    from qa.library.indexing import write_lexical_index

    bases, seconds = read_bases(asked.paths), {}
    library = _library(asked)
    with (
        storage.exclusive(library),
        storage.new_version(library) as folder,
        ProcessPoolExecutor(1, get_context("fork")) as beside,
    ):
        vectors = beside.submit(_write_vectors, folder / storage.VECTORS, bases, asked)
        seconds["rows"] = _timed(lambda: _write_rows(folder / storage.DATABASE, bases, asked))
        seconds["lexical"] = _timed(lambda: write_lexical_index(folder, None, _told))
        seconds["vectors, beside"] = vectors.result()
        embedder = _embedder()
        model = (_MODEL, embedder.model_id, embedder.dimension)
        storage.Manifest(storage.FORMAT, *model, has_vectors=True).write(folder)
    version = storage.current_version(library)
    parts = (storage.DATABASE, storage.LEXICAL, storage.VECTORS)
    sizes = {part: _size(version / part) for part in parts}
    return {"build_seconds": seconds, "bytes": sizes, **_counts(version / storage.DATABASE)}


def _write_rows(database: Path, bases: Sequence[Base], asked: argparse.Namespace) -> None:
    from benchmarks.scale_rows import write_rows

    if smaller := _smaller_database(asked):
        shutil.copyfile(smaller, database)
    write_rows(database, bases, _numbers(bases, asked.passages[0]))


def _smaller_database(asked: argparse.Namespace) -> Path | None:
    """That of the largest smaller library: its clones are the first of this one."""
    from qa.library import storage

    sizes = [int(path.name.split("-")[1]) for path in asked.work.glob("library-*")]
    below = [size for size in sizes if size < asked.passages[0]]
    if not below:
        return None
    return storage.version_in_force(asked.work / f"library-{max(below)}") / storage.DATABASE


def _base_vectors(bases: Sequence[Base], work: Path) -> list[Any]:
    """The vectors of each base's sentences, by the bundled model."""
    from embeddings import VectorCache, embed_with_cache

    with VectorCache(work / "vectors.sqlite") as cache:
        return [embed_with_cache(_embedder(), base.sentences, cache) for base in bases]


def _write_vectors(folder: Path, bases: Sequence[Base], asked: argparse.Namespace) -> float:
    """Write the index of vectors, in a process beside that which writes the rows; seconds it took."""
    from embeddings import VectorBatch, write_index

    started = time.perf_counter()
    known = _base_vectors(bases, asked.work)
    numbers = list(_numbers(bases, asked.passages[0]))

    def batches() -> Iterator[VectorBatch]:
        # Reports and sentences are inserted one after another into empty tables: ids count from 1.
        first = 1
        for number in numbers:
            vectors = _jittered(known[number % len(bases)], number)
            ids = np.arange(first, first + len(vectors))
            yield VectorBatch(ids, np.full(len(ids), number + 1), vectors)
            first += len(ids)

    count = sum(len(known[number % len(bases)]) for number in numbers)
    embedder = _embedder()
    model, dimension = embedder.model_id, embedder.dimension
    write_index(folder, batches(), count, model_id=model, dimension=dimension)
    return time.perf_counter() - started


def _jittered(vectors: Any, number: int) -> Any:
    from embeddings.vectors import normalise_rows

    chance = np.random.default_rng(number)
    noise = chance.standard_normal(vectors.shape, np.float32) * (_NOISE / vectors.shape[1] ** 0.5)
    return normalise_rows(vectors + noise)


# --- asking ------------------------------------------------------------------------------------


def ask(asked: argparse.Namespace) -> dict[str, Any]:
    """Seconds to open as the server does, milliseconds of each kind of question, most memory.

    All searches are made before by another opening of the library, whose times for `place and year` are
    told as ``first``: what is measured then has its files in the system's memory, as on a machine that serves.
    """
    from api.memory import give_back_mapped

    chosen = _chosen(asked)
    kinds = {kind: [_questions(clone)[kind] for clone in chosen] for kind in _questions(chosen[0])}
    _embedder().encode_query("预热")
    before = _memory()
    chain, opened = _opened(asked, kinds)
    after_open = _memory()
    result: dict[str, Any] = {"open_seconds": opened}
    result["first"] = _latency(chain.search, kinds["place and year"])
    for questions in kinds.values():
        _latency(chain.search, questions)
    most = {"resident": 0, "of files": 0}

    def between() -> None:
        held = _memory()
        most.update({name: max(most[name], held[name]) for name in most})
        give_back_mapped(asked.work)

    del chain
    chain, _ = _opened(asked, kinds)
    for way, call in (("search", chain.search), ("ask", chain.ask)):
        for kind, questions in kinds.items():
            result[f"{way}: {kind}"] = _latency(call, questions, between)
    result["memory"] = {"before": before, "after open": after_open, "at most": most}
    result["statuses"] = _statuses(chain.ask, chosen)
    return result


def _opened(asked: argparse.Namespace, kinds: dict[str, list[str]]) -> tuple[Any, float]:
    """The library opened as the server opens it, and the seconds that took."""
    from api.memory import leave_out_of_collections
    from qa.chain import Chain
    from qa.library.library import Library
    from qa.search import Searcher

    started = time.perf_counter()
    chain = Chain(Searcher(Library(_library(asked)), _embedder()))
    chain.search(kinds["place and year"][-1])
    leave_out_of_collections()
    return chain, time.perf_counter() - started


def _chosen(asked: argparse.Namespace) -> list[Clone]:
    """Clones spread over the library that state a known indicator, of places that a name alone tells:
    not 郊区."""
    from qa.facts.lexicon import canonical
    from qa.questions import understand

    bases = read_bases(asked.paths)
    count = sum(1 for _ in _numbers(bases, asked.passages[0]))
    chance = np.random.default_rng(7)
    found: list[Clone] = []
    while len(found) < _QUESTIONS + _WARM_UP:
        clone = clone_of(bases, int(chance.integers(count)))
        facts = [fact for fact in clone.facts if canonical(fact.indicator) and fact.value]
        if facts and understand(f"{clone.report.place}的").places:
            fact = facts[int(chance.integers(len(facts)))]
            found.append(replace(clone, facts=(fact,)))
    return found


def _numbers(bases: Sequence[Base], passages: int) -> Iterator[int]:
    made = number = 0
    while made < passages:
        yield number
        made += len(bases[number % len(bases)].report.passages)
        number += 1


def _questions(clone: Clone) -> dict[str, str]:
    (fact,) = clone.facts
    place, year, name = clone.report.place, clone.report.year, fact.indicator
    return {
        "place and year": f"{place}{year}年{name}是多少?",
        "place": f"{place}的{name}是多少?",
        "year": f"{year}年报告里{name}是多少?",
        "open": f"如何推动{name}?",
    }


def _latency(
    call: Callable[[Any], object],
    questions: Sequence[Any],
    between: Callable[[], object] = lambda: None,
) -> dict[str, float]:
    """Milliseconds by the clock and of processor time: the machine may be shared."""
    times, worked = [], []
    for question in questions:
        started, working = time.perf_counter(), time.process_time()
        call(question)
        times.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - working) * 1000)
        between()
    return {
        "median": statistics.median(times[_WARM_UP:]),
        "p95": _p95(times[_WARM_UP:]),
        "cpu median": statistics.median(worked[_WARM_UP:]),
        "cpu p95": _p95(worked[_WARM_UP:]),
    }


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[94]


def _statuses(call: Callable[[str], Any], chosen: Sequence[Clone]) -> dict[str, int]:
    found: dict[str, int] = {}
    for clone in chosen[_WARM_UP : _WARM_UP + 30]:
        status = call(_questions(clone)["place and year"]).status
        found[status] = found.get(status, 0) + 1
    return found


# --- recall ------------------------------------------------------------------------------------


def recall(asked: argparse.Namespace) -> dict[str, Any]:
    """Recall@10 of the index of vectors against the comparison with every vector."""
    from qa.library.library import Library
    from qa.scope import find_scope
    from qa.search import Searcher

    library, embedder = Library(_library(asked)), _embedder()
    searcher = Searcher(library, embedder)
    index = library.load_vectors(embedder)
    assert index is not None
    tried = []
    for clone in _chosen(asked)[:_RECALLED]:
        for kind, text in _questions(clone).items():
            question = searcher.understand(text)
            ids = find_scope(question, library.shelf).report_ids
            groups = library.groups(ids) if ids else np.empty(0, np.int64)
            tried.append((kind, embedder.encode_query(question.sense), groups))
    exact = _exact(index, tried)
    found: dict[str, list[float]] = {}
    for (kind, vector, groups), best in zip(tried, exact, strict=True):
        ids, _ = index.search(vector, 10, groups)
        if len(best):
            found.setdefault(kind, []).append(len(set(ids.tolist()) & set(best)) / len(best))
    times = {
        kind: _latency(
            lambda one: index.search(one[1], 240, one[2]), [t for t in tried if t[0] == kind]
        )
        for kind in found
    }
    shares = {kind: float(np.mean(values)) for kind, values in found.items()}
    return {"recall": shares, "vectors": times, "index": type(index).__name__}


def _exact(index: Any, tried: Sequence[Any]) -> list[list[int]]:
    """The ten nearest of each question, by a scan over all vectors as they are stored."""
    if type(index).__name__ == "FaissIndex":
        return [index.search(vector, 10, groups)[0].tolist() for _, vector, groups in tried]
    best: list[list[tuple[float, int]]] = [[] for _ in tried]
    queries = np.stack([vector for _, vector, _ in tried])
    for segment in index.segments:
        allowed = [_mask(segment, groups) for _, _, groups in tried]
        for start in range(0, segment.count, 1 << 15):
            span = slice(start, start + (1 << 15))
            scores = segment.vectors[span].astype(np.float32) @ queries.T
            for number, mask in enumerate(allowed):
                column = scores[:, number]
                if mask is not None:
                    column = np.where(mask[span], column, -2)
                top = np.argpartition(column, max(0, len(column) - 10))[-10:]
                pairs = zip(column[top].tolist(), segment.ids[span][top].tolist(), strict=True)
                best[number] = sorted([*best[number], *(p for p in pairs if p[0] > -2)])[-10:]
    return [[number for _, number in one] for one in best]


def _mask(segment: Any, groups: Any) -> Any:
    from embeddings.runs import rows_in

    if groups is None:
        return None
    mask = np.zeros(segment.count, bool)
    mask[rows_in(segment.runs.spans(groups))] = True
    return mask


# --- growing -----------------------------------------------------------------------------------


def grow(asked: argparse.Namespace) -> dict[str, Any]:
    """Seconds of an ingest of one report more, by the product's own way, and of its removal."""
    from embeddings import VectorCache
    from qa.library.ingest import VectorMaker, ingest, remove

    clone = clone_of(read_bases(asked.paths), 999_983)
    path = asked.work / f"new-{asked.passages[0]}.txt"
    path.write_text(clone.source.text, "utf-8")
    cache = asked.work / "vectors.sqlite"
    _fill_cache(asked, cache)
    maker = VectorMaker(_MODEL, _embedder, lambda: VectorCache(cache))
    library = _library(asked)
    started = time.perf_counter()
    summary = ingest(library, [path], maker, passage_max_chars=500, progress=_told)
    seconds = time.perf_counter() - started
    removed = _timed(lambda: remove(library, summary.added[0], maker, _told))
    return {"ingest_seconds": seconds, "remove_seconds": removed, "ingest_peak": _memory()["peak"]}


def _fill_cache(asked: argparse.Namespace, path: Path) -> None:
    """Put the vectors of a small library into the cache, as if its sentences had been embedded: a flat
    index is made anew from there."""
    from embeddings import VectorCache
    from embeddings.vector_store import FLAT_UP_TO

    bases = read_bases(asked.paths)
    numbers = list(_numbers(bases, asked.passages[0]))
    if sum(len(bases[number % len(bases)].sentences) for number in numbers) > FLAT_UP_TO:
        return
    known, model = _base_vectors(bases, asked.work), _embedder().model_id
    with VectorCache(path) as cache:
        for clone in clones(bases, asked.passages[0]):
            texts = [t for passage in clone.report.passages for t in passage.sentence_texts()]
            vectors = _jittered(known[clone.base], clone.number)
            cache.put_many(model, dict(zip(texts, vectors, strict=True)))


_STEPS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "build": build,
    "ask": ask,
    "recall": recall,
    "grow": grow,
}


# --- what all need -----------------------------------------------------------------------------


def _library(asked: argparse.Namespace) -> Path:
    return Path(asked.work) / f"library-{asked.passages[0]}"


_MADE: list[Any] = []


def _embedder() -> Any:
    from embeddings import load_embedder
    from qa.settings import load_settings

    if not _MADE:
        _MADE.append(load_embedder(_MODEL, cache_dir=load_settings().cache))
    return _MADE[0]


def _told(stage: str, done: int, total: int) -> None:
    pass


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(file.stat().st_size for file in files)


def _counts(database: Path) -> dict[str, int]:
    from qa.library import tables

    engine = tables.open_database(database)
    with engine.connect() as connection:
        return {
            f"{name}_held": connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("reports", "passages", "sentences", "facts")
        }


def _memory() -> dict[str, int]:
    """MiB resident, of them backed by files, and at the peak."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    names = {"resident": "VmRSS", "of files": "RssFile", "peak": "VmHWM"}
    return {name: int(fields[key].split()[0]) // 1024 for name, key in names.items()}


# --- telling -----------------------------------------------------------------------------------


def _table(results: Sequence[dict[str, Any]]) -> str:
    lines = ["| | " + " | ".join(f"{r['passages']:,}" for r in results) + " | exponent |"]
    lines.append("|---" * (len(results) + 2) + "|")
    for name, values in _rows(results):
        cells = [name, *(_told_number(value) for value in values), _exponent(results, values)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rows(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    for key in ("reports", "sentences", "facts"):
        yield key, [r[f"{key}_held"] for r in results]
    yield "index of vectors", [r["index"] for r in results]
    yield "opening and first search, s", [r["open_seconds"] for r in results]
    shares = {"median": "median", "p95": "95 %"}
    for share, name in shares.items():
        told = [r["first"][share] for r in results]
        yield f"search: place and year, asked first, {name}, ms", told
    for way in ("search", "ask"):
        for kind in results[0]["recall"]:
            for share, name in shares.items():
                yield f"{way}: {kind}, {name}, ms", [r[f"{way}: {kind}"][share] for r in results]
    for kind in results[0]["recall"]:
        times = [r["vectors"][kind]["median"] for r in results]
        yield f"vectors alone: {kind}, median, ms", times
        yield f"recall@10: {kind}", [r["recall"].get(kind) for r in results]
    for moment in ("after open", "at most"):
        for name in ("resident", "of files"):
            yield f"memory {moment}: {name}, MiB", [r["memory"][moment][name] for r in results]
    yield "one report more, s", [r["ingest_seconds"] for r in results]
    yield "one report less, s", [r["remove_seconds"] for r in results]
    yield "memory of that, peak, MiB", [r["ingest_peak"] for r in results]
    for part in results[0]["build_seconds"]:
        yield f"building: {part}, s", [r["build_seconds"][part] for r in results]
    for part in results[0]["bytes"]:
        yield f"on disk: {part}, MB", [r["bytes"][part] / 1e6 for r in results]


def _told_number(value: object) -> str:
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:.3f}" if value < 10 else f"{value:,.0f}"


def _exponent(results: Sequence[dict[str, Any]], values: Sequence[Any]) -> str:
    if len(values) < 2 or not all(isinstance(v, int | float) and v > 0 for v in values):
        return ""
    sizes = [r["passages"] for r in results]
    return f"{float(np.polyfit(np.log(sizes), np.log(values), 1)[0]):.2f}"


def _plot(results: Sequence[dict[str, Any]], folder: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    sizes = [r["passages"] for r in results]
    figure, axes = plt.subplots(1, 3, figsize=(14, 4.2))
    for axis, way in zip(axes, ("search", "ask"), strict=False):
        for kind in results[0]["recall"]:
            axis.plot(
                sizes, [r[f"{way}: {kind}"]["median"] for r in results], marker="o", label=kind
            )
            p95 = [r[f"{way}: {kind}"]["p95"] for r in results]
            axis.plot(sizes, p95, ls=":", color=axis.lines[-1].get_color())
        axis.set(title=f"{way}: ms, median and 95 % (dotted)", xlabel="passages")
        axis.legend(fontsize=8)
    for name in ("resident", "of files"):
        axes[2].plot(sizes, [r["memory"]["at most"][name] for r in results], marker="o", label=name)
    axes[2].set(title="memory at most, MiB", xlabel="passages")
    axes[2].legend(fontsize=8)
    for axis in axes:
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.grid(alpha=0.3)
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "scale.png", dpi=110)


if __name__ == "__main__":
    main()
