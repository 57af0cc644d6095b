"""A span for each statement within a request or a job. It has the text with placeholders, never the values."""

from __future__ import annotations

from typing import Any

from opentelemetry import trace
from opentelemetry.semconv.attributes.db_attributes import DB_QUERY_TEXT, DB_SYSTEM_NAME
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from sqlalchemy import Connection, Engine, ExceptionContext, event

TEXT_MAX = 2000
# The key of the open span in `connection.info`.
SPAN = "span"


def trace_statements(engine: Engine, tracer: Tracer) -> None:
    def start(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if trace.get_current_span().is_recording():
            name = statement.split(None, 1)[0].upper()
            attributes = {DB_SYSTEM_NAME: engine.name, DB_QUERY_TEXT: statement[:TEXT_MAX]}
            connection.info[SPAN] = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    event.listen(engine, "before_cursor_execute", start)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _end_failed)


def _end(connection: Connection, *_more: Any) -> None:
    span: Span | None = connection.info.pop(SPAN, None)
    if span is not None:
        span.end()


def _end_failed(failure: ExceptionContext) -> None:
    """The text of the error could quote values, so the span has only its class."""
    connection = failure.connection
    if connection is None or connection.invalidated or connection.closed:
        return
    span: Span | None = connection.info.pop(SPAN, None)
    if span is not None:
        span.set_attribute(ERROR_TYPE, type(failure.original_exception).__name__)
        span.set_status(StatusCode.ERROR)
        span.end()
