"""Sends spans to the collector from a thread, so that no request waits for it."""

from __future__ import annotations

import logging
import threading
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.util.re import parse_env_headers

from webapp.settings import Settings
from webapp.version import VERSION

# If the collector is away, spans wait in memory until there are QUEUE of them. Then new ones are dropped. A process
# that ends sends what is left: at most the batch that is on its way and two more, each for TIMEOUT.
TIMEOUT = 2.0
QUEUE = 2048
BATCH = 1024
REPORT_SECONDS = 600.0


class ReportRarely(logging.Filter):
    """Passes one record in ten minutes. A collector that is away would be reported every few seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        moment = time.monotonic()
        if moment < self._next:
            return False
        self._next = moment + REPORT_SECONDS
        return True


def create_provider(settings: Settings) -> TracerProvider:
    """Return the source of tracers. Its spans go to the collector of the settings."""
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces",
        headers=parse_env_headers(settings.otel_exporter_otlp_headers.get_secret_value(), liberal=True),
        timeout=TIMEOUT,
    )
    logging.getLogger(OTLPSpanExporter.__module__).addFilter(ReportRarely())
    provider = TracerProvider(
        # By the trace ID alone: requests, their statements and their jobs are sampled together, and no client decides.
        sampler=TraceIdRatioBased(settings.otel_traces_sampler_arg),
        resource=Resource.create({"service.name": settings.otel_service_name, "service.version": VERSION}),
    )
    provider.add_span_processor(LateProcessor(exporter))
    return provider


class LateProcessor(SpanProcessor):
    """Starts the thread that sends spans at the first span: gunicorn loads the app before it forks its workers."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._lock = threading.Lock()
        self._processor: BatchSpanProcessor | None = None

    def on_end(self, span: ReadableSpan) -> None:
        with self._lock:
            if self._processor is None:
                self._processor = BatchSpanProcessor(self._exporter, max_queue_size=QUEUE, max_export_batch_size=BATCH)
        self._processor.on_end(span)

    def shutdown(self) -> None:
        if self._processor is not None:
            self._processor.shutdown()  # type: ignore[no-untyped-call]  # of the library

    def force_flush(self, timeout_millis: int | None = None) -> bool:
        return self._processor is None or self._processor.force_flush(timeout_millis)
