"""How changes of roles, and of who holds them, are taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from webapp.access.checks import check_everywhere, check_group_action, check_user_action
from webapp.access.models import Role, RoleGrant
from webapp.access.services import end_grant, grant_role
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.roles.services import delete_role, restore_role, update_role

GRANT, MANAGE = Permission.ROLES_GRANT, Permission.ROLES_MANAGE


def _grant(record: AuditRecord, by: Actor) -> RoleGrant:
    """The grant that the record is about, for whoever may give and take it."""
    before, after = record.changes["grant_id"]
    grant = db.session.get(RoleGrant, UUID(str(before or after)), populate_existing=True)
    if grant is None:
        raise NotFound(_("There is no such role to take back."))
    if grant.user_id:
        check_user_action(by, GRANT, user_id=grant.user_id)
    else:
        check_group_action(by, GRANT, group_id=grant.group_id)
    return grant


def _held(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """While it is held all is as the record left it; once it ended, all is gone."""
    live = _grant(record, by).live_key is not None
    given = record.changes["grant_id"][1] is not None
    return {name: (after if given else before) if live else None for name, (before, after) in record.changes.items()}


def undo_grant(record: AuditRecord, by: Actor) -> None:
    end_grant(_grant(record, by).id, by=by)


def undo_revocation(record: AuditRecord, by: Actor) -> None:
    grant = _grant(record, by)
    ends_at = record.changes.get("ends_at", (None, None))[0]
    grant_role(
        grant.role_id,
        user_id=grant.user_id,
        group_id=grant.group_id,
        scope_id=grant.scope_id,
        ends_at=datetime.fromisoformat(str(ends_at)) if ends_at else None,
        by=by,
    )


def _role(record: AuditRecord, by: Actor) -> Role:
    check_everywhere(by, MANAGE)
    role = db.session.get(Role, record.subject_id, populate_existing=True)
    if role is None:
        raise NotFound(_("There is no such role."))
    return role


def _as_it_is(record: AuditRecord, by: Actor) -> dict[str, Value]:
    role = _role(record, by)
    now = {"name": role.name, "description": role.description, "permissions": ", ".join(role.permissions)}
    return {name: None if role.deleted_at else now.get(name) for name in record.changes}


def undo_update(record: AuditRecord, by: Actor) -> None:
    role = _role(record, by)
    back = {name: str(before or "") for name, (before, _after) in record.changes.items()}
    permissions = back["permissions"].split(", ") if "permissions" in back else role.permissions
    update_role(
        role.id,
        version=role.version,
        name=back.get("name", role.name),
        description=back.get("description", role.description),
        permissions=[permission for permission in permissions if permission],
        by=by,
    )


def undo_creation(record: AuditRecord, by: Actor) -> None:
    delete_role(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_role(record.subject_id, by=by)


UNDOS = {
    Action.ROLE_GRANTED: Undo(permission=GRANT, current=_held, apply=undo_grant),
    Action.ROLE_REVOKED: Undo(permission=GRANT, current=_held, apply=undo_revocation),
    Action.ROLE_UPDATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_update),
    Action.ROLE_CREATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.ROLE_RESTORED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.ROLE_DELETED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_deletion),
}
