"""A span for each request. It has no address, query, header or name: only what is listed here."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, g, request, request_finished, request_started, request_tearing_down
from opentelemetry import context
from opentelemetry.semconv.attributes.http_attributes import (
    HTTP_REQUEST_METHOD,
    HTTP_RESPONSE_STATUS_CODE,
    HTTP_ROUTE,
)
from opentelemetry.trace import SpanKind, StatusCode, Tracer, set_span_in_context

from webapp.tracing.propagation import context_of, trace_id
from webapp.web.middleware import request_id

REQUEST_ID = "rollcall.request_id"
# Clients can send any word as a method.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNTRACED = {"static", "health.alive", "health.ready", "metrics.show"}


def trace_requests(app: Flask, tracer: Tracer) -> None:
    def start(_app: Flask, **_more: Any) -> None:
        """`web/middleware.py` has dropped the header `traceparent` unless a trusted proxy sent it."""
        if request.endpoint in UNTRACED:
            return
        method = request.method if request.method in METHODS else "_OTHER"
        route = request.url_rule.rule if request.url_rule else None
        span = tracer.start_span(
            f"{method} {route}" if route else method,
            context_of(request.headers.get("traceparent")),
            SpanKind.SERVER,
            {HTTP_REQUEST_METHOD: method, REQUEST_ID: request_id()} | ({HTTP_ROUTE: route} if route else {}),
        )
        g.span, g.span_token = span, context.attach(set_span_in_context(span))
        structlog.contextvars.bind_contextvars(trace_id=trace_id(span))

    # `request_started` comes before all functions of `before_request`, which can refuse the request.
    request_started.connect(start, app, weak=False)
    request_finished.connect(_finish, app, weak=False)
    request_tearing_down.connect(_end, app, weak=False)


def _finish(_app: Flask, response: Response, **_more: Any) -> None:
    if "span" in g:
        g.span.set_attribute(HTTP_RESPONSE_STATUS_CODE, response.status_code)
        if response.status_code >= 500:
            g.span.set_status(StatusCode.ERROR)


def _end(_app: Flask, **_more: Any) -> None:
    if "span" in g:
        context.detach(g.pop("span_token"))
        g.pop("span").end()
