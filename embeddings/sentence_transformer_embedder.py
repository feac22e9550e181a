"""Embeds with any sentence-transformers model that is on this machine."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from embeddings.batching import Batching
from embeddings.errors import ModelDamagedError
from embeddings.sentence_transformer_models import folder_of, load_encoder
from embeddings.vectors import Vectors, as_list, as_lists, normalise_rows

_TEXTS_PER_BATCH = 32
# Weights can have gigabytes: a change of them shows in their size or in their ends.
_SAMPLED_BYTES = 1 << 20
_VECTOR_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "pytorch_model*.bin", "*.py")


class SentenceTransformerEmbedder(Embeddings):
    """A sentence-transformers model by folder or by name, on the device the library chooses.

    Nothing is fetched from a hub: a name must be in the local Hugging Face cache.
    """

    # They are encoded together: few at a time would leave most of a batch empty.
    parallel_queries = 16

    def __init__(self, name: str) -> None:
        """Load the model `name`; importing torch and loading weights takes seconds.

        Raises:
            ModelNotFoundError: there is no such folder, and no such name in the local cache.
            ModelDamagedError: it is there and cannot be loaded.
        """
        kind, remedy = "sentence-transformers model", "give the folder of a model, or 'bundled'"
        folder = folder_of(name if Path(name).is_dir() else _full_name(name), kind, remedy)
        self._model = load_encoder(name, folder)
        # By its last part: a folder that was moved, or named relatively, is the same model.
        self.model_id = f"{Path(name).name}@{_fingerprint(folder)}"
        self._queries = Batching(self._encode_queries)

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise ModelDamagedError(
                f"the model {self.model_id} does not say its dimension", "use another model"
            )
        return dimension

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """See `Embedder.encode_documents`."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        # Texts of one length share batches without padding.
        places = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        for done in range(0, len(places), _TEXTS_PER_BATCH):
            batch = places[done : done + _TEXTS_PER_BATCH]
            chosen = [texts[place] for place in batch]
            vectors[batch] = self._model.encode_document(
                chosen, batch_size=_TEXTS_PER_BATCH, show_progress_bar=False
            )
            if progress is not None:
                progress(done + len(batch))
        return normalise_rows(vectors)

    def encode_query(self, text: str) -> Vectors:
        """See `Embedder.encode_query`; questions that come at once are encoded together."""
        return self._queries(text)

    def _encode_queries(self, texts: list[str]) -> Vectors:
        return normalise_rows(self._model.encode_query(texts, show_progress_bar=False))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `encode_documents`."""
        return as_lists(self.encode_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `encode_query`."""
        return as_list(self.encode_query(text))


def _full_name(name: str) -> str:
    """sentence-transformers takes a bare name for one of its own models."""
    return name if "/" in name else f"sentence-transformers/{name}"


def _fingerprint(folder: Path) -> str:
    """Twelve hex digits that change when the model's files, and so its vectors, change."""
    digest = hashlib.sha256()
    for path in _files_that_decide(folder):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(_SAMPLED_BYTES))
            file.seek(max(0, path.stat().st_size - _SAMPLED_BYTES))
            digest.update(file.read())
    return digest.hexdigest()[:12]


def _files_that_decide(folder: Path) -> Iterator[Path]:
    found = {path for pattern in _VECTOR_FILES for path in folder.rglob(pattern)}
    return iter(sorted(path for path in found if path.is_file()))
