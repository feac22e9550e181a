"""Against a real HTTP server that speaks the OpenAI protocol, well and badly."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from embeddings.endpoint_embedder import EndpointEmbedder
from embeddings.errors import (
    CredentialsRejectedError,
    EmbeddingError,
    EndpointReplyError,
    EndpointUnavailableError,
    ModelNotFoundError,
)

Reply = tuple[int, Any]


def item(index: int, vector: Any) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": vector}


def listed(items: Any) -> Reply:
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return 200, {"object": "list", "model": "m", "data": items, "usage": usage}


def good(request: dict[str, Any]) -> Reply:
    """Each text's vector says how long the text is: [length, 1, 0]."""
    return listed([item(n, [len(text), 1, 0]) for n, text in enumerate(request["input"])])


class Endpoint(ThreadingHTTPServer):
    """A server whose next replies a test decides; what it was sent is kept."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), EndpointHandler)
        self.answer: Callable[[dict[str, Any]], Reply] = good
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def embedder(self, timeout_seconds: float = 10.0) -> EndpointEmbedder:
        return EndpointEmbedder(self.url, "m", api_key="key", timeout_seconds=timeout_seconds)


class EndpointHandler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        assert self.path == "/v1/embeddings"
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        self.server.keys.append(self.headers["Authorization"])
        status, content = self.server.answer(request)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        # Retry at once: the tests need not wait as long as a real server would ask.
        self.send_header("retry-after-ms", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def failing(status: int) -> Callable[[dict[str, Any]], Reply]:
    return lambda request: (status, {"error": {"message": "no", "type": "t", "code": None}})


def test_documents_become_vectors_of_length_one(endpoint: Endpoint) -> None:
    vectors = endpoint.embedder().encode_documents(["四个字啊", ""])
    np.testing.assert_allclose(vectors[0], np.array([4, 1, 0]) / np.sqrt(17), rtol=1e-6)
    assert vectors.dtype == np.float32


def test_a_question_becomes_a_vector(endpoint: Endpoint) -> None:
    expected = np.array([2, 1, 0]) / np.sqrt(5)
    np.testing.assert_allclose(endpoint.embedder().encode_query("增长"), expected, rtol=1e-6)


def test_the_dimension_is_asked_for_once(endpoint: Endpoint) -> None:
    embedder = endpoint.embedder()
    assert endpoint.requests == []
    assert (embedder.dimension, embedder.dimension) == (3, 3)
    assert len(endpoint.requests) == 1


def test_model_key_and_plain_texts_are_sent(endpoint: Endpoint) -> None:
    endpoint.embedder().encode_query("增长")
    assert endpoint.requests[-1]["model"] == "m"
    assert endpoint.requests[-1]["input"] == ["增长"]
    assert endpoint.keys[-1] == "Bearer key"


def test_many_texts_go_in_several_requests_and_keep_their_order(endpoint: Endpoint) -> None:
    told: list[int] = []
    texts = ["字" * (n + 1) for n in range(70)]
    vectors = endpoint.embedder().encode_documents(texts, told.append)
    np.testing.assert_allclose(vectors[:, 0] / vectors[:, 1], np.arange(1, 71), rtol=1e-4)
    assert told == [32, 64, 70]


def test_vectors_that_come_out_of_order_are_put_in_order(endpoint: Endpoint) -> None:
    def backwards(request: dict[str, Any]) -> Reply:
        return listed(good(request)[1]["data"][::-1])

    endpoint.answer = backwards
    vectors = endpoint.embedder().encode_documents(["一", "四个字啊"])
    assert vectors[0, 0] < vectors[1, 0]


def test_no_texts_have_no_vectors(endpoint: Endpoint) -> None:
    assert endpoint.embedder().encode_documents([]).shape == (0, 3)


def test_speaks_langchains_interface(endpoint: Endpoint) -> None:
    embedder = endpoint.embedder()
    assert isinstance(embedder, Embeddings)
    assert embedder.embed_query("增长") == embedder.encode_query("增长").tolist()
    assert embedder.embed_documents(["增长"]) == embedder.encode_documents(["增长"]).tolist()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(endpoint: Endpoint, status: int) -> None:
    replies = iter([failing(status), good])
    endpoint.answer = lambda request: next(replies, good)(request)
    assert endpoint.embedder().dimension == 3


@pytest.mark.parametrize(
    ("status", "error", "attempts"),
    [
        (401, CredentialsRejectedError, 1),
        (403, CredentialsRejectedError, 1),
        (404, ModelNotFoundError, 1),
        (400, EndpointReplyError, 1),
        (429, EndpointUnavailableError, 3),
        (500, EndpointUnavailableError, 3),
        (503, EndpointUnavailableError, 3),
    ],
)
def test_a_failure_is_named_by_what_to_do_after_bounded_attempts(
    endpoint: Endpoint, status: int, error: type[EmbeddingError], attempts: int
) -> None:
    endpoint.answer = failing(status)
    with pytest.raises(error, match="embeddings endpoint") as caught:
        endpoint.embedder().encode_query("增长")
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert len(endpoint.requests) == attempts


BAD_REPLIES = {
    "no vectors": listed([]),
    "too many vectors": listed([item(0, [1, 0]), item(1, [1, 0])]),
    "the wrong number of the text": listed([item(7, [1, 0])]),
    "an empty vector": listed([item(0, [])]),
    "words for numbers": listed([item(0, ["one", "two"])]),
    "a number for a vector": listed([item(0, 3)]),
    "no data at all": (200, {"object": "list"}),
    "data that is a word": listed("vectors"),
    "a list": (200, [1, 2]),
    "no JSON": (200, b"<html>it works</html>"),
    "half of it": (200, b'{"data": [{"index": 0, "embedding": [0.1,'),
    "nothing": (200, b""),
    "not a number": (200, b'{"data": [{"index": 0, "embedding": [NaN, 1]}], "model": "m"}'),
    "endless numbers": (200, b'{"data": [{"index": 0, "embedding": [1e999, 1]}], "model": "m"}'),
}


@pytest.mark.parametrize("reply", BAD_REPLIES.values(), ids=BAD_REPLIES)
def test_a_malformed_reply_is_an_error_never_a_vector(endpoint: Endpoint, reply: Reply) -> None:
    endpoint.answer = lambda request: reply
    with pytest.raises(EndpointReplyError):
        endpoint.embedder().encode_query("增长")


def test_a_vector_of_another_length_than_before_is_an_error(endpoint: Endpoint) -> None:
    embedder = endpoint.embedder()
    assert embedder.dimension == 3
    endpoint.answer = lambda request: listed([item(0, [1, 0])])
    with pytest.raises(EndpointReplyError, match="2 components, not 3"):
        embedder.encode_query("增长")


def test_a_server_that_hangs_is_given_up_in_time(endpoint: Endpoint) -> None:
    def hanging(request: dict[str, Any]) -> Reply:
        time.sleep(1)
        return good(request)

    endpoint.answer = hanging
    with pytest.raises(EndpointUnavailableError, match="in time"):
        endpoint.embedder(timeout_seconds=0.1).encode_query("增长")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    embedder = EndpointEmbedder(url, "m", api_key=None, timeout_seconds=1)
    with pytest.raises(EndpointUnavailableError, match="cannot be reached"):
        embedder.encode_query("增长")


# --- servers that are in use, as their documentation and sources have them answer --------------------


def text_embeddings_inference(request: dict[str, Any]) -> Reply:
    """At most 32 inputs, none of them empty; numbers unless base64 is asked for."""
    assert set(request) <= {"input", "model", "encoding_format", "user", "dimensions"}
    if len(request["input"]) > 32:
        count = len(request["input"])
        told = f"batch size {count} > maximum allowed batch size 32"
        return 413, {"error": told, "error_type": "Validation"}
    if any(not text for text in request["input"]):
        return 400, {"error": "`inputs` cannot be empty", "error_type": "Empty"}
    assert request["encoding_format"] == "float"
    return good(request)


def vllm(request: dict[str, Any]) -> Reply:
    """Tells more of itself; the model has to be the one it serves, the text no longer than that reads."""
    if request["model"] != "m":
        told = f"The model `{request['model']}` does not exist."
        return 404, {"error": {"message": told, "type": "NotFoundError", "code": 404}}
    if any(len(text) > 512 for text in request["input"]):
        told = "This model's maximum context length is 512 tokens."
        return 400, {"error": {"message": told, "type": "BadRequestError", "code": 400}}
    status, reply = good(request)
    usage = {"prompt_tokens": 9, "total_tokens": 9, "completion_tokens": 0}
    usage["prompt_tokens_details"] = None  # type: ignore[assignment]
    return status, {**reply, "id": "embd-1", "created": 1764000000, "usage": usage}


SERVERS = pytest.mark.parametrize("server", [text_embeddings_inference, vllm])


@SERVERS
def test_a_server_in_use_is_spoken_to(
    endpoint: Endpoint, server: Callable[[dict[str, Any]], Reply]
) -> None:
    endpoint.answer = server
    embedder = endpoint.embedder()
    texts = ["", *("字" * n for n in range(1, 100))]
    vectors = embedder.encode_documents(texts)
    np.testing.assert_allclose(vectors[1:, 0] / vectors[1:, 1], np.arange(1, 100), rtol=1e-4)
    expected = np.array([2, 1, 0]) / np.sqrt(5)
    np.testing.assert_allclose(embedder.encode_query("增长"), expected, rtol=1e-6)


def test_what_a_server_in_use_refuses_is_told_in_its_words(endpoint: Endpoint) -> None:
    endpoint.answer = vllm
    with pytest.raises(EndpointReplyError, match="maximum context length is 512"):
        endpoint.embedder().encode_query("字" * 600)
    other = EndpointEmbedder(endpoint.url, "other", api_key=None, timeout_seconds=10)
    with pytest.raises(ModelNotFoundError, match="no model 'other'"):
        other.encode_query("增长")
    endpoint.answer = lambda request: (
        429,
        {"error": "Model is overloaded", "error_type": "Overloaded"},
    )
    with pytest.raises(EndpointUnavailableError, match="asks to wait"):
        endpoint.embedder().encode_query("增长")


def test_questions_and_documents_get_their_prompts_and_vectors_are_known_by_them(
    endpoint: Endpoint,
) -> None:
    name = f"{endpoint.url}#m"
    embedder = EndpointEmbedder.from_name(
        name, api_key=None, timeout_seconds=10, query_prompt="q: ", document_prompt="d: "
    )
    embedder.encode_documents(["一", "二"])
    embedder.encode_query("三")
    assert [one["input"] for one in endpoint.requests][1:] == [["d: 一", "d: 二"], ["q: 三"]]
    assert (
        embedder.model_id
        != EndpointEmbedder.from_name(name, api_key=None, timeout_seconds=10).model_id
    )
