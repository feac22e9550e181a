"""OpenAI's protocol: any chat client that takes a base URL can ask."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.http.access import reader
from api.http.events import event, event_stream
from api.http.leaving import unless_left
from api.http.observing import observed, request_id
from api.http.problems import Problem, failure_of, problem_body
from api.http.schemas import QUESTION_CHARS, Whole, problems
from api.http.seats import seated
from api.http.service import Service, TheService
from api.rendering import sources_text
from embeddings import Embedder
from qa.answers.answer import Answer
from qa.answers.telling import Told
from qa.generation.tokens import estimate_tokens

router = APIRouter(prefix="/v1", tags=["OpenAI protocol"], dependencies=[Depends(reader)])

CHAT, CHAT_WITH_SOURCES, EMBEDDING = "wenzheng", "wenzheng-with-sources", "wenzheng-embedding"
_MODELS = (CHAT, CHAT_WITH_SOURCES, EMBEDDING)
# The day this product was first served; the protocol wants one.
_CREATED = 1_795_000_000
_MESSAGES, _INPUTS, _INPUT_CHARS = 200, 256, 8000

_REPLIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a chat.completion, or with `stream` its chunks",
        "content": {"text/event-stream": {"schema": {}}},
    }
}


class Part(BaseModel):
    """A part of a message; all but texts are refused."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """A message of a conversation. Only what users say counts; a system cannot change the rules."""

    model_config = ConfigDict(extra="ignore", strict=True)

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    include_usage: bool = False


class ChatBody(BaseModel):
    """A request for a completion; settings of sampling have no meaning here and are ignored."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "model": CHAT,
                    "messages": [{"role": "user", "content": "越城区2023年GDP增长多少?"}],
                }
            ]
        },
    )

    model: str
    messages: list[Message] = Field(min_length=1, max_length=_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1


class EmbeddingBody(BaseModel):
    """Texts to embed. ``input_type`` is ours: questions and passages are embedded differently."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={"examples": [{"model": EMBEDDING, "input": ["地区生产总值增长7.6%"]}]},
    )

    model: str
    input: (
        Annotated[str, Field(min_length=1, max_length=_INPUT_CHARS)]
        | Annotated[
            list[Annotated[str, Field(min_length=1, max_length=_INPUT_CHARS)]],
            Field(min_length=1, max_length=_INPUTS),
        ]
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Whole | None = None
    input_type: Literal["query", "passage"] = "passage"


# --- models ------------------------------------------------------------------------------------


@router.get("/models")
async def models() -> dict[str, Any]:
    """The models served: the same answers without and with their sources below, and embeddings."""
    return {"object": "list", "data": [_model(name) for name in _MODELS]}


@router.get("/models/{model}", responses=problems(404))
async def model(model: str) -> dict[str, Any]:
    """One model."""
    _require(model, _MODELS)
    return _model(model)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "wenzheng"}


def _require(name: str, known: Sequence[str]) -> None:
    if name not in known:
        told = f"no model {name[:80]}; there are {', '.join(known)}"
        raise Problem(404, "model_not_found", told)


# --- chat --------------------------------------------------------------------------------------


@router.post(
    "/chat/completions",
    responses={**_REPLIES, **problems(400, 404, 413, 422, 429, 503)},
    dependencies=[Depends(seated)],
)
async def chat(body: ChatBody, request: Request, service: TheService) -> Any:
    """Answer the last message, the user's earlier ones being its turns.

    The answer object without its text rides along as `wenzheng`: in the message, and in the last
    chunks of a stream.
    """
    _require(body.model, (CHAT, CHAT_WITH_SOURCES))
    question, turns = _asked(body)
    completion = _Completion(request, body)
    if body.stream:
        return await event_stream(request, completion.chunks(service, question, turns))
    answer = await unless_left(request, service.chain.answer(question, turns))
    return completion.whole(observed(request, answer))


def _asked(body: ChatBody) -> tuple[str, list[str]]:
    """The question and the turns before it; raises ``Problem`` if there is none, or too long a one."""
    said = [message.text.strip() for message in body.messages if message.role == "user"]
    if body.messages[-1].role != "user" or not said[-1]:
        raise Problem(422, "invalid_request", "messages: the last one must be a user's question")
    if len(said[-1]) > QUESTION_CHARS:
        told = f"messages: a question has at most {QUESTION_CHARS} characters"
        raise Problem(422, "context_length_exceeded", told)
    return said[-1], [turn[:QUESTION_CHARS] for turn in said[:-1] if turn]


class _Completion:
    """One completion in the protocol's objects."""

    def __init__(self, request: Request, body: ChatBody) -> None:
        self._request = request
        self._body = body
        self._id = f"chatcmpl-{request_id(request)}"
        self._created = int(time.time())
        options = body.stream_options
        self._tells_usage = options is not None and options.include_usage

    def whole(self, answer: Answer) -> dict[str, Any]:
        told = self._told(answer)
        message = {"role": "assistant", "content": self._text(answer), "refusal": None}
        choice = {"index": 0, "message": {**message, "wenzheng": told}, "finish_reason": "stop"}
        return {
            **self._object("chat.completion"),
            "choices": [{**choice, "logprobs": None}],
            "usage": self._usage(answer),
            "wenzheng": told,
        }

    async def chunks(
        self, service: Service, question: str, turns: Sequence[str]
    ) -> AsyncGenerator[bytes, None]:
        begun = False
        try:
            async with aclosing(service.chain.stream(question, turns)) as events:
                async for told in events:
                    if not begun:
                        yield self._chunk({"role": "assistant", "content": ""})
                        begun = True
                    if isinstance(told, Told):
                        yield self._chunk({"content": told.text})
                    elif isinstance(told, Answer):
                        for chunk in self._last(observed(self._request, told)):
                            yield chunk
        except Exception as error:
            if not begun:
                raise
            # The status is sent already; clients raise on an ``error`` in the place of a chunk.
            yield event(problem_body(failure_of(self._request, error)))
        yield event("[DONE]")

    def _last(self, answer: Answer) -> list[bytes]:
        told = {"wenzheng": self._told(answer)}
        sources = self._text(answer)[len(answer.text) :]
        last = [self._chunk({"content": sources})] if sources else []
        last.append(self._chunk({}, finish_reason="stop", **told))
        if self._tells_usage:
            usage = {**self._object("chat.completion.chunk"), "choices": []}
            last.append(event({**usage, "usage": self._usage(answer), **told}))
        return last

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return event({**self._object("chat.completion.chunk"), "choices": [choice], **more})

    def _object(self, kind: str) -> dict[str, Any]:
        model = self._body.model
        return {"id": self._id, "object": kind, "created": self._created, "model": model}

    def _text(self, answer: Answer) -> str:
        """What the client shows: most show nothing but this."""
        if self._body.model == CHAT:
            return answer.text
        return f"{answer.text}\n{sources_text(answer)}".rstrip("\n")

    def _told(self, answer: Answer) -> dict[str, Any]:
        told = answer.identified(request_id(self._request)).as_json()
        del told["answer"]
        return told

    def _usage(self, answer: Answer) -> dict[str, int]:
        """Tokens by estimate: the messages and the answer; a language model's stand in ``wenzheng``."""
        read = sum(estimate_tokens(message.text) for message in self._body.messages)
        written = estimate_tokens(self._text(answer))
        total = read + written
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": total}


# --- embeddings --------------------------------------------------------------------------------


@router.post(
    "/embeddings",
    responses=problems(400, 404, 413, 422, 429, 503),
    dependencies=[Depends(seated)],
)
async def embeddings(body: EmbeddingBody, service: TheService) -> dict[str, Any]:
    """Vectors of the model that the library is searched with."""
    _require(body.model, (EMBEDDING,))
    embedder = service.chain.searcher.embedder
    if embedder is None:
        raise Problem(503, "no_vectors", "the library's vectors are not made yet; try again later")
    if body.dimensions not in (None, embedder.dimension):
        told = f"dimensions: this model's vectors have {embedder.dimension}"
        raise Problem(422, "invalid_request", told)
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors = await service.embedding.run(_encode, embedder, texts, body.input_type)
    tokens = sum(map(estimate_tokens, texts))
    data = [
        {"object": "embedding", "index": n, "embedding": _written(vector, body.encoding_format)}
        for n, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": EMBEDDING, "usage": usage}


def _encode(embedder: Embedder, texts: Sequence[str], kind: str) -> Sequence[np.ndarray]:
    if kind == "query":
        return [embedder.encode_query(text) for text in texts]
    return list(embedder.encode_documents(texts))


def _written(vector: np.ndarray, encoding: str) -> list[float] | str:
    """As numbers, or as the protocol's base64 of little-endian 32-bit floats."""
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return [float(number) for number in vector]
