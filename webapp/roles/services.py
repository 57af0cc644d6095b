"""The only entry point to changes of roles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from webapp.access.checks import check_can_grant, check_everywhere, check_holds, lock_owners
from webapp.access.models import Role
from webapp.access.validation import validate_texts
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound, Problem, Stale, Taken
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import transaction


@transaction()
def create_role(*, name: str, permissions: Collection[str], by: Actor, description: str = "") -> Role:
    """Create a role. Raise Invalid, Taken, or Forbidden if `by` does not hold all of the permissions."""
    lock_owners()
    role = Role(**_validated(name=name, description=description, permissions=permissions, by=by))
    db.session.add(role)
    _flush()
    _record(Action.ROLE_CREATED, role, difference({}, audited_role(role)), by=by)
    return role


@transaction()
def update_role(
    role_id: UUID, *, version: int, name: str, permissions: Collection[str], by: Actor, description: str = ""
) -> Role:
    """Change a role. Its holders get the new permissions immediately. Raise Stale if it was changed after `version`."""
    lock_owners()
    role = _locked(role_id)
    _check_version(role, version)
    check_holds(by, Powers(role.allows))
    # Changing the role gives its new permissions to all its holders, so the checks of a grant apply.
    check_can_grant(by, Powers(_known(permissions) - role.allows))
    before = audited_role(role)
    for field, value in _validated(name=name, description=description, permissions=permissions, by=by).items():
        setattr(role, field, value)
    changes = difference(before, audited_role(role))
    if changes:
        _flush()
        _record(Action.ROLE_UPDATED, role, changes, by=by)
    return role


@transaction()
def patch_role(role_id: UUID, *, by: Actor, version: int | None = None, **fields: Any) -> Role:
    """Change only these fields, and leave the others as they are. None as `version` accepts any version."""
    lock_owners()
    role = _locked(role_id)
    values = {"name": role.name, "description": role.description, "permissions": sorted(role.allows)} | fields
    return update_role(role_id, version=version or role.version, **values, by=by)


@transaction()
def delete_role(role_id: UUID, *, by: Actor, version: int | None = None) -> Role:
    """Delete a role. Until it is restored, it allows nothing. Its grants are kept. Idempotent.

    Raise Stale if it was changed after `version`.
    """
    lock_owners()
    role = _locked(role_id, deleted=True)
    if role.deleted_at:
        return role
    _check_version(role, version or role.version)
    _check_manage(role, by=by)
    role.deleted_at, role.name_key = now(), None
    _record(Action.ROLE_DELETED, role, {"name": (role.name, None)}, by=by)
    return role


@transaction()
def restore_role(role_id: UUID, *, by: Actor) -> Role:
    """Restore a role. Raise Taken if another role has its name now. Idempotent."""
    lock_owners()
    role = _locked(role_id, deleted=True)
    if role.deleted_at is None:
        return role
    _check_manage(role, by=by)
    check_can_grant(by, Powers(role.allows))
    role.deleted_at, role.name_key = None, caseless_key(role.name)
    _flush()
    _record(Action.ROLE_RESTORED, role, {"name": (None, role.name)}, by=by)
    return role


def _validated(*, name: str, description: str, permissions: Collection[str], by: Actor) -> dict[str, Any]:
    check_everywhere(by, Permission.ROLES_MANAGE)
    texts, problems = validate_texts(name=name, description=description)
    if set(permissions) - set(Permission):
        problems.append(Problem("permissions", "unknown", _("Choose one of the options")))
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    check_holds(by, Powers(_known(permissions)))
    return texts | {"permissions": sorted(set(permissions))}


def _known(permissions: Collection[str]) -> frozenset[Permission]:
    return frozenset(permission for permission in Permission if permission in permissions)


def _check_manage(role: Role, *, by: Actor) -> None:
    check_everywhere(by, Permission.ROLES_MANAGE)
    check_holds(by, Powers(role.allows))


def _check_version(role: Role, version: int) -> None:
    if role.version != version:
        raise Stale(_("Someone else changed this role while you were editing"))


def _locked(role_id: UUID, *, deleted: bool = False) -> Role:
    """Raise Forbidden for a built-in role."""
    role = db.session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None or (role.deleted_at and not deleted):
        raise NotFound(_("This role does not exist"))
    if role.built_in:
        raise Forbidden(_("You cannot change built-in roles. Create a copy instead."))
    return role


def audited_role(role: Role) -> dict[str, str]:
    """Return the role in the format of an audit record."""
    return {"name": role.name, "description": role.description, "permissions": ", ".join(role.permissions)}


def _record(action: Action, role: Role, changes: Changes, *, by: Actor) -> None:
    record(action, subject=role, by=by, kind="role", changes=changes)


def _flush() -> None:
    taken = Taken(_("A role with this name already exists"), field="name", code="taken")
    with translate_constraints({"uq_roles_name_key": taken}):
        db.session.flush()
