"""The end of a server that is answering: a real process, real signals, a language model that waits."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import mcp
import pytest

from qa.settings import Settings
from tests.embeddings.conftest import model_cache_dir
from tests.qa.generation.assisted import MODEL, exhibit_with
from tests.qa.generation.openai_double import JSON, OpenAIDouble, Reply

QUESTION = "越城区2023年GDP增长多少?"
_STREAMS = 50
_ASK = ("/api/ask", {"question": QUESTION, "stream": True})
_CHAT = (
    "/v1/chat/completions",
    {"model": "wenzheng", "stream": True, "messages": [{"role": "user", "content": QUESTION}]},
)


@dataclass
class _Serving:
    """A server in a process of its own, whose language model says nothing until ``may_speak``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    may_speak: threading.Event

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_listening(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except ConnectionRefusedError:
            return False
        return True

    def ends_with(self) -> int:
        return self.process.wait(timeout=30)


@pytest.fixture
def serving(bundled_settings: Settings, tmp_path: Path) -> Iterator[_Serving]:
    may_speak = threading.Event()

    def reply(request: JSON) -> Reply:
        assert may_speak.wait(60)
        said = exhibit_with(request, "全年实现地区生产总值增长7.6%")
        return Reply(f"越城区2023年地区生产总值增长7.6%[{said}]。")

    log = tmp_path / "stderr"
    with OpenAIDouble(reply) as double:
        try:
            with _process(bundled_settings, tmp_path, double.url, log) as (process, port):
                serving = _Serving(process, port, log, may_speak)
                _until(lambda: serving.is_listening and _is_up(serving))
                yield serving
        finally:
            may_speak.set()


@contextmanager
def _process(
    settings: Settings, folder: Path, model_url: str, log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {
        "LLM": MODEL,
        "LLM_BASE_URL": model_url,
        "LLM_API_KEY": "test",
        "CACHE": str(_cache_without_answers(folder / "cache")),
        "LOG_LEVEL": "info",
        "LOG_FORMAT": "json",
    }
    command = [sys.executable, "-m", "api.cli", "--library", str(settings.library), "serve"]
    environment = os.environ | {f"WENZHENG_{name}": value for name, value in told.items()}
    with log.open("wb") as errors:
        process = subprocess.Popen([*command, "--port", str(port)], stderr=errors, env=environment)
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def _cache_without_answers(folder: Path) -> Path:
    """A cache with the unpacked model alone: what an earlier run was answered would be told again."""
    folder.mkdir()
    for kept in model_cache_dir().iterdir():
        if kept.name != "answers":
            (folder / kept.name).symlink_to(kept)
    return folder


def _is_up(serving: _Serving) -> bool:
    return httpx.get(f"{serving.url}/healthz", timeout=30).status_code == 200


def _until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


@dataclass
class _Reading:
    """Streams being read, one task each; ``begun`` counts those that said something."""

    begun: int = 0
    texts: dict[int, str] = field(default_factory=dict)

    async def read(self, client: httpx.AsyncClient, n: int, path: str, body: Any) -> None:
        self.texts[n] = ""
        async with client.stream("POST", path, json=body) as reply:
            assert reply.status_code == 200
            async for piece in reply.aiter_text():
                self.begun += not self.texts[n]
                self.texts[n] += piece

    async def until_begun(self, count: int) -> None:
        async with asyncio.timeout(60):
            while self.begun < count:
                await asyncio.sleep(0.01)


def test_answers_under_way_end_properly_and_no_new_ones_begin(serving: _Serving) -> None:
    reading = asyncio.run(_stopped_while_reading(serving))
    assert serving.ends_with() == 0
    assert len(reading.texts) == _STREAMS
    for n, text in reading.texts.items():
        answer = _chat_answer(text) if n % 2 else _asked_answer(text)
        assert answer["generator"] == MODEL
        assert answer["status"] == "answered"
    log = serving.log.read_text("utf-8")
    assert "Traceback" not in log
    told = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in told if line["event"] == "request" and line["method"] == "POST"]
    assert [line["outcome"] for line in requests] == ["ok"] * _STREAMS
    assert all(line["bytes"] > 0 for line in requests)
    assert len({line["request_id"] for line in requests}) == _STREAMS
    assert QUESTION not in log


async def _stopped_while_reading(serving: _Serving) -> _Reading:
    reading = _Reading()
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(base_url=serving.url, timeout=60, limits=limits) as client,
        asyncio.TaskGroup() as tasks,
    ):
        for n in range(_STREAMS):
            tasks.create_task(reading.read(client, n, *(_CHAT if n % 2 else _ASK)))
        await reading.until_begun(_STREAMS)
        serving.process.send_signal(signal.SIGTERM)
        _until(lambda: not serving.is_listening, 30)
        assert serving.process.poll() is None
        serving.may_speak.set()
    return reading


def _asked_answer(text: str) -> dict[str, Any]:
    last = text.rstrip().split("\n\n")[-1]
    event, data = last.split("\n")
    assert event == "event: done"
    answer: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert "7.6%" in answer["answer"]
    return answer


def _chat_answer(text: str) -> dict[str, Any]:
    *_, last, end = text.rstrip().split("\n\n")
    assert end == "data: [DONE]"
    chunk = json.loads(last.removeprefix("data: "))
    assert chunk["choices"][0]["finish_reason"] == "stop"
    answer: dict[str, Any] = chunk["wenzheng"]
    return answer


def test_calls_of_tools_under_way_end_properly(serving: _Serving) -> None:
    """The SDK's library for streams would cut them off half a second after the signal."""
    results = asyncio.run(_stopped_while_called(serving))
    assert serving.ends_with() == 0
    for result in results:
        assert result.structured_content["generator"] == MODEL
        assert "7.6%" in result.structured_content["answer"]
    assert "Traceback" not in serving.log.read_text("utf-8")


async def _stopped_while_called(serving: _Serving) -> list[Any]:
    async def call(mode: str) -> Any:
        async with mcp.Client(f"{serving.url}/mcp", mode=mode) as client:
            # Now, for its schemas: nothing new is served once the signal came.
            await client.list_tools()
            return await client.call_tool("ask", {"question": QUESTION})

    calls = [asyncio.create_task(call(mode)) for mode in ("auto", "legacy")]
    async with httpx.AsyncClient(base_url=serving.url, timeout=30) as client:
        # Itself and both calls.
        while "wenzheng_http_requests_in_flight 3.0" not in (await client.get("/metrics")).text:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    serving.process.send_signal(signal.SIGTERM)
    _until(lambda: not serving.is_listening, 30)
    await asyncio.sleep(1.5)
    assert serving.process.poll() is None
    serving.may_speak.set()
    return await asyncio.gather(*calls)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_stops_at_once(serving: _Serving, sent: signal.Signals) -> None:
    async def twice() -> float:
        reading = _Reading()
        async with httpx.AsyncClient(base_url=serving.url, timeout=60) as client:
            task = asyncio.create_task(reading.read(client, 0, *_ASK))
            await reading.until_begun(1)
            serving.process.send_signal(sent)
            _until(lambda: not serving.is_listening, 30)
            assert serving.process.poll() is None
            started = time.monotonic()
            serving.process.send_signal(sent)
            serving.ends_with()
            with pytest.raises(httpx.RemoteProtocolError):
                await task
            return time.monotonic() - started

    assert asyncio.run(twice()) < 2
    assert serving.process.returncode == -sent
    assert "Traceback" not in serving.log.read_text("utf-8")


def test_an_idle_server_stops_at_ctrl_c_as_if_nothing_were_wrong(serving: _Serving) -> None:
    serving.process.send_signal(signal.SIGINT)
    assert serving.ends_with() == 0
    assert "Traceback" not in serving.log.read_text("utf-8")
