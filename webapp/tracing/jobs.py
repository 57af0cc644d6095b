"""A span for each chunk of a job, in the trace of the request that enqueued the job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from webapp.core.tracing import Tracing
from webapp.tracing.propagation import context_of, current_traceparent, trace_id

JOB_ID = "rollcall.job_id"
JOB_KIND = "rollcall.job_kind"
JOB_ATTEMPT = "rollcall.job_attempt"


def trace_jobs(tracing: Tracing, tracer: Tracer) -> None:
    @contextmanager
    def job_span(job: Any) -> Iterator[None]:
        with tracer.start_as_current_span(
            f"job {job.kind}",
            # A request can run a job itself.
            None if trace.get_current_span().is_recording() else context_of(job.traceparent),
            SpanKind.CONSUMER,
            {JOB_ID: str(job.id), JOB_KIND: job.kind, JOB_ATTEMPT: job.attempts},
            # Its text could quote values.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                with structlog.contextvars.bound_contextvars(trace_id=trace_id(span)):
                    yield
            except Exception as error:
                span.set_attribute(ERROR_TYPE, type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    tracing.traceparent, tracing.job_span = current_traceparent, job_span
