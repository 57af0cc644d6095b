"""Traces for code without OpenTelemetry."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any


def _no_traceparent() -> str | None:
    return None


def _no_span(job: Any) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass
class Tracing:
    """What jobs need of a tracer. Without `OTEL_EXPORTER_OTLP_ENDPOINT` it does nothing.

    `traceparent` returns the current span in the format of W3C Trace Context. `job_span` takes the row of a job and
    puts a chunk of it into the trace that its `traceparent` names. `flush` sends the spans that wait.
    """

    traceparent: Callable[[], str | None] = _no_traceparent
    job_span: Callable[[Any], AbstractContextManager[None]] = _no_span
    flush: Callable[[], object] = _no_traceparent
