"""The rows of the pages about groups, as templates print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.access.models import Group, Membership, RoleGrant, role_label
from webapp.groups.sizes import Size
from webapp.users.models import User


@dataclass(frozen=True)
class ChildRow:
    """A group inside the group of the page. `size` is None until the next count."""

    id: UUID
    name: str
    description: str
    size: Size | None


def child_rows(groups: Iterable[Group], sizes: Mapping[UUID, Size]) -> list[ChildRow]:
    return [ChildRow(group.id, group.name, group.description, sizes.get(group.id)) for group in groups]


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

    id: UUID
    role_name: str
    user: User | None
    group: Group | None
    ends_at: datetime | None


def scoped_grant_rows(grants: Iterable[tuple[RoleGrant, User | None]]) -> list[ScopedGrantRow]:
    return [
        ScopedGrantRow(grant.id, role_label(grant.role.name), user, grant.group, grant.ends_at)
        for grant, user in grants
    ]
