"""The header `traceparent` of W3C Trace Context, which requests have and jobs keep."""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.trace import Span, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


def current_traceparent() -> str | None:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def context_of(traceparent: str | None) -> Context:
    """Return the context in which spans continue this trace. If there is none or it is malformed: a new trace."""
    return _PROPAGATOR.extract({"traceparent": traceparent or ""}, Context())


def trace_id(span: Span) -> str:
    return format_trace_id(span.get_span_context().trace_id)
