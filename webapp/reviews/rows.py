"""Rows of the pages of access reviews, as reviews/show.html and reviews/person.html print them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from markupsafe import Markup

from webapp.access.models import Membership, RoleGrant, role_label
from webapp.attributes.display import field_label
from webapp.core.erasure import pseudonym_of
from webapp.core.permissions import PERMISSION_LABELS, permissions_within
from webapp.reviews.grants import get_direct_holders, was_active
from webapp.reviews.past_state import Fields, PastPerson, get_permissions_at
from webapp.reviews.services import Change
from webapp.users.models import User
from webapp.users.shown_values import shown_value

Row = TypeVar("Row", RoleGrant, Membership)


@dataclass(frozen=True)
class ReviewRow:
    """A grant of a person, of an erased person or of a group. `change` is None for a group on both days."""

    grant: RoleGrant
    person: User | None
    pseudonym: str | None
    change: Change | None


@dataclass(frozen=True)
class FieldRow:
    """A field that had a value on the day or has one now. `now` is None if the value did not change since."""

    label: str
    value: Markup
    now: Markup | None


@dataclass(frozen=True)
class GrantRow:
    grant: RoleGrant
    role_label: str
    permissions: list[str]


def review_rows(grants: Collection[RoleGrant], *, on: datetime, since: datetime | None) -> list[ReviewRow]:
    holders = get_direct_holders(grants)
    return [
        ReviewRow(
            grant=grant,
            person=holders.get(grant.user_id) if grant.user_id else None,
            pseudonym=pseudonym_of(grant.erased_user_id) if grant.erased_user_id else None,
            change=_change(grant, on, since) if since else None,
        )
        for grant in grants
    ]


def field_rows(past: Fields, current: Fields) -> list[FieldRow]:
    return [
        FieldRow(
            label=field_label(name) or name,
            value=shown_value(name, value),
            now=shown_value(name, current[name]) if value != current[name] else None,
        )
        for name, value in past.items()
        if value or current[name]
    ]


def grant_rows(grants: Collection[RoleGrant], moment: datetime) -> list[GrantRow]:
    """Return the grants with the permissions that their roles had at `moment`."""
    return [
        GrantRow(
            grant=grant,
            role_label=role_label(grant.role.name),
            permissions=[
                PERMISSION_LABELS[permission]
                for permission in sorted(permissions_within(grant.scope_id, get_permissions_at(grant.role, moment)))
            ],
        )
        for grant in grants
    ]


def added(before: Collection[Row], after: Collection[Row]) -> list[Row]:
    """Return the rows of `after` that `before` has not."""
    known = {row.id for row in before}
    return [row for row in after if row.id not in known]


def ended_ids(past: PastPerson, current: PastPerson) -> set[UUID]:
    """Return the IDs of the grants and memberships that the person no longer has."""
    grants, memberships = added(current.grants, past.grants), added(current.memberships, past.memberships)
    return {grant.id for grant in grants} | {membership.id for membership in memberships}


def _change(grant: RoleGrant, on: datetime, since: datetime) -> Change | None:
    if not was_active(grant, on):
        return Change.REMOVED
    return None if was_active(grant, since) else Change.ADDED
