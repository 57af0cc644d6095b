"""The only entry point to changes of the target by people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.services import Changes, SubjectId, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.sealing import seal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.event_stream.push.addresses import clean_address, clean_authorization
from webapp.event_stream.push.models import EventPush
from webapp.event_stream.push.queries import find_push, get_push
from webapp.event_stream.queries import first_position, latest_position
from webapp.outgoing.urls import origin_of

# The audit record needs a subject. There is one target.
SUBJECT = SubjectId(UUID(int=0x6576656E7473))


def save_target(
    *, address: str, by: Actor, authorization: str | None = None, older: bool = False, version: int | None = None
) -> EventPush:
    """Send events to this address from now on. A new target gets `older` events too, if wanted.

    `authorization`: None keeps the stored value, "" removes it. Raise Invalid, Forbidden, or Stale if the target was
    changed after `version` (0: there was none).
    """
    address = clean_address(address)
    cleaned = None if authorization is None else clean_authorization(authorization, address=address)
    with _changing(by):
        push = find_push()
        if version is not None and version != (push.version if push else 0):
            raise Stale(_("Someone else changed this while you were editing"))
        if push is None:
            cursor = first_position() if older else latest_position()
            push = EventPush(address=address, cursor=str(cursor), sealed_authorization=_sealed(cleaned), version=1)
            db.session.add(push)
            db.session.flush()
            _record(Action.EVENT_PUSH_CREATED, {"target": (None, address)}, by=by)
        else:
            _update(push, address, cleaned, by=by)
    return push


def _update(push: EventPush, address: str, authorization: str | None, *, by: Actor) -> None:
    changes: Changes = {}
    is_moved = origin_of(address) != origin_of(push.address)
    if is_moved and push.sealed_authorization and authorization is None:
        message = _("Enter it again: the old value was for another server")
        raise Invalid(message, field="authorization", code="other_server")
    if address != push.address:
        changes["target"] = (push.address, address)
        push.address = address
    if authorization is not None and (authorization or push.sealed_authorization):
        changes["authorization"] = (None, "changed" if authorization else "removed")
        push.sealed_authorization = _sealed(authorization)
    if changes:
        _try_again(push)
        push.version += 1
        _record(Action.EVENT_PUSH_UPDATED, changes, by=by)


def remove_target(*, by: Actor, version: int | None = None) -> None:
    """Send no more events, and forget the position. Raise NotFound, Forbidden or Stale."""
    with _changing(by):
        push = get_push()
        if version is not None and version != push.version:
            raise Stale(_("Someone else changed this while you were editing"))
        _record(Action.EVENT_PUSH_REMOVED, {"target": (push.address, None)}, by=by)
        db.session.delete(push)


def pause_push(*, by: Actor) -> EventPush:
    """Send nothing until `resume_push`. The position stays. Idempotent."""
    with _changing(by):
        push = get_push()
        if push.paused_at is None:
            push.paused_at = now()
            push.version += 1
            _record(Action.EVENT_PUSH_PAUSED, {"target": (None, push.address)}, by=by)
    return push


def resume_push(*, by: Actor) -> EventPush:
    """Send what happened during the pause, and what follows. Idempotent."""
    with _changing(by):
        push = get_push()
        if push.paused_at is not None:
            push.paused_at = None
            push.version += 1
            _try_again(push)
            _record(Action.EVENT_PUSH_RESUMED, {"target": (None, push.address)}, by=by)
    return push


def request_test(*, by: Actor) -> EventPush:
    """Let the worker send a test event, also during a pause. `tested_at` and `test_error` say how it went."""
    with _changing(by):
        push = get_push()
        push.test_requested_at = now()
        _record(Action.EVENT_PUSH_TESTED, {"target": (None, push.address)}, by=by)
    return push


def record_test(*, by: Actor) -> None:
    """Record a test event that the caller sends itself."""
    with _changing(by):
        _record(Action.EVENT_PUSH_TESTED, {"target": (None, get_push().address)}, by=by)


@contextmanager
def _changing(by: Actor) -> Iterator[None]:
    """Run one change of the target at a time. It needs the permission to read events, because the target gets them."""
    with transaction():
        check_everywhere(by, Permission.SETTINGS_MANAGE)
        check_everywhere(by, Permission.AUDIT_READ)
        advisory_lock("event push")
        yield


def _try_again(push: EventPush) -> None:
    """Do not wait for the next attempt."""
    push.failures, push.last_error, push.next_attempt_at = 0, None, None


def _sealed(authorization: str | None) -> str | None:
    return seal(authorization) if authorization else None


def _record(action: Action, changes: Changes, *, by: Actor) -> None:
    record(action, subject=SUBJECT, by=by, kind="event_push", label="Event stream", changes=changes)
