"""The comparison of roles, as templates print it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from webapp.access.models import Role, role_label
from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.roles.permission_rows import SectionSummary, summarise_permissions
from webapp.roles.permission_sections import SECTIONS


@dataclass(frozen=True)
class RoleRow:
    """A role, and the numbers of people and groups that hold it. `shown`: whether the comparison has its column."""

    id: UUID
    name: str
    built_in: bool
    people: int
    groups: int
    permissions: Sequence[SectionSummary]
    selected: bool
    shown: bool


@dataclass(frozen=True)
class MatrixRow:
    """One permission. `allowed` has, for each shown role, whether the role allows it."""

    permission: str
    label: str
    differs: bool
    allowed: Sequence[bool]


@dataclass(frozen=True)
class MatrixSection:
    label: str
    rows: Sequence[MatrixRow]


@dataclass(frozen=True)
class Comparison:
    """All roles. `differing`: the number of permissions that some, but not all, of the selected roles allow."""

    roles: Sequence[RoleRow]
    sections: Sequence[MatrixSection]
    differing: int

    @property
    def columns(self) -> list[RoleRow]:
        return [role for role in self.roles if role.shown]

    @property
    def selected(self) -> int:
        return sum(role.selected for role in self.roles)


def compare_roles(
    roles: Sequence[Role], *, selected_ids: Collection[str], counts: Mapping[UUID, tuple[int, int]]
) -> Comparison:
    """Compare the selected roles, or show all roles if none is selected. `counts`: see `grant_counts`."""
    selected = [role for role in roles if str(role.id) in selected_ids]
    shown = selected or roles
    differing = differing_permissions(selected)
    rows = [
        RoleRow(
            role.id,
            role_label(role.name),
            role.built_in,
            *counts.get(role.id, (0, 0)),
            permissions=summarise_permissions(role.allows, marked=differing),
            selected=role in selected,
            shown=role in shown,
        )
        for role in roles
    ]
    return Comparison(rows, _matrix(shown, differing), len(differing))


def _matrix(shown: Sequence[Role], differing: Collection[Permission]) -> list[MatrixSection]:
    allowed = [role.allows for role in shown]
    return [
        MatrixSection(
            section.label,
            [
                MatrixRow(each, PERMISSION_LABELS[each], each in differing, [each in role for role in allowed])
                for each in section.permissions
            ],
        )
        for section in SECTIONS
    ]


def differing_permissions(roles: Sequence[Role]) -> frozenset[Permission]:
    """Return the permissions that some of these roles allow and others do not."""
    allowed = [role.allows for role in roles]
    return frozenset[Permission]().union(*allowed) - frozenset(Permission).intersection(*allowed)
