"""Spans of requests and stages, in memory and at a collector of the test's own."""

import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.trace import SpanKind

from api.http import Service, create_app
from api.http.tracing import exporting_to
from qa.errors import SettingsError
from tests.api.http.conftest import Lines

QUESTION = "越城区2023年GDP增长多少?"
Spans = tuple[TestClient, Any]


def _of_the_extra(name: str) -> Any:
    return pytest.importorskip(f"opentelemetry.{name}", reason="the extra otel is not installed")


@pytest.fixture
def spans(service: Service) -> Iterator[Spans]:
    """A client of a traced application, and where its spans arrive."""
    sdk, export = _of_the_extra("sdk.trace"), _of_the_extra("sdk.trace.export")
    kept = _of_the_extra("sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(export.SimpleSpanProcessor(kept))
    with TestClient(
        create_app(service, provider), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        yield client, kept
    provider.shutdown()


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_a_request_s_span_with_a_span_for_each_stage(
    spans: Spans, stream: bool
) -> None:
    client, kept = spans
    reply = client.post("/api/ask", json={"question": QUESTION, "stream": stream})
    named = {span.name: span for span in kept.get_finished_spans()}
    request = named.pop("POST /api/ask")
    assert set(named) == {"wenzheng.understand", "wenzheng.search", "wenzheng.answer"}
    assert request.kind is SpanKind.SERVER
    assert request.attributes["http.route"] == "/api/ask"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["wenzheng.request_id"] == reply.headers["x-request-id"]
    assert request.attributes["wenzheng.answer.status"] == "answered"
    assert request.attributes["wenzheng.generator"] == "extractive"
    ordered = [named[f"wenzheng.{stage}"] for stage in ("understand", "search", "answer")]
    assert all(span.parent.span_id == request.context.span_id for span in ordered)
    bounds = [t for span in ordered for t in (span.start_time, span.end_time)]
    assert bounds == sorted(bounds)
    assert request.start_time < bounds[0]
    assert bounds[-1] <= request.end_time


def test_the_question_stands_in_no_span(
    spans: Spans,
) -> None:
    client, kept = spans
    client.get("/api/ask", params={"question": "GDP of Yuecheng"})
    assert len(kept.get_finished_spans()) == 4
    assert "Yuecheng" not in "".join(span.to_json() for span in kept.get_finished_spans())


def test_probes_are_not_traced_and_a_caller_s_trace_is_gone_on_with(
    spans: Spans, lines: Lines
) -> None:
    client, kept = spans
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)
    trace = "0af7651916cd43dd8448eb211c80319c"
    client.get("/v1/models", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    [span] = kept.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == trace
    assert [line.get("trace_id") for line in lines] == [None, None, None, trace]


def test_spans_reach_a_collector_before_the_process_ends(service: Service) -> None:
    protocol = _of_the_extra("proto.collector.trace.v1.trace_service_pb2")
    with _collector() as (address, received):
        exporting = exporting_to(address)
        assert exporting is not None
        with TestClient(
            create_app(service, exporting.provider), base_url="http://127.0.0.1"
        ) as client:
            client.post("/api/ask", json={"question": QUESTION})
        exporting.close()
    [(path, body)] = received
    assert path == "/v1/traces"
    [told] = protocol.ExportTraceServiceRequest.FromString(body).resource_spans
    named = {one.key: one.value.string_value for one in told.resource.attributes}
    assert named["service.name"] == "wenzheng"
    assert sum(len(scope.spans) for scope in told.scope_spans) == 4


@contextmanager
def _collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """The address of an HTTP server, and the path and body of each request it got."""
    received: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers["content-encoding"] == "gzip":
                body = gzip.decompress(body)
            received.append((self.path, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def test_no_endpoint_no_export() -> None:
    assert exporting_to(None) is None


def test_an_endpoint_that_is_no_address_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError) as raised:
        exporting_to("127.0.0.1:4318")
    assert "WENZHENG_OTLP_ENDPOINT" in raised.value.said("zh")


def test_a_missing_extra_is_told_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "api.http.exporting", None)
    with pytest.raises(SettingsError) as raised:
        exporting_to("http://127.0.0.1:4318")
    for language in ("zh", "en"):
        assert "wenzheng[otel]" in raised.value.said(language)
        assert "\n" not in raised.value.said(language)
