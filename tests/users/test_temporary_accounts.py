"""Accounts whose access starts or ends at a given time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.core.clock import now
from webapp.core.errors import Forbidden
from webapp.db.session import db
from webapp.jobs.services import enqueue, run_job
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

FORM = {"name": "Тимур", "email": "timur@example.com", "username": "", "password": "перекличка в полдень"}


@pytest.fixture
def timur(people: People) -> UserOut:
    return people.create(email="timur@example.com", password=people.password, roles=[OWNER])


def set_window(app: App, user_id: UUID, moment: datetime | None, **values: datetime) -> None:
    """Set the dates of access in the database, as if time had passed."""
    with app.app_context():
        db.session.execute(update(User).where(User.id == user_id).values(ends_at=moment, **values))
        db.session.commit()


def local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_the_form_reads_times_in_the_viewers_time_zone(owner: Browser, people: People) -> None:
    owner.post("/account/preferences", timezone="Asia/Tokyo")
    response = owner.post("/users", **FORM, starts_at="2027-01-01T09:00", ends_at="2027-03-31T18:30")
    row = people.row(email="timur@example.com")
    assert response.status_code == 303
    assert row["starts_at"].replace(tzinfo=UTC) == datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
    assert row["ends_at"].replace(tzinfo=UTC) == datetime(2027, 3, 31, 9, 30, tzinfo=UTC)
    edit = owner.get(f"/users/{row['id']}/edit").text
    assert 'value="2027-03-31T18:30"' in edit
    assert "Asia/Tokyo" in edit
    page = owner.get(f"/users/{row['id']}").text
    assert "Starts" in page
    assert people.audit_trail(row["id"])[0][1]["ends_at"] == [None, "2027-03-31T09:30:00+00:00"]


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "message"),
    [
        ("2027-05-01T00:00", "2027-04-30T00:00", "The end must be after the start"),
        ("2027-05-01T00:00", "2027-05-01T00:00", "The end must be after the start"),
        ("", "2020-01-01T00:00", "The end must be in the future"),
        ("", "soon", "Enter a date and a time"),
        ("9999-99-99T00:00", "", "Enter a date and a time"),
        ("0001-01-01T00:00", "", "Enter a date from 1900 to 9998"),
    ],
)
def test_invalid_times_are_refused(owner: Browser, people: People, starts_at: str, ends_at: str, message: str) -> None:
    before = people.row_counts()
    response = owner.post("/users", **FORM, starts_at=starts_at, ends_at=ends_at)
    assert (response.status_code, message in response.text) == (422, True)
    assert people.row_counts() == before


def test_after_the_end_sessions_tokens_and_passwords_are_refused(app: App, people: People, timur: UserOut) -> None:
    session, token = Browser(app).sign_in("timur@example.com"), Api(app, people.token_for(timur))
    set_window(app, timur.id, now() + timedelta(hours=1))
    assert (session.get("/account").status_code, token.get("/users").status_code) == (200, 200)
    set_window(app, timur.id, now())
    assert (session.get("/account").status_code, token.get("/users").status_code) == (303, 401)
    assert Browser(app).post("/login", email="timur@example.com", password=people.password).status_code == 422


def test_before_the_start_signing_in_is_refused(app: App, people: People, timur: UserOut) -> None:
    set_window(app, timur.id, None, starts_at=now() + timedelta(hours=1))
    assert Browser(app).post("/login", email="timur@example.com", password=people.password).status_code == 422
    set_window(app, timur.id, None, starts_at=now())
    Browser(app).sign_in("timur@example.com")


def test_page_and_list_show_the_end(app: App, owner: Browser, timur: UserOut) -> None:
    set_window(app, timur.id, now() - timedelta(days=3))
    for address in (f"/users/{timur.id}", "/users"):
        assert "Ended" in owner.get(address).text
        assert "3 days ago" in owner.get(address).text
    set_window(app, timur.id, now() + timedelta(days=3, minutes=1))
    for address in (f"/users/{timur.id}", "/users"):
        assert "in 3 days" in owner.get(address).text


def test_the_hourly_job_deactivates_expired_accounts(app: App, people: People, timur: UserOut) -> None:
    expired = [user.id for user in people.create_many(55)]
    for user_id in expired:
        set_window(app, user_id, now() - timedelta(minutes=1))
    set_window(app, timur.id, now() + timedelta(minutes=1))
    with app.app_context():
        job_id = enqueue("users.end", by=TESTER).id
        run_job(job_id, holder="here")
    assert {people.row(id=user_id)["status"] for user_id in expired} == {"deactivated"}
    assert people.row(id=expired[0])["deactivated_by_name"] == "Schedule"
    assert people.audit_trail(expired[0])[-1][0] == "user.deactivated"
    assert people.row(id=timur.id)["status"] == "active"


def test_reactivation_removes_an_end_in_the_past(app: App, owner: Browser, people: People, timur: UserOut) -> None:
    set_window(app, timur.id, now() - timedelta(days=1))
    with app.app_context():
        deactivate_user(timur.id, by=TESTER)
    assert "will be removed" in owner.get(f"/users/{timur.id}/reactivation").text
    owner.post(f"/users/{timur.id}/reactivation")
    row = people.row(id=timur.id)
    assert (row["status"], row["ends_at"]) == ("active", None)
    assert people.audit_trail(timur.id)[-1][1].keys() == {"status", "ends_at"}


def test_other_edits_keep_an_end_in_the_past(app: App, owner: Browser, people: People, timur: UserOut) -> None:
    past = (now() - timedelta(days=1)).replace(second=7, microsecond=0)
    set_window(app, timur.id, past)
    form = {"name": "Тимур", "email": "timur@example.com", "username": ""}
    assert owner.post(f"/users/{timur.id}", **form, version=1).status_code == 303
    shown = past.strftime("%Y-%m-%dT%H:%M:%S")
    assert f'value="{shown}"' in owner.get(f"/users/{timur.id}/edit").text
    assert owner.post(f"/users/{timur.id}", **form | {"name": "Timur"}, version=2, ends_at=shown).status_code == 303
    assert people.row(id=timur.id)["ends_at"].replace(tzinfo=UTC) == past
    earlier = local(past - timedelta(days=1))
    response = owner.post(f"/users/{timur.id}", **form, version=3, ends_at=earlier)
    assert (response.status_code, "The end must be in the future" in response.text) == (422, True)
    assert owner.post(f"/users/{timur.id}", **form, version=3, ends_at="").status_code == 303
    assert people.row(id=timur.id)["ends_at"] is None


def test_the_last_owner_without_an_end_cannot_get_one(app: App, people: People, timur: UserOut) -> None:
    boris = people.create(email="boris@example.com", password=people.password, roles=[OWNER])
    with app.app_context():
        update_user(timur.id, ends_at=now() + timedelta(days=1), by=TESTER)
        before = people.row_counts()
        with pytest.raises(Forbidden, match="last active owner"):
            update_user(boris.id, ends_at=now() + timedelta(days=1), by=TESTER)
        with pytest.raises(Forbidden, match="last active owner"):
            update_user(boris.id, starts_at=now() + timedelta(days=1), by=TESTER)
        with pytest.raises(Forbidden, match="last active owner"):
            deactivate_user(boris.id, by=TESTER)
        assert people.row_counts() == before
        update_user(timur.id, ends_at=None, by=TESTER)
        update_user(boris.id, ends_at=now() + timedelta(days=1), by=TESTER)


def test_a_filter_finds_access_that_ends_soon(app: App, owner: Browser, api: Api, timur: UserOut) -> None:
    set_window(app, timur.id, now() + timedelta(days=20))
    for parameters, found in (("ending=30", 1), ("ending=30&status=active", 1), ("ending=7", 0), ("status=active", 2)):
        assert len(api.get(f"/users?{parameters}").json["items"]) == found
    assert api.get("/users?ending=0").status_code == 400
    assert f'href="/users/{timur.id}"' in owner.get("/users?ending=30").text
    assert "access ends soon" in owner.get("/users?ending=7").text
