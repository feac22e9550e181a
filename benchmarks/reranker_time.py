"""What a cross-encoder costs a question: models of two usual sizes with random weights, which take as
long as trained ones and order nothing well.

    wenzheng ingest samples && python -m benchmarks.reranker_time

Prints a Markdown table: milliseconds a question of a search without and with each model.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from api.assembly import embedder_of, library_of
from embeddings import CrossEncoderReranker, Reranker, unpack_bundled_model
from eval.questions import read_case_set
from qa.search import Searcher
from qa.settings import Settings, load_settings

# Layers and width of mMiniLMv2-L12-H384 and of the base size of XLM-RoBERTa.
_SIZES = ((12, 384), (12, 768))
_QUESTIONS = 10


def main() -> None:
    settings = load_settings()
    library, embedder = library_of(settings), embedder_of(settings)
    print("| cross-encoder | median ms | most ms |\n|---|---|---|")
    _row("none", Searcher(library, embedder))
    for layers, width in _SIZES:
        with TemporaryDirectory() as folder:
            reranker = _made(Path(folder), layers, width, settings)
            _row(f"{layers} layers of {width}", Searcher(library, embedder, reranker=reranker))


def _made(folder: Path, layers: int, width: int, settings: Settings) -> Reranker:
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(unpack_bundled_model(settings.cache))
    shape = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=4 * width,
    )
    shape.num_labels = 1
    BertForSequenceClassification(shape).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return CrossEncoderReranker(str(folder))


def _row(name: str, searcher: Searcher) -> None:
    cases = [case for case in read_case_set() if not case.turns][: _QUESTIONS + 1]
    times = []
    for case in cases:
        started = time.perf_counter()
        searcher.search(case.question)
        times.append((time.perf_counter() - started) * 1000)
    # The first one loads the model.
    print(f"| {name} | {statistics.median(times[1:]):.0f} | {max(times[1:]):.0f} |", flush=True)


if __name__ == "__main__":
    main()
