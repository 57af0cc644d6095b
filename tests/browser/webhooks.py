"""Webhooks for screenshots and browser tests: one in each state, and deliveries in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.dispatch import DELIVERIES
from webapp.webhooks.models import Endpoint
from webapp.webhooks.services import create_endpoint, pause_endpoint, rotate_secret

HOST = "https://hooks.example.org"
ANSWER = '{"error": "The queue is full. Try again in a minute.", "request": "a3f1c9"}'


def create_webhooks(by: Actor) -> dict[str, UUID]:
    """Return the IDs of a webhook, and of its deliveries by state."""
    people = [action.value for action in (Action.USER_CREATED, Action.USER_UPDATED, Action.USER_DEACTIVATED)]
    main = create_endpoint(url=f"{HOST}/rollcall", description="HR system", events=people, by=by).endpoint
    long = f"{HOST}/{'path/' * 20}?tenant=acme"
    failing = create_endpoint(url=long, events=["role.granted", "role.revoked"], by=by).endpoint
    paused = create_endpoint(url=f"{HOST}/payroll", description="Payroll", events=people[:1], by=by).endpoint
    rotate_secret(main.id, by=by)
    pause_endpoint(paused.id, by=by)
    with transaction():
        db.session.get_one(Endpoint, failing.id).failing_since = now() - timedelta(days=2)
        db.session.get_one(Endpoint, paused.id).paused_by_failures = True
    return {"webhook": main.id, "webhook_failing": failing.id, "webhook_paused": paused.id} | _deliveries(main.id)


def _deliveries(endpoint_id: UUID) -> dict[str, UUID]:
    record = select(AuditRecord).where(AuditRecord.action == Action.USER_UPDATED).order_by(AuditRecord.id).limit(1)
    found = db.session.scalars(record).unique().one()
    ended: dict[str, Any] = {"attempts": 1, "attempted_at": now(), "milliseconds": 112, "next_attempt_at": None}
    states: dict[str, dict[str, Any]] = {
        "delivered": ended | {"delivered_at": now(), "status": 200, "answer": '{"ok": true}'},
        "failed": ended | {"attempts": 11, "error": "timeout", "milliseconds": 10_000},
        "retried": ended | {"next_attempt_at": now() + timedelta(hours=2), "status": 503, "answer": ANSWER},
        "new": {"next_attempt_at": now() + timedelta(days=9)},
    }
    event = {"record_id": found.id, "event": found.action, "subject_id": found.subject_id}
    ids = {name: new_id() for name in states}
    with transaction():
        for name, values in states.items():
            # Not the model: it takes None for a value that is missing.
            row = insert(DELIVERIES).values(id=ids[name], endpoint_id=endpoint_id, **event, **values)
            db.session.execute(row)
    return {f"delivery_{name}": delivery_id for name, delivery_id in ids.items()}
