"""The section `groups`: a tree. A group is moved to where the file has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from webapp.access.models import Group
from webapp.access.queries import search_groups
from webapp.config_files.file_format import ConfigFile, GroupPart, NamedPart, Section
from webapp.config_files.matching import row_finder
from webapp.config_files.plan import Outcome, Plan
from webapp.config_files.positions import Path
from webapp.core.permissions import Actor
from webapp.core.text import caseless_key
from webapp.db.session import db
from webapp.groups.services import create_group, delete_group, patch_group

SECTION = Section.GROUPS


def export_groups() -> list[dict[str, Any]]:
    """Return the tree, sorted by name on each level."""
    inside: dict[UUID | None, list[Group]] = {}
    for group in sorted(_all_groups(), key=lambda group: (group.name_sort, group.name)):
        inside.setdefault(group.parent_id, []).append(group)

    def exported(group: Group) -> dict[str, Any]:
        own = {"name": group.name, "description": group.description}
        below = [exported(child) for child in inside.get(group.id, [])]
        return own | ({"groups": below} if below else {})

    return [exported(group) for group in inside.get(None, [])]


def apply_groups(file: ConfigFile, plan: Plan, by: Actor) -> None:
    tree = file.groups or []
    rows = {caseless_key(group.name): group for group in _all_groups()}
    work = _Work(plan, by, row_finder(rows, list(_flat(tree, (SECTION,))), plan))
    work.apply(tree, (SECTION,), None)
    if SECTION in file.complete and not plan.problems:
        for group in _children_first(group for group in rows.values() if group.id not in work.kept):
            plan.run(SECTION, group.name, Outcome.DELETE, (SECTION,), partial(delete_group, group.id, by=by))


@dataclass
class _Work:
    plan: Plan
    by: Actor
    find: Callable[[NamedPart], Group | None]
    kept: set[UUID] = field(default_factory=set)

    def apply(self, items: Sequence[GroupPart], path: Path, parent_id: UUID | None) -> None:
        """Apply these groups and those inside them. A refused group is left out, with what is inside it.

        A parent is at its place before its children, so no move makes a circle.
        """
        for index, item in enumerate(items):
            at = (*path, index)
            group = self._apply_one(item, at, parent_id)
            if group:
                self.kept.add(group.id)
                self.apply(item.groups, (*at, "groups"), group.id)

    def _apply_one(self, item: GroupPart, path: Path, parent_id: UUID | None) -> Group | None:
        group, values = self.find(item), {**item.given, "parent_id": parent_id}
        if group is None:
            return self.plan.run(SECTION, item.name, Outcome.CREATE, path, partial(create_group, **values, by=self.by))
        changed = {name: value for name, value in values.items() if value != getattr(group, name)}
        if changed:
            change = partial(patch_group, group.id, by=self.by, **changed)
            return self.plan.run(SECTION, item.name, Outcome.CHANGE, path, change)
        self.plan.keep(SECTION, item.name)
        return group


def _all_groups() -> list[Group]:
    return list(db.session.scalars(search_groups()))


def _flat(items: Sequence[GroupPart], path: Path) -> Iterator[tuple[Path, GroupPart]]:
    for index, item in enumerate(items):
        yield (*path, index), item
        yield from _flat(item.groups, (*path, index, "groups"))


def _children_first(groups: Iterator[Group]) -> list[Group]:
    by_id = {group.id: group for group in groups}

    def depth(group: Group) -> int:
        parent = by_id.get(group.parent_id) if group.parent_id else None
        return 1 + depth(parent) if parent else 0

    return sorted(by_id.values(), key=lambda group: (-depth(group), group.name_sort))
