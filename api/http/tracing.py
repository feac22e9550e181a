"""Traces: the stages of an answer as spans below the span of its request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry import trace

from qa.answers.answer import Answer
from qa.errors import SettingsError
from qa.settings import PREFIX

if TYPE_CHECKING:
    from api.http.exporting import Exporting

_SETTING = f"{PREFIX}OTLP_ENDPOINT"


def exporting_to(endpoint: str | None) -> Exporting | None:
    """What sends traces to a collector, None without one.

    Raises ``SettingsError`` if OpenTelemetry's SDK is not installed, or the endpoint is no address.
    """
    if endpoint is None:
        return None
    if not endpoint.startswith(("http://", "https://")):
        raise SettingsError("wrong_setting", name=_SETTING, reason="no http:// or https:// address")
    try:
        from api.http.exporting import Exporting
    except ImportError as error:
        raise SettingsError("missing_extra", name=_SETTING, extra="otel") from error
    return Exporting(endpoint)


def tell_request(request_id: str) -> None:
    """Name the span in force as the log does, and take what was asked out of its address."""
    span = trace.get_current_span()
    if span.is_recording():
        span.set_attributes({"wenzheng.request_id": request_id, "url.query": ""})


def tell_answer(tracer: trace.Tracer, answer: Answer) -> None:
    """Add an answer that was just made to the span in force, its stages as spans below it.

    They are laid backwards from now: each stage begins where the one before it ended.
    """
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attributes(
        {"wenzheng.answer.status": answer.status, "wenzheng.generator": answer.generator}
    )
    end = time.time_ns()
    for stage, ms in reversed(list(answer.timings_ms.items())):
        start = end - round(ms * 1e6)
        tracer.start_span(f"wenzheng.{stage}", start_time=start).end(end)
        end = start
