"""One person's roles, groups and permissions, as templates print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.access.models import Group, Membership, RoleGrant, role_label
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers, permissions_within
from webapp.roles.permission_rows import SectionSummary, summarise_permissions


@dataclass(frozen=True)
class GrantRow:
    """A present or future grant. `group` is the group that holds it, or None if the person holds it directly."""

    id: UUID
    role_name: str
    scope: Group | None
    group: Group | None
    given_by: str
    starts_at: datetime
    ends_at: datetime | None
    future: bool
    permission_count: int
    permissions: Sequence[SectionSummary]


def grant_rows(grants: Sequence[RoleGrant]) -> list[GrantRow]:
    moment = now()
    return [
        GrantRow(
            id=grant.id,
            role_name=role_label(grant.role.name),
            scope=grant.scope,
            group=grant.group,
            given_by=grant.created_by,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            future=grant.starts_at > moment,
            permission_count=len(permissions_within(grant.scope_id, grant.role.allows)),
            permissions=summarise_permissions(permissions_within(grant.scope_id, grant.role.allows)),
        )
        for grant in grants
    ]


@dataclass(frozen=True)
class MembershipRow:
    """A present or future membership of a person."""

    id: UUID
    group: Group
    starts_at: datetime
    ends_at: datetime | None
    future: bool


def membership_rows(memberships: Sequence[Membership]) -> list[MembershipRow]:
    moment = now()
    return [MembershipRow(m.id, m.group, m.starts_at, m.ends_at, future=m.starts_at > moment) for m in memberships]


@dataclass(frozen=True)
class ScopePermissions:
    group_name: str
    permissions: Sequence[SectionSummary]


@dataclass(frozen=True)
class EffectivePermissions:
    """A person's permissions through all their roles: everywhere, and additional ones in each scope."""

    everything: bool
    everywhere: Sequence[SectionSummary]
    scopes: Sequence[ScopePermissions]
    scoped: bool


def effective_permissions(powers: Powers, group_names: Mapping[UUID, str]) -> EffectivePermissions:
    added = {scope: held - powers.everywhere for scope, held in powers.by_scope.items()}
    return EffectivePermissions(
        everything=powers.everywhere == frozenset(Permission),
        everywhere=summarise_permissions(powers.everywhere),
        scopes=[
            ScopePermissions(group_names.get(scope, "?"), summarise_permissions(permissions))
            for scope, permissions in added.items()
            if permissions
        ],
        scoped=bool(powers.by_scope),
    )
