"""The person who started a bulk change. Only they can continue it, and jobs act on their behalf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from webapp.api_tokens.models import ApiToken, TokenState
from webapp.audit.actions import Action
from webapp.audit.reasons import checked_reason
from webapp.bulk.models import BulkChange, BulkItem, Requested
from webapp.bulk.queries import change_not_found, lock_change
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, ActorKind, permissions_named
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.users.models import User


def lock_own_change(bulk_id: UUID, by: Actor) -> BulkChange:
    """Lock a bulk change that `by` started. Raise NotFound, or Forbidden if someone else started it."""
    return _checked(lock_change(bulk_id), by)


def get_own_change(bulk_id: UUID, by: Actor) -> BulkChange:
    """Return a bulk change that `by` started, without a lock. Raise as `lock_own_change`."""
    return _checked(db.session.get(BulkChange, bulk_id, populate_existing=True), by)


def _checked(bulk: BulkChange | None, by: Actor) -> BulkChange:
    if bulk is None:
        raise change_not_found()
    if by.id is None or bulk.requested_by_id != by.id:
        raise Forbidden(_("Only the person who started this change can continue it"))
    return bulk


def save_request_details(change: Requested, by: Actor, *, action: Action) -> None:
    """Keep address, request ID and reason for the records that a job writes.

    Raise Invalid if `action` requires a reason and there is none.
    """
    reason = checked_reason(action, by.reason, by=by)
    change.address, change.request_id, change.reason = by.address, by.request_id, reason


def save_token(change: Requested, by: Actor) -> None:
    """Keep the API token that asked, and its scopes, so that a job cannot do more than the token."""
    change.token_id = by.token_id
    change.scopes = None if by.scopes is None else sorted(by.scopes)


def requester_of(change: Requested) -> Actor | None:
    """Return the actor for a job, with the scopes of the API token that asked. Services check the permissions again.

    None if the person can no longer sign in, or if the token was revoked. An expired token does not stop a job.
    """
    user = db.session.get(User, change.requested_by_id, populate_existing=True) if change.requested_by_id else None
    if user is None or not user.can_sign_in:
        return None
    details: Any = {"address": change.address, "request_id": change.request_id, "reason": change.reason}
    by = Actor(ActorKind.USER, user.name, user.id, **details)
    if change.token_id is None:
        return replace(by, scopes=permissions_named(change.scopes))
    token = db.session.get(ApiToken, change.token_id, populate_existing=True)
    if token is None or token.state is TokenState.REVOKED:
        return None
    scopes = permissions_named(change.scopes)
    return replace(by, kind=ActorKind.TOKEN, label=token.caller_label, token_id=token.id, scopes=scopes)


def lost_requester(change: Requested) -> str:
    """Say why `requester_of` is None."""
    if change.token_id is None:
        return str(_("The person who started this change can no longer sign in"))
    return str(_("The API token that started this change no longer works"))


def erase_person(person_id: UUID) -> None:
    """Erase a person from all bulk changes. A daily job removes the bulk changes that they started."""
    db.session.execute(delete(BulkItem).where(BulkItem.user_id == person_id), execution_options=NO_SYNC)
    started = update(BulkChange).where(BulkChange.requested_by_id == person_id)
    erased = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "view": None, "token_id": None}
    db.session.execute(started.values(erased), execution_options=NO_SYNC)
