"""The only entry point to changes of grants and memberships."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, update

from webapp.access.audit_records import added, ended, record_grant, record_membership
from webapp.access.checks import (
    check_can_add_member,
    check_can_grant,
    check_can_grant_roles_of_group,
    check_can_remove_member,
    check_group_action,
    check_holds,
    check_owner_remains,
    check_user_action,
    lock_owners,
)
from webapp.access.models import LABEL_MAX, OWNER, Membership, Role, RoleGrant
from webapp.access.periods import end_live, insert_live, live_key, validate_period
from webapp.access.queries import check_user_exists, get_group
from webapp.audit.actions import Action
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Actor, Permission, Powers, permissions_within
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
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
    """Grant a role to a person or to a group, everywhere or over the members of the group `scope_id`.

    Raise NotFound, Invalid, Taken if the holder has it already, Forbidden if `by` cannot grant it.
    """
    lock_owners()
    role = db.session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None or role.deleted_at:
        raise NotFound(_("This role does not exist. It may have been deleted."))
    _check_holder_and_scope(role, by=by, user_id=user_id, group_id=group_id, scope_id=scope_id)
    period = validate_period(starts_at, ends_at)
    check_can_grant(by, _powers(role, scope_id), until=ends_at)
    grant = RoleGrant(
        role_id=role.id,
        user_id=user_id,
        group_id=group_id,
        scope_id=scope_id,
        live_key=live_key("grant", role_id, user_id or group_id, scope_id),
        **period,
        created_by=by.label[:LABEL_MAX],
    )
    insert_live(grant, taken=_("They already have this role"))
    record_grant(Action.ROLE_GRANTED, grant, added(grant), by=by)
    return grant


def _check_holder_and_scope(
    role: Role, *, by: Actor, user_id: UUID | None, group_id: UUID | None, scope_id: UUID | None
) -> None:
    if (user_id is None) == (group_id is None):
        raise Invalid(_("Choose a user or a group"), field="holder", code="required")
    if role.id == OWNER and (group_id or scope_id):
        raise Invalid(_("Only a user can be an owner, and only everywhere"), field="role", code="owner")
    if user_id:
        check_user_exists(user_id)
        check_user_action(by, Permission.ROLES_GRANT, user_id=user_id)
    if group_id:
        get_group(group_id)
        check_group_action(by, Permission.ROLES_GRANT, group_id=group_id)
    if scope_id:
        get_group(scope_id)
    check_group_action(by, Permission.ROLES_GRANT, group_id=scope_id)


def _powers(role: Role, scope_id: UUID | None) -> Powers:
    allows = permissions_within(scope_id, role.allows)
    return Powers(allows) if scope_id is None else Powers(by_scope={scope_id: allows})


@transaction()
def end_grant(grant_id: UUID, *, by: Actor) -> RoleGrant:
    """End a grant now. Idempotent. Raise Forbidden if `by` cannot grant the role, or for the last permanent owner."""
    lock_owners()
    grant = db.session.get(RoleGrant, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise NotFound(_("There is no role to remove"))
    if grant.live_key is None:
        return grant
    if grant.user_id:
        check_user_action(by, Permission.ROLES_GRANT, user_id=grant.user_id)
    else:
        check_group_action(by, Permission.ROLES_GRANT, group_id=grant.group_id)
        check_holds(by, _powers(grant.role, grant.scope_id))
    if grant.role_id == OWNER and grant.user_id:
        check_owner_remains(grant.user_id)
    changes = ended(grant)
    end_live(grant)
    record_grant(Action.ROLE_REVOKED, grant, changes, by=by)
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
    """Add a person to a group. Raise NotFound, Invalid, Taken if they are a member already, Forbidden.

    `permission` is USERS_CREATE for a person who has just been created; see docs/design/access.md.
    """
    get_group(group_id)
    check_user_exists(user_id)
    check_group_action(by, permission, group_id=group_id)
    period = validate_period(starts_at, ends_at)
    if permission == Permission.GROUPS_MANAGE:
        check_can_add_member(by, user_id, group_id=group_id, until=ends_at)
    else:
        # The creator may know the password of the new account, so it must not get powers that they lack.
        check_can_grant_roles_of_group(by, group_id, until=ends_at)
    membership = Membership(
        group_id=group_id,
        user_id=user_id,
        live_key=live_key("member", group_id, user_id),
        **period,
        created_by=by.label[:LABEL_MAX],
    )
    insert_live(membership, taken=_("They are already in this group"))
    record_membership(Action.MEMBER_ADDED, membership, added(membership), by=by)
    return membership


@transaction()
def end_membership(membership_id: UUID, *, by: Actor) -> Membership:
    """End a membership now. Idempotent. Raise NotFound, Forbidden."""
    membership = db.session.get(Membership, membership_id, with_for_update=True, populate_existing=True)
    if membership is None:
        raise NotFound(_("They are not in this group"))
    if membership.live_key is None:
        return membership
    check_group_action(by, Permission.GROUPS_MANAGE, group_id=membership.group_id)
    check_can_remove_member(by, membership.user_id, group_id=membership.group_id)
    changes = ended(membership)
    end_live(membership)
    record_membership(Action.MEMBER_REMOVED, membership, changes, by=by)
    return membership


@transaction()
def anonymise_access(user_id: UUID) -> None:
    """End the grants and memberships of a person who is about to be erased. Access reviews keep them by their ID."""
    moment = now()
    for model in (RoleGrant, Membership):
        theirs = update(model).where(model.user_id == user_id)
        unended = theirs.where(or_(model.ends_at.is_(None), model.ends_at > moment)).values(ends_at=moment)
        anonymous = theirs.values(user_id=None, erased_user_id=user_id, live_key=None)
        for statement in (unended, anonymous):
            db.session.execute(statement, execution_options=NO_SYNC)
