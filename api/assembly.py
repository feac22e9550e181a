"""Settings to finished collaborators: the one place where the parts are put together."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import SettingsError
from qa.generation.tally import Tally
from qa.settings import PREFIX, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from api.keys import KeyFile
    from embeddings import Embedder, Reranker
    from qa.chain import Chain
    from qa.generation.answer_cache import AnswerCache
    from qa.generation.model import LanguageModel
    from qa.library.indexing import Progress, VectorMaker
    from qa.library.library import Library
    from qa.library.server.address import ServerAddress
    from qa.library.server.shared import JobBoard, SharedHits

_NO_KEY = "unused"
Unpacking = Callable[[int, int], None]


def embedder_of(settings: Settings, progress: Unpacking | None = None) -> Embedder:
    """The embedder the settings name; the bundled one is unpacked the first time."""
    from embeddings import load_embedder

    key = settings.embedding_api_key
    return load_embedder(
        settings.embedding,
        cache_dir=settings.cache,
        api_key=key.get_secret_value() if key else None,
        timeout_seconds=settings.embedding_timeout_seconds,
        query_prompt=settings.embedding_query_prompt or "",
        document_prompt=settings.embedding_document_prompt or "",
        progress=progress,
    )


def reranker_of(settings: Settings) -> Reranker | None:
    """The cross-encoder the settings name, None without one; loaded with the first question."""
    if settings.reranker is None:
        return None
    from embeddings import CrossEncoderReranker

    return CrossEncoderReranker(settings.reranker)


def vector_maker_of(settings: Settings, progress: Unpacking | None = None) -> VectorMaker:
    """What an ingest embeds with."""
    from embeddings import VectorCache
    from qa.library.indexing import VectorMaker

    return VectorMaker(
        embedding=settings.embedding,
        load=lambda: embedder_of(settings, progress),
        open_cache=lambda: VectorCache(settings.cache / "vectors.sqlite"),
    )


def model_of(settings: Settings, *, retries: int = 1, **given: Any) -> BaseChatModel | None:
    """The language model the settings name, None without one; ``given`` is added to its settings."""
    if settings.llm is None:
        return None
    from langchain.chat_models import init_chat_model

    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    # Local servers want no key, but their clients do.
    given |= {
        "base_url": settings.llm_base_url,
        "api_key": key or (_NO_KEY if settings.llm_base_url else None),
    }
    try:
        model: BaseChatModel = init_chat_model(
            settings.llm,
            temperature=0,
            timeout=settings.llm_timeout_seconds,
            max_retries=retries,
            **{name: value for name, value in given.items() if value},
        )
    except Exception as error:
        # Each provider's package has its own errors for a wrong name, a missing key, or being absent.
        reason = str(error).strip().splitlines()[0]
        raise SettingsError("wrong_setting", name=f"{PREFIX}LLM", reason=reason) from error
    return model


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What an assistant is made of whatever the library: the model with its breaker, the answers it
    gave, and the counts of what became of its work."""

    model: LanguageModel
    cache: AnswerCache
    tally: Tally = field(default_factory=Tally)


def model_parts_of(settings: Settings, tally: Tally | None = None) -> ModelParts | None:
    """The parts for the language model the settings name, None without one."""
    if settings.llm is None:
        return None
    model = model_of(settings, retries=0, max_tokens=settings.llm_max_tokens)
    assert model is not None
    from qa.generation.answer_cache import AnswerCache
    from qa.generation.model import LanguageModel

    # The client sends max_completion_tokens alone, which older servers do not know: they would write
    # until their context is full.
    if settings.llm_base_url and hasattr(model, "extra_body"):
        model.extra_body = {"max_tokens": settings.llm_max_tokens}
    # Off by default for other endpoints than OpenAI's own; without it no tokens are counted.
    if hasattr(model, "stream_usage"):
        model.stream_usage = True
    # The chain has a deadline for the whole; this one may swallow a cancellation until Python 3.12.
    if hasattr(model, "stream_chunk_timeout"):
        model.stream_chunk_timeout = None
    endpoint = f"{settings.llm} {settings.llm_base_url or ''} {settings.llm_max_tokens}"
    # Other passages, another answer.
    endpoint += f" {settings.reranker}" if settings.reranker else ""
    return ModelParts(
        LanguageModel(model, settings.llm, context_tokens=settings.llm_context_tokens),
        AnswerCache(settings.cache / "answers", endpoint),
        tally or Tally(),
    )


def assist(chain: Chain, settings: Settings, parts: ModelParts | None = None) -> Chain:
    """The chain, with the language model the settings name as its assistant, if they name one."""
    parts = parts or model_parts_of(settings)
    if parts is None:
        return chain
    from qa.generation.assistant import ModelAssistant
    from qa.generation.similarity import nearest
    from qa.generation.writing import ModelWriter

    embedder = chain.searcher.embedder
    similarity = nearest(embedder) if embedder else None
    chain.assistant = ModelAssistant(
        ModelWriter(parts.model, chain.searcher.library, similarity, parts.tally),
        chain.ask_exactly,
        timeout_seconds=settings.llm_timeout_seconds,
        cache=parts.cache,
    )
    return chain


def server_of(settings: Settings) -> ServerAddress | None:
    """Where the library is kept if not in a folder; raises ``SettingsError``."""
    if settings.database_url is None:
        return None
    if settings.milvus_uri is None:
        reason = f"is needed as well where {PREFIX}DATABASE_URL is set"
        raise SettingsError("wrong_setting", name=f"{PREFIX}MILVUS_URI", reason=reason)
    try:
        from qa.library.server.address import address_of
    except ImportError as error:
        raise SettingsError("missing_extra", name="PostgreSQL", extra="server") from error

    token = settings.milvus_token.get_secret_value() if settings.milvus_token else ""
    url = settings.database_url.get_secret_value()
    return address_of(url, settings.milvus_uri, token, settings.cache)


def key_file_of(settings: Settings) -> KeyFile:
    """Where the API keys are kept: beside the library where servers keep that."""
    from api.keys import KeyFile, KeyTable

    if server := server_of(settings):
        from qa.library.server.shared import SharedKeys

        return KeyTable(SharedKeys(server))
    return KeyFile(settings.keys)


def shared_hits_of(settings: Settings) -> SharedHits | None:
    """Where requests are counted for all programs that serve one library; None for one alone."""
    if server := server_of(settings):
        from qa.library.server.shared import SharedHits

        return SharedHits(server)
    return None


def job_board_of(settings: Settings) -> JobBoard | None:
    """Where jobs are kept for all programs that serve one library; None for one alone."""
    if server := server_of(settings):
        from qa.library.server.shared import JobBoard

        return JobBoard(server)
    return None


def library_of(settings: Settings) -> Library:
    """The library in force; raises ``LibraryNotFoundError``, ``LibraryUnavailableError``."""
    if server := server_of(settings):
        from qa.library.server.library import ServerLibrary

        return ServerLibrary(server)
    from qa.library.library import Library

    return Library(settings.library)


@contextmanager
def changing(
    settings: Settings, vectors: VectorMaker | None = None, progress: Progress | None = None
) -> Iterator[Path]:
    """The folder to change the library in. Where servers keep it, that is a copy, which is published at the
    end of the block, with its vectors; if the block fails nothing is.

    Raises ``LibraryBusyError``, ``LibraryUnavailableError``, ``embeddings.EmbeddingError``.
    """
    server = server_of(settings)
    if server is None:
        yield settings.library
        return
    from qa.library.server.copying import changing as changing_copy

    maker = vectors or vector_maker_of(settings)
    with changing_copy(server, maker, progress or _tell_nobody) as folder:
        yield folder


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def chain_of(settings: Settings, *, dense: bool = True, assisted: bool = True) -> Chain:
    """The chain over the library in force; raises ``LibraryError`` or ``EmbeddingError``.

    ``dense=False`` searches by words alone, ``assisted=False`` answers without a language model.
    """
    return ChainOpener(settings, dense=dense, assisted=assisted).open()


class ChainOpener:
    """Opens chains over a library whose versions follow each other; the models are loaded once.

    ``tally`` counts what became of the language model's work, in all chains together.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        dense: bool = True,
        assisted: bool = True,
        kept: int = 0,
        patience: float = math.inf,
    ) -> None:
        """``kept`` answers made without a language model are remembered by each chain; ``patience`` is
        how many seconds a question may have to wait for its turn."""
        self._settings = settings
        self._kept = kept
        self._patience = patience
        self._dense = dense
        self._assisted = assisted
        self._embedder: Embedder | None = None
        self._reranker: Reranker | None = None
        self._parts: ModelParts | None = None
        self.tally = Tally()
        self._loading = threading.Lock()

    def open(self) -> Chain:
        """The chain over the version in force; raises ``LibraryError`` or ``EmbeddingError``."""
        from qa.chain import Chain
        from qa.errors import OtherEmbeddingError
        from qa.search import Searcher

        settings = self._settings
        library = library_of(settings)
        held = library.manifest.embedding
        if held != settings.embedding:
            raise OtherEmbeddingError(
                "other_embedding", path=settings.library, held=held, embedding=settings.embedding
            )
        # Before the vectors are made the words alone answer: the model need not even be loaded.
        if self._dense and library.manifest.has_vectors:
            embedder: Embedder | None = self.embedder()
        else:
            embedder = None
        if self._dense:
            self._reranker = self._reranker or reranker_of(settings)
        searcher = Searcher(library, embedder, reranker=self._reranker)
        chain = Chain(searcher, kept=self._kept, patience=self._patience)
        if not self._assisted or settings.llm is None:
            return chain
        # A breaker that opened for an endpoint that fails stays open for the next chain.
        self._parts = self._parts or model_parts_of(settings, self.tally)
        return assist(chain, settings, self._parts)

    def embedder(self) -> Embedder:
        """The model that all chains search with; loaded the first time."""
        # An ingest and the chain over its library may want it at once: it takes much memory.
        with self._loading:
            if self._embedder is None:
                self._embedder = embedder_of(self._settings)
            return self._embedder

    def vector_maker(self) -> VectorMaker:
        """What an ingest beside the chains embeds with: the same model."""
        return replace(vector_maker_of(self._settings), load=self.embedder)
