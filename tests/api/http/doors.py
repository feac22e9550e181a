"""Requests that try to get in without a key: every route, in every odd form that is known.

    python -m tests.api.http.doors --seconds 600

asks at random, longer than the tests do, and ends with status 1 at the first that got in.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from api.http import Service, access, create_app
from api.mcp.endpoint import McpEndpoint
from qa.chain import Chain
from qa.settings import Settings

READ, WRITE, ADMIN = (f"{scope}-0123456789abcdef" for scope in ("read", "write", "admin"))
KEYS = f"read:{READ},write:{WRITE},admin:{ADMIN}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")  # fmt: skip
PAGE = Path(__file__).parents[3] / "api" / "page"

Headers = Sequence[tuple[str, str]]
BOTS = {
    "feishu_app_id": "cli_0",
    "feishu_app_secret": "feishu-secret-000",
    "feishu_verification_token": "feishu-token-000",
    "feishu_encrypt_key": "feishu-encrypt-000",
    "slack_bot_token": "xoxb-0-slack-token",
    "slack_signing_secret": "slack-signing-000",
    "wecom_corp_id": "ww0",
    "wecom_agent_id": 1,
    "wecom_secret": "wecom-secret-0000",
    "wecom_token": "wecom-token-00000",
    "wecom_aes_key": "a" * 43,
    "dingtalk_client_id": "ding0",
    "dingtalk_client_secret": "dingtalk-secret-0",
}


# --- the application, which nothing may reach ----------------------------------------------------


class Untouched(Service):
    """Notes whoever asks for the library: but ``/readyz``, only somebody who was let in."""

    touched = 0

    @property
    def chain(self) -> Chain:
        self.touched += 1
        return super().chain


class _Watched:
    """Notes whatever is done with what it stands before."""

    def __init__(self, behind: object) -> None:
        self.__dict__.update(behind=behind, touched=[])

    def __getattr__(self, name: str) -> Any:
        self.touched.append(name)
        return getattr(self.behind, name)


@dataclass
class House:
    """The application with all its doors, and what notices whoever gets in."""

    app: FastAPI
    service: Untouched
    watched: list[_Watched] = field(default_factory=list)

    @property
    def entered(self) -> int:
        """How often something behind the doors was reached."""
        return self.service.touched + sum(len(one.touched) for one in self.watched)


def house(chain: Chain, library: Path, cache: Path, **given: Any) -> House:
    """An application over a chain, with keys, bots of all platforms, MCP and page."""
    told = {"library": library, "cache": cache, "api_keys": KEYS, "rate_limit": "none"}
    settings = Settings.model_validate({**told, **BOTS, **given})
    service = Untouched(settings, lambda: chain)
    service.open()
    with pytest.MonkeyPatch.context() as patch:
        # The guessing would else be stopped before it has begun.
        patch.setattr(access, "_FAILURES", "100000000/minute")
        app = create_app(service, endpoints=[McpEndpoint(service)])
    made = House(app, service)
    for platform in app.state.bots.platforms:
        made.watched.append(watched := _Watched(platform._desk))
        platform._desk = watched
    made.watched.append(watched := _Watched(app.state.jobs))
    app.state.jobs = watched
    return made


@dataclass(frozen=True)
class Door:
    """A route's method and path, its parameters filled."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors(app: FastAPI) -> list[Door]:
    """Every method of every route that the application has; raises for a kind that is not known."""
    return sorted(_doors(app.routes, ""), key=str)


def _doors(routes: Sequence[Any], prefix: str) -> Iterator[Door]:
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _doors(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Mount):
            yield Door("GET", f"{prefix}{route.path}/index.html")
        elif isinstance(route, APIRoute | Route):
            for method in sorted(route.methods or ()):
                yield Door(method, prefix + _filled(route.path))
        else:
            raise AssertionError(f"{route} is a kind of route that no test looks behind")


def _filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")


# --- odd forms -----------------------------------------------------------------------------------


def wrong_keys() -> list[Headers]:
    """Headers that carry no valid key where one belongs: the right one in wrong places as well."""
    auth = "Authorization"
    return [
        [],
        [(auth, "Bearer wrong")],
        [(auth, f"Bearer {READ[:-1]}")],
        [(auth, f"Bearer {READ}x")],
        [(auth, f"Bearer {READ.upper()}")],
        [(auth, f"Bearer admin:{ADMIN}")],
        [(auth, f"Bearer {KEYS}")],
        [(auth, f"Bearer {READ},{ADMIN}")],
        [(auth, f"Bearer {READ} {ADMIN}")],
        [(auth, f"Bearer\t{ADMIN}")],
        [(auth, f"Bearer{ADMIN}")],
        [(auth, f"Bearer:{ADMIN}")],
        [(auth, f'Bearer "{ADMIN}"')],
        [(auth, f"Bearer token={ADMIN}")],
        [(auth, f"Basic {ADMIN}")],
        [(auth, f"Token {ADMIN}")],
        [(auth, ADMIN)],
        [(auth, "Bearer")],
        [(auth, "Bearer null")],
        [(auth, "Bearer *")],
        [(auth, "Bearer " + "0" * 64)],
        [(auth, "Bearer wrong"), (auth, f"Bearer {ADMIN}")],
        [(auth, f"Bearer {ADMIN}"), (auth, "Bearer wrong")],
        [(auth, "Bearer wrong"), ("X-API-Key", ADMIN)],
        [("X-API-Key", "")],
        [("X-API-Key", "wrong"), ("X-API-Key", ADMIN)],
        [("X-API-Key", f"Bearer {ADMIN}")],
        [("X_API_Key", ADMIN)],
        [("X-Api-Token", ADMIN)],
        [("Cookie", f"key={ADMIN}; Authorization=Bearer {ADMIN}")],
        [("Proxy-Authorization", f"Bearer {ADMIN}")],
        [("X-Forwarded-Authorization", f"Bearer {ADMIN}")],
        [("Key", ADMIN)],
    ]


def odd_headers() -> list[Headers]:
    """Headers by which proxies and frameworks are told another method, address or sender."""
    names = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    overrides: list[Headers] = [
        [(name, method)] for name, method in itertools.product(names, ("GET", "DELETE", "OPTIONS"))
    ]
    return [
        *overrides,
        [("X-Forwarded-For", "127.0.0.1")],
        [("X-Forwarded-For", "127.0.0.1, ::1"), ("X-Real-IP", "127.0.0.1")],
        [("X-Forwarded-Host", "127.0.0.1")],
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/static")],
        [("Forwarded", "for=127.0.0.1;host=127.0.0.1;proto=https")],
        [("X-Original-URL", "/healthz"), ("X-Rewrite-URL", "/healthz")],
        [("X-Forwarded-Uri", "/static/index.html")],
        [("X-Forwarded-User", "admin"), ("Remote-User", "admin")],
        [("Origin", "http://127.0.0.1"), ("Access-Control-Request-Method", "GET")],
        [("Sec-Fetch-Site", "same-origin")],
        [("Host", "127.0.0.1"), ("Host", "localhost")],
        [("Content-Type", "multipart/form-data; boundary=x")],
        [("Accept", "text/event-stream")],
        [("Upgrade", "websocket"), ("Connection", "Upgrade")],
    ]


def odd_paths(path: str) -> list[str]:
    """The path as proxies, caches and file systems may read it differently from us."""
    first, rest = path[1:2], path[2:]
    return [
        path,
        f"/{path}",
        f"//{path}",
        path.replace("/", "//"),
        f"{path}/",
        f"{path}//",
        f"/.{path}",
        f"{path}/.",
        f"{path}/..{path}",
        f"/static/..{path}",
        f"/static/../..{path}",
        f"/static/%2e%2e{path}",
        f"/static/..%2f{path[1:]}",
        f"/static/%2e%2e%2f{path[1:]}",
        f"/static/..\\{path[1:]}",
        f"/static/..;{path}",
        f"/static{path}",
        f"/healthz/..{path}",
        f"/healthz{path}",
        f"/healthz%2f..{path}",
        f"/openapi.json/..{path}",
        f"/%{ord(first or 'a'):02x}{rest}",
        f"/%25{ord(first or 'a'):02x}{rest}",
        f"{path}%00",
        f"{path}%20",
        f"{path}%0a",
        f"{path};/static/",
        f"{path}?/static/",
        f"{path}#/static/",
        path.upper(),
        path.swapcase(),
        f"http://127.0.0.1{path}",
        f"{path}?key={ADMIN}&api_key={ADMIN}&access_token={ADMIN}&token={ADMIN}",
        f"{path}?Authorization=Bearer%20{ADMIN}&X-API-Key={ADMIN}",
    ]


def odd_files() -> list[str]:
    """Addresses that try to read files from beside the page."""
    ups = ("..", "%2e%2e", "%2E%2E", ".%2e", "%252e%252e", "..%00", "....", "..%c0%af")
    ends = ("http/app.py", "keys.py", "../pyproject.toml", "etc/passwd", "../../../../etc/passwd")
    joined = ("/", "%2f", "\\", "%5c", "//")
    tried = [f"/static/{up}{slash}{end}" for up, slash, end in itertools.product(ups, joined, ends)]
    return [*tried, "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/.", "/static/",
            "/static/modules", "/static/modules/", "/static/modules/../../keys.py"]  # fmt: skip


# --- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(app: FastAPI, method: str, target: str, headers: Headers = (), body: bytes = b"{}") -> Said:
    """What the application says to a request whose target is sent as it is, as uvicorn reads it."""
    raw, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 40000),
        "scheme": "http",
        "method": method,
        "root_path": "",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            *((name.lower().encode(), value.encode()) for name, value in headers),
        ],
        "state": {},
    }
    return asyncio.run(_asked(app, scope, body))


async def _asked(app: FastAPI, scope: dict[str, Any], body: bytes) -> Said:
    told: list[Any] = []
    left = asyncio.Event()
    sent = False

    async def receive() -> Any:
        nonlocal sent
        if sent:
            await left.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    head = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
    return Said(told[0]["status"], head, b"".join(one.get("body", b"") for one in told[1:]))


_SHOWN = ("/", "/healthz", "/openapi.json")


def why_in(
    made: House, method: str, target: str, headers: Headers = (), body: bytes = b"{}"
) -> str | None:
    """Why a request without a key got in; None if it did not.

    It did if anything behind the doors was reached, or if it got more than the files of the page and
    what shows that the service is there.
    """
    before = made.entered
    said = ask(made.app, method, target, headers, body)
    path = unquote(target.partition("?")[0])
    if path == "/readyz":
        made.service.touched -= 1 if made.entered > before else 0
    if made.entered != before:
        return f"{method} {target} {headers}: something behind the doors was reached"
    # Not ready is what the probe has to say of a house without a library.
    if said.status >= 500 and path != "/readyz":
        return f"{method} {target} {headers}: broke with {said.status}"
    if said.status >= 300 or not said.body or path in (*_SHOWN, "/readyz"):
        return None
    if path.startswith("/static/") and said.body in _page_files():
        return None
    if method == "OPTIONS":
        return None
    return f"{method} {target} {headers}: {said.status} {said.body[:80]!r}"


def _page_files() -> frozenset[bytes]:
    return frozenset(path.read_bytes() for path in PAGE.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description="try to get in without a key")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    rng, tries = random.Random(arguments.seed), 0
    print(f"seed {arguments.seed}", flush=True)
    with TemporaryDirectory() as folder:
        made = house(_no_chain(), Path(folder) / "library", Path(folder) / "cache")
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            tries += 1
            if told := _random_try(made, rng):
                sys.exit(f"request {tries:,}: {told}")
    print(f"{tries:,} requests, none got in")


def _no_chain() -> Chain:
    from qa.errors import LibraryNotFoundError

    class _None:
        def search(self, text: str) -> None:
            raise LibraryNotFoundError("no_library", path="none")

    return _None()  # type: ignore[return-value]


def _random_try(made: House, rng: random.Random) -> str | None:
    door = rng.choice(doors(made.app))
    target = rng.choice([*odd_paths(door.path), *odd_files()])
    if rng.random() < 0.3:
        target = _mutated(target, rng)
    headers = [*rng.choice(wrong_keys()), *rng.choice([[], *odd_headers()])]
    method = rng.choice([door.method, *METHODS])
    body = rng.choice([b"", b"{}", b'{"question": "GDP"}', b"x" * 2000])
    return why_in(made, method, target, headers, body)


def _mutated(target: str, rng: random.Random) -> str:
    at = rng.randrange(len(target))
    added = rng.choice(["/", ".", "..", "%2e", "%2f", "%00", ";", "\\", "%5c", "?", "#", "//", "%"])
    return target[:at] + added + target[at + rng.randrange(2) :]


if __name__ == "__main__":
    main()
