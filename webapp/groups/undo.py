"""Undo of changes of groups and memberships."""

from __future__ import annotations

from uuid import UUID

from webapp.access.checks import check_group_action
from webapp.access.models import Group, Membership
from webapp.access.services import add_member, end_membership
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
from webapp.groups.services import audited_group, delete_group, restore_group, update_group

MANAGE = Permission.GROUPS_MANAGE
MEMBERSHIP_ID = "membership_id"


def _get_membership(record: AuditRecord, by: Actor) -> Membership:
    membership = find_period_row(Membership, record, id_field=MEMBERSHIP_ID)
    if membership is None:
        raise NotFound(_("They are not in this group"))
    check_group_action(by, MANAGE, group_id=membership.group_id)
    return membership


def _current_membership(record: AuditRecord, by: Actor) -> dict[str, Value]:
    return current_period_fields(record, _get_membership(record, by), id_field=MEMBERSHIP_ID)


def undo_adding(record: AuditRecord, by: Actor) -> None:
    end_membership(_get_membership(record, by).id, by=by)


def undo_removal(record: AuditRecord, by: Actor) -> None:
    membership = _get_membership(record, by)
    add_member(membership.group_id, membership.user_id, **earlier_period(record), by=by)


def _get_group(record: AuditRecord, by: Actor) -> Group:
    check_group_action(by, MANAGE, group_id=record.subject_id)
    group = db.session.get(Group, record.subject_id, populate_existing=True)
    if group is None:
        raise NotFound(_("This group does not exist"))
    return group


def _current_group(record: AuditRecord, by: Actor) -> dict[str, Value]:
    group = _get_group(record, by)
    return current_fields(record, None if group.deleted_at else audited_group(group))


def undo_update(record: AuditRecord, by: Actor) -> None:
    group = _get_group(record, by)
    texts = audited_group(group) | earlier_texts(record)
    update_group(
        group.id,
        version=group.version,
        name=texts["name"] or "",
        description=texts["description"] or "",
        parent_id=UUID(texts["parent_id"]) if texts["parent_id"] else None,
        by=by,
    )


UNDOS = {
    Action.MEMBER_ADDED: Undo(permission=MANAGE, current=_current_membership, apply=undo_adding),
    Action.MEMBER_REMOVED: Undo(permission=MANAGE, current=_current_membership, apply=undo_removal),
    **lifecycle_undos(
        permission=MANAGE,
        current=_current_group,
        actions=(Action.GROUP_CREATED, Action.GROUP_UPDATED, Action.GROUP_DELETED, Action.GROUP_RESTORED),
        update=undo_update,
        delete=delete_group,
        restore=restore_group,
    ),
}
