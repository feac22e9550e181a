"""More is asked than can be answered: some are told to come again, at once, and no queue grows."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.http import Service, create_app
from api.mcp.endpoint import McpEndpoint
from qa.answers.answer import Answer
from qa.answers.telling import Told, told_of
from qa.chain import Chain
from qa.errors import OverloadedError
from qa.search import Findings
from qa.settings import Settings
from tests.api.http.serving import served

QUESTION = "越城区2023年GDP增长多少?"
_DEADLINE = 60.0
_MESSAGES = [{"role": "user", "content": QUESTION}]
_MCP = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": QUESTION}},
}
_MCP_HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2025-06-18",
}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("/api/ask", {"question": QUESTION}),
    ("/api/ask", {"question": QUESTION, "stream": True}),
    ("/api/search", {"question": QUESTION}),
    ("/v1/chat/completions", {"model": "wenzheng", "messages": _MESSAGES}),
    ("/v1/chat/completions", {"model": "wenzheng", "messages": _MESSAGES, "stream": True}),
    ("/v1/embeddings", {"model": "wenzheng-embedding", "input": "x"}),
    ("/mcp", _MCP),
]


class _Slow(Chain):
    """Answers when it may; counts what was begun."""

    may = threading.Event()
    begun = 0

    def ask_exactly(self, text: str, turns: Sequence[str] = ()) -> tuple[Findings, Answer]:
        self.begun += 1
        assert self.may.wait(_DEADLINE)
        return super().ask_exactly(text, turns)


@pytest.fixture
def slow(bundled_chain: Chain) -> Iterator[_Slow]:
    chain = _Slow(bundled_chain.searcher, patience=20)
    chain.may = threading.Event()
    yield chain
    chain.may.set()


def _app(chain: Chain, settings: Settings, **given: Any) -> FastAPI:
    told = {"library": settings.library, "cache": settings.cache, **given}
    service = Service(Settings.model_validate(told), lambda: chain)
    service.open()
    return create_app(service, endpoints=[McpEndpoint(service)])


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _DEADLINE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextmanager
def _asking(address: str, times: int) -> Iterator[list[Any]]:
    """Questions under way, as futures of their replies."""
    with ThreadPoolExecutor(times) as pool:
        body = {"question": QUESTION}
        yield [
            pool.submit(httpx.post, f"{address}/api/ask", json=body, timeout=_DEADLINE)
            for _ in range(times)
        ]


def test_where_all_seats_are_taken_one_more_is_told_when_to_come_again(
    slow: _Slow, bundled_settings: Settings
) -> None:
    app = _app(slow, bundled_settings, answers_max=3)
    with served(app) as address, _asking(address, 3) as asked:
        _until(lambda: app.state.seats.taken == 3)
        for path, body in ASKED:
            reply = httpx.post(f"{address}{path}", json=body, headers=_MCP_HEADERS, timeout=60)
            assert reply.status_code == 503, path
            assert reply.headers["retry-after"] == "2"
            assert reply.json()["error"]["code"] == "overloaded"
        for path in ("/healthz", "/readyz", "/metrics", "/", "/api/reports"):
            assert httpx.get(f"{address}{path}", timeout=60).status_code == 200
        told = httpx.get(f"{address}/metrics", timeout=60).text
        shed = 'wenzheng_incidents_total{incident="shed",reason="answers"} 7.0'
        assert shed in told
        slow.may.set()
        assert [one.result().status_code for one in asked] == [200] * 3
        _until(lambda: app.state.seats.taken == 0)
        path, body = ASKED[0]
        assert httpx.post(f"{address}{path}", json=body, timeout=60).status_code == 200


def test_who_would_wait_for_too_long_is_refused_before_a_stream_begins(
    slow: _Slow, bundled_settings: Settings, lines: Any
) -> None:
    slow.threads._patience = 0.5
    # What the latest took, as if they had been slow.
    slow.threads._mean = 2.0
    app = _app(slow, bundled_settings)
    places = slow.threads.count
    with served(app) as address, _asking(address, places) as asked:
        _until(lambda: slow.threads._unfinished == places)
        assert slow.threads.expected_wait == pytest.approx(2.0 / places)
        with _asking(address, 1) as more:
            _until(lambda: slow.threads._unfinished == places + 1 or more[0].done())
            for path, body in ASKED[:5]:
                reply = httpx.post(f"{address}{path}", json=body, timeout=60)
                assert reply.status_code == 503, path
                assert int(reply.headers["retry-after"]) >= 1
                assert reply.headers["content-type"] == "application/problem+json"
            slow.may.set()
        assert all(one.result().status_code == 200 for one in asked)


def test_the_wait_is_expected_from_what_work_takes(slow: _Slow) -> None:
    threads = slow.threads
    assert threads.expected_wait == 0
    threads._mean, threads._unfinished = 0.5, threads.count + 39
    assert threads.expected_wait == pytest.approx(40 * 0.5 / threads.count)
    threads._patience = 5.0
    with pytest.raises(OverloadedError) as refused:
        threads._require_turn()
    assert refused.value.fields["seconds"] == 5
    assert "ask again in 5 s" in str(refused.value)


def test_what_is_asked_by_one_who_left_is_not_answered(
    slow: _Slow, bundled_settings: Settings
) -> None:
    app = _app(slow, bundled_settings)
    places = slow.threads.count
    with served(app) as address, _asking(address, places) as asked:
        _until(lambda: slow.begun == places)
        for path, body in ASKED[:5]:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{address}{path}", json=body, timeout=0.5)
        _until(lambda: app.state.seats.taken == places)
        slow.may.set()
        assert all(one.result().status_code == 200 for one in asked)
        _until(lambda: slow.threads._unfinished == 0)
    # Neither the questions nor the search of those who left was begun.
    assert slow.begun == places


class _SlowModel:
    """A language model that says nothing until it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.asked = 0

    async def answer(
        self, findings: Findings, exact: Answer, version: str
    ) -> AsyncGenerator[Told | Answer, None]:
        self.asked += 1
        while not self.may.is_set():
            await asyncio.sleep(0.05)
        async for event in told_of(exact):
            yield event


def test_a_slow_model_holds_up_nobody_who_does_not_need_it(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    chain, model = Chain(bundled_chain.searcher), _SlowModel()
    chain.assistant = model
    app = _app(chain, bundled_settings)
    with served(app) as address, _asking(address, 40) as asked:
        _until(lambda: model.asked == 40)
        assert chain.threads._unfinished == 0
        path, body = ASKED[2]
        assert httpx.post(f"{address}{path}", json=body, timeout=60).status_code == 200
        model.may.set()
        assert [one.result().status_code for one in asked] == [200] * 40


def test_a_seat_is_given_back_whatever_becomes_of_a_request(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    app = _app(bundled_chain, bundled_settings, answers_max=1)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        for body in ({"question": QUESTION}, {"question": ""}, {"question": QUESTION, "stream": 1}):
            client.post("/api/ask", json=body)
        client.post("/api/ask", content=b"{")
        client.get("/api/ask")
        client.post("/v1/chat/completions", json={"model": "no", "messages": _MESSAGES})
        client.post("/mcp", json=_MCP, headers=_MCP_HEADERS)
        client.post("/mcp", content=b"no json", headers=_MCP_HEADERS)
        assert app.state.seats.taken == 0
        assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200
