import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from embeddings.batching import Batching
from embeddings.vectors import Vectors


class Encoder:
    """Writes down its batches; the first waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, texts: list[str]) -> Vectors:
        self.batches.append(texts)
        self.begun.set()
        assert self.let_go.wait(timeout=10)
        if "bad" in texts:
            raise ValueError("bad")
        return np.array([[float(text)] for text in texts], np.float32)


def asked_during_the_first(encoder: Encoder, texts: list[str]) -> list[object]:
    """What the texts give that arrive while the text "0" is encoded."""
    encode = Batching(encoder)
    arrived = threading.Semaphore(0)

    def ask(text: str) -> object:
        arrived.release()
        try:
            return float(encode(text)[0])
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(texts) + 1) as threads:
        first = threads.submit(ask, "0")
        assert encoder.begun.wait(timeout=10)
        others = [threads.submit(ask, text) for text in texts]
        for _ in range(len(texts) + 1):
            arrived.acquire()
        while len(encode._waiting) < len(texts):
            pass
        encoder.let_go.set()
        assert first.result() == 0.0
        return [one.result() for one in others]


def test_what_comes_while_a_text_is_encoded_is_encoded_together() -> None:
    encoder = Encoder()
    texts = [str(n) for n in range(1, 9)]
    assert asked_during_the_first(encoder, texts) == [float(text) for text in texts]
    assert encoder.batches[0] == ["0"]
    assert [sorted(batch) for batch in encoder.batches[1:]] == [texts]


def test_batches_are_bounded() -> None:
    encoder = Encoder()
    texts = [str(n) for n in range(1, 41)]
    assert asked_during_the_first(encoder, texts) == [float(text) for text in texts]
    assert [len(batch) for batch in encoder.batches] == [1, 32, 8]


def test_a_failure_reaches_all_whose_texts_were_in_the_batch_and_nobody_after() -> None:
    encoder = Encoder()
    assert asked_during_the_first(encoder, ["1", "bad"]) == ["bad", "bad"]
    encode = Batching(encoder)
    with pytest.raises(ValueError, match="bad"):
        encode("bad")
    assert float(encode("3")[0]) == 3.0
