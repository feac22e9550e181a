"""The endpoint in the application: who may, what is watched, and what becomes of it when all changes."""

import asyncio
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp_types import CallToolResult

from api.http import Service, create_bare_app
from api.mcp.endpoint import McpEndpoint
from embeddings import EmbeddingError
from qa.chain import Chain
from qa.library.ingest import ingest
from qa.settings import Settings
from tests.api.http.keeping import FILE, HAINING, changeable
from tests.api.http.serving import served
from tests.api.mcp.clients import (
    QUESTION,
    ROOT,
    asking,
    call,
    command,
    environment,
    error_of,
    text_of,
    with_headers,
)
from tests.api.mcp.conftest import mcp_over
from tests.conftest import MakeVectorMaker, no_progress

READ = "read-0123456789abcdef"
BOTH = {"accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@contextmanager
def guarded(chain: Chain, settings: Settings, **more: object) -> Iterator[str]:
    """The endpoint's address, with other settings of who may."""
    given = {"library": settings.library, "cache": settings.cache, **more}
    service = Service(Settings.model_validate(given), lambda: chain)
    service.open()
    with mcp_over(service) as address:
        yield address


@pytest.fixture
def own_settings(tmp_path: Path, small_library_dir: Path) -> Settings:
    folder = Path(shutil.copytree(small_library_dir, tmp_path / "library"))
    return Settings(library=folder, cache=tmp_path / "cache", embedding="hash")


# --- who may -----------------------------------------------------------------------------------


def test_without_a_key_nothing_is_answered_once_there_are_keys(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    with guarded(bundled_chain, bundled_settings, api_keys=f"read:{READ}") as address:
        for headers in ({}, {"Authorization": "Bearer wrong-0123456789abcdef"}):
            reply = httpx.post(address, json=PING, headers={**BOTH, **headers})
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"] == "Bearer"
            assert reply.json()["error"]["code"] == "invalid_api_key"
        with pytest.raises(BaseExceptionGroup):
            call(address, "ask", question=QUESTION)


@pytest.mark.parametrize("header", [{"Authorization": f"Bearer {READ}"}, {"X-API-Key": READ}])
def test_a_key_that_may_read_may_use_the_tools(
    bundled_chain: Chain, bundled_settings: Settings, header: dict[str, str]
) -> None:
    with guarded(bundled_chain, bundled_settings, api_keys=f"read:{READ}") as address:
        result = call(with_headers(address, **header), "ask", question=QUESTION)
    assert "7.6%" in text_of(result)


def test_with_a_key_any_name_of_the_machine_will_do(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    """Behind a proxy the host is another's; the SDK's own list of hosts would refuse it."""
    with guarded(bundled_chain, bundled_settings, api_keys=f"read:{READ}") as address:
        headers = {"Host": "wenzheng.example.org", "Authorization": f"Bearer {READ}"}
        result = call(with_headers(address, **headers), "ask", question=QUESTION)
    assert not result.is_error


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "rebound.example.org"}, 421, "not_loopback"),
        ({"Origin": "https://evil.example.org"}, 403, "other_site"),
    ],
)
def test_without_keys_no_other_name_and_no_other_site_is_answered(
    address: str, headers: dict[str, str], status: int, code: str
) -> None:
    reply = httpx.post(address, json=PING, headers={**BOTH, **headers})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


def test_a_key_makes_no_more_requests_than_it_may(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    settings = {"api_keys": f"read:{READ}", "rate_limit": "2/hour"}
    with guarded(bundled_chain, bundled_settings, **settings) as address:
        headers = {**BOTH, "X-API-Key": READ}
        replies = [httpx.post(address, json=PING, headers=headers) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[0].headers["ratelimit"].startswith('"hour";r=1')
    assert int(replies[2].headers["retry-after"]) > 0


def test_a_body_that_is_too_large_is_refused(address: str) -> None:
    reply = httpx.post(address, content=b" " * (256 * 1024 + 1), headers=BOTH)
    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_is_kept_for_a_client_nor_sent_to_it_unasked(address: str, method: str) -> None:
    reply = httpx.request(method, address, headers={"accept": "text/event-stream"})
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert "mcp-session-id" not in httpx.post(address, json=PING, headers=BOTH).headers


# --- what is watched ---------------------------------------------------------------------------


def test_an_answer_bears_the_id_of_its_request_and_is_counted(
    bundled_chain: Chain, bundled_settings: Settings
) -> None:
    with guarded(bundled_chain, bundled_settings) as address:
        transport = with_headers(address, **{"X-Request-ID": "audit-17"})
        result = call(transport, "ask", question=QUESTION)
        assert result.structured_content["id"] == "audit-17"
        metrics = httpx.get(address.removesuffix("mcp") + "metrics").text
    assert 'wenzheng_answers_total{generator="extractive",status="answered"} 1.0' in metrics
    assert 'wenzheng_http_requests_total{method="POST",route="/mcp",status="200"}' in metrics


def test_replies_are_not_stored_by_caches(address: str) -> None:
    reply = httpx.post(address, json=PING, headers={**BOTH, "X-Request-ID": "a"})
    assert (
        "no-store" in reply.headers["cache-control"] or "no-cache" in reply.headers["cache-control"]
    )
    assert reply.headers["x-request-id"] == "a"
    assert reply.headers["x-content-type-options"] == "nosniff"


# --- outages -----------------------------------------------------------------------------------


def test_without_a_library_every_tool_says_so_and_none_is_empty(
    tmp_path: Path, vector_maker: MakeVectorMaker
) -> None:
    settings = Settings(library=tmp_path / "none", cache=tmp_path / "cache", embedding="hash")
    asked: dict[str, dict[str, Any]] = {
        "ask": {"question": QUESTION},
        "search": {"question": "GDP增长"},
        "facts": {},
        "compare": {"indicator": ["GDP"]},
        "list_reports": {},
        "read_passage": {"report_id": "a"},
    }
    with mcp_over(changeable(settings, vector_maker())) as address:
        for tool, arguments in asked.items():
            assert "报告库" in error_of(call(address, tool, **arguments)), tool


def test_an_embedding_endpoint_that_is_away_is_told_and_logged_as_a_failure(
    own_settings: Settings,
    vector_maker: MakeVectorMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = changeable(own_settings, vector_maker())

    def away(*_: object, **__: object) -> None:
        raise EmbeddingError("the endpoint did not answer", "start it")

    monkeypatch.setattr(service.chain.searcher, "search", away)
    with mcp_over(service) as address:
        told = error_of(call(address, "ask", question=QUESTION))
        english = error_of(call(address, "ask", question="How much did GDP grow?"))
        metrics = httpx.get(address.removesuffix("mcp") + "metrics").text
    assert told == "无法计算检索向量:the endpoint did not answer; start it"
    assert english.startswith("the question cannot be embedded")
    assert 'wenzheng_http_unfinished_total{outcome="failed",route="/mcp"} 2.0' in metrics


def test_what_nobody_foresaw_is_told_without_its_details(
    own_settings: Settings, vector_maker: MakeVectorMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = changeable(own_settings, vector_maker())

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(service.chain.searcher, "search", broken)
    with mcp_over(service) as address:
        told = error_of(call(address, "ask", question=QUESTION))
    assert told == "服务出错,未能完成;原因见服务日志"


# --- many, and change --------------------------------------------------------------------------


def test_two_clients_ask_at_once_and_each_gets_its_own_answer(address: str) -> None:
    asked = {"越城区2023年GDP增长多少?": "7.6%", "上城区2023年GDP增长多少?": "4.3%"}

    async def ask(question: str) -> list[str]:
        async with Client(address) as client:
            results = [await client.call_tool("ask", {"question": question}) for _ in range(5)]
        return [text_of(result) for result in results]

    async def both() -> list[list[str]]:
        return await asyncio.gather(*(ask(question) for question in asked))

    for told, figure in zip(asyncio.run(both()), asked.values(), strict=True):
        assert all(figure in text.splitlines()[0] for text in told)


def test_calls_go_on_while_the_library_is_exchanged(
    own_settings: Settings, vector_maker: MakeVectorMaker, tmp_path: Path
) -> None:
    service = changeable(own_settings, vector_maker())
    file = tmp_path / FILE
    file.write_text(HAINING.text, "utf-8")

    def add() -> None:
        ingest(
            own_settings.library,
            [file],
            vector_maker(),
            passage_max_chars=own_settings.passage_max_chars,
            progress=no_progress,
        )

    async def work(client: Client) -> list[int]:
        adding = threading.Thread(target=add)
        adding.start()
        counts: list[int] = []
        until = time.monotonic() + 30
        while (not counts or counts[-1] < 9) and time.monotonic() < until:
            listed = await client.call_tool("list_reports", {})
            assert not listed.is_error
            counts.append(len(listed.structured_content["reports"]))
            answer = await client.call_tool("ask", {"question": QUESTION})
            assert "7.6%" in text_of(answer)
        adding.join()
        read = await client.call_tool("ask", {"question": "海宁市2024年GDP增长多少?"})
        assert "6.3%" in text_of(read)
        return counts

    with mcp_over(service) as address:
        counts = asking(address, work)
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (8, 9)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_call_that_is_given_up_does_no_harm(
    own_settings: Settings,
    vector_maker: MakeVectorMaker,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    service = changeable(own_settings, vector_maker())
    may_end, begun = threading.Event(), threading.Event()
    search = service.chain.searcher.search

    def slow(*arguments: Any, **more: Any) -> Any:
        begun.set()
        assert may_end.wait(30)
        return search(*arguments, **more)

    async def work(client: Client) -> CallToolResult:
        asked = asyncio.create_task(client.call_tool("ask", {"question": QUESTION}))
        await asyncio.to_thread(begun.wait, 10)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        monkeypatch.setattr(service.chain.searcher, "search", search)
        other = await client.call_tool("ask", {"question": "上城区2023年GDP增长多少?"})
        may_end.set()
        return other

    monkeypatch.setattr(service.chain.searcher, "search", slow)
    with mcp_over(service) as address:
        assert "4.3%" in text_of(asking(address, work, mode))


# --- alone -------------------------------------------------------------------------------------


def test_alone_it_serves_nothing_else(bundled_chain: Chain, bundled_settings: Settings) -> None:
    service = Service(bundled_settings, lambda: bundled_chain)
    service.open()
    with served(create_bare_app(service, endpoints=[McpEndpoint(service)])) as address:
        assert "7.6%" in text_of(call(f"{address}/mcp", "ask", question=QUESTION))
        assert httpx.get(f"{address}/readyz").json()["status"] == "ready"
        for path in ("/", "/api/reports", "/v1/models"):
            assert httpx.get(address + path).status_code == 404


@pytest.mark.parametrize("words", [["mcp", "--http"], ["serve"]])
def test_the_commands_serve_it_and_end_in_good_order(
    bundled_settings: Settings, words: list[str], tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [*command(bundled_settings)[:-1], *words, "--port", str(port)]
    log = tmp_path / "stderr"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            program, cwd=ROOT, env=environment(bundled_settings), stderr=errors
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/readyz")
        assert "7.6%" in text_of(call(f"{address}/mcp", "ask", question=QUESTION))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert f"{address}{'/mcp' if 'mcp' in words else ''}  (" in log.read_text("utf-8")


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} did not come up")
