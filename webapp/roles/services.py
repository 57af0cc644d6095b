"""The only door to a change of roles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from webapp.access.checks import check_gives, check_group, lock_owners
from webapp.access.models import Role
from webapp.access.naming import named_texts
from webapp.audit.models import Action
from webapp.audit.services import difference, record
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound, Problem, Stale, Taken
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.text import key
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction


@transaction()
def create_role(*, name: str, permissions: Collection[str], by: Actor, description: str = "") -> Role:
    """A role of one's own. Raises Invalid, Taken, and Forbidden when it allows what `by` may not do."""
    lock_owners()
    values = _checked(name=name, description=description, permissions=permissions, by=by)
    role = Role(**values)
    db.session.add(role)
    _flush()
    record(Action.ROLE_CREATED, subject=role, by=by, kind="role", changes=difference({}, _told(role)))
    return role


@transaction()
def update_role(
    role_id: UUID, *, version: int, name: str, permissions: Collection[str], by: Actor, description: str = ""
) -> Role:
    """Changes a role, and with it at once what everybody may do who has it. Raises Stale when it was changed since."""
    lock_owners()
    role = _own(role_id)
    if role.version != version:
        raise Stale(_("Somebody else changed this role while you were editing."))
    check_gives(by, Powers(role.allows))
    before = _told(role)
    for field, value in _checked(name=name, description=description, permissions=permissions, by=by).items():
        setattr(role, field, value)
    changes = difference(before, _told(role))
    if changes:
        _flush()
        record(Action.ROLE_UPDATED, subject=role, by=by, kind="role", changes=changes)
    return role


@transaction()
def delete_role(role_id: UUID, *, by: Actor) -> Role:
    """A deleted role allows nothing any more; who has it gets it back when it is restored. Twice is once."""
    lock_owners()
    role = _own(role_id, deleted=True)
    if role.deleted_at:
        return role
    check_group(by, Permission.ROLES_MANAGE, group_id=None)
    check_gives(by, Powers(role.allows))
    role.deleted_at, role.name_key = now(), None
    record(Action.ROLE_DELETED, subject=role, by=by, kind="role", changes={"name": (role.name, None)})
    return role


@transaction()
def restore_role(role_id: UUID, *, by: Actor) -> Role:
    """Raises Taken when its name was given to another one meanwhile. Twice is once."""
    lock_owners()
    role = _own(role_id, deleted=True)
    if role.deleted_at is None:
        return role
    check_group(by, Permission.ROLES_MANAGE, group_id=None)
    check_gives(by, Powers(role.allows))
    role.deleted_at, role.name_key = None, key(role.name)
    _flush()
    record(Action.ROLE_RESTORED, subject=role, by=by, kind="role", changes={"name": (None, role.name)})
    return role


def _checked(*, name: str, description: str, permissions: Collection[str], by: Actor) -> dict[str, Any]:
    check_group(by, Permission.ROLES_MANAGE, group_id=None)
    texts, problems = named_texts(name=name, description=description)
    if set(permissions) - set(Permission):
        problems.append(Problem("permissions", "unknown", _("Choose one of those offered.")))
    if problems:
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    check_gives(by, Powers(frozenset(map(Permission, permissions))))
    return texts | {"permissions": sorted(set(permissions))}


def _own(role_id: UUID, *, deleted: bool = False) -> Role:
    """A role that was made here, locked. Raises Forbidden for a built-in one."""
    role = db.session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None or (role.deleted_at and not deleted):
        raise NotFound(_("There is no such role."))
    if role.built_in:
        raise Forbidden(_("Built-in roles stay as they are. Make a role of your own from it."))
    return role


def _told(role: Role) -> dict[str, str]:
    return {"name": role.name, "description": role.description, "permissions": ", ".join(role.permissions)}


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Taken(_("There is a role of this name."), field="name", code="taken") from error
