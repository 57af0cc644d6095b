"""How changes of groups, and of who is in them, are taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from webapp.access.checks import check_group_action
from webapp.access.models import Group, Membership
from webapp.access.services import add_member, end_membership
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.groups.services import audited_group, delete_group, restore_group, update_group

MANAGE = Permission.GROUPS_MANAGE


def _membership(record: AuditRecord, by: Actor) -> Membership:
    before, after = record.changes["membership_id"]
    membership = db.session.get(Membership, UUID(str(before or after)), populate_existing=True)
    if membership is None:
        raise NotFound(_("They are not in this group."))
    check_group_action(by, MANAGE, group_id=membership.group_id)
    return membership


def _in_it(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """While they are in it all is as the record left it; once that ended, all is gone."""
    live = _membership(record, by).live_key is not None
    added = record.changes["membership_id"][1] is not None
    return {name: (after if added else before) if live else None for name, (before, after) in record.changes.items()}


def undo_adding(record: AuditRecord, by: Actor) -> None:
    end_membership(_membership(record, by).id, by=by)


def undo_removing(record: AuditRecord, by: Actor) -> None:
    membership = _membership(record, by)
    ends_at = record.changes.get("ends_at", (None, None))[0]
    until = datetime.fromisoformat(str(ends_at)) if ends_at else None
    add_member(membership.group_id, membership.user_id, ends_at=until, by=by)


def _group(record: AuditRecord, by: Actor) -> Group:
    check_group_action(by, MANAGE, group_id=record.subject_id)
    group = db.session.get(Group, record.subject_id, populate_existing=True)
    if group is None:
        raise NotFound(_("There is no such group."))
    return group


def _as_it_is(record: AuditRecord, by: Actor) -> dict[str, Value]:
    group = _group(record, by)
    now = audited_group(group)
    return {name: None if group.deleted_at else now.get(name) for name in record.changes}


def undo_update(record: AuditRecord, by: Actor) -> None:
    group = _group(record, by)
    back = {name: str(before or "") for name, (before, _after) in record.changes.items()}
    parent_id = back.get("parent_id", group.parent_id)
    update_group(
        group.id,
        version=group.version,
        name=back.get("name", group.name),
        description=back.get("description", group.description),
        parent_id=UUID(str(parent_id)) if parent_id else None,
        by=by,
    )


def undo_creation(record: AuditRecord, by: Actor) -> None:
    delete_group(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_group(record.subject_id, by=by)


UNDOS = {
    Action.MEMBER_ADDED: Undo(permission=MANAGE, current=_in_it, apply=undo_adding),
    Action.MEMBER_REMOVED: Undo(permission=MANAGE, current=_in_it, apply=undo_removing),
    Action.GROUP_UPDATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_update),
    Action.GROUP_CREATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.GROUP_RESTORED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.GROUP_DELETED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_deletion),
}
