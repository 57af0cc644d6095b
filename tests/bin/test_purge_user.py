"""Erasing the data of a deleted user, on request or when the retention is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR
from webapp.audit.verify import verify
from webapp.bin.services import delete_user, purge_user
from webapp.core.clock import now
from webapp.core.errors import NotFound, Refused
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue, run_job
from webapp.mail.services import send_mail
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App


@pytest.fixture
def anton(app: App, people: People) -> UserOut:
    """A deleted user with former values, a token, a job and a mail, who changed and invited other users."""
    people.owner()
    values = {"name": "Антон Иванов", "email": "anton@example.com", "password": people.password}
    user = people.create(**values, roles=[ADMINISTRATOR])
    browser = Browser(app).signed_in_as("anton@example.com")
    for number, verb in enumerate(("deactivation", "deletion")):
        other = people.create(email=f"other{number}@example.com")
        assert browser.post(f"/users/{other.id}/{verb}").status_code == 303
    assert browser.post("/users", name="Invited", email="invited@example.com", invite="y").status_code == 303
    people.token_for(user)
    with app.app_context():
        enqueue("dormant.report", by=Actor(ActorKind.USER, user.name, user.id))
        send_mail(to=user.email, subject="Hello", text="Антон", by=TESTER)
        update_user(user.id, email="ivanov@example.com", by=TESTER)
        delete_user(user.id, by=TESTER)
    return user


@pytest.mark.one_engine
def test_erasure_needs_the_address_typed(owner: Browser, people: People, anton: UserOut) -> None:
    assert "You cannot undo this" in owner.get(f"/users/{anton.id}/erasure").text
    before = people.row_counts()
    for email in ("", "anton@example.com"):
        assert owner.post(f"/users/{anton.id}/erasure", email=email).status_code == 422
    assert people.row_counts() == before
    assert owner.post(f"/users/{anton.id}/erasure", email=" Ivanov@Example.com").status_code == 303
    assert people.row(id=anton.id) is None


def test_erasure_leaves_nothing_about_the_person(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/erasure", email="ivanov@example.com")
    assert owner.get(f"/users/{anton.id}").status_code == 404
    with app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                assert "Антон" not in str(row), table.name
                assert "anton@" not in str(row), table.name
                assert "ivanov@" not in str(row), table.name


def test_changes_by_the_person_stay_under_a_pseudonym(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/erasure", email="ivanov@example.com")
    pseudonym = f"Deleted user {anton.id.hex[-6:]}"
    assert people.row(email="other0@example.com")["deactivated_by_name"] == pseudonym
    assert people.row(email="other1@example.com")["deleted_by_name"] == pseudonym


def test_the_audit_trail_keeps_the_erasure(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/erasure", email="ivanov@example.com")
    with app.app_context():
        assert verify().findings == []
    assert [action for action, _changes in people.audit_trail(anton.id)][-2:] == ["user.deleted", "user.purged"]


def test_jobs_of_the_person_stay_under_a_pseudonym(app: App, owner: Browser, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/erasure", email="ivanov@example.com")
    with app.app_context():
        labels = set(db.session.scalars(select(Job.requested_by_label).where(Job.requested_by_id == anton.id)))
    assert labels == {f"Deleted user {anton.id.hex[-6:]}"}


@pytest.mark.one_engine
def test_only_a_deleted_user_can_be_erased(app: App, owner: Browser, people: People) -> None:
    boris = people.create(email="boris@example.com")
    before = people.row_counts()
    assert owner.post(f"/users/{boris.id}/erasure", email="boris@example.com").status_code == 400
    assert owner.get(f"/users/{boris.id}/erasure").status_code == 303
    with app.app_context(), pytest.raises(Refused, match="Delete this user first"):
        purge_user(boris.id, by=TESTER)
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_erasure_needs_its_own_permission(app: App, people: People, anton: UserOut) -> None:
    people.create(email="admin@example.com", password=people.password, roles=[ADMINISTRATOR])
    admin = Browser(app).signed_in_as("admin@example.com")
    assert "Erase…" not in admin.get(f"/users/{anton.id}").text
    assert admin.post(f"/users/{anton.id}/erasure", email="ivanov@example.com").status_code == 403
    assert people.row(id=anton.id) is not None


@pytest.mark.one_engine
def test_a_second_erasure_is_not_found(app: App, anton: UserOut) -> None:
    with app.app_context():
        purge_user(anton.id, by=TESTER)
        with pytest.raises(NotFound):
            purge_user(anton.id, by=TESTER)


def test_the_daily_job_erases_users_whose_retention_is_over(
    app: App, people: People, anton: UserOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.bin.tasks.CHUNK", 2)
    late = [user.id for user in people.create_many(3)]
    with app.app_context():
        db.session.execute(
            update(User).where(User.id.in_(late)).values(deleted_at=now() - timedelta(days=30, seconds=1))
        )
        db.session.execute(
            update(User).where(User.id == anton.id).values(deleted_at=now() - timedelta(days=29, hours=23))
        )
        db.session.commit()
        job_id = enqueue("bin.empty", by=TESTER).id
        run_job(job_id, holder="here")
        job = db.session.get_one(Job, job_id)
        assert (job.state, job.result) == (State.DONE, {"people": 3})
    assert people.count() == 5
    assert people.audit_trail(late[0])[-1][0] == "user.purged"
