"""An app whose traces go to a collector. Both serve all tests of an engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.kinds import create_app_with_kinds
from tests.tracing.collector import Collector
from webapp.core.tracing import Tracing
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.web.api import App


@pytest.fixture(scope="session")
def session_collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def session_app(database_url: str, session_collector: Collector) -> Iterator[App]:
    settings = {
        "APP_ENV": "testing",
        "DATABASE_URL": database_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": session_collector.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20of-the-collector",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    traced = create_app_with_kinds(load_settings(settings))
    yield traced
    with traced.app_context():
        db.engine.dispose()


@pytest.fixture
def traced_app(app: App, session_app: App) -> App:
    """A second app on the database of `app`, which is emptied at the end."""
    return session_app


@pytest.fixture
def collector(traced_app: App, session_collector: Collector) -> Collector:
    """The collector without the spans of earlier tests."""
    flush(traced_app)
    session_collector.bodies.clear()
    return session_collector


def flush(app: App) -> None:
    """Send the spans that wait."""
    app.registry.get(Tracing).flush()
