"""A request's id, its one line in the log, and how its end is told."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.http import Service, create_app
from api.http.logs import formatter
from api.http.observing import KEY
from qa.answers.telling import Told
from qa.chain import Chain
from qa.errors import LibraryDamagedError
from tests.api.http.conftest import Lines

QUESTION = "越城区2023年GDP增长多少?"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/healthz", None, 200),
        ("GET", "/", None, 200),
        ("GET", "/static/modules/main.js", None, 200),
        ("GET", "/no", None, 404),
        ("PUT", "/api/ask", None, 405),
        ("POST", "/api/ask", {}, 422),
        ("POST", "/api/ask", {"question": "x" * 300_000}, 413),
        ("POST", "/api/ask", {"question": QUESTION, "stream": True}, 200),
    ],
)
def test_every_response_carries_an_id(
    client: TestClient, method: str, path: str, body: object, status: int
) -> None:
    first, second = (client.request(method, path, json=body) for _ in range(2))
    assert first.status_code == status
    assert len(first.headers["x-request-id"]) == 32
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_a_harmless_id_is_taken_over(client: TestClient) -> None:
    given = {"x-request-id": "gateway-7.a_1"}
    reply = client.post("/api/ask", json={"question": QUESTION}, headers=given)
    assert reply.headers["x-request-id"] == reply.json()["id"] == "gateway-7.a_1"
    body = {"model": "wenzheng", "messages": [{"role": "user", "content": QUESTION}]}
    reply = client.post("/v1/chat/completions", json=body, headers=given)
    assert reply.json()["id"] == "chatcmpl-gateway-7.a_1"
    assert reply.json()["wenzheng"]["id"] == "gateway-7.a_1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "é", '"}', "a\tb", "../x"])
def test_another_id_is_not(client: TestClient, given: str) -> None:
    reply = client.get("/healthz", headers={"x-request-id": given.encode("latin-1")})
    assert len(reply.headers["x-request-id"]) == 32


def test_one_line_tells_of_a_request_and_not_of_the_question(
    client: TestClient, lines: Lines
) -> None:
    reply = client.get("/api/ask", params={"question": QUESTION})
    [line] = lines
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/ask", 200)
    assert (line["bytes"], line["outcome"]) == (len(reply.content), "ok")
    assert line["request_id"] == reply.headers["x-request-id"]
    assert 0 < line["ms"] < 60_000
    assert "key" not in line
    assert "越城" not in str(line)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/models/wenzheng", "/v1/models/{model}"),
        ("/static/modules/main.js", "/static"),
        ("/", "/"),
        ("/nothing/here", "none"),
        ("/api/ask", "/api/ask"),
    ],
)
def test_routes_are_told_without_what_fills_them(
    client: TestClient, lines: Lines, path: str, route: str
) -> None:
    client.get(path)
    assert [line["route"] for line in lines] == [route]


def test_the_key_s_id_is_told(service: Service, lines: Lines) -> None:
    app = create_app(service)

    @app.get("/who")
    async def who(request: Request) -> None:
        request.scope[KEY] = "page"

    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.get("/who")
    assert [line["key"] for line in lines] == ["page"]


def test_a_failure_that_was_foreseen_is_told_on_one_line(
    client: TestClient, lines: Lines, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise LibraryDamagedError("library_damaged", path="x", reason="disk gone")

    monkeypatch.setattr(bundled_chain.searcher, "search", broken)
    reply = client.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 503
    failure, request = lines
    assert (failure["event"], failure["route"]) == ("failure", "/api/ask")
    assert "disk gone" in failure["error"]
    assert not failure.get("exc_info")
    assert (request["status"], request["outcome"]) == (503, "failed")
    assert {line["request_id"] for line in lines} == {reply.headers["x-request-id"]}


def test_one_that_was_not_is_told_once_with_its_traceback(
    service: Service, lines: Lines, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server gets nothing to tell again: the client raises what reaches the server."""

    def broken(*arguments: object, **more: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(bundled_chain.searcher, "search", broken)
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        reply = client.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 500
    assert reply.json()["error"]["type"] == "internal"
    assert reply.json()["detail"] == "服务出错;原因见其日志"
    assert "by zero" not in reply.text
    [failure] = lines.of("failure")
    assert isinstance(failure["exc_info"], ZeroDivisionError)
    assert reply.headers["x-request-id"] == failure["request_id"]


def test_lines_of_others_carry_the_id_too_from_whatever_thread(
    client: TestClient, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        logging.getLogger("wenzheng.else").warning("searching %s", "now")
        raise ZeroDivisionError

    monkeypatch.setattr(bundled_chain.searcher, "search", broken)
    with _rendered() as told:
        reply = client.post("/api/ask", json={"question": QUESTION})
    warning, failure = (json.loads(line) for line in told)
    assert (warning["event"], warning["logger"]) == ("searching now", "wenzheng.else")
    assert "ZeroDivisionError" in failure["exception"].splitlines()[-1]
    assert warning["request_id"] == failure["request_id"] == reply.headers["x-request-id"]


@contextmanager
def _rendered() -> Iterator[list[str]]:
    """The lines of the log as JSON, there once the block ends."""
    stream, lines = StringIO(), list[str]()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    logging.getLogger("wenzheng").addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger("wenzheng").removeHandler(handler)
        lines += stream.getvalue().splitlines()


# --- streams -----------------------------------------------------------------------------------


def _stream_of(*events: object, gate: asyncio.Event | None = None) -> Any:
    async def stream(*arguments: object) -> AsyncGenerator[object, None]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield event
        try:
            if gate is not None:
                await gate.wait()
        finally:
            # What a connection to a language model takes to be closed.
            for _ in range(5):
                await asyncio.sleep(0)

    return stream


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ask", {"question": QUESTION, "stream": True}),
        (
            "/v1/chat/completions",
            {
                "model": "wenzheng",
                "stream": True,
                "messages": [{"role": "user", "content": QUESTION}],
            },
        ),
    ],
)
@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError(), LibraryDamagedError("library_damaged", path="x", reason="disk gone")],
)
def test_a_stream_that_breaks_is_told_as_failed_whatever_its_status(
    client: TestClient,
    lines: Lines,
    bundled_chain: Chain,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    body: object,
    error: Exception,
) -> None:
    monkeypatch.setattr(bundled_chain, "stream", _stream_of(Told("好。", ()), error))
    reply = client.post(path, json=body)
    assert reply.status_code == 200
    assert "urn:wenzheng:problem" in reply.text
    failure, request = lines
    assert failure["event"] == "failure"
    assert bool(failure["exc_info"]) is isinstance(error, ZeroDivisionError)
    assert (request["status"], request["outcome"]) == (200, "failed")


def test_a_reader_who_left_is_told_as_such(
    service: Service, lines: Lines, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(service)
    open_streams: list[str] = []

    def look() -> None:
        told = app.state.metrics.rendered("")[0].decode()
        open_streams.append(told.split("\nwenzheng_http_open_streams ")[1].split("\n")[0])

    async def leave() -> None:
        gate, begun = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(bundled_chain, "stream", _stream_of(Told("好。", ()), gate=gate))
        body = json.dumps({"question": QUESTION, "stream": True}).encode()
        coming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if coming:
                return coming.pop()
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                look()
                begun.set()

        await app(_scope(), receive, send)

    asyncio.run(asyncio.wait_for(leave(), 20))
    look()
    assert open_streams == ["1.0", "0.0"]
    assert [line["outcome"] for line in lines] == ["client_left"]
    assert lines[0]["status"] == 200


def test_what_breaks_after_its_head_was_sent_reaches_the_server_which_must_close(
    service: Service, lines: Lines
) -> None:
    """A response cut short must not look whole to the client."""
    app = create_app(service)

    @app.get("/half")
    async def half(request: Request) -> Any:
        from fastapi.responses import StreamingResponse

        async def pieces() -> AsyncGenerator[bytes, None]:
            yield b"half"
            raise ZeroDivisionError

        return StreamingResponse(pieces())

    with TestClient(app, base_url="http://127.0.0.1") as client, pytest.raises(ZeroDivisionError):
        client.get("/half")
    assert [line["outcome"] for line in lines.of("request")] == ["failed"]
    assert lines.of("request")[0]["bytes"] == 4


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/ask",
        "raw_path": b"/api/ask",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8000")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
