"""Sensitive pages require the password again, ten minutes after it was entered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.form_fields import form_fields
from webapp.audit.queries import latest_records_of
from webapp.bin.services import delete_user
from webapp.core.errors import NotSignedIn
from webapp.core.permissions import Actor, ActorKind
from webapp.core.tokens import token_hash
from webapp.db.session import db
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.services import enqueue, run_job
from webapp.roles.services import delete_role
from webapp.signin.confirmation import confirm_password
from webapp.signin.models import UserSession
from webapp.signin.sessions import start_session
from webapp.users.queries import get_user_by_identifier
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

SIGNED_IN_AT = datetime(2030, 1, 7, 12, tzinfo=UTC)
LATER = SIGNED_IN_AT + timedelta(minutes=11)


@pytest.fixture
def eleven_minutes_later(app: App, people: People) -> Browser:
    """The browser of an owner who signed in eleven minutes ago and read a page since."""
    with time_machine.travel(SIGNED_IN_AT, tick=False):
        people.owner()
        browser = Browser(app).sign_in("olga@example.com")
    with time_machine.travel(LATER, tick=False):
        yield browser


def test_a_sensitive_page_requires_the_password(eleven_minutes_later: Browser) -> None:
    response = eleven_minutes_later.get("/roles/new")
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert eleven_minutes_later.get("/users").status_code == 200


def test_undo_of_a_grant_requires_the_password(eleven_minutes_later: Browser, people: People, app: App) -> None:
    owner = people.owner()
    with app.app_context():
        record = latest_records_of(owner.id, 9)[-2]
    assert record.action == "role.granted"
    assert eleven_minutes_later.get(f"/audit/{record.id}/undo").location.startswith("/confirm?next=/audit/")
    before = people.row_counts()
    assert eleven_minutes_later.post(f"/audit/{record.id}/undo").location.startswith("/confirm")
    assert people.row_counts() == before


def test_the_right_password_redirects_to_the_page(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="/roles/new")
    assert (response.status_code, response.location) == (303, "/roles/new")
    assert eleven_minutes_later.get("/roles/new").status_code == 200


@pytest.mark.parametrize("password", ["", "wrong", "x" * 2000, "\x00", "correct horse battery stapl"])
def test_a_wrong_password_is_refused(eleven_minutes_later: Browser, password: str) -> None:
    assert eleven_minutes_later.post("/confirm", password=password, next="/roles/new").status_code == 422
    assert eleven_minutes_later.get("/roles/new").status_code == 303


def test_redirects_stay_on_this_site(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="//evil.example")
    assert response.location == "/"


def test_a_form_sent_too_late_changes_nothing_and_is_shown_again(eleven_minutes_later: Browser, people: People) -> None:
    before = people.row_counts()
    data = {"csrf_token": eleven_minutes_later.csrf_token(), "name": "Reader", "permissions": "users.read"}
    headers = {"Referer": "http://localhost/roles/new"}
    response = eleven_minutes_later.client.post("/roles", data=data, headers=headers)
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert people.row_counts() == before


def test_the_session_id_changes_at_confirmation(app: App, eleven_minutes_later: Browser, people: People) -> None:
    eleven_minutes_later.get("/account")
    with eleven_minutes_later.client.session_transaction() as cookie:
        old, csrf = cookie["_user_id"], cookie["csrf_token"]
    thief = Browser(app)
    with thief.client.session_transaction() as cookie:
        cookie["_user_id"] = old
    assert thief.get("/users").status_code == 200
    eleven_minutes_later.post("/confirm", password="wrong")
    assert thief.get("/users").status_code == 200
    before = people.row_counts()
    assert eleven_minutes_later.post("/confirm", password=people.password, next="/users").status_code == 303
    with eleven_minutes_later.client.session_transaction() as cookie:
        assert cookie["_user_id"] != old
        # Forms in other tabs stay valid.
        assert cookie["csrf_token"] == csrf
    assert thief.get("/users").location.startswith("/login")
    assert thief.post("/confirm", password=people.password).location.startswith("/login")
    assert eleven_minutes_later.get("/roles/new").status_code == 200
    assert people.row_counts() == before


def test_two_confirmations_at_once_leave_one_session_id(app: App, people: People) -> None:
    people.owner()
    token = start(app, "olga@example.com")
    barrier = Barrier(2, timeout=300)

    def confirm(_number: int) -> str | None:
        barrier.wait()
        with app.test_request_context():
            try:
                return confirm_password(token, password=people.password, by=TESTER)
            except NotSignedIn:
                return None

    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(confirm, range(2)))
    assert len([each for each in tokens if each]) == 1
    with app.app_context():
        assert db.session.query(UserSession).one().token_hash in {token_hash(each) for each in tokens if each}


def start(app: App, email: str) -> str:
    with app.app_context():
        return start_session(get_user_by_identifier(email), address="127.0.0.1", agent="tests")


def requires_password(browser: Browser, people: People, path: str, **fields: str) -> bool:
    """Whether a POST is answered by the form for the password, and changed nothing."""
    before = people.row_counts()
    location = browser.post(path, **fields).location or ""
    return location.startswith("/confirm") and people.row_counts() == before


def test_a_deleted_role_is_restored_only_with_the_password(
    app: App, eleven_minutes_later: Browser, people: People, access: Access
) -> None:
    role = access.role("Reader", "users.read")
    with app.app_context():
        delete_role(role, by=TESTER)
    assert requires_password(eleven_minutes_later, people, f"/roles/{role}/restoration")
    eleven_minutes_later.post("/confirm", password=people.password)
    assert eleven_minutes_later.post(f"/roles/{role}/restoration").location == f"/roles/{role}"


def test_a_file_of_a_job_is_downloaded_only_with_the_password(
    app: App, eleven_minutes_later: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    @job_kind("test.file", label="File")
    def leave(run: JobRun) -> None:
        run.attach_file("people.csv", b"name\n", "text/csv; charset=utf-8")
        run.finish(rows=1)

    monkeypatch.setitem(app.registry.get(JobKinds), "test.file", leave)
    olga = people.owner()
    with app.app_context():
        job_id = enqueue("test.file", by=Actor(ActorKind.USER, olga.name, olga.id)).id
        run_job(job_id, holder="here")
    path = f"/jobs/{job_id}/file"
    response = eleven_minutes_later.get(path)
    assert (response.status_code, response.location) == (303, f"/confirm?next={path}")
    eleven_minutes_later.post("/confirm", password=people.password)
    assert eleven_minutes_later.get(path).text == "name\n"


@pytest.mark.parametrize("changes", [{"password": "another long password"}, {"email": "other@example.com"}])
@pytest.mark.parametrize("own", [True, False])
def test_a_password_or_an_address_is_changed_only_with_the_password(
    eleven_minutes_later: Browser, people: People, changes: dict[str, str], own: bool
) -> None:
    user = people.owner() if own else people.create(name="Anna")
    path, row, before = f"/users/{user.id}", people.row(id=user.id), people.row_counts()
    form = {"name": "Changed", "email": user.email, "version": str(row["version"])}
    response = eleven_minutes_later.post(path, **form | changes)
    assert (response.status_code, "Enter your password again" in response.text) == (422, True)
    assert f'href="/confirm?next=/users/{user.id}/edit"' in response.text
    assert (people.row(id=user.id), people.row_counts()) == (row, before)
    assert f'href="/confirm?next=/users/{user.id}/edit"' in eleven_minutes_later.get(f"{path}/edit").text
    # Another name needs no password, and the same address in other spelling is no change.
    assert eleven_minutes_later.post(path, **form | {"email": f" {user.email} "}).status_code == 303
    eleven_minutes_later.post("/confirm", password=people.password)
    assert "/confirm" not in eleven_minutes_later.get(f"{path}/edit").text
    version = str(people.row(id=user.id)["version"])
    assert eleven_minutes_later.post(path, **form | changes | {"version": version}).status_code == 303


def test_undo_of_a_change_of_an_address_requires_the_password(
    app: App, eleven_minutes_later: Browser, people: People
) -> None:
    anna = people.create(name="Anna")
    with app.app_context():
        update_user(anna.id, email="other@example.com", by=TESTER)
        record = latest_records_of(anna.id, 1)[0].id
    assert requires_password(eleven_minutes_later, people, f"/audit/{record}/undo")


def test_somebody_is_restored_with_another_address_only_with_the_password(
    app: App, eleven_minutes_later: Browser, people: People
) -> None:
    anna, other = people.create(email="anna@example.com"), {"email": "other@example.com"}
    with app.app_context():
        delete_user(anna.id, by=TESTER)
    row = people.row(id=anna.id)
    assert requires_password(eleven_minutes_later, people, f"/users/{anna.id}/restoration", **other)
    assert people.row(id=anna.id) == row
    assert eleven_minutes_later.post(f"/users/{anna.id}/restoration", email=anna.email).status_code == 303


def test_no_password_is_required_just_after_signing_in(owner: Browser) -> None:
    assert owner.get("/roles/new").status_code == 200


def test_a_merge_with_a_new_address_of_somebody_else_requires_no_password(
    app: App, eleven_minutes_later: Browser, people: People
) -> None:
    anna = people.create(name="Anna", email="anna@example.com")
    path = f"/users/{anna.id}"
    fields = form_fields(eleven_minutes_later.get(f"{path}/edit").text, path)
    with app.app_context():
        update_user(anna.id, version=1, email="new@example.com", by=TESTER)
    assert eleven_minutes_later.post(path, **fields | {"name": "Anna Petrova"}).status_code == 303
    row = people.row(id=anna.id)
    assert (row["name"], row["email"]) == ("Anna Petrova", "new@example.com")

    fields = form_fields(eleven_minutes_later.get(f"{path}/edit").text, path)
    forged = fields["opened_with"].replace("new@example.com", "mine@example.com")
    for version in ("2", "3", "4"):
        stale = fields | {"version": version, "email": "mine@example.com", "opened_with": forged}
        eleven_minutes_later.post(path, **stale)
        assert people.row(id=anna.id)["email"] == "new@example.com"
