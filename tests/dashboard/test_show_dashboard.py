"""The dashboard page and its form that requests the report."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.dashboard.conftest import CreateUserAt, Jobs
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, HELPDESK
from webapp.core.clock import now
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
    for text in ("Overview", "Growth of accounts", "Active people by role", "1 person has not signed in for 90 days."):
        assert text in response.text


def test_a_visitor_is_redirected_to_sign_in(visitor: Browser, people: People) -> None:
    people.create(name="Anna")
    response = visitor.get("/")
    assert (response.status_code, response.location.partition("?")[0]) == (303, "/login")


def test_a_member_is_redirected_to_their_account(member: Browser) -> None:
    response = member.get("/")
    assert (response.status_code, response.location) == (302, "/account")


def test_the_dashboard_takes_fourteen_statements_at_any_size(
    app: App, owner: Browser, create_user_at: CreateUserAt
) -> None:
    owner.post("/first-steps/closure")
    for _round in range(2):
        with captured_queries(app) as seen:
            assert owner.get("/").status_code == 200
        assert len(seen) == 14, seen
        create_user_at(LONG_AGO, ends_at=now() + timedelta(days=3))


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


def test_a_report_is_in_the_audit_trail(owner: Browser, people: People) -> None:
    job_id = UUID(owner.post("/reports/dormant").location.removeprefix("/jobs/"))
    assert people.audit_trail(job_id) == [("report.created", {})]
    page = owner.get("/audit?action=report.created").text
    assert "Report created" in page
    assert "List people who have not signed in for 90 days" in page


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


def test_each_role_links_to_its_active_people(owner: Browser) -> None:
    page = owner.get("/").text
    assert re.search(r'href="/users\?role=Owner&(amp;)?status=active">1 of 1<', page)


def test_access_that_ends_within_a_month_is_listed(owner: Browser, people: People) -> None:
    assert "No access ends in the next 30 days" in owner.get("/").text
    people.create(name="Soon Away", ends_at=now() + timedelta(days=3))
    people.create(name="Later Away", ends_at=now() + timedelta(days=40))
    page = owner.get("/").text
    assert 'href="/users?ending=30"' in page
    assert "Soon Away" in page.partition("Access that ends soon")[2].partition("</section>")[0]
    assert "Later Away" not in page.partition("Access that ends soon")[2].partition("</section>")[0]


def test_recent_changes_are_shown_without_sign_ins(app: App, owner: Browser, people: People) -> None:
    anna = people.create(name="Anna <b>Berg</b>")
    card = owner.get("/").text.partition("Recent changes")[2].partition("</section>")[0]
    assert "Anna &lt;b&gt;Berg&lt;/b&gt;" in card
    assert f"/audit?subject={anna.id}" in card
    assert "Signed in" not in card


def test_changes_and_sign_ins_link_to_the_audit_trail_only_for_people_who_read_it(access: Access) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert "/audit?action=session.started" in access.browser_of(someone).get("/").text
    helper = access.person("Vera")
    access.grant(HELPDESK, user_id=helper.id)
    page = access.browser_of(helper).get("/")
    assert page.status_code == 200
    assert "Recent changes" not in page.text
    assert "/audit" not in page.text.partition("<main")[2]
