"""The rows of the pages about groups, as templates print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.access.models import Group, Membership, RoleGrant, role_label
from webapp.users.models import User


@dataclass(frozen=True)
class GroupRow:
    """A group in the list. `parent_name` is "" for a group at the top."""

    id: UUID
    name: str
    description: str
    parent_name: str


def group_rows(groups: Sequence[Group], parent_names: Mapping[UUID, str]) -> list[GroupRow]:
    return [
        GroupRow(
            group.id, group.name, group.description, parent_names.get(group.parent_id, "") if group.parent_id else ""
        )
        for group in groups
    ]


@dataclass(frozen=True)
class MemberRow:
    """A person, and their membership of the group of the page."""

    user: User
    membership_id: UUID
    starts_at: datetime
    ends_at: datetime | None


def member_rows(members: Iterable[tuple[Membership, User]]) -> list[MemberRow]:
    return [MemberRow(user, row.id, row.starts_at, row.ends_at) for row, user in members]


@dataclass(frozen=True)
class ScopedGrantRow:
    """A grant within the group of the page, to a person or to another group."""

    role_name: str
    user: User | None
    group: Group | None
    ends_at: datetime | None


def scoped_grant_rows(grants: Iterable[tuple[RoleGrant, User | None]]) -> list[ScopedGrantRow]:
    return [ScopedGrantRow(role_label(grant.role.name), user, grant.group, grant.ends_at) for grant, user in grants]
