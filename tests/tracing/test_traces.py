"""A request, its statements and the jobs that it enqueued are one trace, and log lines name it."""

from __future__ import annotations

import io
import json
import logging

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.tracing.collector import Collector, attributes
from tests.tracing.conftest import flush
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.services import enqueue, run_due_jobs, run_job
from webapp.web.api import App
from webapp.web.logs import init_logs

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


@pytest.fixture
def owner(traced_app: App, people: People) -> Browser:
    people.owner()
    return Browser(traced_app).signed_in_as("olga@example.com")


def test_a_request_has_a_span_with_its_id_and_its_statements(
    traced_app: App, owner: Browser, collector: Collector, engine_name: str
) -> None:
    answer = owner.get("/users")
    flush(traced_app)
    (span,) = collector.named("GET /users")
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/users",
        "http.response.status_code": 200,
        "rollcall.request_id": answer.headers["X-Request-ID"],
    }
    assert span.kind == Span.SPAN_KIND_SERVER
    statements = [each for each in collector.spans if each.parent_span_id == span.span_id]
    assert {attributes(each)["db.system.name"] for each in statements} == {engine_name}
    assert any("FROM users" in str(attributes(each)["db.query.text"]) for each in statements)
    assert collector.headers["authorization"] == "Bearer of-the-collector"


def test_a_job_continues_the_trace_of_the_request_that_enqueued_it(
    traced_app: App, owner: Browser, collector: Collector
) -> None:
    fields = {"email": "new@example.com", "name": "New", "username": "", "password": "", "invite": "y"}
    assert owner.post("/users", **fields).status_code == 303
    with traced_app.app_context():
        run_due_jobs(holder="here")
    flush(traced_app)
    (request,) = collector.named("POST /users")
    # The chunk before the delivery, and the one after it.
    job, last = collector.named("job mail.deliver")
    for chunk in (job, last):
        assert (chunk.trace_id, chunk.parent_span_id) == (request.trace_id, request.span_id)
    assert job.kind == Span.SPAN_KIND_CONSUMER
    assert attributes(job)["rollcall.job_kind"] == "mail.deliver"


def test_log_lines_of_requests_and_jobs_have_the_trace_id(
    traced_app: App, owner: Browser, collector: Collector
) -> None:
    traced_app.registry.get(JobKinds).register(fail)
    init_logs("json")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(output := io.StringIO())
    owner.get("/users", headers={"traceparent": TRACEPARENT})
    init_logs("console")
    assert {json.loads(line)["trace_id"] for line in output.getvalue().splitlines()} == {TRACE_ID}


@job_kind("test.fail", label="Fail", attempts=1)
def fail(run: JobRun) -> None:
    raise RuntimeError("canary")


def test_a_failed_job_has_the_class_of_its_error(traced_app: App, people: People, collector: Collector) -> None:
    traced_app.registry.get(JobKinds).register(fail)
    with traced_app.app_context():
        run_job(enqueue("test.fail", by=TESTER).id, holder="here")
    flush(traced_app)
    (span,) = collector.named("job test.fail")
    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "")
    assert attributes(span)["error.type"] == "RuntimeError"
    assert not span.parent_span_id
    assert b"canary" not in b"".join(collector.bodies)


@pytest.mark.one_engine
def test_only_a_trusted_proxy_continues_a_trace(traced_app: App, owner: Browser, collector: Collector) -> None:
    owner.get("/users", headers={"traceparent": TRACEPARENT})
    owner.get("/groups", headers={"traceparent": "nonsense"})
    owner.get("/roles", headers={"traceparent": TRACEPARENT}, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    flush(traced_app)
    continued = {span.name for span in collector.spans if span.trace_id.hex() == TRACE_ID and span.kind == 2}
    assert continued == {"GET /users"}
    assert collector.named("GET /groups")
    assert collector.named("GET /roles")


@pytest.mark.one_engine
def test_health_checks_and_static_files_are_not_traced(traced_app: App, collector: Collector) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/static/css/base.css"):
        Browser(traced_app).get(path)
    flush(traced_app)
    assert collector.spans == []
