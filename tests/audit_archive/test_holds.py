"""Records that something still needs are not archived."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.audit_archive.archives import OLD, archive, archived, findings
from tests.factories import TESTER
from webapp.audit.models import AuditRecord
from webapp.audit.services import SHARDS
from webapp.bulk.models import BulkChange
from webapp.bulk.models import State as BulkState
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.duplicates.models import UserMerge
from webapp.event_stream.cursors import Position
from webapp.event_stream.push.models import EventPush
from webapp.event_stream.queries import latest_position
from webapp.imports.models import Import
from webapp.imports.models import State as ImportState
from webapp.users.services import update_user
from webapp.web.api import App
from webapp.webhooks.feed import end_of_trail
from webapp.webhooks.models import Delivery, Endpoint


def endpoint(position: list[int]) -> Endpoint:
    return Endpoint(url="https://hook.example", description="HR", events=[], position=position, sealed_secret="x")


def dry_run(app: App, folder: Path) -> dict[str, Any]:
    code, out, err = archive(app, folder, "--dry-run", "--json", before="2030-05-01")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def of_webhook() -> list[Any]:
    return [endpoint(end_of_trail())]


def of_delivery() -> list[Any]:
    """Return a webhook that has read everything, and a stored delivery of the newest record."""
    hook = endpoint([2**31 - 1] * SHARDS)
    newest = db.session.scalars(select(AuditRecord.id).order_by(AuditRecord.id.desc()).limit(1)).one()
    return [hook, Delivery(record_id=newest, event="user.updated", subject_id=new_id())]


def of_push() -> list[Any]:
    return [EventPush(address="https://siem.example", cursor=str(latest_position()))]


def of_bulk() -> list[Any]:
    return [BulkChange(action="deactivate", state=BulkState.APPLIED)]


def of_import() -> list[Any]:
    return [Import(filename="people.csv", state=ImportState.APPLIED)]


HOLDERS = [
    (of_webhook, "The webhook “HR” has not received them yet."),
    (of_push, "The target of the event stream has not received them yet."),
    (of_bulk, "A bulk change can still be undone."),
    (of_import, "An import can still be undone."),
]


@pytest.mark.parametrize(("add", "reason"), HOLDERS)
def test_an_archive_stops_before_records_that_are_needed(
    app: App,
    trail: list[UUID],
    folder: Path,
    clock: time_machine.Coordinates,
    add: Callable[[], list[Any]],
    reason: str,
) -> None:
    """What holds records was there in April. A record of May is needed, so nothing from May on goes."""
    clock.move_to("2030-04-20")
    with app.app_context():
        with transaction():
            db.session.add_all(add())
        clock.move_to("2030-04-25")
        update_user(trail[0], name="Needed", by=TESTER)
    clock.move_to("2030-06-25")
    plan = dry_run(app, folder)
    assert (plan["records"], plan["held_by"]) == (OLD + len(trail), reason)
    assert "2030-04-20" <= plan["before"][:10] <= "2030-04-25"
    code, out, _err = archive(app, folder, before="2030-05-01")
    assert (code, f"Younger records stay: {reason}" in out) == (0, True)
    assert findings(app, folder) == []


def test_a_stored_delivery_keeps_its_record(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context(), transaction():
        hook, delivery = of_delivery()
        db.session.add(hook)
        db.session.flush()
        delivery.endpoint_id = hook.id
        db.session.add(delivery)
    plan = dry_run(app, folder)
    assert plan["held_by"] == "Deliveries of webhooks use them. They are kept for 30 days."
    assert plan["records"] < OLD + len(trail)


def test_a_merge_keeps_its_records(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context(), transaction():
        merge = UserMerge(id=new_id(), kept_id=trail[0], merged_id=trail[1], note_ids=[], former_ids=[])
        db.session.add(merge)
    assert dry_run(app, folder)["records"] == OLD + len(trail)


@pytest.mark.one_engine
def test_a_webhook_that_received_nothing_holds_everything(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context(), transaction():
        db.session.add(endpoint([0] * SHARDS))
    code, _out, err = archive(app, folder)
    assert code == 1
    assert "There are no records before 2030-02-01 to archive. The webhook “HR” has not received them yet." in err


def test_a_target_that_starts_from_the_beginning_reads_on_after_an_archive(
    app: App, trail: list[UUID], folder: Path
) -> None:
    archived(app, folder)
    with app.app_context(), transaction():
        db.session.add(EventPush(address="https://siem.example", cursor=str(Position())))
    code, _out, err = archive(app, folder, before="2030-05-01")
    assert (code, "has not received them yet" in err) == (1, True)
