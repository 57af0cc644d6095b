"""Two accounts side by side, and what the kept one takes, as the page of a pair shows and submits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from webapp.access.models import role_label
from webapp.access.queries import memberships_of_user
from webapp.attributes.display import editable_attributes, viewer_attributes
from webapp.attributes.models import FIELD_PREFIX
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.duplicates.forms import SIDES
from webapp.duplicates.merging import FIELDS, PHOTO, MergeChoices
from webapp.duplicates.moving import own_grants
from webapp.photos.queries import current_digest
from webapp.users.labels import FIELD_LABELS
from webapp.users.models import Status, User
from webapp.users.shown_values import shown_value
from webapp.users.values import audit_text
from webapp.web.forms import uuid_or_nil
from webapp.web.guards import can

# The prefix of the field in the form that chooses a value.
CHOICE = "value."


class ComparedRow(NamedTuple):
    """A field of both accounts. `choosable`: the values differ, and the viewer can choose one of them."""

    name: str
    label: str
    texts: tuple[Markup, Markup]
    differs: bool
    choosable: bool
    chosen: str

    @property
    def field(self) -> str:
        return CHOICE + self.name


class AccessRow(NamedTuple):
    """A role or group that one account has. `field` is the name of its checkbox."""

    id: UUID
    field: str
    label: str
    ends_at: datetime | None
    movable: bool
    checked: bool


@dataclass(frozen=True)
class Comparison:
    """`keep` is the side whose account stays by default or as submitted."""

    people: tuple[User, User]
    keep: str
    rows: Sequence[ComparedRow]
    access: tuple[Sequence[AccessRow], Sequence[AccessRow]]

    @property
    def sides(self) -> Iterator[tuple[str, User, Sequence[AccessRow]]]:
        return zip(SIDES, self.people, self.access, strict=True)


def compare_accounts(one: User, other: User, submitted: MultiDict[str, str] | None = None) -> Comparison:
    keep = submitted.get("keep", "") if submitted else ""
    keep = keep if keep in SIDES else _likelier(one, other)
    rows = [*_field_rows(one, other, keep, submitted), *_attribute_rows(one, other, keep, submitted)]
    access = (_access_rows(one.id, submitted), _access_rows(other.id, submitted))
    return Comparison((one, other), keep, rows, access)


def submitted_choices(form: MultiDict[str, str], *, keep: str) -> MergeChoices:
    """Return what the form chose: the values of the account that does not stay, and its checked roles and groups."""
    merged = SIDES[1 - SIDES.index(keep)]
    take = {name.removeprefix(CHOICE) for name, side in form.items() if name.startswith(CHOICE) and side == merged}
    ids = {name: frozenset(map(uuid_or_nil, form.getlist(name))) for name in ("grants", "memberships")}
    return MergeChoices(frozenset(take), grant_ids=ids["grants"], membership_ids=ids["memberships"])


def _likelier(one: User, other: User) -> str:
    """Return the side of the account that is in use: one that can sign in, was used last, or is older."""

    def use(user: User) -> tuple[bool, bool, datetime]:
        return user.status == Status.ACTIVE, user.has_password, user.last_sign_in_sort

    return SIDES[use(other) > use(one) or (use(other) == use(one) and other.created_at < one.created_at)]


def _field_rows(one: User, other: User, keep: str, submitted: Mapping[str, str] | None) -> Iterator[ComparedRow]:
    for name in FIELDS:
        pair = (getattr(one, name), getattr(other, name))
        if any(pair):
            yield _row(name, str(FIELD_LABELS[name]), pair, keep, submitted, choosable=True)
    photos = (current_digest(one.id), current_digest(other.id))
    if any(photos):
        yield _row(PHOTO, str(_("Photo")), photos, keep, submitted, choosable=True)


def _attribute_rows(one: User, other: User, keep: str, submitted: Mapping[str, str] | None) -> Iterator[ComparedRow]:
    editable = {attribute.key for attribute in editable_attributes()}
    for attribute in viewer_attributes():
        key = attribute.key
        pair = (one.attributes.get(key), other.attributes.get(key))
        if pair != (None, None):
            yield _row(FIELD_PREFIX + key, attribute.label, pair, keep, submitted, choosable=key in editable)


def _row(
    name: str,
    label: str,
    pair: tuple[Any, Any],
    keep: str,
    submitted: Mapping[str, str] | None,
    *,
    choosable: bool,
) -> ComparedRow:
    differs = pair[0] != pair[1]
    chosen = submitted.get(CHOICE + name, "") if submitted else ""
    if chosen not in SIDES:
        # The value of the account that stays, unless it has none.
        kept = SIDES.index(keep)
        chosen = SIDES[kept if pair[kept] not in {None, ""} else 1 - kept]
    texts = (shown_value(name, audit_text(pair[0])), shown_value(name, audit_text(pair[1])))
    return ComparedRow(name, label, texts, differs, choosable and differs, chosen)


def _access_rows(user_id: UUID, submitted: MultiDict[str, str] | None) -> list[AccessRow]:
    checked = {name: submitted.getlist(name) if submitted else None for name in ("grants", "memberships")}

    def row(field: str, row_id: UUID, label: str, ends_at: datetime | None, permission: Permission) -> AccessRow:
        ids, movable = checked[field], can(permission)
        return AccessRow(row_id, field, label, ends_at, movable, movable and (ids is None or str(row_id) in ids))

    roles = [
        row("grants", grant.id, _role_text(grant), grant.ends_at, Permission.ROLES_GRANT)
        for grant in own_grants(user_id)
    ]
    groups = [
        row("memberships", each.id, each.group.name, each.ends_at, Permission.GROUPS_MANAGE)
        for each in memberships_of_user(user_id)
    ]
    return [*roles, *groups]


def _role_text(grant: Any) -> str:
    label = str(role_label(grant.role.name))
    return f"{label} · {grant.scope.name}" if grant.scope else label
