"""Refusals of the database are translated by the name of the constraint, and only those that Rollcall expects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR
from webapp.attributes.services import create_attribute
from webapp.core.clock import now
from webapp.db.constraints import constraint_of
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.groups.services import create_group
from webapp.jobs.models import Schedule
from webapp.jobs.schedules import enqueue_due_schedules
from webapp.roles.services import create_role
from webapp.setup.services import create_first_owner
from webapp.web.api import App

BROKEN = "ck_broken"


@pytest.fixture
def refuse_rows(app: App, request: pytest.FixtureRequest) -> Iterator[None]:
    """Make the table of the parameter refuse each new row, by a constraint that Rollcall does not know."""
    table = request.param
    with app.app_context():
        if db.engine.name == "postgresql":
            make = f"ALTER TABLE {table} ADD CONSTRAINT {BROKEN} CHECK (false) NOT VALID"
            drop = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {BROKEN}"
        else:
            make = (
                f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {BROKEN}'); END"
            )
            drop = f"DROP TRIGGER IF EXISTS broken_{table}"
        with db.engine.begin() as connection:
            connection.execute(text(drop))
            connection.execute(text(make))
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(drop))


def refusing(table: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("refuse_rows", [table], indirect=True)


@refusing("users")
def test_an_unknown_refusal_of_a_user_is_not_called_a_taken_address(
    people: People, owner: Browser, refuse_rows: None
) -> None:
    before = people.row_counts()
    assert owner.post("/users", email="new@example.com", name="New", username="", password="").status_code == 500
    assert people.row_counts() == before


@refusing("users")
def test_an_unknown_refusal_of_the_first_owner_is_not_called_finished(app: App, refuse_rows: None) -> None:
    with app.app_context(), pytest.raises(IntegrityError, match=BROKEN):
        create_first_owner(email="first@example.com", name="First", password=People.password)


@refusing("users")
def test_an_unknown_refusal_is_not_called_a_replay_and_uses_up_no_key(
    people: People, api: Api, refuse_rows: None
) -> None:
    before = people.row_counts()
    headers = {"Idempotency-Key": "once"}
    answer = api.post("/users", {"email": "new@example.com", "name": "New"}, headers=headers)
    assert answer.status_code == 500
    assert people.row_counts() == before


@refusing("attributes")
def test_an_unknown_refusal_of_an_attribute_is_not_called_a_used_key(app: App, refuse_rows: None) -> None:
    with app.app_context(), pytest.raises(IntegrityError, match=BROKEN):
        create_attribute(key="team", by=TESTER, kind="text", label_en="Team", label_ru="Команда")


@refusing("groups")
def test_an_unknown_refusal_of_a_group_is_not_called_a_taken_name(app: App, refuse_rows: None) -> None:
    with app.app_context(), pytest.raises(IntegrityError, match=BROKEN):
        create_group(name="North", description="", by=TESTER)


@refusing("roles")
def test_an_unknown_refusal_of_a_role_is_not_called_a_taken_name(app: App, refuse_rows: None) -> None:
    with app.app_context(), pytest.raises(IntegrityError, match=BROKEN):
        create_role(name="Reader", description="", permissions=[], by=TESTER)


@refusing("saved_views")
def test_an_unknown_refusal_of_a_view_is_not_called_a_taken_name(
    people: People, owner: Browser, refuse_rows: None
) -> None:
    before = people.row_counts()
    assert owner.post("/views", name="Mine", address="/users").status_code == 500
    assert people.row_counts() == before


@refusing("schedules")
def test_an_unknown_refusal_of_a_schedule_is_not_called_a_faster_scheduler(app: App, refuse_rows: None) -> None:
    with app.app_context(), pytest.raises(IntegrityError, match=BROKEN):
        enqueue_due_schedules()


@refusing("role_grants")
def test_an_unknown_refusal_of_a_grant_is_not_called_a_missing_user(
    people: People, owner: Browser, refuse_rows: None
) -> None:
    before = people.row_counts()
    fields = {"email": "new@example.com", "name": "New", "username": "", "password": ""}
    assert owner.post("/users", **fields, roles=str(AUDITOR)).status_code == 500
    assert people.row_counts() == before


def test_both_engines_name_a_primary_key_alike(app: App) -> None:
    row = {"name": "same", "next_run_at": now()}
    with app.app_context(), pytest.raises(IntegrityError) as refusal, transaction():
        db.session.execute(insert(Schedule), [row, row])
    assert constraint_of(refusal.value) == "pk_schedules"
