import re
from pathlib import Path

import pytest
from fastapi import Response
from fastapi.testclient import TestClient

from api.http.headers import parse_origins
from qa.errors import SettingsError
from tests.api.http.conftest import GuardedClient

PAGE = Path(__file__).parents[3] / "api" / "page"
KEY = "0123456789abcdef"
SEARCH = "/api/search?question=GDP"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/modules/main.js", 200),
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("GET", SEARCH, 200),
        ("GET", "/no", 404),
        ("PUT", "/api/ask", 405),
        ("POST", "/api/ask", 422),
    ],
)
def test_every_response_says_what_browsers_must_not_do(
    client: TestClient, method: str, path: str, status: int
) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert ALWAYS.items() <= dict(reply.headers).items()
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == ("no-store" if "/api" in path else "no-cache")


def test_what_fails_around_the_routes_has_the_headers_too(guarded: GuardedClient) -> None:
    client = guarded(cors_origins="https://a.example")

    def broken() -> None:
        raise ValueError("a bug")

    client.app.get("/api/broken")(broken)  # type: ignore[attr-defined]
    origin = {"Origin": "https://a.example"}
    with client:
        replies = {
            500: client.get("/api/broken", headers=origin),
            413: client.post("/api/ask", content=b"x" * 300_000, headers=origin),
            421: client.get(SEARCH, headers={**origin, "Host": "evil.example"}),
        }
    for status, reply in replies.items():
        assert reply.status_code == status
        assert ALWAYS.items() <= dict(reply.headers).items()
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["access-control-allow-origin"] == "https://a.example"


def test_a_route_says_itself_how_long_its_reply_is_kept(guarded: GuardedClient) -> None:
    client = guarded()

    def kept(response: Response) -> None:
        response.headers["Cache-Control"] = "max-age=60"

    client.app.get("/api/kept")(kept)  # type: ignore[attr-defined]
    with client:
        assert client.get("/api/kept").headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize("path", ["/", "/static/modules/main.js"])
def test_a_file_of_the_page_is_asked_for_anew_and_sent_only_if_it_changed(
    client: TestClient, path: str
) -> None:
    reply = client.get(path)
    assert reply.headers["cache-control"] == "no-cache"
    if path != "/":
        same = client.get(path, headers={"If-None-Match": reply.headers["etag"]})
        assert same.status_code == 304


def test_the_page_works_under_its_policy(client: TestClient) -> None:
    """All it loads is its own files; nothing stands inline."""
    html = (PAGE / "index.html").read_text("utf-8")
    for address in re.findall(r'(?:src|href)="([^"]*)"', html):
        # What begins with # is a place on the page itself.
        assert address.startswith("#") or (
            address.startswith("/static/") and client.get(address).status_code == 200
        )
    assert re.findall(r"<script[^>]*>(?!</script>)", html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", html) == []
    styles = "".join(path.read_text("utf-8") for path in PAGE.rglob("*.css"))
    assert re.findall(r"url\(|@import", styles) == []
    scripts = "".join(path.read_text("utf-8") for path in PAGE.rglob("*.js"))
    assert (
        re.findall(
            r"\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg\b)|setAttribute\(\"style",
            scripts,
        )
        == []
    )


def test_other_origins_pages_may_not_read_by_default(client: TestClient) -> None:
    origin = {"Origin": "https://a.example"}
    assert "access-control-allow-origin" not in client.get(SEARCH, headers=origin).headers
    preflight = client.options(
        "/api/ask", headers={**origin, "Access-Control-Request-Method": "POST"}
    )
    assert "access-control-allow-origin" not in preflight.headers


def test_an_origin_that_is_allowed_may_send_a_key_and_read_what_is_told(
    guarded: GuardedClient,
) -> None:
    with guarded(cors_origins="https://a.example, http://localhost:3000", api_keys=KEY) as client:
        origin = {"Origin": "https://a.example"}
        asked = {
            **origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
        }
        # Browsers send no key with this question.
        preflight = client.options("/v1/chat/completions", headers=asked)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "https://a.example"
        assert "authorization" in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in preflight.headers
        reply = client.get(SEARCH, headers={**origin, "Authorization": f"Bearer {KEY}"})
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] == "https://a.example"
        assert {"Retry-After", "RateLimit"} <= set(
            reply.headers["access-control-expose-headers"].split(", ")
        )
        refused = client.get(SEARCH, headers=origin)
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == "https://a.example"
        other = client.options("/api/ask", headers={**asked, "Origin": "https://b.example"})
        assert other.status_code == 400
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        (None, ()),
        (" , ", ()),
        ("*", ("*",)),
        (
            "https://A.example,http://localhost:3000, http://[::1]:8000",
            ("https://a.example", "http://localhost:3000", "http://[::1]:8000"),
        ),
    ],
)
def test_origins_are_read(text: str | None, origins: tuple[str, ...]) -> None:
    assert parse_origins(text) == origins


@pytest.mark.parametrize(
    "text",
    ["a.example", "https://a.example/", "https://a.example/x", "ftp://a", "https://", "null"],
)
def test_what_is_no_origin_is_a_wrong_setting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^WENZHENG_CORS_ORIGINS: .*; correct the value$"):
        parse_origins(f"https://b.example,{text}")
