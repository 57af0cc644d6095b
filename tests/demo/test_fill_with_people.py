"""Fill an empty database with fictional people."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, inspect, select

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.audit.models import AuditRecord
from webapp.core.errors import Refused
from webapp.db.session import db
from webapp.demo import services
from webapp.demo.crowd import BATCH_SIZE, USER_COLUMNS, Crowd
from webapp.demo.services import OWNER_EMAIL, Owner, fill
from webapp.demo.tables import TABLES
from webapp.users.identity import parse_identity
from webapp.users.models import User
from webapp.web.api import App

COUNT = 300
CROWD = Crowd(12_000, datetime(2026, 11, 24, tzinfo=UTC), "a hash", "0" * 32, "Ольга Смирнова")


@pytest.fixture
def filled(app: App) -> Owner:
    with app.app_context():
        return fill(COUNT, by=TESTER)


def users(app: App) -> list[User]:
    with app.app_context():
        return list(db.session.scalars(select(User).where(User.email != OWNER_EMAIL).order_by(User.id)))


def test_all_people_are_added_with_the_keys_of_users(app: App, filled: Owner) -> None:
    found = users(app)
    assert len(found) == COUNT
    for user in found:
        columns = parse_identity(email=user.email, name=user.name, username=user.username).columns
        assert {name: getattr(user, name) for name in columns} == columns


@pytest.mark.one_engine
def test_people_have_different_statuses_scripts_and_times(app: App, filled: Owner) -> None:
    found = users(app)
    kinds = Counter(user.status for user in found)
    assert kinds["active"] > 10 * kinds["deactivated"] > 10 * kinds["invited"] > 0
    assert 0.6 < sum(user.last_sign_in_at is not None for user in found) / COUNT < 0.8
    assert 0.5 < sum(user.name[0] < "А" for user in found) / COUNT < 0.7
    for user in found:
        assert user.last_sign_in_at is None or user.last_sign_in_at > user.created_at
        assert (user.deactivated_at is None) == (user.deactivated_by_name is None)
        assert (user.password_hash is None) == (user.status == "invited")


@pytest.mark.one_engine
def test_the_audit_trail_of_a_person_ends_at_their_values(app: App, people: People, filled: Owner) -> None:
    actions: Counter[str] = Counter()
    for user in users(app):
        trail = people.audit_trail(user.id)
        actions.update(action for action, _changes in trail)
        assert trail[0][0] == "user.created"
        last = {field: after for _action, changes in trail for field, (_before, after) in changes.items()}
        assert last["email"] == user.email
        assert last["name"] == user.name
        assert last.get("username") == user.username
        assert last.get("status", "active") == ("deactivated" if user.status == "deactivated" else "active")
        assert ("password" in last) == (user.password_hash is not None)
    assert actions["user.created"] == COUNT
    assert actions["user.updated"] > 0
    assert actions["user.deactivated"] > 0


def test_keys_of_a_large_crowd_are_unique_and_equal_those_of_users() -> None:
    rows = [dict(zip(USER_COLUMNS, user, strict=True)) for batch in CROWD.batches for user, _trail in rows_of(batch)]
    assert len(rows) == CROWD.count == len({row["email_key"] for row in rows}) == len({row["id"] for row in rows})
    usernames = [row["username_key"] for row in rows if row["username_key"]]
    assert len(usernames) == len(set(usernames)) > CROWD.count * 0.9
    assert any(not name.isascii() for name in usernames)
    for row in rows[::7]:
        columns = parse_identity(email=row["email"] or "", name=row["name"] or "", username=row["username"]).columns
        assert {name: row[name] for name in columns} == columns


def test_equal_crowds_have_equal_people() -> None:
    assert rows_of(1) == rows_of(1)
    assert len(CROWD.batches) == 2
    assert len(rows_of(1)) == CROWD.count - BATCH_SIZE


@pytest.mark.one_engine
def test_the_owner_can_sign_in_and_see_the_people(app: App, filled: Owner) -> None:
    page = Browser(app).sign_in(filled.email, filled.password).get("/users")
    assert page.status_code == 200


@pytest.mark.one_engine
def test_all_other_people_share_one_random_password(app: App, filled: Owner) -> None:
    with app.app_context():
        hashes = set(db.session.scalars(select(User.password_hash).where(User.email != OWNER_EMAIL)))
    assert len(hashes - {None}) == 1


@pytest.mark.parametrize("bulk", [services.BULK_MIN, 1])
def test_a_database_with_users_is_refused_and_not_changed(
    app: App, people: People, monkeypatch: pytest.MonkeyPatch, bulk: int
) -> None:
    monkeypatch.setattr(services, "BULK_MIN", bulk)
    people.create()
    before = people.row_counts()
    with app.app_context(), pytest.raises(Refused) as refusal:
        fill(COUNT, by=TESTER)
    assert refusal.value.problems == []
    assert people.row_counts() == before


def test_an_error_rolls_everything_back(
    app: App, people: People, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BULK_MIN", 1)
    before = indexes_and_constraints(engine)

    def fail(_step: str, _done: int) -> None:
        raise RuntimeError("failed")

    with app.app_context(), pytest.raises(RuntimeError, match="failed"):
        fill(5, by=TESTER, progress=fail)
    assert set(people.row_counts().values()) == {0}
    assert indexes_and_constraints(engine) == before


def test_a_bulk_fill_restores_all_indexes_and_constraints(
    app: App, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BULK_MIN", 1)
    before = indexes_and_constraints(engine)
    with app.app_context():
        fill(50, by=TESTER)
        assert len(users(app)) == 50
        assert db.session.scalar(select(AuditRecord.id).limit(1))
    assert indexes_and_constraints(engine) == before


@pytest.mark.one_engine
def test_the_command_prints_the_address_and_the_password(app: App) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "--count", "3"])
    assert result.exit_code == 0, result.output
    assert re.search(r"http://\S+/login", result.stdout)
    password = re.search(r"Password: (\S+)", result.stdout)
    assert password
    assert "3 of 3 people" in result.stderr
    assert Browser(app).sign_in(OWNER_EMAIL, password[1]).get("/users").status_code == 200


@pytest.mark.one_engine
def test_the_command_prints_the_reason_of_a_refusal(app: App, people: People) -> None:
    people.create()
    result = app.test_cli_runner().invoke(args=["demo", "--count", "3"])
    assert result.exit_code == 1
    assert "only when Rollcall has no users" in result.stderr


def rows_of(batch: int) -> list[object]:
    return list(CROWD.rows(batch, CROWD.chain(batch)))


def indexes_and_constraints(engine: Engine) -> list[object]:
    """The indexes and constraints of the tables that are filled, among them the foreign keys of memberships."""
    inspector = inspect(engine)
    return [
        sorted(re.sub(r" at 0x\w+", "", str(found)) for found in describe(table))
        for table in (*TABLES, "memberships")
        for describe in (
            inspector.get_indexes,
            inspector.get_unique_constraints,
            inspector.get_pk_constraint,
            inspector.get_foreign_keys,
        )
    ]
