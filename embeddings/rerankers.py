"""What scores a question and a text together, better and slower than their vectors' cosine."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from embeddings.errors import ModelFailedError
from embeddings.sentence_transformer_models import folder_of, load_cross_encoder
from embeddings.vectors import Vectors

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_PAIRS_PER_BATCH = 8


class Reranker(Protocol):
    """Texts to scores of how well each answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """Scores (n,), in the texts' order; higher is better, on a scale of the model's own.

        Raises:
            EmbeddingError: the model cannot be loaded, or failed; never fewer scores than texts.
        """
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder by folder or by name, such as a bge-reranker, on the device
    the library chooses.

    Scores are logits: the usual sigmoid has no room left between good texts. Texts longer than the
    model reads, or than 1,024 tokens, are cut there. Loaded with the first question; safe to share
    between threads.
    """

    def __init__(self, name: str) -> None:
        """Find the model `name`, without loading it.

        Raises:
            ModelNotFoundError: there is no such folder, and no such name in the local cache.
        """
        remedy = "give the folder of a cross-encoder, or leave WENZHENG_RERANKER unset"
        self._folder = folder_of(name, "cross-encoder", remedy)
        self._name = name
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """See `Reranker.scores`.

        Raises:
            ModelUnsuitableError: the model is no cross-encoder with one score.
            ModelDamagedError: it cannot be loaded.
            ModelFailedError: it failed over these texts, or gave a score that is no number.
        """
        if not texts:
            return np.zeros(0, np.float32)
        # One at a time: two threads in one tokenizer fail ("Already borrowed"), and torch uses all
        # cores for one of them.
        with self._lock:
            if self._model is None:
                self._model = load_cross_encoder(self._name, self._folder)
            scores = self._predicted(self._model, question, texts)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise self._failed("its scores are not one number for each text")
        return scores

    def _predicted(self, model: "CrossEncoder", question: str, texts: Sequence[str]) -> Vectors:
        pairs = [(question, text) for text in texts]
        try:
            given = model.predict(pairs, batch_size=_PAIRS_PER_BATCH, show_progress_bar=False)
        # Anything from a tokenizer's to the device's own error.
        except Exception as error:
            raise self._failed(str(error)) from error
        return np.asarray(given, dtype=np.float32)

    def _failed(self, reason: str) -> ModelFailedError:
        return ModelFailedError(
            f"the cross-encoder {self._name!r} failed ({reason})",
            "use another, or leave WENZHENG_RERANKER unset",
        )
