"""OpenTelemetry's SDK, which only the extra ``otel`` installs: spans on their way to a collector."""

from __future__ import annotations

from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_PATH = "/v1/traces"
# A collector that does not answer must not hold up the end of the process for long.
_EXPORT_SECONDS = 5.0


class Exporting:
    """Sends spans in batches to a collector that speaks OTLP over HTTP, at its base address."""

    def __init__(self, endpoint: str) -> None:
        base = endpoint.rstrip("/").removesuffix(_PATH)
        named = {SERVICE_NAME: "wenzheng", SERVICE_VERSION: version("wenzheng")}
        self.provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{base}{_PATH}", timeout=_EXPORT_SECONDS)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))

    def close(self) -> None:
        """Send what is left."""
        self.provider.shutdown()
