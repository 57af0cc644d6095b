"""Permissions as templates print them: one line for each section, or each permission with its description."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.roles.permission_sections import PERMISSION_DESCRIPTIONS, SECTIONS

# If a section has more permissions than this and all are allowed, one word replaces their list.
SHORT_SECTION = 2


@dataclass(frozen=True)
class MarkedLabel:
    text: str
    marked: bool


@dataclass(frozen=True)
class SectionSummary:
    """The allowed permissions of one section, in one line. `everything`: one word replaces the list."""

    label: str
    permissions: Sequence[MarkedLabel]
    everything: bool


def summarise_permissions(allowed: Collection[Permission], marked: Collection[Permission] = ()) -> list[SectionSummary]:
    """Return the sections that have an allowed permission. Permissions in `marked` are highlighted."""
    return [
        SectionSummary(
            section.label,
            [MarkedLabel(PERMISSION_LABELS[each], each in marked) for each in section.only(allowed)],
            everything=not marked
            and len(section.permissions) > SHORT_SECTION
            and set(section.permissions) <= set(allowed),
        )
        for section in SECTIONS
        if section.only(allowed)
    ]


@dataclass(frozen=True)
class PermissionRow:
    """One permission. In a form: `checked` is the state of its checkbox, `held` whether the viewer may give it."""

    name: str
    label: str
    description: str
    checked: bool = False
    held: bool = True


@dataclass(frozen=True)
class PermissionSection:
    label: str
    permissions: Sequence[PermissionRow]


def permission_sections(allowed: Collection[Permission]) -> list[PermissionSection]:
    """Return the allowed permissions by section."""
    sections = (PermissionSection(each.label, [_permission_row(p) for p in each.only(allowed)]) for each in SECTIONS)
    return [section for section in sections if section.permissions]


def permission_choices(checked: Collection[str], *, held: Collection[Permission]) -> list[PermissionSection]:
    """Return the permissions by section, for the checkboxes of a role's form."""
    return [
        PermissionSection(
            section.label,
            [_permission_row(each, checked=each in checked, held=each in held) for each in section.permissions],
        )
        for section in SECTIONS
    ]


def _permission_row(permission: Permission, *, checked: bool = False, held: bool = True) -> PermissionRow:
    label, description = PERMISSION_LABELS[permission], PERMISSION_DESCRIPTIONS[permission]
    return PermissionRow(permission, label, description, checked, held)
