import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import Depends
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.http.access import admin, reader, writer
from api.http.loopback import address_of, is_loopback
from api.keys import KeyFile
from qa.errors import KeyFileError, SettingsError
from qa.settings import Settings
from tests.api.http.conftest import GuardedClient, Lines
from tests.api.http.serving import served as behind_a_socket
from tests.api.test_keys import expired_since_yesterday

READ, WRITE, ADMIN = (f"{scope}-0123456789abcdef" for scope in ("read", "write", "admin"))
GIVEN = f"read:{READ},write:{WRITE},admin:{ADMIN}"
SEARCH = "/api/search?question=GDP"
OPEN = (
    "/",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/static/modules/main.js",
    "/static/styles/base.css",
)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys.json")


# --- with keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        bearer(READ),
        {"Authorization": f"bearer  {READ} "},
        {"X-API-Key": READ},
        {"Authorization": "Basic YTpi", "X-API-Key": READ},
        bearer(WRITE),
        bearer(ADMIN),
    ],
)
def test_a_key_lets_in_by_either_header(guarded: GuardedClient, headers: dict[str, str]) -> None:
    with guarded(api_keys=GIVEN) as client:
        assert client.get(SEARCH, headers=headers).status_code == 200
        assert client.get("/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(""),
        bearer("wrong"),
        bearer(f"read:{READ}"),
        {"Authorization": READ},
        {"Authorization": "Basic YTpi"},
        {"X-API-Key": READ[:-1]},
        {**bearer("wrong"), "X-API-Key": READ},
        {"Authorization": "Bearer \xe5\xaf\x86"},
        {"Cookie": f"key={READ}"},
    ],
)
def test_without_a_valid_key_nobody_is_let_in(
    guarded: GuardedClient, headers: dict[str, str]
) -> None:
    with guarded(api_keys=GIVEN) as client:
        for path in (SEARCH, f"{SEARCH}&key={READ}", "/v1/models", "/no", "/static", "/healthz/x"):
            reply = client.get(path, headers={k: v.encode("latin-1") for k, v in headers.items()})  # type: ignore[misc]
            assert reply.status_code == 401, path
            assert reply.headers["www-authenticate"] == "Bearer"
            assert reply.headers["content-type"] == "application/problem+json"
            assert reply.json()["error"]["code"] == "invalid_api_key"


def test_wrong_expired_and_revoked_keys_are_told_the_same(
    guarded: GuardedClient, file: KeyFile
) -> None:
    _, expired = file.add("a", "read")
    key, revoked = file.add("b", "read")
    file.add("c", "read")
    file.revoke(key.id)
    expired_since_yesterday(file)
    with guarded(keys=file.path) as client:
        wrong = f"wz_{'0' * 12}_{'0' * 64}"
        texts = {
            client.get(SEARCH, headers=bearer(one)).text for one in (wrong, expired, revoked, "x")
        }
        assert texts == {client.get(SEARCH).text}


def test_what_shows_that_the_service_is_there_is_open(guarded: GuardedClient) -> None:
    with guarded(api_keys=GIVEN) as client:
        assert [client.get(path).status_code for path in OPEN] == [200] * len(OPEN)


def test_the_problem_is_told_in_the_clients_language(guarded: GuardedClient) -> None:
    with guarded(api_keys=GIVEN) as client:
        assert "密钥" in client.get(SEARCH).json()["detail"]
        english = client.get(SEARCH, headers={"Accept-Language": "en-GB"}).json()["detail"]
        assert english.startswith("a valid API key is needed")


def test_a_body_is_not_read_before_its_sender_is_let_in(guarded: GuardedClient) -> None:
    app = guarded(api_keys=GIVEN).app
    sent: list[MutableMapping[str, Any]] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/ask",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("the body was read")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 401


@pytest.mark.parametrize(
    ("key", "statuses"),
    [(READ, [200, 403, 403]), (WRITE, [200, 200, 403]), (ADMIN, [200, 200, 200])],
)
def test_a_route_wants_its_scope(guarded: GuardedClient, key: str, statuses: list[int]) -> None:
    client = guarded(api_keys=GIVEN)
    app = client.app
    for name, scope in (("reads", reader), ("writes", writer), ("sees", admin)):
        app.get(f"/{name}", dependencies=[Depends(scope)])(lambda: {})  # type: ignore[attr-defined]
    with client:
        replies = [
            client.get(f"/{name}", headers=bearer(key)) for name in ("reads", "writes", "sees")
        ]
    assert [reply.status_code for reply in replies] == statuses
    for reply in replies:
        if reply.status_code == 403:
            assert reply.json()["error"]["code"] == "insufficient_scope"
            assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/api/reports", [200, 200, 200]),
        ("DELETE", "/api/reports/0123456789ab", [403, None, None]),
        ("POST", "/api/reports", [403, None, None]),
        ("GET", "/api/jobs/0123456789ab", [403, None, None]),
        ("GET", "/api/facts", [200, 200, 200]),
        ("GET", "/v1/models", [200, 200, 200]),
        ("GET", "/metrics", [403, 403, 200]),
    ],
)
def test_the_routes_want_the_scopes_that_are_told(
    guarded: GuardedClient, method: str, path: str, statuses: list[int | None]
) -> None:
    with guarded(api_keys=GIVEN) as client:
        assert client.request(method, path).status_code == 401
        for key, status in zip((READ, WRITE, ADMIN), statuses, strict=True):
            found = client.request(method, path, headers=bearer(key)).status_code
            # What comes after the key was let in is the route's own matter.
            assert found == status or (status is None and found not in (401, 403)), key


def test_the_log_tells_whose_key_it_was_and_not_the_key(
    guarded: GuardedClient, file: KeyFile, lines: Lines
) -> None:
    key, text = file.add("a", "read")
    with guarded(keys=file.path, api_keys=GIVEN) as client:
        for sent in (text, READ, "wrong"):
            client.get(SEARCH, headers=bearer(sent))
    assert [line.get("key") for line in lines.of("request")] == [key.id, "given1", None]
    assert not any(secret in str(lines) for secret in (text, READ))


def test_an_open_address_that_names_a_scope_is_guarded_all_the_same(guarded: GuardedClient) -> None:
    client = guarded(api_keys=GIVEN)
    client.app.get("/static/secret", dependencies=[Depends(reader)])(lambda: {})  # type: ignore[attr-defined]
    # Before the folder, which would take the address.
    client.app.router.routes.insert(0, client.app.router.routes.pop())  # type: ignore[attr-defined]
    with client:
        assert client.get("/static/secret").status_code == 401
        assert client.get("/static/secret", headers=bearer(READ)).status_code == 200


def test_keys_are_written_into_no_log(
    guarded: GuardedClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"), guarded(api_keys=GIVEN) as client:
        client.get(SEARCH, headers=bearer(READ))
        client.get(SEARCH, headers=bearer(f"{READ}-wrong"))
    assert READ not in caplog.text


# --- keys that change while the service runs ---------------------------------------------------


def test_the_first_key_closes_a_running_service_and_a_revoked_one_opens_nothing(
    guarded: GuardedClient, file: KeyFile
) -> None:
    with guarded(keys=file.path) as client:
        assert client.get(SEARCH).status_code == 200
        key, text = file.add("a", "read")
        assert client.get(SEARCH).status_code == 401
        assert client.get(SEARCH, headers=bearer(text)).status_code == 200
        file.revoke(key.id)
        assert client.get(SEARCH, headers=bearer(text)).status_code == 401
        assert client.get(SEARCH).status_code == 401


@pytest.mark.parametrize("damage", ["half", "gone", "folder"])
def test_a_file_damaged_while_running_is_an_outage_and_opens_nothing(
    guarded: GuardedClient, file: KeyFile, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, text = file.add("a", "admin")
    whole = file.path.read_bytes()
    with guarded(keys=file.path) as client:
        assert client.get(SEARCH, headers=bearer(text)).status_code == 200
        file.path.unlink()
        if damage == "half":
            file.path.write_bytes(whole[:-5])
        if damage == "folder":
            file.path.mkdir()
        for headers in ({}, bearer(text), bearer("wrong")):
            reply = client.get(SEARCH, headers=headers)
            assert reply.status_code == 503
            assert reply.json()["error"]["code"] == "keys_unusable"
            assert str(file.path) not in reply.text
        assert [client.get(path).status_code for path in OPEN] == [200] * len(OPEN)
        assert caplog.text.count(str(file.path)) == 1
        if damage == "folder":
            file.path.rmdir()
        file.path.write_bytes(whole)
        assert client.get(SEARCH, headers=bearer(text)).status_code == 200


def test_a_damaged_file_keeps_the_service_from_starting(
    guarded: GuardedClient, file: KeyFile
) -> None:
    file.path.write_text("{")
    with pytest.raises(KeyFileError):
        guarded(keys=file.path)


# --- without keys ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:8000",
     "LOCALHOST.", "a.localhost:80"],
)  # fmt: skip
def test_this_machine_is_answered_by_its_names(client: TestClient, host: str) -> None:
    assert client.get(SEARCH, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example",
     "127.0.0.1@evil.example", "evil.example#127.0.0.1", "0.0.0.0:8000", "10.0.0.1", "[::]",
     "[::1", "", "notlocalhost", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_another_name_is_refused_because_a_rebound_page_carries_it(
    client: TestClient, host: str
) -> None:
    for path in (SEARCH, "/", "/v1/models", "/healthz"):
        reply = client.get(path, headers={"Host": host})
        assert reply.status_code == 421, path
        assert "wenzheng keys add" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_another_site_changes_nothing(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    reply = client.post("/api/search", json={"question": "GDP"}, headers=headers)
    assert reply.status_code == status
    if status == 403:
        assert reply.json()["error"]["code"] == "other_site"
    assert client.get(SEARCH, headers=headers).status_code == 200


def test_a_page_of_an_origin_that_is_allowed_may(guarded: GuardedClient) -> None:
    headers = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}
    for origins, status in (("http://localhost:3000", 200), ("*", 200), ("http://a.example", 403)):
        with guarded(cors_origins=origins) as client:
            reply = client.post("/api/search", json={"question": "GDP"}, headers=headers)
            assert reply.status_code == status


def test_with_keys_names_and_sites_do_not_matter(guarded: GuardedClient) -> None:
    headers = {**bearer(READ), "Host": "wenzheng.example", "Origin": "http://evil.example"}
    with guarded(api_keys=GIVEN) as client:
        reply = client.post("/api/search", json={"question": "GDP"}, headers=headers)
        assert reply.status_code == 200


def test_a_client_elsewhere_is_refused(guarded: GuardedClient) -> None:
    for address, status in (("10.1.2.3", 403), ("2001:db8::1", 403), ("::1", 200), ("", 200)):
        with guarded() as local:
            client = TestClient(local.app, base_url="http://127.0.0.1", client=(address, 1))
            assert client.get(SEARCH).status_code == status


@pytest.mark.parametrize("told", ["unknown", "_hidden", "203.0.113.5:x", "203.0.113.5, unknown"])
def test_a_client_whom_a_proxy_does_not_name_by_number_is_no_client_of_this_machine(
    guarded: GuardedClient, told: str
) -> None:
    with guarded() as client, behind_a_socket(client.app) as address:  # type: ignore[arg-type]
        assert httpx.get(address + SEARCH, trust_env=False).status_code == 200
        reply = httpx.get(address + SEARCH, headers={"X-Forwarded-For": told}, trust_env=False)
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_this_machine")


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("example.org", False),
    ],
)
def test_which_addresses_are_this_machines_own(address: str, own: bool) -> None:
    assert is_loopback(address) is own


def test_ipv6_addresses_of_one_network_count_as_one() -> None:
    def told(address: str) -> str:
        return address_of(Request({"type": "http", "client": (address, 1), "headers": []}))

    assert told("2001:db8::1") == told("2001:db8::ffff:1") != told("2001:db8:0:1::1")
    assert (told("10.0.0.1"), told("")) == ("10.0.0.1", "")


# --- the OpenAPI document ----------------------------------------------------------------------


def test_the_document_says_how_a_key_is_sent_and_what_a_refusal_is(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert (schemes["header"]["in"], schemes["header"]["name"]) == ("header", "X-API-Key")
    guarded_paths = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith(("/api/", "/v1/")):
                guarded_paths += 1
                assert operation["security"] == [{"bearer": []}, {"header": []}], path
                assert {"401", "403", "429"} <= set(operation["responses"]), path
            elif path in OPEN:
                assert "security" not in operation
    assert guarded_paths >= 8


# --- over a socket -----------------------------------------------------------------------------


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _command(settings: Settings, host: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "api.cli", "--library", str(settings.library)]
    return [*command, "serve", "--host", host, "--port", str(port)]


@contextmanager
def served(settings: Settings, host: str = "127.0.0.1", **environment: str) -> Iterator[str]:
    port = _port()
    server = subprocess.Popen(
        _command(settings, host, port), stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30)
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=20)
    assert b"Traceback" not in errors


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_serve_refuses_to_be_open_to_others_without_keys(
    bundled_settings: Settings, host: str
) -> None:
    # A server that did start would else be waited for, and be left behind.
    done = subprocess.run(
        _command(bundled_settings, host, _port()),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "wenzheng keys add" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WENZHENG_API_KEYS", "secret", "fewer than 16"),
        ("WENZHENG_RATE_LIMIT", "many", "no limit such as"),
        ("WENZHENG_CORS_ORIGINS", "https://a.example/", "no origin such as"),
    ],
)
def test_serve_refuses_wrong_settings_on_one_line(
    bundled_settings: Settings, name: str, value: str, told: str
) -> None:
    done = subprocess.run(
        _command(bundled_settings, "127.0.0.1", _port()),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, name: value},
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert name in done.stderr
    assert told in done.stderr
    assert "secret" not in done.stderr


def test_serve_is_open_to_others_with_a_key_and_revocation_counts_at_once(
    bundled_settings: Settings, file: KeyFile
) -> None:
    key, text = file.add("a", "read")
    with served(bundled_settings, "0.0.0.0", WENZHENG_KEYS=str(file.path)) as url:
        assert httpx.get(url + SEARCH).status_code == 401
        assert httpx.get(url + SEARCH, headers=bearer(text)).status_code == 200
        command = [sys.executable, "-m", "api.cli", "keys", "revoke", key.id]
        environment = {**os.environ, "WENZHENG_KEYS": str(file.path)}
        subprocess.run(command, check=True, env=environment, capture_output=True)
        assert httpx.get(url + SEARCH, headers=bearer(text)).status_code == 401
        big = b"x" * 200_000
        refused = httpx.post(url + "/api/ask", content=big)
        assert refused.status_code == 401


def test_openais_client_is_let_in_by_a_key_and_told_of_a_wrong_one(
    bundled_settings: Settings,
) -> None:
    with served(bundled_settings, WENZHENG_API_KEYS=GIVEN) as url:
        with openai.OpenAI(base_url=f"{url}/v1", api_key=READ, max_retries=0) as client:
            reply = client.chat.completions.create(
                model="wenzheng",
                messages=[{"role": "user", "content": "越城区2023年GDP增长多少?"}],
            )
            assert "7.6%" in str(reply.choices[0].message.content)
        with (
            openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0) as client,
            pytest.raises(openai.AuthenticationError, match=r"valid API key|密钥") as error,
        ):
            client.models.list()
        assert error.value.code == "invalid_api_key"


def test_the_guard_refuses_others_by_the_name_that_was_asked_for(guarded: GuardedClient) -> None:
    guard = guarded(host="0.0.0.0").app.state.guard  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match=r"^0\.0\.0\.0 can be reached by others"):
        guard.may_listen("0.0.0.0")
    guard.may_listen("127.0.0.1")
    guarded(api_keys=GIVEN).app.state.guard.may_listen("0.0.0.0")  # type: ignore[attr-defined]
