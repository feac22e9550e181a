"""Embeds through an OpenAI-compatible endpoint (vLLM, text-embeddings-inference, a provider's); the one
door to the openai client here."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import openai
from langchain_core.embeddings import Embeddings
from openai.types import CreateEmbeddingResponse

from embeddings.batching import Batching
from embeddings.errors import (
    CredentialsRejectedError,
    EmbeddingError,
    EndpointReplyError,
    EndpointUnavailableError,
    ModelNotFoundError,
)
from embeddings.vectors import Vectors, as_list, as_lists, normalise_rows

# The smallest limit on inputs in a request that is in use, text-embeddings-inference's (Azure's 16 for
# old models aside).
_TEXTS_PER_REQUEST = 32
_RETRIES = 2


class EndpointEmbedder(Embeddings):
    """Vectors from `POST {base_url}/embeddings`.

    Such endpoints embed questions and documents alike; what a model wants before the one or the other
    (`query: `, an instruction) is put there by the prompts.

    Raises, from every method and from `dimension`, which asks the endpoint on first use:
        EndpointUnavailableError: no answer in time, no connection, overload, or a server's error,
            after two more attempts.
        CredentialsRejectedError: the key is refused.
        ModelNotFoundError: the endpoint has no such model.
        EndpointReplyError: the answer is not one finite vector of one length per text.
    """

    # They are sent together: few at a time would leave most of a batch empty.
    parallel_queries = 16

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None,
        timeout_seconds: float,
        query_prompt: str = "",
        document_prompt: str = "",
    ) -> None:
        """Describe the endpoint; nothing is sent yet."""
        self.base_url = base_url.rstrip("/")
        self.model = model
        self._query_prompt, self._document_prompt = query_prompt, document_prompt
        # What is held of documents was made with this prompt: with another it is none of theirs.
        self.model_id = " ".join(filter(None, [f"{self.base_url}#{model}", document_prompt]))
        self._dimension: int | None = None
        self._queries = Batching(self._vectors)
        self._client = openai.OpenAI(
            base_url=self.base_url,
            # The client refuses to exist without one; servers without keys ignore it.
            api_key=api_key or "none",
            timeout=timeout_seconds,
            max_retries=_RETRIES,
        )

    @classmethod
    def from_name(
        cls,
        name: str,
        *,
        api_key: str | None,
        timeout_seconds: float,
        query_prompt: str = "",
        document_prompt: str = "",
    ) -> "EndpointEmbedder":
        """From `https://host/v1#model`.

        Raises:
            ModelNotFoundError: the name has no model in it.
        """
        base_url, _, model = name.partition("#")
        if not model:
            raise ModelNotFoundError(
                f"the endpoint {name!r} names no model", "write it as https://host/v1#model"
            )
        return cls(
            base_url,
            model,
            api_key=api_key,
            timeout_seconds=timeout_seconds,
            query_prompt=query_prompt,
            document_prompt=document_prompt,
        )

    @property
    def dimension(self) -> int:
        """Components of each vector."""
        if self._dimension is None:
            self._dimension = self._vectors(["dimension"]).shape[1]
        return self._dimension

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """See `Embedder.encode_documents`."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _TEXTS_PER_REQUEST):
            part = texts[start : start + _TEXTS_PER_REQUEST]
            batch = [self._document_prompt + text for text in part]
            vectors[start : start + len(batch)] = self._vectors(batch)
            if progress is not None:
                progress(start + len(batch))
        return vectors

    def encode_query(self, text: str) -> Vectors:
        """See `Embedder.encode_query`; questions that come at once are sent together."""
        return self._queries(self._query_prompt + text)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `encode_documents`."""
        return as_lists(self.encode_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `encode_query`."""
        return as_list(self.encode_query(text))

    def _vectors(self, texts: list[str]) -> Vectors:
        rows = self._request(texts)
        expected = self._dimension or len(rows[0])
        for row in rows:
            if len(row) != expected:
                raise self._bad_reply(f"a vector of {len(row)} components, not {expected}")
        self._dimension = expected
        return normalise_rows(rows)

    def _request(self, texts: list[str]) -> list[list[float]]:
        # Some servers refuse an empty input; a blank means as little.
        inputs = [text or " " for text in texts]
        try:
            reply = self._client.embeddings.create(
                model=self.model, input=inputs, encoding_format="float"
            )
        except (openai.OpenAIError, ValueError) as error:
            raise self._translated(error) from error
        return self._checked(reply, len(texts))

    def _checked(self, reply: CreateEmbeddingResponse, count: int) -> list[list[float]]:
        """One row per text in the texts' order, whatever the reply contains."""
        try:
            items = sorted(reply.data, key=lambda item: item.index)
            places = [item.index for item in items]
            rows = [[float(number) for number in item.embedding] for item in items]
        # The client builds its objects without checking them: any field can be anything.
        except (AttributeError, TypeError, ValueError) as error:
            raise self._bad_reply("something that is not a list of vectors") from error
        if places != list(range(count)):
            raise self._bad_reply(f"{len(rows)} vectors for {count} texts, or misnumbered ones")
        if not all(row and all(map(math.isfinite, row)) for row in rows):
            raise self._bad_reply("a vector that is empty or has a component that is not a number")
        return rows

    def _translated(self, error: Exception) -> EmbeddingError:
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return CredentialsRejectedError(
                f"the embeddings endpoint {self.base_url} refuses the key", "set another key"
            )
        if isinstance(error, openai.NotFoundError):
            return ModelNotFoundError(
                f"the embeddings endpoint {self.base_url} has no model {self.model!r}",
                "check the address and the model's name",
            )
        if isinstance(error, openai.APITimeoutError):
            return self._unavailable("did not answer in time")
        if isinstance(error, openai.RateLimitError):
            return self._unavailable("asks to wait (429)")
        if isinstance(error, openai.InternalServerError):
            return self._unavailable(f"failed ({error.status_code})")
        if isinstance(error, openai.APIStatusError):
            return self._bad_reply(f"status {error.status_code}: {error.message}")
        if isinstance(error, openai.APIConnectionError):
            return self._unavailable("cannot be reached")
        return self._bad_reply("something that is not a list of vectors")

    def _unavailable(self, what: str) -> EndpointUnavailableError:
        return EndpointUnavailableError(
            f"the embeddings endpoint {self.base_url} {what}",
            "try again later, or set another embedding model",
        )

    def _bad_reply(self, what: str) -> EndpointReplyError:
        return EndpointReplyError(
            f"the embeddings endpoint {self.base_url} answered with {what}",
            f"check that {self.model!r} is an embedding model, or set another",
        )
