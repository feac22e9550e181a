"""Metrics for Prometheus, in a registry of the application's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from api.http.incidents import INCIDENTS
from api.http.service import Service
from qa.answers.answer import Answer
from qa.generation.instructions import speaks_to_the_program

# A list of facts takes milliseconds, a language model a minute.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
# A client may send any word as a method, and each would be a series of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """What is counted of one application."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._registry.register(_LibraryCollector(service))
        self._registry.register(_ModelCollector(service))
        self._incidents = service.incidents
        self._registry.register(_IncidentCollector(service))
        self._requests = self._counter("http_requests", "Requests", "method", "route", "status")
        self._unfinished = self._counter(
            "http_unfinished", "Responses that did not reach their end", "route", "outcome"
        )
        self._seconds = self._histogram("http_request_seconds", "Seconds of a request", "route")
        self.in_flight = self._gauge("http_requests_in_flight", "Requests being served")
        self.open_streams = self._gauge("http_open_streams", "Answers being streamed")
        self._answers = self._counter("answers", "Answers", "status", "generator")
        self._refusals = self._counter("refusals", "Refusals", "reason")
        self._withheld = self._counter(
            "withheld_sentences", "Sentences and cells removed because no citation supports them"
        )
        self._damage = self._counter(
            "library_damage", "Requests that met a damaged part of the library"
        )
        self._stages = self._histogram("stage_seconds", "Seconds of an answer's stage", "stage")
        self._tokens = self._counter("model_tokens", "Tokens of the language model", "direction")

    def count_request(
        self, method: str, route: str, status: int | None, seconds: float, outcome: str
    ) -> None:
        """Count a request that ended; ``status`` is None if no response had begun."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status or "none")).inc()
        self._seconds.labels(route).observe(seconds)
        if outcome != "ok" and (status or 0) < 500:
            self._unfinished.labels(route, outcome).inc()

    def count_answer(self, answer: Answer) -> None:
        """Count an answer that leaves, with what its making took."""
        self._answers.labels(answer.status, answer.generator).inc()
        self._withheld.inc(answer.withheld)
        if speaks_to_the_program(answer.question):
            self._incidents.tell("injection_found", "question")
        if answer.withheld:
            self._incidents.tell("unsupported_withheld", "without_model")
        if answer.refusal is not None:
            self._refusals.labels(answer.refusal.reason).inc()
        for stage, ms in answer.timings_ms.items():
            self._stages.labels(stage).observe(ms / 1000)
        if answer.usage is not None:
            self._tokens.labels("input").inc(answer.usage.input_tokens)
            self._tokens.labels("output").inc(answer.usage.output_tokens)

    def count_damage(self) -> None:
        """Count a request that met a damaged part of the library."""
        self._damage.inc()

    def rendered(self, accept: str) -> tuple[bytes, str]:
        """All metrics and their media type, in the format that an ``Accept`` header asks for."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"wenzheng_{name}", says, labels, registry=self._registry)

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(f"wenzheng_{name}", says, registry=self._registry)

    def _histogram(self, name: str, says: str, *labels: str) -> Histogram:
        named = f"wenzheng_{name}"
        return Histogram(named, says, labels, buckets=_SECONDS, registry=self._registry)


class _LibraryCollector(Collector):
    """The library in force, read when it is asked for; nothing of it while there is none."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        service = self._service
        failing = int(service.failure is not None)
        yield _gauge("library_failing", "1 if the version in force cannot be opened", failing)
        yield _counter(
            "library_reload_failures",
            "Versions that came into force and could not be opened",
            service.reload_failures,
            "kind",
        )
        opened = service.opened
        if opened is None:
            return
        library = opened.chain.searcher.library
        info = GaugeMetricFamily(
            "wenzheng_library_info", "The version that answers", labels=["version"]
        )
        info.add_metric([library.version], 1)
        yield info
        held = library.held
        yield _gauge("library_reports", "Reports held", len(held))
        yield _gauge("library_passages", "Passages held", sum(one.passages for one in held))
        yield _gauge("library_facts", "Facts held", sum(one.facts for one in held))
        faults = len(library.faults)
        yield _gauge("library_damaged_parts", "Damaged parts that answer nothing", faults)
        yield _gauge("library_open_seconds", "Seconds since it was opened", opened.seconds)


class _ModelCollector(Collector):
    """What became of the language model's work, in all chains since the start."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        tally = self._service.tally
        fates = {
            "released": tally.released,
            "repaired": tally.repaired,
            "dropped": tally.dropped.total(),
        }
        yield _counter("model_sentences", "Sentences by what became of them", fates, "fate")
        yield _counter(
            "model_dropped_sentences", "Sentences by the check they failed", tally.dropped, "check"
        )
        yield _counter("model_failures", "Failures by kind", tally.failures, "kind")
        yield _counter("model_calls", "Calls", {"": tally.calls})
        yield _counter("model_answers", "Answers asked of the model", {"": tally.answers})
        yield _counter("model_fallbacks", "Answers made without it", {"": tally.fallbacks})
        yield _counter("model_cached_answers", "Answers from the cache", {"": tally.cached})


class _IncidentCollector(Collector):
    """What went wrong without being an error of ours."""

    def __init__(self, service: Service) -> None:
        self._incidents = service.incidents

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "wenzheng_incidents",
            "What went wrong, by kind and reason",
            labels=["incident", "reason"],
        )
        counts = dict(self._incidents.counts)
        # All kinds from the start: an alert on a series that is not there yet never fires.
        for incident in INCIDENTS:
            if not any(kind == incident for kind, _ in counts):
                family.add_metric([incident, ""], 0)
        for what, count in counts.items():
            family.add_metric(what, count)
        yield family


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"wenzheng_{name}", says, value)


def _counter(name: str, says: str, counts: Mapping[str, int], *labels: str) -> Metric:
    family = CounterMetricFamily(f"wenzheng_{name}", says, labels=labels)
    # A copy: an answer that is counted meanwhile may add a key.
    for key, count in dict(counts).items():
        family.add_metric([key] if labels else [], count)
    return family
