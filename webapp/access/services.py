"""The only door to memberships and grants of roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.access.checks import (
    check_act,
    check_gives,
    check_group,
    check_takes_in,
    keep_an_owner,
    lock_owners,
)
from webapp.access.models import LABEL_MAX, OWNER, Membership, Role, RoleGrant
from webapp.access.queries import get_group, name_of, powers_through
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Taken
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction


@transaction()
def grant_role(
    role_id: UUID,
    *,
    by: Actor,
    user_id: UUID | None = None,
    group_id: UUID | None = None,
    scope_id: UUID | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> RoleGrant:
    """Gives a role to a person or a group: everywhere, or within the group `scope_id`; from now on, or for a time.

    Raises NotFound, Invalid, Taken when they have it already, and Forbidden for what `by` does not hold.
    """
    lock_owners()
    role = db.session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None or role.deleted_at:
        raise NotFound(_("There is no such role. Somebody may have deleted it."))
    _check_place(role, by=by, user_id=user_id, group_id=group_id, scope_id=scope_id)
    check_gives(by, Powers(role.allows) if scope_id is None else Powers(within={scope_id: role.allows}))
    grant = RoleGrant(
        role_id=role.id,
        user_id=user_id,
        group_id=group_id,
        scope_id=scope_id,
        live_key=_key("grant", role_id, user_id or group_id, scope_id),
        **_window(starts_at, ends_at),
        created_by=by.label[:LABEL_MAX],
    )
    _add(grant, taken=_("They have this role already."))
    _record_grant(Action.ROLE_GRANTED, grant, difference({}, _filled(_told_of_grant(grant))), by=by)
    return grant


def _check_place(role: Role, *, by: Actor, user_id: UUID | None, group_id: UUID | None, scope_id: UUID | None) -> None:
    if (user_id is None) == (group_id is None):
        raise Invalid(_("Choose a person or a group."), field="holder", code="required")
    if role.id == OWNER and (group_id or scope_id):
        raise Invalid(_("Only a person can be an owner, and only everywhere."), field="role", code="owner")
    if user_id:
        check_act(by, Permission.ROLES_GRANT, on=user_id)
    if group_id:
        get_group(group_id)
        check_group(by, Permission.ROLES_GRANT, group_id=group_id)
    if scope_id:
        get_group(scope_id)
    check_group(by, Permission.ROLES_GRANT, group_id=scope_id)


@transaction()
def end_grant(grant_id: UUID, *, by: Actor) -> RoleGrant:
    """Takes a role back, from this moment on. Twice is once."""
    lock_owners()
    grant = db.session.get(RoleGrant, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise NotFound(_("There is no such role to take back."))
    if grant.live_key is None:
        return grant
    if grant.user_id:
        check_act(by, Permission.ROLES_GRANT, on=grant.user_id)
    else:
        check_group(by, Permission.ROLES_GRANT, group_id=grant.group_id)
        scope = (
            Powers(grant.role.allows) if grant.scope_id is None else Powers(within={grant.scope_id: grant.role.allows})
        )
        check_gives(by, scope)
    if grant.role_id == OWNER and grant.user_id:
        keep_an_owner(grant.user_id)
    told = _filled(_told_of_grant(grant))
    _end(grant)
    _record_grant(Action.ROLE_REVOKED, grant, difference(told, dict.fromkeys(told)), by=by)
    return grant


@transaction()
def add_member(
    group_id: UUID,
    user_id: UUID,
    *,
    by: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    permission: Permission = Permission.GROUPS_MANAGE,
) -> Membership:
    """Takes a person into a group, from now on, or for a time. Raises Taken when they are in it."""
    get_group(group_id)
    check_group(by, permission, group_id=group_id)
    if permission == Permission.GROUPS_MANAGE:
        check_takes_in(by, user_id, group_id=group_id)
    else:
        # Somebody new, whose password they know: nobody creates more than they are.
        check_gives(by, powers_through(group_id))
    membership = Membership(
        group_id=group_id,
        user_id=user_id,
        live_key=_key("member", group_id, user_id),
        **_window(starts_at, ends_at),
        created_by=by.label[:LABEL_MAX],
    )
    _add(membership, taken=_("They are in this group already."))
    _record_membership(Action.MEMBER_ADDED, membership, difference({}, _filled(_told_of_membership(membership))), by=by)
    return membership


@transaction()
def end_membership(membership_id: UUID, *, by: Actor) -> Membership:
    """Takes a person out of a group, from this moment on. Twice is once."""
    membership = db.session.get(Membership, membership_id, with_for_update=True, populate_existing=True)
    if membership is None:
        raise NotFound(_("They are not in this group."))
    if membership.live_key is None:
        return membership
    check_group(by, Permission.GROUPS_MANAGE, group_id=membership.group_id)
    check_takes_in(by, membership.user_id, group_id=membership.group_id)
    told = _filled(_told_of_membership(membership))
    _end(membership)
    _record_membership(Action.MEMBER_REMOVED, membership, difference(told, dict.fromkeys(told)), by=by)
    return membership


def _window(starts_at: datetime | None, ends_at: datetime | None) -> dict[str, datetime | None]:
    moment = now()
    begin = starts_at or moment
    if ends_at and ends_at <= begin:
        raise Invalid(_("The end lies before the start."), field="ends_at", code="before_start")
    if ends_at and ends_at <= moment:
        raise Invalid(_("The end lies in the past."), field="ends_at", code="past")
    return {"starts_at": begin, "ends_at": ends_at}


def _add(row: RoleGrant | Membership, *, taken: Any) -> None:
    """Saves it; what ended by itself makes room first."""
    model = type(row)
    over = (model.live_key == row.live_key) & (model.ends_at <= now())
    db.session.execute(update(model).where(over).values(live_key=None))
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        if "live_key" in str(error.orig):
            raise Taken(taken, field="role", code="taken") from error
        raise NotFound(_("There is no such user.")) from error


def _end(row: RoleGrant | Membership) -> None:
    row.ends_at = max(now(), row.starts_at)
    row.live_key = None


def _key(*parts: object) -> str:
    return ":".join(part.hex if isinstance(part, UUID) else str(part or "") for part in parts)


@dataclass(frozen=True)
class _Holder:
    """Whom a record is about."""

    id: UUID
    name: str


def _told_of_grant(grant: RoleGrant) -> dict[str, str | None]:
    return {
        "role": grant.role.name,
        "within": grant.scope.name if grant.scope else None,
        "ends_at": grant.ends_at.isoformat() if grant.ends_at else None,
        "grant_id": str(grant.id),
    }


def _filled(told: dict[str, str | None]) -> dict[str, str | None]:
    return {name: text for name, text in told.items() if text}


def _told_of_membership(membership: Membership) -> dict[str, str | None]:
    return {
        "group": membership.group.name,
        "ends_at": membership.ends_at.isoformat() if membership.ends_at else None,
        "group_id": str(membership.group_id),
        "membership_id": str(membership.id),
    }


def _record_grant(action: Action, grant: RoleGrant, changes: Changes, *, by: Actor) -> None:
    if grant.user_id:
        record(action, subject=_Holder(grant.user_id, name_of(grant.user_id)), by=by, changes=changes)
    elif grant.group:
        record(action, subject=grant.group, by=by, kind="group", changes=changes)


def _record_membership(action: Action, membership: Membership, changes: Changes, *, by: Actor) -> None:
    subject = _Holder(membership.user_id, name_of(membership.user_id))
    record(action, subject=subject, by=by, changes=changes)
