"""gunicorn sends spans of each worker, and a collector that does not answer delays nothing."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.processes import wait_until
from tests.server import running_server
from tests.tracing.collector import Collector

pytestmark = pytest.mark.one_engine


def test_each_worker_of_gunicorn_sends_what_it_has_before_it_ends(tmp_path: Path, collector: Collector) -> None:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "WEB_CONCURRENCY": "2"}
    with running_server(tmp_path, **settings) as server:
        for _request in range(20):
            urllib.request.urlopen(f"{server.address}/login").close()
        assert server.stop() == 0
    assert len(collector.named("GET /login")) == 20


def test_a_collector_that_never_answers_delays_no_request_and_no_stop(tmp_path: Path) -> None:
    with Collector(hangs=True) as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with running_server(tmp_path, **settings) as server:
            urllib.request.urlopen(f"{server.address}/login").close()
            wait_until(lambda: collector.bodies, what="the collector has spans", seen=lambda: server.output_text)
            # The sender waits for its answer now.
            for _request in range(5):
                urllib.request.urlopen(f"{server.address}/login", timeout=30).close()
            assert server.stop() == 0
