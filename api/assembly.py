"""Settings to finished collaborators: the one place where the parts are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from embeddings import Embedder
    from qa.chain import Chain
    from qa.library.ingest import VectorMaker
    from qa.library.library import Library

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
        progress=progress,
    )


def vector_maker_of(settings: Settings, progress: Unpacking | None = None) -> VectorMaker:
    """What an ingest embeds with."""
    from embeddings import VectorCache
    from qa.library.ingest import VectorMaker

    return VectorMaker(
        embedding=settings.embedding,
        load=lambda: embedder_of(settings, progress),
        open_cache=lambda: VectorCache(settings.cache / "vectors.sqlite"),
    )


def model_of(settings: Settings) -> BaseChatModel | None:
    """The language model the settings name, None without one."""
    if settings.llm is None:
        return None
    from langchain.chat_models import init_chat_model

    key = settings.llm_api_key
    given = {"base_url": settings.llm_base_url, "api_key": key.get_secret_value() if key else None}
    model: BaseChatModel = init_chat_model(
        settings.llm,
        temperature=0,
        timeout=settings.llm_timeout_seconds,
        max_retries=1,
        **{name: value for name, value in given.items() if value},
    )
    return model


def library_of(settings: Settings) -> Library:
    """The library in force; raises ``LibraryNotFoundError``."""
    from qa.library.library import Library

    return Library(settings.library)


def chain_of(settings: Settings, *, dense: bool = True) -> Chain:
    """The chain over the library in force; raises ``LibraryError`` or ``EmbeddingError``.

    ``dense=False`` searches by words alone.
    """
    from qa.chain import Chain
    from qa.errors import OtherEmbeddingError
    from qa.search import Searcher

    library = library_of(settings)
    held = library.manifest.embedding
    if held != settings.embedding:
        raise OtherEmbeddingError(
            "other_embedding", path=settings.library, held=held, embedding=settings.embedding
        )
    # Before the vectors are made the words alone answer: the model need not even be loaded.
    embedder = embedder_of(settings) if dense and library.manifest.has_vectors else None
    return Chain(Searcher(library, embedder))
