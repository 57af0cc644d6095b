"""An app whose traces go to a collector of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.kinds import create_app_with_kinds
from tests.tracing.collector import Collector
from webapp.core.tracing import Tracing
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.web.api import App


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def traced_app(app: App, database_url: str, collector: Collector) -> Iterator[App]:
    """A second app on the database of `app`, which is emptied at the end."""
    settings = {
        "APP_ENV": "testing",
        "DATABASE_URL": database_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20of-the-collector",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    traced = create_app_with_kinds(load_settings(settings))
    yield traced
    with traced.app_context():
        db.engine.dispose()


def flush(app: App) -> None:
    """Send the spans that wait."""
    app.registry.get(Tracing).flush()
