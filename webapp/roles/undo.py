"""Undo of changes of roles and grants."""

from __future__ import annotations

from webapp.access.checks import check_everywhere, check_group_action, check_user_action
from webapp.access.models import Role, RoleGrant
from webapp.access.services import end_grant, grant_role
from webapp.access.undo import (
    current_fields,
    current_period_fields,
    earlier_period,
    earlier_texts,
    find_period_row,
    lifecycle_undos,
)
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.roles.services import audited_role, delete_role, restore_role, update_role

GRANT, MANAGE = Permission.ROLES_GRANT, Permission.ROLES_MANAGE
GRANT_ID = "grant_id"


def _get_grant(record: AuditRecord, by: Actor) -> RoleGrant:
    grant = find_period_row(RoleGrant, record, id_field=GRANT_ID)
    if grant is None:
        raise NotFound(_("There is no role to remove"))
    if grant.user_id:
        check_user_action(by, GRANT, user_id=grant.user_id)
    else:
        check_group_action(by, GRANT, group_id=grant.group_id)
    return grant


def _current_grant(record: AuditRecord, by: Actor) -> dict[str, Value]:
    return current_period_fields(record, _get_grant(record, by), id_field=GRANT_ID)


def undo_grant(record: AuditRecord, by: Actor) -> None:
    end_grant(_get_grant(record, by).id, by=by)


def undo_revocation(record: AuditRecord, by: Actor) -> None:
    grant = _get_grant(record, by)
    grant_role(
        grant.role_id,
        user_id=grant.user_id,
        group_id=grant.group_id,
        scope_id=grant.scope_id,
        **earlier_period(record),
        by=by,
    )


def _get_role(record: AuditRecord, by: Actor) -> Role:
    check_everywhere(by, MANAGE)
    role = db.session.get(Role, record.subject_id, populate_existing=True)
    if role is None:
        raise NotFound(_("This role does not exist"))
    return role


def _current_role(record: AuditRecord, by: Actor) -> dict[str, Value]:
    role = _get_role(record, by)
    return current_fields(record, None if role.deleted_at else audited_role(role))


def undo_update(record: AuditRecord, by: Actor) -> None:
    role = _get_role(record, by)
    texts = audited_role(role) | earlier_texts(record)
    update_role(
        role.id,
        version=role.version,
        name=texts["name"],
        description=texts["description"],
        permissions=[permission for permission in texts["permissions"].split(", ") if permission],
        by=by,
    )


UNDOS = {
    Action.ROLE_GRANTED: Undo(permission=GRANT, current=_current_grant, apply=undo_grant),
    Action.ROLE_REVOKED: Undo(permission=GRANT, current=_current_grant, apply=undo_revocation),
    **lifecycle_undos(
        permission=MANAGE,
        current=_current_role,
        actions=(Action.ROLE_CREATED, Action.ROLE_UPDATED, Action.ROLE_DELETED, Action.ROLE_RESTORED),
        update=undo_update,
        delete=delete_role,
        restore=restore_role,
    ),
}
