"""`/metrics` for Prometheus: response times of all web processes, jobs by state, and whether a worker runs."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from webapp.core.context import current_registry, current_settings
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.jobs.queries import counts_by_state, worker_seen
from webapp.web.api import App
from webapp.web.guards import public
from webapp.web.health import Warnings

WORKER_MISSING_AFTER = timedelta(minutes=1)
# Clients can send any word as a method, and each value of a label is stored until the server ends.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

metrics_pages = Blueprint("metrics", __name__)
requests = Histogram(
    "rollcall_request_seconds", "Time to answer, in seconds", ["method", "endpoint", "status"], buckets=BUCKETS
)


class MetricSources(list[Callable[[CollectorRegistry], None]]):
    """Functions that add metrics whenever they are read. Packages register their own."""


def init_metrics(app: App) -> None:
    app.after_request(_observe)
    app.registry.get(Warnings)["worker"] = _worker_warning


def _worker_warning() -> str | None:
    return None if worker_seen(WORKER_MISSING_AFTER) else "not seen for a minute"


def _observe(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    labels = (method, request.endpoint or "none", str(response.status_code))
    requests.labels(*labels).observe(time.perf_counter() - g.get("started_at", time.perf_counter()))
    return response


@metrics_pages.get("/metrics")
@public
def show() -> Response:
    settings = current_settings()
    expected = settings.metrics_token.get_secret_value()
    if not expected:
        raise NotFound(_("Page not found"))
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        abort(401)
    return Response(_request_metrics() + _job_metrics(), content_type=CONTENT_TYPE_LATEST)


def _request_metrics() -> bytes:
    """Return the metrics of all web processes. Without the folder of gunicorn.conf.py: of this process only."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped in an otherwise typed library
    except ValueError:
        return generate_latest(REGISTRY)
    return generate_latest(registry)


def _job_metrics() -> bytes:
    registry = CollectorRegistry()
    jobs = Gauge("rollcall_jobs", "Jobs by state", ["state"], registry=registry)
    for state, count in counts_by_state().items():
        jobs.labels(state.value).set(count)
    worker = Gauge("rollcall_worker_seen", "1 if a worker was seen within a minute", registry=registry)
    worker.set(worker_seen(WORKER_MISSING_AFTER))
    for add_metrics in current_registry().get(MetricSources):
        add_metrics(registry)
    return generate_latest(registry)
