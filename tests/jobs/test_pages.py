"""The pages of jobs and schedules."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import time_machine

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.models import Job
from webapp.jobs.schedules import enqueue_due_schedules
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def asked(app: App, name: str, by: Actor = TESTER, **arguments: object) -> UUID:
    with app.app_context():
        return enqueue(name, by=by, **arguments).id


def worked(app: App, job_id: UUID) -> None:
    with app.app_context():
        run_job(job_id, holder="here")


def test_a_job_says_what_it_is_how_far_and_what_it_said(app: App, owner: Browser) -> None:
    job_id = asked(app, "test.count", steps=4)
    worked(app, job_id)
    page = owner.get(f"/jobs/{job_id}").text
    for text in ("Count", "step 3", "Done"):
        assert text in page
    assert f"/jobs/{job_id}" in owner.get("/jobs").text


def test_a_failed_job_shows_its_error_and_can_be_tried_again(app: App, owner: Browser, people: People) -> None:
    job_id = asked(app, "test.poison")
    for minute in range(4):
        with time_machine.travel(now() + timedelta(minutes=10 * minute)):
            worked(app, job_id)
    assert "RuntimeError: poison" in owner.get(f"/jobs/{job_id}").text
    assert owner.post(f"/jobs/{job_id}/retry").status_code == 303
    assert people.audit_trail(job_id)[-1][0] == "job.retried"
    assert "waiting" in owner.get(f"/jobs/{job_id}").text.lower()


def test_a_waiting_job_can_be_cancelled_once(app: App, owner: Browser, people: People) -> None:
    job_id = asked(app, "test.count", steps=4)
    for _twice in range(2):
        assert owner.post(f"/jobs/{job_id}/cancellation").status_code == 303
    assert [action for action, _changes in people.audit_trail(job_id)] == ["job.cancelled"]
    assert owner.client.post(f"/jobs/{job_id}/cancellation").status_code == 400


def test_a_done_job_cannot_be_tried_again(app: App, owner: Browser, people: People) -> None:
    job_id = asked(app, "test.nothing")
    worked(app, job_id)
    before = people.row_counts()
    assert owner.post(f"/jobs/{job_id}/retry").status_code == 400
    assert people.row_counts() == before


def test_its_file_can_be_downloaded(app: App, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    @job_kind("test.file", label="File")
    def leave(run: JobRun) -> None:
        run.attach_file("отчёт.csv", "имя\n".encode(), "text/csv; charset=utf-8")
        run.finish(rows=1)

    monkeypatch.setitem(app.registry.get(JobKinds), "test.file", leave)
    job_id = asked(app, "test.file", by=Actor(ActorKind.USER, "Ольга", people.owner().id))
    assert owner.get(f"/jobs/{job_id}/file").status_code == 404
    worked(app, job_id)
    response = owner.get(f"/jobs/{job_id}/file")
    assert (response.status_code, response.text) == (200, "имя\n")
    assert "attachment" in response.headers["Content-Disposition"]
    assert "filename*=UTF-8''%D0%BE" in response.headers["Content-Disposition"]


def test_a_person_sees_their_own_jobs_and_nobody_elses(app: App, member: Browser, people: People) -> None:
    me = people.row(email="member@example.com")
    mine = asked(app, "test.nothing", by=Actor(ActorKind.USER, me["name"], me["id"]))
    other = asked(app, "test.nothing")
    page = member.get("/jobs").text
    assert f"/jobs/{mine}" in page
    assert f"/jobs/{other}" not in page
    assert member.get(f"/jobs/{mine}").status_code == 200
    for path in (f"/jobs/{other}", f"/jobs/{other}/file"):
        assert member.get(path).status_code == 404
    for path in (f"/jobs/{other}/cancellation", f"/jobs/{other}/retry"):
        assert member.post(path).status_code == 404
    assert member.get("/jobs/schedules").status_code == 403


def test_the_badge_follows_ones_own_running_job(app: App, owner: Browser, people: People) -> None:
    by = Actor(ActorKind.USER, "Ольга", people.owner().id)
    job_id = asked(app, "test.count", by=by, steps=4)
    assert f"/jobs/{job_id}" in owner.get("/jobs/badge").text
    assert f"/jobs/{job_id}" in owner.get("/users").text
    worked(app, job_id)
    assert f"/jobs/{job_id}" not in owner.get("/jobs/badge").text


@pytest.mark.parametrize(("path", "count"), [("/jobs", 3), ("/jobs?state=done", 3), ("/jobs/schedules", 3)])
def test_how_many_statements_a_page_takes(app: App, owner: Browser, path: str, count: int) -> None:
    worked(app, asked(app, "test.nothing"))
    with app.app_context():
        enqueue_due_schedules()
    with captured_queries(app) as seen:
        assert owner.get(path).status_code == 200
    assert len(seen) <= count, seen


def test_jobs_of_people_and_of_schedules_are_told_apart(app: App, owner: Browser, people: People) -> None:
    of_person = asked(app, "test.count", by=Actor(ActorKind.USER, "Ирина", people.create().id), steps=1)
    of_schedule = asked(app, "test.nothing")
    for query, shown in {
        "": {of_person, of_schedule},
        "?started_by=people": {of_person},
        "?started_by=system": {of_schedule},
        "?started_by=people&state=waiting": {of_person},
    }.items():
        page = owner.get(f"/jobs{query}").text
        assert {job_id for job_id in (of_person, of_schedule) if f'href="/jobs/{job_id}"' in page} == shown
    assert "No jobs match these filters" in owner.get("/jobs?started_by=people&state=failed").text
    asked_by_api = Api(app, people.token_for(people.owner())).get("/jobs?started_by=people").json["items"]
    assert [job["id"] for job in asked_by_api] == [str(of_person)]


def test_people_without_the_permission_filter_only_their_own_jobs(app: App, member: Browser) -> None:
    asked(app, "test.nothing")
    page = member.get("/jobs?started_by=system").text
    assert "started_by=people" not in page
    assert "No jobs match these filters" in page


@pytest.mark.parametrize("query", ["started_by=x", "state=asleep", "after=x", "limit=0"])
def test_a_wrong_parameter_is_400(owner: Browser, query: str) -> None:
    assert owner.get(f"/jobs?{query}").status_code == 400


def test_schedules_show_when_they_run_and_can_be_run_paused_and_resumed(app: App, owner: Browser) -> None:
    assert "Remove old jobs" in owner.get("/jobs/schedules").text
    response = owner.post("/jobs/schedules/jobs.purge/run")
    assert response.location.startswith("/jobs/")
    assert response.location in owner.get("/jobs/schedules").text
    assert owner.post("/jobs/schedules/jobs.purge/pause").status_code == 303
    with time_machine.travel(now() + timedelta(days=3)), app.app_context():
        enqueue_due_schedules()
        enqueued_by_schedule = db.session.query(Job).filter_by(kind="jobs.purge", requested_by_label="Schedule").count()
    assert enqueued_by_schedule == 0
    assert owner.post("/jobs/schedules/jobs.purge/resume").status_code == 303


def test_a_schedule_that_a_person_starts_is_in_the_audit_trail(owner: Browser, people: People) -> None:
    owner.post("/jobs/schedules/jobs.purge/run")
    (record,) = people.audit_trail(uuid5(NAMESPACE_URL, "rollcall:schedule:jobs.purge"))
    assert record == ("schedule.run", {"schedule": [None, "jobs.purge"]})
    page = owner.get("/audit?action=schedule.run").text
    assert "Schedule started by hand" in page
    assert "Remove old jobs" in page


def test_an_unknown_schedule_is_404(owner: Browser) -> None:
    for verb in ("run", "pause", "resume"):
        assert owner.post(f"/jobs/schedules/nonsense/{verb}").status_code == 404


def test_what_is_due_is_asked_for_once_and_what_was_missed_once(app: App) -> None:
    def count(name: str) -> int:
        return db.session.query(Job).filter_by(kind=name).count()

    with app.app_context():
        enqueue_due_schedules()
        assert count("sessions.purge") == 0
        with time_machine.travel(now() + timedelta(hours=5, minutes=1)):
            enqueue_due_schedules()
            enqueue_due_schedules()
            assert count("sessions.purge") == 1
        with time_machine.travel(now() + timedelta(hours=6, minutes=2)):
            enqueue_due_schedules()
            assert count("sessions.purge") == 2
