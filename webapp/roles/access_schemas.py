"""What a person may do and why, in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from webapp.access.models import Group, Membership, RoleGrant
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers, permissions_within
from webapp.core.schemas import Schema, UtcTime
from webapp.roles.schemas import GrantOut, NamedOut

GRANTS = "IDs of the grants in `grants` that give it."


class EffectivePermissionOut(Schema):
    """A permission that a user has now, and why."""

    permission: Permission
    within: NamedOut | None = Field(description="It counts only over the members of this group. `null`: everywhere.")
    given_by: list[UUID] = Field(description=GRANTS)


class MembershipOut(Schema):
    """A present or future membership."""

    group: NamedOut
    starts_at: UtcTime
    ends_at: UtcTime | None


class AccessOut(Schema):
    """What a user can do now, and the roles and groups that are the reasons."""

    user_id: UUID
    permissions: list[EffectivePermissionOut]
    grants: list[GrantOut] = Field(description="Present and future ones, also those of the user's groups.")
    memberships: list[MembershipOut]

    @classmethod
    def of(
        cls, user_id: UUID, powers: Powers, *, grants: Sequence[RoleGrant], memberships: Sequence[Membership]
    ) -> Self:
        return cls(
            user_id=user_id,
            permissions=_permissions(powers, grants),
            grants=[GrantOut.of(grant) for grant in grants],
            memberships=[
                MembershipOut(group=NamedOut.model_validate(each.group), starts_at=each.starts_at, ends_at=each.ends_at)
                for each in memberships
            ],
        )


def _permissions(powers: Powers, grants: Sequence[RoleGrant]) -> list[EffectivePermissionOut]:
    """Return the permissions that `powers` has. Grants that have not started give none."""
    reasons: dict[tuple[Permission, UUID | None], list[UUID]] = {}
    scopes: dict[UUID | None, Group | None] = {None: None}
    moment = now()
    for grant in grants:
        if grant.starts_at <= moment:
            scopes[grant.scope_id] = grant.scope
            for permission in permissions_within(grant.scope_id, grant.role.allows):
                reasons.setdefault((permission, grant.scope_id), []).append(grant.id)
    found = [
        EffectivePermissionOut(permission=permission, within=NamedOut.of(scopes[scope_id]), given_by=ids)
        for (permission, scope_id), ids in reasons.items()
        if permission in (powers.everywhere if scope_id is None else powers.by_scope.get(scope_id, frozenset()))
    ]
    return sorted(found, key=lambda each: (each.permission, each.within.name if each.within else ""))
