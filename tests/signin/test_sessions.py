"""One's own sessions: see them, end one, end all others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.services import enqueue, run_job
from webapp.signin.models import UserSession
from webapp.signin.sessions import end_sessions
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def elsewhere(app: App, owner: Browser, people: People) -> Browser:
    """A second browser of the owner."""
    browser = Browser(app)
    form = {"csrf_token": browser.csrf_token(), "email": "olga@example.com", "password": people.password}
    assert browser.client.post("/login", data=form, headers={"User-Agent": FIREFOX}).status_code == 303
    return browser


def newest_session(app: App) -> Any:
    with app.app_context():
        return db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()


def test_the_page_shows_device_and_address(owner: Browser, elsewhere: Browser) -> None:
    page = owner.get("/account/sessions").text
    assert "Firefox 128 on Windows" in page
    assert "127.0.0.1" in page
    assert page.count("This browser") == 1


@pytest.mark.parametrize("agent", ["", "curl/8.5", "\u202e", "x" * 2000, "<script>"])
def test_any_user_agent_is_shown(owner: Browser, app: App, people: People, agent: str) -> None:
    browser = Browser(app)
    form = {"csrf_token": browser.csrf_token(), "email": "olga@example.com", "password": people.password}
    sent = agent.encode().decode("latin-1")
    assert browser.client.post("/login", data=form, headers={"User-Agent": sent}).status_code == 303
    page = owner.get("/account/sessions")
    assert (page.status_code, "<script>" in page.text) == (200, False)


def test_one_session_ends(app: App, owner: Browser, elsewhere: Browser, people: People) -> None:
    session = newest_session(app)
    assert owner.post(f"/account/sessions/{session.id}/end").status_code == 303
    assert elsewhere.get("/account").location.startswith("/login")
    assert owner.get("/account").status_code == 200
    assert people.audit_trail(people.owner().id)[-1][0] == "session.ended"


def test_all_others_end(owner: Browser, elsewhere: Browser, people: People) -> None:
    assert owner.post("/account/sessions/end").status_code == 303
    assert "1 session ended" in owner.get("/account/sessions").text
    assert elsewhere.get("/account").location.startswith("/login")
    assert people.audit_trail(people.owner().id)[-1][0] == "sessions.ended"


def test_sessions_that_had_ended_are_not_counted(owner: Browser, elsewhere: Browser, people: People) -> None:
    before = people.audit_trail(people.owner().id)
    with time_machine.travel(now() + timedelta(minutes=10)):
        owner.get("/account")
    with time_machine.travel(now() + timedelta(minutes=20)):
        owner.post("/confirm", password=people.password)
        assert owner.post("/account/sessions/end").status_code == 303
        assert "0 sessions ended" in owner.get("/account/sessions").text
    assert people.audit_trail(people.owner().id) == before
    assert people.row_counts()["sessions"] == 1


def test_ended_sessions_are_not_shown(owner: Browser, elsewhere: Browser) -> None:
    with time_machine.travel(now() + timedelta(minutes=10)):
        owner.get("/account")
    with time_machine.travel(now() + timedelta(minutes=20)):
        assert "Firefox" not in owner.get("/account/sessions").text


def test_the_session_of_somebody_else_stays(app: App, owner: Browser, member: Browser, people: People) -> None:
    theirs, before = newest_session(app), people.row_counts()
    assert owner.post(f"/account/sessions/{theirs.id}/end").status_code == 303
    assert owner.post(f"/account/sessions/{uuid4()}/end").status_code == 303
    assert people.row_counts() == before
    assert member.get("/account").status_code == 200


def test_ending_requires_a_csrf_token(owner: Browser, elsewhere: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/account/sessions/end").status_code == 400
    assert people.row_counts() == before


def test_ending_requires_a_recent_password(app: App, people: People) -> None:
    people.owner()
    with time_machine.travel(now() - timedelta(minutes=11)):
        browser = Browser(app).signed_in_as("olga@example.com")
    session, before = newest_session(app), people.row_counts()
    for path in ("/account/sessions/end", f"/account/sessions/{session.id}/end"):
        assert browser.post(path).location.startswith("/confirm")
    assert people.row_counts() == before


def test_a_service_ends_all_sessions(app: App, owner: Browser, elsewhere: Browser, people: People) -> None:
    with app.app_context():
        assert end_sessions(people.owner().id, by=TESTER) == 2
        assert end_sessions(people.owner().id, by=TESTER) == 0
    assert owner.get("/account").location.startswith("/login")
    assert [action for action, _changes in people.audit_trail(people.owner().id)].count("sessions.ended") == 1


def test_a_job_removes_sessions_that_have_ended_whatever_the_settings_are(
    app: App, owner: Browser, people: People
) -> None:
    with time_machine.travel(now() + timedelta(hours=23)):
        elsewhere = Browser(app).signed_in_as("olga@example.com")
        assert purged_sessions(app, people) == 2
    with time_machine.travel(now() + timedelta(hours=25)):
        assert purged_sessions(app, people) == 1
    with time_machine.travel(now() + timedelta(hours=23, minutes=1)):
        assert elsewhere.get("/account").status_code == 200


def purged_sessions(app: App, people: People) -> int:
    """Run the job. Return the number of sessions that are left."""
    with app.app_context():
        run_job(enqueue("sessions.purge", by=TESTER).id, holder="here")
    return people.row_counts()["sessions"]
