"""A real web site on this machine, which answers as a test says and remembers what it was asked."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from qa.reports.fetching.rules import FetchRules


@dataclass(frozen=True)
class Page:
    """What is answered; ``headers`` replace those that are set by themselves."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request: when, for which path, with which headers."""

    at: float
    path: str
    headers: Mapping[str, str]


Answerer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """Serves ``pages`` (path → page, pages one after the other, or a function that writes the answer)
    while its block runs; all else is 404. Without a robots.txt there is none. With
    a ``certificate`` it speaks TLS."""

    def __init__(
        self,
        pages: Mapping[str, Page | list[Page] | Answerer] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Path | None = None,
    ) -> None:
        self.pages: dict[str, Page | list[Page] | Answerer] = dict(pages or {})
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.host, self.port = host, self._server.server_port

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [one.path for one in self.asked if one.path != "/robots.txt"]

    def rules(self, **given: object) -> FetchRules:
        """Rules that let this site be fetched from without pauses."""
        kept: dict[str, object] = {"delay_seconds": 0.0, "timeout_seconds": 20.0}
        hosts = frozenset({f"{self.host}:{self.port}"})
        return FetchRules(**{"hosts": hosts, **kept, **given})  # type: ignore[arg-type]

    def wait(self, seconds: float) -> bool:
        """For pages that take their time: True once the site is closed."""
        return self._ended.wait(seconds)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with site._lock:
                    site._now += 1
                    site.most_at_once = max(site.most_at_once, site._now)
                    site.asked.append(Asked(time.monotonic(), self.path, dict(self.headers)))
                try:
                    with suppress(ConnectionError):
                        site._answer(self)
                finally:
                    with site._lock:
                        site._now -= 1

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        page = self.pages.get(handler.path, Page(b"nothing here", 404))
        if isinstance(page, list):
            page = page.pop(0) if len(page) > 1 else page[0]
        if isinstance(page, Page):
            send(handler, page)
        else:
            page(handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


def send(handler: BaseHTTPRequestHandler, page: Page) -> None:
    """Answer a request with a page."""
    handler.send_response(page.status)
    for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(page.body)
