"""Adds traces to an app."""

from __future__ import annotations

from webapp.core.tracing import Tracing
from webapp.db.session import db
from webapp.tracing.jobs import trace_jobs
from webapp.tracing.provider import create_provider
from webapp.tracing.requests import trace_requests
from webapp.tracing.statements import trace_statements
from webapp.version import VERSION
from webapp.web.api import App


def trace_app(app: App) -> None:
    provider = create_provider(app.settings)
    tracer = provider.get_tracer("rollcall", VERSION)
    tracing = app.registry.get(Tracing)
    tracing.flush = provider.force_flush
    trace_requests(app, tracer)
    trace_jobs(tracing, tracer)
    with app.app_context():
        for engine in db.engines.values():
            trace_statements(engine, tracer)
