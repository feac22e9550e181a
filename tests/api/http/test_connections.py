"""Clients that hold what they do not use: over a real socket, none of them keeps others out."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import StreamingResponse
from starlette.websockets import WebSocketDisconnect

from tests.api.http.conftest import GuardedClient
from tests.api.http.serving import served

SECONDS = 1.0
_DEADLINE = 60.0
_HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_REQUEST = _HEAD + b"\r\n"


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _DEADLINE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def _dial(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=_DEADLINE)


def _is_closed(client: socket.socket) -> bool:
    """Whether the server closed the connection; what it said before is passed over."""
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def _incidents(app: FastAPI) -> dict[tuple[str, str], int]:
    return dict(app.state.service.incidents.counts)


@contextmanager
def _serving(guarded: GuardedClient, **settings: object) -> Iterator[tuple[FastAPI, str]]:
    app = guarded(**{"client_timeout_seconds": SECONDS, **settings}).app
    assert isinstance(app, FastAPI)
    with served(app) as address:
        yield app, address


@pytest.mark.parametrize("sent", [b"G", _HEAD, _HEAD + b"X-A: b"])
def test_a_head_that_does_not_end_is_not_waited_for(guarded: GuardedClient, sent: bytes) -> None:
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        client.sendall(sent)
        assert _is_closed(client)
        assert _incidents(app) == {("slow_client", "head"): 1}


def test_a_head_that_trickles_is_cut_although_something_always_comes(
    guarded: GuardedClient,
) -> None:
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        client.sendall(_HEAD)
        _until(lambda: not _sent(client, b"X-A: b\r\n"))
        assert _incidents(app) == {("slow_client", "head"): 1}


def _sent(client: socket.socket, data: bytes) -> bool:
    time.sleep(0.1)
    try:
        client.sendall(data)
    except OSError:
        return False
    return True


def test_a_second_request_that_does_not_end_is_not_waited_for_either(
    guarded: GuardedClient,
) -> None:
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        client.sendall(_REQUEST + _HEAD)
        assert _is_closed(client)
        assert _incidents(app) == {("slow_client", "head"): 1}


def test_a_connection_opened_in_advance_is_closed_without_a_word(guarded: GuardedClient) -> None:
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        assert _is_closed(client)
        assert _incidents(app) == {}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_trickles_is_told_408_and_closed(guarded: GuardedClient, chunked: bool) -> None:
    form = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000"
    head = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        client.sendall(head + form + b"\r\n\r\n")
        part = b"1\r\n{\r\n" if chunked else b"{"
        sending = threading.Thread(target=lambda: _until(lambda: not _sent(client, part)))
        sending.start()
        replied = client.recv(65536)
        assert b" 408 " in replied.split(b"\r\n")[0]
        assert b"connection: close" in replied.lower()
        sending.join(_DEADLINE)
        assert ("slow_client", "body") in _incidents(app)
        _until(lambda: app.state.seats.taken == 0)


def test_a_long_answer_is_not_cut_by_the_time_that_a_body_has(guarded: GuardedClient) -> None:
    client = guarded(client_timeout_seconds=0.2)

    async def slow(body: dict[str, str]) -> dict[str, str]:
        await asyncio.sleep(1)
        return body

    client.app.post("/slow")(slow)  # type: ignore[attr-defined]
    assert isinstance(client.app, FastAPI)
    with served(client.app) as address:
        assert httpx.post(f"{address}/slow", json={"a": "b"}, timeout=60).json() == {"a": "b"}


def test_a_reader_that_stops_reading_ends_its_stream(guarded: GuardedClient) -> None:
    client, ended = guarded(client_timeout_seconds=SECONDS), threading.Event()

    async def endless() -> StreamingResponse:
        async def told():  # type: ignore[no-untyped-def]
            try:
                while True:
                    # A stream that never waits would let nobody tell it that its reader has gone.
                    await asyncio.sleep(0)
                    yield b"x" * 65536
            finally:
                ended.set()

        return StreamingResponse(told())

    client.app.get("/endless")(endless)  # type: ignore[attr-defined]
    app = client.app
    assert isinstance(app, FastAPI)
    with served(app) as address, closing(_dial(address)) as reading:
        reading.sendall(b"GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert ended.wait(_DEADLINE)
        assert _incidents(app) == {("slow_client", "reading"): 1}


def test_a_slow_reader_of_much_is_not_cut(guarded: GuardedClient) -> None:
    client, much = guarded(client_timeout_seconds=SECONDS), 16_000_000

    async def whole() -> StreamingResponse:
        return StreamingResponse(iter([b"x" * much]))

    client.app.get("/whole")(whole)  # type: ignore[attr-defined]
    app = client.app
    assert isinstance(app, FastAPI)
    with served(app) as address, closing(_dial(address)) as reading:
        reading.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        reading.sendall(b"GET /whole HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        came, begun = 0, time.monotonic()
        while piece := reading.recv(200_000):
            came += len(piece)
            # Some 4 MB a second, so that it takes several of the limits.
            time.sleep(max(0.0, came / 4e6 - (time.monotonic() - begun)))
        assert came > much
        assert _incidents(app) == {}


def test_many_connections_without_a_request_keep_nobody_out(guarded: GuardedClient) -> None:
    with (
        _serving(guarded, connections_max=50, client_timeout_seconds=60) as (app, address),
        ExitStack() as stack,
    ):
        for n in range(300):
            client = stack.enter_context(closing(_dial(address)))
            if n % 2:
                client.sendall(_HEAD)
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        assert _incidents(app)["slow_client", "crowded"] >= 100


def test_where_all_connections_are_answered_one_more_is_told_to_come_again(
    guarded: GuardedClient,
) -> None:
    go = threading.Event()
    client = guarded(connections_max=8, client_timeout_seconds=60)

    def waits() -> bool:
        return go.wait(_DEADLINE)

    client.app.get("/waits")(waits)  # type: ignore[attr-defined]
    app = client.app
    assert isinstance(app, FastAPI)
    with served(app) as address, ExitStack() as stack:
        asked = [stack.enter_context(closing(_dial(address))) for _ in range(8)]
        for one in asked:
            one.sendall(b"GET /waits HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        in_flight = app.state.metrics.in_flight
        _until(lambda: in_flight._value.get() == 8)
        refused = httpx.get(f"{address}/healthz", timeout=60)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert _incidents(app) == {("shed", "connections"): 1}
        go.set()
        assert all(b" 200 " in one.recv(65536).split(b"\r\n")[0] for one in asked)


# --- what two servers could read differently ----------------------------------------------------

_POST = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        _POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length: 0, 44\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length: +0\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length: -1\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length: 0x0\r\n\r\n" + _HIDDEN,
        _POST + b"Content-Length : 0\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer-Encoding: xchunked\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer-Encoding: identity\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + _HIDDEN,
        _POST + b"Transfer\x0b-Encoding: chunked\r\n\r\n" + _HIDDEN,
        _POST + b"X: a\x00b\r\n\r\n" + _HIDDEN,
        _POST + b"Host: evil.example\r\n\r\n" + _HIDDEN,
        b"POST /api/ask HTTP/1.1\r\n\r\n" + _HIDDEN,
        b"POST  /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + _HIDDEN,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    ],
)  # fmt: skip
def test_a_request_of_unclear_end_is_refused_and_nothing_behind_it_is_answered(
    guarded: GuardedClient, sent: bytes
) -> None:
    with _serving(guarded) as (app, address), closing(_dial(address)) as client:
        client.sendall(sent)
        replied = b""
        try:
            while piece := client.recv(65536):
                replied += piece
        except ConnectionResetError:
            pass
        assert replied.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
        assert replied.count(b"HTTP/1.1 ") == 1
        assert _incidents(app) == {("broken_request", "not_http"): 1}


def test_an_upgrade_is_answered_as_the_request_it_is(
    guarded: GuardedClient, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    with _serving(guarded, api_keys="0123456789abcdef") as (_, address):
        for path, status in ((b"/api/ask", b"401"), (b"/healthz", b"200")):
            with closing(_dial(address)) as client:
                head = b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                client.sendall(head + upgrade + key)
                assert client.recv(65536).split(b" ")[1] == status
    # uvicorn would say two sentences to each: a stranger could fill the log without a key.
    assert not caplog.text


def test_a_websocket_is_closed_before_any_route(guarded: GuardedClient) -> None:
    client: TestClient = guarded()
    reached: list[object] = []
    client.app.websocket("/ws")(reached.append)  # type: ignore[attr-defined]
    with (
        client,
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/ws"),
    ):
        pass
    assert (closed.value.code, reached) == (1008, [])
