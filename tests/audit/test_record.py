"""Writing audit records."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from tests.audit.trail import Thing, get, write_at_once
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import records_of
from webapp.audit.services import grouped_changes, last_record_ids, record
from webapp.audit.verify import verify
from webapp.core.clock import now
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.web.api import App

OLGA = Actor(ActorKind.TOKEN, "Ольга · CI", UUID(int=1), UUID(int=2), "192.0.2.7", "0f3c9a")


def test_a_record_stores_all_its_values(app: App) -> None:
    thing, before = Thing("Антон"), now()
    with app.app_context():
        with transaction():
            changes = {"name": ("Антон", "Anton"), "groups": (["a"], ["a", "b"]), "password": ("old", "new")}
            record_id = record(Action.USER_UPDATED, subject=thing, by=OLGA, changes=changes, reason="Requested by mail")
        kept = get(record_id)
        assert (kept.action, kept.subject_kind, kept.subject_id) == ("user.updated", "user", thing.id)
        assert (kept.actor_kind, kept.actor_id, kept.token_id) == ("token", OLGA.id, OLGA.token_id)
        assert (kept.actor_label, kept.subject_label) == ("Ольга · CI", "Антон")
        assert (kept.address, kept.request_id, kept.reason) == ("192.0.2.7", "0f3c9a", "Requested by mail")
        assert kept.fields == ["name", "groups", "password"]
        assert kept.changes["groups"] == [["a"], ["a", "b"]]
        assert before <= kept.at <= now()
        assert last_record_ids() == [record_id]


@pytest.mark.one_engine
def test_values_of_secrets_are_not_stored(app: App) -> None:
    with app.app_context():
        with transaction():
            changes = {"password": ("before it", "after it"), "password_hash": ("x", "y")}
            record_id = record(Action.USER_UPDATED, subject=Thing(), by=TESTER, changes=changes)
        assert get(record_id).changes == {"password": [None, "changed"], "password_hash": [None, "changed"]}


@pytest.mark.one_engine
def test_a_change_by_the_api_stores_the_token(app: App, api: Api, people: People) -> None:
    created = api.post("/users", {"email": "anton@example.com", "name": "Anton", "invite": False}).json
    with app.app_context():
        kept = db.session.scalars(records_of(UUID(created["id"]))).one()
        assert (kept.actor_kind, kept.actor_id) == ("token", people.owner().id)
        assert kept.token_id
        assert kept.request_id
        assert kept.address == "127.0.0.1"


@pytest.mark.one_engine
def test_a_change_by_a_command_stores_the_system_account(app: App, people: People) -> None:
    user = people.create()
    assert app.test_cli_runner().invoke(args=["users", "deactivate", user.email]).exit_code == 0
    with app.app_context():
        kept = db.session.scalars(records_of(user.id).where(db.text("action = 'user.deactivated'"))).one()
        assert kept.actor_kind == "command"
        assert kept.actor_label


def test_a_failed_transaction_writes_no_record(app: App, people: People) -> None:
    before = people.row_counts()
    with app.app_context(), pytest.raises(RuntimeError):
        fail(Thing())
    assert people.row_counts() == before


def test_a_failed_nested_transaction_drops_only_its_own_record(app: App) -> None:
    outer, inner = Thing("outer"), Thing("inner")
    with app.app_context():
        with transaction():
            record(Action.USER_UPDATED, subject=outer, by=TESTER)
            with pytest.raises(RuntimeError):
                fail(inner)
        assert len(db.session.scalars(records_of(outer.id)).all()) == 1
        assert db.session.scalars(records_of(inner.id)).all() == []
        assert verify().findings == []


def test_records_of_a_group_share_its_id_and_reason(app: App) -> None:
    undone = write_in(app)
    with app.app_context():
        with transaction(), grouped_changes(reason="Leaving", undoes=undone) as group:
            ids = [record(Action.USER_UPDATED, subject=Thing(), by=TESTER) for _ in range(2)]
        first, second = map(get, ids)
        assert {first.batch_id, second.batch_id} == {group.batch_id}
        assert group.record_ids == ids
        assert first.reason == second.reason == "Leaving"
        assert (first.undoes_id, second.undoes_id) == (undone, None)
        assert get(undone).undone_by_id == first.id


def test_many_records_of_one_transaction_are_consecutive_in_one_shard(app: App) -> None:
    with app.app_context():
        ids = write_at_once(1001)
        kept = db.session.scalars(select(AuditRecord).where(AuditRecord.id.in_(ids)).order_by(AuditRecord.id)).all()
        assert [record.seq for record in kept] == list(range(kept[0].seq, kept[0].seq + 1001))
        assert len({record.shard for record in kept}) == 1
        report = verify()
        assert (report.findings, report.records) == ([], 1001)


def test_reading_a_page_of_records_takes_one_statement(app: App, owner: Browser, people: People) -> None:
    for _person in range(3):
        people.create()
    with app.app_context():
        query = records_of(people.owner().id)
        with captured_queries(app) as seen:
            labels = [(record.actor_label, record.undone_by_id, record.changes) for record in db.session.scalars(query)]
    assert labels
    assert len(seen) == 1


@transaction()
def fail(thing: Thing) -> None:
    record(Action.USER_UPDATED, subject=thing, by=TESTER)
    raise RuntimeError


def write_in(app: App) -> UUID:
    with app.app_context():
        return write_at_once(1)[0]
