"""The section `roles`. Built-in roles are not in files, because they cannot be changed."""

from __future__ import annotations

from functools import partial
from typing import Any

from webapp.access.models import Role
from webapp.access.queries import list_roles
from webapp.config_files.file_format import ConfigFile, RolePart, Section
from webapp.config_files.matching import row_finder
from webapp.config_files.plan import Outcome, Plan
from webapp.config_files.positions import Path
from webapp.core.permissions import Actor
from webapp.core.text import caseless_key
from webapp.roles.services import create_role, delete_role, patch_role

SECTION = Section.ROLES


def export_roles() -> list[dict[str, Any]]:
    return [
        {"name": role.name, "description": role.description, "permissions": sorted(map(str, role.allows))}
        for role in list_roles()
        if not role.built_in
    ]


def apply_roles(file: ConfigFile, plan: Plan, by: Actor) -> None:
    items: list[tuple[Path, RolePart]] = [((SECTION, index), item) for index, item in enumerate(file.roles or [])]
    rows = {caseless_key(role.name): role for role in list_roles()}
    find = row_finder(rows, items, plan)
    found = [(path, item, find(item)) for path, item in items]
    if SECTION in file.complete:
        kept = {role.id for _path, _item, role in found if role}
        for role in rows.values():
            if not role.built_in and role.id not in kept:
                plan.run(SECTION, role.name, Outcome.DELETE, (SECTION,), partial(delete_role, role.id, by=by))
    for path, item, row in found:
        _apply_role(item, row, path, plan, by)


def _apply_role(item: RolePart, role: Role | None, path: Path, plan: Plan, by: Actor) -> None:
    given = item.given
    if role is None:
        values = {"permissions": []} | given
        plan.run(SECTION, item.name, Outcome.CREATE, path, partial(create_role, **values, by=by))
        return
    if role.built_in:
        plan.run(SECTION, item.name, Outcome.CHANGE, (*path, "name"), partial(patch_role, role.id, by=by))
        return
    current = {"name": role.name, "description": role.description, "permissions": role.allows}
    changed = {name: value for name, value in given.items() if _comparable(value) != _comparable(current[name])}
    if changed:
        plan.run(SECTION, item.name, Outcome.CHANGE, path, partial(patch_role, role.id, by=by, **changed))
    else:
        plan.keep(SECTION, item.name)


def _comparable(value: Any) -> Any:
    return value if isinstance(value, str) else frozenset(value)
