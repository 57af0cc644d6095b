"""Roles and groups in a row of the list of users, as directory/_rows.html prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from webapp.access.summaries import AccessSummary, HeldRole
from webapp.core.texts import _

SHOWN_MAX = 2


class RoleTag(NamedTuple):
    """`title` is the tooltip of a role that holds within a group or comes from one."""

    text: str
    title: str
    is_inherited: bool


class Tags(NamedTuple):
    """The first SHOWN_MAX tags. `hidden` has the other texts, for the tooltip of a tag like “+3”."""

    shown: Sequence[Any]
    hidden: str
    hidden_count: int


NO_TAGS = Tags((), "", 0)


class RowTags(NamedTuple):
    roles: Tags
    groups: Tags


def row_tags(summaries: Mapping[UUID, AccessSummary]) -> dict[UUID, RowTags]:
    return {
        user_id: RowTags(_role_tags(summary.roles), _group_tags(summary.groups))
        for user_id, summary in summaries.items()
    }


def _role_tags(roles: Sequence[HeldRole]) -> Tags:
    if not roles:
        return NO_TAGS
    hidden = [_role_title(role) for role in roles[SHOWN_MAX:]]
    return Tags([_role_tag(role) for role in roles[:SHOWN_MAX]], ", ".join(hidden), len(hidden))


def _role_tag(role: HeldRole) -> RoleTag:
    title = _role_title(role) if role.scope or role.through else ""
    return RoleTag(role.label, title, is_inherited=bool(role.through))


def _role_title(role: HeldRole) -> str:
    if not role.through:
        return role.label
    return str(_("%(role)s (inherited from %(groups)s)", role=role.label, groups=", ".join(role.through)))


def _group_tags(names: Sequence[str]) -> Tags:
    hidden = names[SHOWN_MAX:]
    return Tags(names[:SHOWN_MAX], ", ".join(hidden), len(hidden)) if names else NO_TAGS
