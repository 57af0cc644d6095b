"""The only entry point to changes of webhook endpoints. For deliveries see `deliveries.py`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, Stale, WrongState
from webapp.core.permissions import Actor, Permission
from webapp.core.sealing import seal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, after_commit, transaction
from webapp.jobs.services import wake_worker
from webapp.outgoing.urls import checked_url
from webapp.users.checks import collect_problems
from webapp.webhooks.checks import CheckedEndpoint, check_endpoint, checked_description
from webapp.webhooks.events import checked_events
from webapp.webhooks.feed import end_of_trail
from webapp.webhooks.models import ENDPOINTS_MAX, OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX, Endpoint
from webapp.webhooks.queries import count_endpoints, endpoint_not_found
from webapp.webhooks.signing import new_secret

ACTIVE, PAUSED = "active", "paused"
CHANGED_MEANWHILE = _("Someone else changed this while you were editing")


class CreatedSecret(NamedTuple):
    """An endpoint and its new secret, which cannot be read later."""

    endpoint: Endpoint
    secret: str


def create_endpoint(*, url: str, events: Iterable[str], description: str = "", by: Actor) -> CreatedSecret:
    """Create an endpoint from the arguments of `check_endpoint`. Raise as `add_endpoint`."""
    return add_endpoint(check_endpoint(url=url, events=events, description=description), by=by)


def add_endpoint(checked: CheckedEndpoint, *, by: Actor) -> CreatedSecret:
    """Create an endpoint that gets these events from now on. Raise WrongState if there are too many."""
    secret = new_secret()
    with transaction():
        check_everywhere(by, Permission.WEBHOOKS_MANAGE)
        advisory_lock("webhooks")
        _check_number()
        endpoint = Endpoint(
            **checked._asdict(),
            position=end_of_trail(),
            sealed_secret=seal(secret),
            created_by_id=by.id,
        )
        db.session.add(endpoint)
        db.session.flush()
        record_change(Action.WEBHOOK_CREATED, endpoint, by=by, changes=difference({}, audited(endpoint)))
        after_commit(wake_worker)
    return CreatedSecret(endpoint, secret)


def update_endpoint(
    endpoint_id: UUID,
    *,
    by: Actor,
    version: int | None = None,
    url: str | None = None,
    events: Iterable[str] | None = None,
    description: str | None = None,
) -> Endpoint:
    """Change what is not None. Raise Invalid, or Stale if it was changed after `version`."""
    address, chosen, text = collect_problems(
        lambda: None if url is None else checked_url(url),
        lambda: None if events is None else checked_events(events),
        lambda: None if description is None else checked_description(description),
    )
    return change_endpoint(endpoint_id, url=address, events=chosen, description=text, version=version, by=by)


@transaction()
def change_endpoint(endpoint_id: UUID, *, by: Actor, version: int | None = None, **checked: Any) -> Endpoint:
    """Do what `update_endpoint` does, with fields that were checked before. It waits for no name server."""
    endpoint = locked_endpoint(endpoint_id, by=by, version=version)
    before = audited(endpoint)
    for name, value in checked.items():
        if value is not None and value != getattr(endpoint, name):
            setattr(endpoint, name, value)
    if changes := difference(before, audited(endpoint)):
        record_change(Action.WEBHOOK_UPDATED, endpoint, by=by, changes=changes)
    return endpoint


@transaction()
def delete_endpoint(endpoint_id: UUID, *, by: Actor, version: int | None = None) -> None:
    """Send nothing more. Until it is erased after 30 days, `restore_endpoint` brings it back. Idempotent."""
    endpoint = locked_endpoint(endpoint_id, by=by, version=version, deleted=True)
    if endpoint.deleted_at is None:
        endpoint.deleted_at = now()
        record_change(Action.WEBHOOK_DELETED, endpoint, by=by, changes={"url": (endpoint.url, None)})


@transaction()
def restore_endpoint(endpoint_id: UUID, *, by: Actor) -> Endpoint:
    """Bring a deleted endpoint back, paused and with its secret. Idempotent. Raise WrongState if there are too many."""
    advisory_lock("webhooks")
    endpoint = locked_endpoint(endpoint_id, by=by, deleted=True)
    if endpoint.deleted_at:
        _check_number()
        endpoint.deleted_at, endpoint.paused_at = None, endpoint.paused_at or now()
        record_change(Action.WEBHOOK_RESTORED, endpoint, by=by, changes={"url": (None, endpoint.url)})
    return endpoint


@transaction()
def pause_endpoint(endpoint_id: UUID, *, by: Actor, version: int | None = None) -> Endpoint:
    """Send nothing until it is resumed. Idempotent."""
    endpoint = locked_endpoint(endpoint_id, by=by, version=version)
    if endpoint.paused_at is None:
        endpoint.paused_at, endpoint.paused_by_failures = now(), False
        record_change(Action.WEBHOOK_PAUSED, endpoint, by=by, changes={"webhook_state": (ACTIVE, PAUSED)})
    return endpoint


@transaction()
def resume_endpoint(endpoint_id: UUID, *, by: Actor, version: int | None = None) -> Endpoint:
    """Send again, also what happened during the pause. Idempotent."""
    endpoint = locked_endpoint(endpoint_id, by=by, version=version)
    if endpoint.paused_at:
        endpoint.paused_at, endpoint.paused_by_failures, endpoint.failing_since = None, False, None
        record_change(Action.WEBHOOK_RESUMED, endpoint, by=by, changes={"webhook_state": (PAUSED, ACTIVE)})
        after_commit(wake_worker)
    return endpoint


@transaction()
def rotate_secret(endpoint_id: UUID, *, by: Actor, overlap_hours: int = OVERLAP_HOURS_DEFAULT) -> CreatedSecret:
    """Replace the secret. For `overlap_hours` more hours, deliveries are signed with the old one as well."""
    if not 0 <= overlap_hours <= OVERLAP_HOURS_MAX:
        message = _("Enter 0 to %(max)s hours", max=OVERLAP_HOURS_MAX)
        raise Invalid(message, field="overlap_hours", code="out_of_range")
    endpoint = locked_endpoint(endpoint_id, by=by)
    secret = new_secret()
    endpoint.sealed_previous_secret = endpoint.sealed_secret if overlap_hours else None
    endpoint.previous_secret_until = now() + timedelta(hours=overlap_hours) if overlap_hours else None
    endpoint.sealed_secret = seal(secret)
    record_change(Action.WEBHOOK_ROTATED, endpoint, by=by)
    return CreatedSecret(endpoint, secret)


def audited(endpoint: Endpoint) -> dict[str, object]:
    """Return what audit records say of an endpoint."""
    return {
        "url": endpoint.url,
        "description": endpoint.description or None,
        "webhook_events": list(endpoint.events) or None,
    }


def locked_endpoint(endpoint_id: UUID, *, by: Actor, version: int | None = None, deleted: bool = False) -> Endpoint:
    """Lock an endpoint that `by` may change. `deleted`: also a deleted one. Raise Forbidden, NotFound or Stale."""
    check_everywhere(by, Permission.WEBHOOKS_MANAGE)
    endpoint = db.session.get(Endpoint, endpoint_id, with_for_update=True, populate_existing=True)
    if endpoint is None or (endpoint.deleted_at and not deleted):
        raise endpoint_not_found()
    if version is not None and version != endpoint.version:
        raise Stale(CHANGED_MEANWHILE)
    return endpoint


def record_change(action: Action, endpoint: Endpoint, *, by: Actor, changes: Changes | None = None) -> None:
    record(action, subject=endpoint, by=by, kind="webhook", changes=changes or {})


def _check_number() -> None:
    if count_endpoints() >= ENDPOINTS_MAX:
        raise WrongState(_("You can have at most %(max)s webhooks", max=ENDPOINTS_MAX))
