"""What /metrics tells: requests, answers, the model's work over all library versions, the library."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.assembly import ChainOpener
from api.http import Service, create_app
from api.http.metrics import Metrics
from qa.answers.answer import Answer, Refusal, Usage
from qa.chain import Chain
from qa.errors import LibraryDamagedError, LibraryNotFoundError
from qa.generation.assistant import ModelAssistant
from qa.settings import Settings
from tests.qa.generation.assisted import MODEL, assisted
from tests.qa.generation.openai_double import Reply, Status

QUESTION = "越城区2023年GDP增长多少?"
Series = dict[tuple[str, ...], float]


def _read(text: str) -> Series:
    """(name, label value…) → value; label values in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _scraped(client: TestClient) -> Series:
    reply = client.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=")
    return _read(reply.text)


def _rendered(metrics: Metrics) -> Series:
    return _read(metrics.rendered("")[0].decode())


def test_requests_are_counted_by_method_route_and_status(client: TestClient) -> None:
    client.post("/api/ask", json={"question": QUESTION})
    client.post("/api/ask", json={})
    client.get("/wp-login.php")
    client.request("BREW", "/api/ask")
    told = _scraped(client)
    assert told["wenzheng_http_requests_total", "POST", "/api/ask", "200"] == 1
    assert told["wenzheng_http_requests_total", "POST", "/api/ask", "422"] == 1
    assert told["wenzheng_http_requests_total", "GET", "none", "404"] == 1
    assert told["wenzheng_http_requests_total", "other", "/api/ask", "405"] == 1
    assert told["wenzheng_http_request_seconds_count", "/api/ask"] == 3
    assert told["wenzheng_http_request_seconds_bucket", "60.0", "/api/ask"] == 3
    assert told["wenzheng_http_requests_in_flight",] == 1, "the one that asks"
    assert told["wenzheng_http_open_streams",] == 0


def test_answers_refusals_and_stages_are_counted_streamed_or_not(client: TestClient) -> None:
    client.post("/api/ask", json={"question": QUESTION})
    client.post("/api/ask", json={"question": QUESTION, "stream": True})
    client.post("/api/ask", json={"question": "柯桥区2023年GDP增长多少"})
    chat = {"model": "wenzheng", "messages": [{"role": "user", "content": QUESTION}]}
    client.post("/v1/chat/completions", json=chat)
    client.post("/v1/chat/completions", json={**chat, "stream": True})
    told = _scraped(client)
    # Labels by name: generator, status.
    assert told["wenzheng_answers_total", "extractive", "answered"] == 4
    assert told["wenzheng_answers_total", "extractive", "refused"] == 1
    assert told["wenzheng_refusals_total", "place_not_held"] == 1
    for stage in ("understand", "search", "answer"):
        assert told["wenzheng_stage_seconds_count", stage] == 5
    assert told["wenzheng_withheld_sentences_total",] == 0


def test_the_library_and_the_process_are_told(client: TestClient, bundled_chain: Chain) -> None:
    library = bundled_chain.searcher.library
    told = _scraped(client)
    assert told["wenzheng_library_info", library.version] == 1
    assert told["wenzheng_library_reports",] == len(library.held) == 8
    assert told["wenzheng_library_passages",] == len(library.passage_keys)
    assert told["wenzheng_library_facts",] == len(library.facts())
    assert 0 <= told["wenzheng_library_open_seconds",] < 600
    assert told["wenzheng_library_failing",] == 0
    assert told["process_resident_memory_bytes",] > 0


def test_openmetrics_is_spoken_to_who_asks_for_it(client: TestClient) -> None:
    reply = client.get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    assert reply.text.endswith("# EOF\n")


def test_without_a_library_the_rest_is_told(bundled_settings: Settings) -> None:
    def missing() -> Chain:
        raise LibraryNotFoundError("no_library", path="x")

    service = Service(bundled_settings, missing)
    service.open()
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        assert client.post("/api/ask", json={"question": QUESTION}).status_code == 503
        told = _scraped(client)
    assert told["wenzheng_library_failing",] == 1
    assert told["wenzheng_http_requests_total", "POST", "/api/ask", "503"] == 1
    assert not any(name.startswith("wenzheng_library_reports") for name, *_ in told)


def test_two_applications_share_no_count(service: Service) -> None:
    first, second = Metrics(service), Metrics(service)
    first.count_answer(Answer("answered", "好。", "?"))
    assert _rendered(first)["wenzheng_answers_total", "extractive", "answered"] == 1
    assert not any(name == "wenzheng_answers_total" for name, *_ in _rendered(second))


def test_what_an_answer_carries_is_counted(service: Service) -> None:
    metrics = Metrics(service)
    refusal = Refusal("not_stated", "没有。")
    metrics.count_answer(
        Answer("refused", "", "?", refusal=refusal, usage=Usage(70, 5), withheld=3)
    )
    metrics.count_answer(
        Answer(
            "answered", "好。", "?", generator=MODEL, usage=Usage(30, 2), timings_ms={"write": 250}
        )
    )
    told = _rendered(metrics)
    assert told["wenzheng_withheld_sentences_total",] == 3
    assert told["wenzheng_refusals_total", "not_stated"] == 1
    assert told["wenzheng_model_tokens_total", "input"] == 100
    assert told["wenzheng_model_tokens_total", "output"] == 7
    assert told["wenzheng_stage_seconds_sum", "write"] == 0.25


@pytest.mark.parametrize(
    ("status", "outcome", "unfinished"),
    [(200, "client_left", 1), (200, "failed", 1), (None, "client_left", 1), (503, "failed", 0)],
)
def test_responses_that_did_not_reach_their_end_are_counted(
    service: Service, status: int | None, outcome: str, unfinished: int
) -> None:
    metrics = Metrics(service)
    metrics.count_request("POST", "/api/ask", status, 0.1, outcome)
    # Labels by name: outcome, route.
    key = ("wenzheng_http_unfinished_total", outcome, "/api/ask")
    assert _rendered(metrics).get(key, 0) == unfinished


def test_the_model_s_tally_is_told(service: Service) -> None:
    service.tally.released, service.tally.repaired, service.tally.fallbacks = 5, 2, 1
    service.tally.dropped.update({"figures": 3, "other": 1})
    service.tally.failures.update({"model_timeout": 2})
    service.tally.answers, service.tally.calls, service.tally.cached = 6, 9, 4
    told = _rendered(Metrics(service))
    fates = {
        fate: told["wenzheng_model_sentences_total", fate]
        for fate in ("released", "repaired", "dropped")
    }
    assert fates == {"released": 5, "repaired": 2, "dropped": 4}
    assert told["wenzheng_model_dropped_sentences_total", "figures"] == 3
    assert told["wenzheng_model_failures_total", "model_timeout"] == 2
    assert told["wenzheng_model_fallbacks_total",] == 1
    assert told["wenzheng_model_cached_answers_total",] == 4
    assert told["wenzheng_model_answers_total",] == 6
    assert told["wenzheng_model_calls_total",] == 9


def test_a_model_s_answers_are_counted_from_end_to_end(
    bundled_chain: Chain, bundled_settings: Settings, tmp_path: Path
) -> None:
    """The endpoint refuses, then the model says what no report does: the exact answer leaves twice."""
    script = (Status(401), Reply("越城区2023年地区生产总值增长99.9%[1]。"))
    with assisted(bundled_chain, bundled_settings, tmp_path, *script) as (chain, _):
        assert isinstance(chain.assistant, ModelAssistant)
        service = Service(bundled_settings, lambda: chain, tally=chain.assistant.writer.tally)
        service.open()
        with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
            for _ in range(2):
                client.post("/api/ask", json={"question": QUESTION})
            told = _scraped(client)
    assert told["wenzheng_model_failures_total", "model_unavailable"] == 1
    assert told["wenzheng_model_fallbacks_total",] == 2
    assert told["wenzheng_model_sentences_total", "dropped"] >= 1
    assert told["wenzheng_stage_seconds_count", "write"] == 2
    assert told["wenzheng_model_tokens_total", "output"] > 0


def test_tally_and_breaker_outlive_the_chain(bundled_settings: Settings) -> None:
    told = {"llm": MODEL, "llm_base_url": "http://127.0.0.1:9/v1", "llm_api_key": "x"}
    opener = ChainOpener(Settings(**{**bundled_settings.model_dump(), **told}))
    old, new = (opener.open().assistant for _ in range(2))
    assert isinstance(old, ModelAssistant)
    assert isinstance(new, ModelAssistant)
    assert old is not new
    assert old.writer.model is new.writer.model
    assert old.writer.tally is new.writer.tally is opener.tally


def test_a_library_that_cannot_be_opened_any_more_is_told(service: Service) -> None:
    service._failure = LibraryDamagedError("library_damaged", path="x", reason="disk gone")
    told = _rendered(Metrics(service))
    assert told["wenzheng_library_failing",] == 1
    assert told["wenzheng_library_reports",] == 8
