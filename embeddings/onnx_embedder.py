"""The one door to onnxruntime: embeds with a model of ours, without torch."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer

from embeddings.bundled_model import MANIFEST_FILE, ONNX_FILE
from embeddings.errors import ModelDamagedError
from embeddings.vectors import Vectors, as_list, as_lists, normalise

# onnxruntime's level for errors: its warnings would appear among a command's own lines.
_ERRORS_ONLY = 3


class OnnxEmbedder(Embeddings):
    """Mean-pooled vectors of length 1 from a folder that `unpack_bundled_model` made.

    Texts longer than the model's 512 tokens are cut there, as sentence-transformers does. Each
    text runs alone on one thread: the graph scales its 8-bit inputs by the largest of the batch,
    so in a batch a text's vector would depend on its neighbours (cosine down to .9956). It costs
    6 % of the speed of padded batches (two cores, medians of 7 interleaved rounds: 31.3 passages
    of 250 characters a second against 33.4, 201 sentences against 216). Safe to share between
    threads.
    """

    # While one is embedded, outside of Python, another can be answered; more take turns.
    parallel_queries = 2

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Load the model in `folder`; documents run on `threads` threads, by default all cores.

        Raises:
            ModelDamagedError: a file is missing or cannot be read.
        """
        self._threads = threads or len(os.sched_getaffinity(0))
        try:
            with ThreadPoolExecutor(1) as beside:
                tokenizer = beside.submit(_load_tokenizer, folder)
                self._session = _open_session(folder / ONNX_FILE)
                self._tokenizer = tokenizer.result()
            self.model_id: str = json.loads((folder / MANIFEST_FILE).read_bytes())["model_id"]
            settings = json.loads((folder / "config_sentence_transformers.json").read_bytes())
            self._prompts: dict[str, str] = settings["prompts"]
        # The tokenizers and onnxruntime raise bare Exceptions for files they cannot read.
        except Exception as error:
            raise ModelDamagedError(
                f"the model in {folder} cannot be loaded ({error})", "delete that folder"
            ) from error

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        return int(self._session.get_outputs()[0].shape[-1])

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """See `Embedder.encode_documents`."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        prompted = [self._prompts["document"] + text for text in texts]
        pool = ThreadPoolExecutor(self._threads)
        try:
            for place, vector in enumerate(pool.map(self._encode, prompted)):
                vectors[place] = vector
                if progress is not None:
                    progress(place + 1)
        finally:
            # Without it, Ctrl-C would wait until every text that is left has been embedded.
            pool.shutdown(cancel_futures=True)
        return vectors

    def encode_query(self, text: str) -> Vectors:
        """See `Embedder.encode_query`."""
        return self._encode(self._prompts["query"] + text)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `encode_documents`."""
        return as_lists(self.encode_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `encode_query`."""
        return as_list(self.encode_query(text))

    def _encode(self, text: str) -> Vectors:
        # A lone surrogate, as a broken decoder leaves them, cannot be handed to the tokenizer.
        clean = text.encode("utf-8", "replace").decode()
        ids = np.array([self._tokenizer.encode(clean).ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], inputs)
        return normalise(hidden[0].mean(axis=0))


def _load_tokenizer(folder: Path) -> Tokenizer:
    settings = json.loads((folder / "sentence_bert_config.json").read_bytes())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(settings["max_seq_length"])
    return tokenizer


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
