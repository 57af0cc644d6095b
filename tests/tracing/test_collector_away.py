"""A collector that does not answer delays nothing, and is logged rarely. Workers send all spans before they end."""

from __future__ import annotations

import logging
import urllib.request
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from tests.processes import wait_until
from tests.server import running_server
from tests.tracing.collector import Collector
from webapp.settings import load_settings
from webapp.tracing.provider import create_provider

pytestmark = pytest.mark.one_engine


def test_a_collector_that_never_answers_delays_no_request_and_no_stop(tmp_path: Path) -> None:
    with Collector(hangs=True) as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with running_server(tmp_path, WEB_CONCURRENCY="2", **settings) as server:
            visit(server.address)
            wait_until(lambda: collector.bodies, what="the collector has spans", seen=lambda: server.output_text)
            # A thread waits for the answer of the collector now.
            for _request in range(20):
                visit(server.address)
            assert server.stop() == 0
        # It tries to send each of them several times.
        assert len({span.span_id for span in collector.named("GET /login")}) == 21


def test_a_collector_that_is_away_is_reported_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not the filters of other apps in this process, which have reported already.
    monkeypatch.setattr(logging.getLogger(OTLPSpanExporter.__module__), "filters", [])
    provider = create_provider(
        load_settings({"APP_ENV": "testing", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    )
    for _batch in range(2):
        provider.get_tracer("test").start_span("GET /users").end()
        provider.force_flush()
    assert len(caplog.records) == 1
    assert "span" in caplog.text
    provider.shutdown()


def visit(address: str) -> None:
    urllib.request.urlopen(f"{address}/login", timeout=30).close()
