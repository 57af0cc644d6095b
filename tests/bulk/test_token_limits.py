"""A job of a bulk change can do what the API token that asked for it can do, and no more."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.api_tokens.tokens import Tokens
from tests.bulk.conftest import Bulk, status
from tests.factories import TESTER, People
from webapp.api_tokens.services import revoke_token
from webapp.audit.models import AuditRecord
from webapp.bulk.services import apply_bulk_change, create_bulk_change
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two_per_request")]
FIVE = ["active"] * 5


@pytest.fixture
def five(people: People) -> list[UserOut]:
    return [people.create(name=f"Person {letter}", password=people.password) for letter in "ABCDE"]


@pytest.fixture
def caller(app: App, people: People) -> Callable[..., Actor]:
    """Return a function that creates a token of the owner with these scopes, and returns its actor."""

    def create(*scopes: str) -> Actor:
        _api, token_id = Tokens(app).create(people.owner(), *scopes)
        token = Tokens(app).row(token_id)
        return Actor(
            ActorKind.TOKEN, token.caller_label, token.user_id, token_id, request_id="r", scopes=token.permissions
        )

    return create


def deactivate(app: App, five: list[UserOut], by: Actor) -> UUID:
    people = select(User).where(User.id.in_([person.id for person in five]))
    with app.app_context():
        return create_bulk_change("deactivate", people=people, by=by).id


def apply(app: App, bulk: Bulk, bulk_id: UUID, by: Actor) -> None:
    with app.app_context():
        apply_bulk_change(bulk_id, plan_hash=bulk.change(bulk_id).plan_hash, by=by)


def test_a_job_without_the_scope_changes_nobody(
    app: App, bulk: Bulk, people: People, five: list[UserOut], caller: Callable[..., Actor]
) -> None:
    bulk_id = deactivate(app, five, caller("users.read"))
    bulk.run_job(bulk_id)
    assert set(bulk.outcomes(bulk_id).values()) == {"refused"}
    assert status(people, *five) == FIVE


def test_a_job_acts_as_the_token_that_asked(
    app: App, bulk: Bulk, people: People, five: list[UserOut], caller: Callable[..., Actor]
) -> None:
    by = caller("users.read", "users.deactivate")
    bulk_id = deactivate(app, five, by)
    bulk.run_job(bulk_id)
    apply(app, bulk, bulk_id, by)
    bulk.run_job(bulk_id)
    assert status(people, *five) == ["deactivated"] * 5
    with app.app_context():
        records = list(db.session.scalars(select(AuditRecord).where(AuditRecord.batch_id == bulk_id)))
    assert {(record.actor_kind, record.token_id, record.actor_label) for record in records} == {
        ("token", by.token_id, by.label)
    }


def test_a_token_that_applies_a_preview_of_a_person_limits_the_job(
    app: App, bulk: Bulk, people: People, five: list[UserOut], caller: Callable[..., Actor]
) -> None:
    person, token = Actor(ActorKind.USER, "Olga", people.owner().id), caller("users.read")
    bulk_id = deactivate(app, five, person)
    bulk.run_job(bulk_id)
    assert set(bulk.outcomes(bulk_id).values()) == {"change"}
    apply(app, bulk, bulk_id, token)
    bulk.run_job(bulk_id)
    assert status(people, *five) == FIVE


def test_a_revoked_token_stops_its_job(
    app: App, bulk: Bulk, people: People, five: list[UserOut], caller: Callable[..., Actor]
) -> None:
    by = caller("users.read", "users.deactivate")
    bulk_id = deactivate(app, five, by)
    bulk.run_job(bulk_id)
    apply(app, bulk, bulk_id, by)
    assert by.token_id
    with app.app_context():
        revoke_token(by.token_id, by=TESTER)
    bulk.run_job(bulk_id)
    assert status(people, *five) == FIVE
    assert set(bulk.outcomes(bulk_id).values()) == {"skipped"}
    assert "API token" in (bulk.item(bulk_id, five[0]).message or "")
