"""The only entry point to changes of groups. Memberships are changed by `webapp.access.services`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from webapp.access.checks import (
    check_can_grant_roles_of_group,
    check_can_move_group,
    check_group_action,
    check_group_visible,
    check_holds_roles_of_group,
)
from webapp.access.group_tree import group_and_ancestors, groups_and_descendants
from webapp.access.models import DEPTH_MAX, Group
from webapp.access.validation import validate_texts
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Stale, Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.text import caseless_key, fold_text
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction


@transaction()
def create_group(*, name: str, by: Actor, description: str = "", parent_id: UUID | None = None) -> Group:
    """Create a group at the top or in a parent group. Raise Invalid, Taken, NotFound or Forbidden."""
    _lock_tree()
    check_group_action(by, Permission.GROUPS_MANAGE, group_id=parent_id)
    _check_parent(None, parent_id, by=by)
    group = Group(**_validated(name=name, description=description), parent_id=parent_id)
    db.session.add(group)
    _flush()
    _record(Action.GROUP_CREATED, group, by, difference({}, audited_group(group)))
    return group


@transaction()
def update_group(
    group_id: UUID, *, version: int, name: str, by: Actor, description: str = "", parent_id: UUID | None = None
) -> Group:
    """Change or move a group. Raise Stale if it was changed after `version`, Invalid if it would be inside itself."""
    _lock_tree()
    group = _locked(group_id)
    check_group_action(by, Permission.GROUPS_MANAGE, group_id=group_id)
    _check_version(group, version)
    before = audited_group(group)
    values = _validated(name=name, description=description)
    if group.parent_id != parent_id:
        # A move changes the members of the old parent and of the new one.
        check_group_action(by, Permission.GROUPS_MANAGE, group_id=group.parent_id)
        if group.parent_id:
            check_holds_roles_of_group(by, group.parent_id)
        check_group_action(by, Permission.GROUPS_MANAGE, group_id=parent_id)
        _check_parent(group_id, parent_id, by=by)
        values["parent_id"] = parent_id
    for field, value in values.items():
        setattr(group, field, value)
    # Before any query, which would flush the changes without translating a violated constraint.
    _flush()
    changes = difference(before, audited_group(group))
    if changes:
        _record(Action.GROUP_UPDATED, group, by, changes)
    return group


@transaction()
def patch_group(group_id: UUID, *, by: Actor, version: int | None = None, **fields: Any) -> Group:
    """Change only these fields, and leave the others as they are. None as `version` accepts any version."""
    _lock_tree()
    group = _locked(group_id)
    values = {"name": group.name, "description": group.description, "parent_id": group.parent_id} | fields
    return update_group(group_id, version=version or group.version, **values, by=by)


@transaction()
def delete_group(group_id: UUID, *, by: Actor, version: int | None = None) -> Group:
    """Delete a group. Until it is restored, it has no members and gives no roles. Idempotent.

    Raise Invalid if it contains other groups, Stale if it was changed after `version`.
    """
    _lock_tree()
    group = _locked(group_id, deleted=True)
    check_group_action(by, Permission.GROUPS_MANAGE, group_id=group_id)
    if group.deleted_at:
        return group
    _check_version(group, version or group.version)
    check_holds_roles_of_group(by, group_id)
    if db.session.scalar(select(func.count()).where(Group.parent_id == group_id, Group.deleted_at.is_(None))):
        raise Invalid(
            _("This group contains other groups. Move or delete them first."), field="group", code="not_empty"
        )
    group.deleted_at, group.name_key = now(), None
    _record(Action.GROUP_DELETED, group, by, {"name": (group.name, None)})
    return group


@transaction()
def restore_group(group_id: UUID, *, by: Actor) -> Group:
    """Restore a group. Raise Taken if another group has its name now, NotFound if its parent is deleted. Idempotent."""
    _lock_tree()
    group = _locked(group_id, deleted=True)
    check_group_visible(by, group_id)
    check_group_action(by, Permission.GROUPS_MANAGE, group_id=group.parent_id)
    if group.deleted_at is None:
        return group
    _check_parent(group_id, group.parent_id, by=by)
    group.deleted_at, group.name_key = None, caseless_key(group.name)
    _flush()
    check_can_grant_roles_of_group(by, group_id)
    _record(Action.GROUP_RESTORED, group, by, {"name": (None, group.name)})
    return group


def _lock_tree() -> None:
    """Let one transaction at a time change the tree, so that two groups cannot be moved into each other."""
    advisory_lock("groups")


def _check_parent(group_id: UUID | None, parent_id: UUID | None, *, by: Actor) -> None:
    """Raise NotFound, Invalid for a cycle or for too many levels, Forbidden if `by` would gain powers."""
    if parent_id is None:
        return
    parent = db.session.get(Group, parent_id, populate_existing=True)
    if parent is None or parent.deleted_at:
        raise NotFound(_("This group does not exist"))
    ancestors = group_and_ancestors(parent_id)
    if group_id in ancestors:
        raise Invalid(_("A group cannot be part of itself"), field="parent_id", code="circle")
    if len(ancestors) + _height(group_id) > DEPTH_MAX:
        raise Invalid(
            _("Groups can be nested at most %(max)s levels deep", max=DEPTH_MAX), field="parent_id", code="too_deep"
        )
    if group_id is None:
        check_can_grant_roles_of_group(by, parent_id)
    else:
        check_can_move_group(by, group_id, parent_id=parent_id)


def _height(group_id: UUID | None) -> int:
    """Return the number of levels of the group and its descendants; 1 for a group without any."""
    if group_id is None:
        return 1
    descendants = set(db.session.scalars(groups_and_descendants([group_id])))
    rows: Any = db.session.execute(select(Group.id, Group.parent_id).where(Group.id.in_(descendants)))
    parents: dict[UUID, UUID | None] = {row.id: row.parent_id for row in rows}

    def level(child: UUID | None) -> int:
        return 1 if child == group_id or child is None else 1 + level(parents.get(child))

    return max(map(level, descendants), default=1)


def _validated(*, name: str, description: str) -> dict[str, Any]:
    texts, problems = validate_texts(name=name, description=description)
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return texts | {"name_sort": fold_text(texts["name"])}


def _locked(group_id: UUID, *, deleted: bool = False) -> Group:
    group = db.session.get(Group, group_id, with_for_update=True, populate_existing=True)
    if group is None or (group.deleted_at and not deleted):
        raise NotFound(_("This group does not exist"))
    return group


def _check_version(group: Group, version: int) -> None:
    if group.version != version:
        raise Stale(_("Someone else changed this group while you were editing"))


def audited_group(group: Group) -> dict[str, str | None]:
    """Return the group in the format of an audit record."""
    parent = db.session.get(Group, group.parent_id) if group.parent_id else None
    return {
        "name": group.name,
        "description": group.description,
        "inside": parent.name if parent else None,
        "parent_id": str(group.parent_id) if group.parent_id else None,
    }


def _record(action: Action, group: Group, by: Actor, changes: Changes) -> None:
    record(action, subject=group, by=by, kind="group", changes=changes)


def _flush() -> None:
    taken = Taken(_("A group with this name already exists"), field="name", code="taken")
    with translate_constraints({"uq_groups_name_key": taken}):
        db.session.flush()
