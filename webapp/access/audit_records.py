"""The audit records of grants and memberships. `undo` reads them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.access.models import Membership, RoleGrant
from webapp.access.queries import user_name
from webapp.audit.actions import Action
from webapp.audit.services import Changes, record
from webapp.core.clock import now
from webapp.core.permissions import Actor


@dataclass(frozen=True)
class _Person:
    """The subject of a record."""

    id: UUID
    name: str


def record_grant(action: Action, grant: RoleGrant, changes: Changes, *, by: Actor) -> None:
    if grant.user_id:
        record(action, subject=_Person(grant.user_id, user_name(grant.user_id)), by=by, changes=changes)
    elif grant.group:
        record(action, subject=grant.group, by=by, kind="group", changes=changes)


def record_membership(action: Action, membership: Membership, changes: Changes, *, by: Actor) -> None:
    subject = _Person(membership.user_id, user_name(membership.user_id))
    record(action, subject=subject, by=by, changes=changes)


def added(row: RoleGrant | Membership) -> Changes:
    return {name: (None, text) for name, text in _audited(row).items()}


def ended(row: RoleGrant | Membership) -> Changes:
    """Call this before the row is ended, because ending changes `ends_at`."""
    return {name: (text, None) for name, text in _audited(row).items()}


def _audited(row: RoleGrant | Membership) -> dict[str, str]:
    values = _audited_grant(row) if isinstance(row, RoleGrant) else _audited_membership(row)
    # A start that has passed says nothing that the time of the record of its addition does not say.
    values |= {"starts_at": _text(row.starts_at if row.starts_at > now() else None), "ends_at": _text(row.ends_at)}
    return {name: text for name, text in values.items() if text}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _audited_grant(grant: RoleGrant) -> dict[str, str | None]:
    return {
        "role": grant.role.name,
        "within": grant.scope.name if grant.scope else None,
        "grant_id": str(grant.id),
    }


def _audited_membership(membership: Membership) -> dict[str, str | None]:
    return {
        "group": membership.group.name,
        "group_id": str(membership.group_id),
        "membership_id": str(membership.id),
    }
