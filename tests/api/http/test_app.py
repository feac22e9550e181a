import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from qa.chain import Chain
from qa.errors import LibraryDamagedError
from qa.settings import Settings


def test_ask_answers_with_citations(client: TestClient) -> None:
    reply = client.post("/api/ask", json={"question": "越城区2023年GDP增长多少?"})
    assert reply.status_code == 200
    body = reply.json()
    assert "7.6%" in body["answer"]
    assert body["citations"][0]["place"] == "越城区"


def test_ask_takes_earlier_turns(client: TestClient) -> None:
    turns = ["荔湾区去年一般公共预算收入是多少?"]
    reply = client.post("/api/ask", json={"question": "支出呢?", "turns": turns})
    assert "117.24亿元" in reply.json()["answer"]


@pytest.mark.parametrize(
    "body", [{}, {"question": ""}, {"question": 1}, {"question": "x" * 2001}, {"q": "GDP"}, []]
)
def test_a_wrong_body_is_a_problem_document(client: TestClient, body: object) -> None:
    reply = client.post("/api/ask", json=body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == 422


@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions"])
def test_a_body_too_large_is_refused_unread_and_as_a_problem(client: TestClient, path: str) -> None:
    reply = client.post(path, json={"question": "长" * 10_000_000})
    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_body_too_large_that_hides_its_length_is_refused_once_it_is(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(1000):
            yield b'"' + b"x" * 65536

    json = {"content-type": "application/json"}
    reply = client.post("/api/ask", content=pieces(), headers=json)
    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_names_every_right_one(client: TestClient) -> None:
    assert client.put("/api/ask").headers["allow"] == "GET, POST"


def test_broken_json_is_a_problem_document(client: TestClient) -> None:
    reply = client.post("/api/ask", content=b"{", headers={"content-type": "application/json"})
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/no", 404), ("PUT", "/api/ask", 405)]
)
def test_wrong_paths_and_methods_are_problem_documents(
    client: TestClient, method: str, path: str, status: int
) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert reply.json()["status"] == status


def test_an_outage_is_an_error_and_no_empty_answer(
    client: TestClient, bundled_chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise LibraryDamagedError("library_damaged", path="x", reason="disk gone")

    monkeypatch.setattr(bundled_chain.searcher, "search", broken)
    reply = client.post("/api/ask", json={"question": "GDP"})
    assert reply.status_code == 503
    assert "disk gone" in reply.json()["detail"]


def test_health_and_page_are_served(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    page = client.get("/")
    assert "text/html" in page.headers["content-type"]
    for path in ("/static/modules/main.js", "/static/styles/base.css"):
        assert path in page.text
        assert client.get(path).status_code == 200


def test_the_page_sets_report_text_as_text_never_as_markup() -> None:
    modules = (Path(__file__).parents[3] / "api" / "page" / "modules").rglob("*.js")
    script = "".join(path.read_text("utf-8") for path in modules)
    assert "textContent" in script
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script


def test_serve_answers_over_a_real_socket_and_stops_on_a_signal(bundled_settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "--library", str(bundled_settings.library)]
    server = subprocess.Popen([*command, "serve", "--port", str(port)], stderr=subprocess.PIPE)
    try:
        assert _when_up(f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
        body = {"question": "越城区2023年GDP增长多少?"}
        reply = httpx.post(f"http://127.0.0.1:{port}/api/ask", json=body, timeout=30)
        assert "7.6%" in reply.json()["answer"]
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=20)
    assert server.returncode == 0
    assert b"Traceback" not in errors


def _when_up(url: str) -> httpx.Response:
    for _ in range(300):
        try:
            return httpx.get(url, timeout=30)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")


def test_a_taken_port_is_told_in_one_line(bundled_settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "api.cli", "--library", str(bundled_settings.library)]
        done = subprocess.run(
            [*command, "serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--port" in done.stderr
