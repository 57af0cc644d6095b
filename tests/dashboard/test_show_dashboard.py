"""The dashboard page and its form that requests the report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.clients import Browser
from tests.dashboard.conftest import CreateUserAt, Jobs
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.dashboard.dormant import find_newest_report
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def report_id(app: App) -> object:
    with app.app_context():
        job = find_newest_report()
        return job.id if job else None


def test_an_owner_sees_the_dashboard(owner: Browser, create_user_at: CreateUserAt) -> None:
    create_user_at(LONG_AGO)
    response = owner.get("/")
    assert response.status_code == 200
    for text in ("Overview", "Growth of accounts", "People by role", "1 person has not signed in for 90 days."):
        assert text in response.text


def test_a_visitor_is_redirected_to_sign_in(visitor: Browser, people: People) -> None:
    people.create(name="Anna")
    response = visitor.get("/")
    assert (response.status_code, response.location.partition("?")[0]) == (303, "/login")


def test_a_member_is_redirected_to_their_account(member: Browser) -> None:
    response = member.get("/")
    assert (response.status_code, response.location) == (302, "/account")


def test_the_dashboard_takes_seven_statements_at_any_size(
    app: App, owner: Browser, create_user_at: CreateUserAt
) -> None:
    for _round in range(2):
        with captured_queries(app) as seen:
            assert owner.get("/").status_code == 200
        assert len(seen) == 7, seen
        create_user_at(LONG_AGO)


def test_an_owner_requests_the_report_and_is_redirected_to_its_job(app: App, owner: Browser, jobs: Jobs) -> None:
    response = owner.post("/reports/dormant")
    job_id = report_id(app)
    assert (response.status_code, response.location) == (303, f"/jobs/{job_id}")
    assert f"/jobs/{job_id}" in owner.get("/").text
    assert jobs.work_on(job_id).state == "done"
    assert f"/jobs/{job_id}/file" in owner.get("/").text


def test_a_running_report_is_not_started_twice(app: App, owner: Browser, people: People) -> None:
    first = owner.post("/reports/dormant").location
    before = people.row_counts()
    assert owner.post("/reports/dormant").location == first
    assert people.row_counts() == before


def test_a_new_report_can_follow_a_finished_one(app: App, owner: Browser, jobs: Jobs) -> None:
    first = owner.post("/reports/dormant").location
    jobs.work_on(report_id(app))
    assert owner.post("/reports/dormant").location != first


def test_a_member_cannot_request_the_report(member: Browser, people: People) -> None:
    before = people.row_counts()
    assert member.post("/reports/dormant").status_code == 403
    assert people.row_counts() == before


def test_requesting_the_report_needs_the_csrf_token(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/reports/dormant").status_code == 400
    assert people.row_counts() == before
