"""The columns of exported people, and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.access.summaries import AccessSummary, HeldRole, access_summaries
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import live_attributes, referenced_people
from webapp.attributes.visibility import visible_attributes
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.users.labels import STATUS_LABELS
from webapp.users.models import Status, User

HEADINGS = {
    "id": _("ID"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "username": _("Username"),
    "status": _("Status"),
    "roles": _("Roles"),
    "groups": _("Groups"),
    "starts_at": _("Access starts on"),
    "ends_at": _("Access ends on"),
    "created_at": _("Created (UTC)"),
    "last_sign_in_at": _("Last sign-in (UTC)"),
}
# A text, a number, yes or no, a list of names, or None. Dates are ISO 8601.
Value = str | int | float | bool | list[str] | None


class Headings(StrEnum):
    """What the headings, statuses and roles of a file are: texts in the viewer's language, or keys for programs."""

    LABELS = "labels"
    KEYS = "keys"


@dataclass(frozen=True)
class Column:
    """`kind`: that of an attribute, or "" for a field of the user."""

    key: str
    label: str
    kind: str = ""

    @property
    def is_date(self) -> bool:
        return self.kind == Kind.DATE


def exported_attributes(by: Actor) -> list[Attribute]:
    return visible_attributes(live_attributes(), powers_of_actor(by))


def columns_of(attributes: Iterable[Attribute]) -> list[Column]:
    own = [Column(key, str(label)) for key, label in HEADINGS.items()]
    return own + [Column(attribute.field_name, attribute.label, attribute.kind) for attribute in attributes]


def referenced_emails(people: Iterable[User], attributes: Sequence[Attribute], *, by: Actor) -> dict[UUID, str]:
    """Return the addresses of the people that attributes name, if `by` may see these people."""
    reach = powers_of_actor(by).reach(Permission.USERS_READ)
    referenced = referenced_people(attributes, *(user.attributes for user in people), reach=reach)
    return {person.id: person.email for person in referenced.values()}


def rows_of(
    people: Sequence[User], attributes: Sequence[Attribute], emails: Mapping[UUID, str], headings: Headings
) -> list[list[Value]]:
    """Return the values of each person under `columns_of(attributes)`."""
    summaries = access_summaries([user.id for user in people])
    shown = {str(user_id): email for user_id, email in emails.items()}
    own = _labelled_values if headings is Headings.LABELS else _keyed_values
    return [
        [
            *_identity(user),
            *own(user, summaries[user.id]),
            *(_attribute_value(attribute, user.attributes, shown) for attribute in attributes),
        ]
        for user in people
    ]


def _attribute_value(attribute: Attribute, values: Mapping[str, Any], emails: Mapping[str, str]) -> Value:
    value: Value = values.get(attribute.key)
    return emails.get(str(value), value) if attribute.kind == Kind.PERSON else value


def _identity(user: User) -> list[Value]:
    return [str(user.id), user.name, user.email, user.username]


def _labelled_values(user: User, access: AccessSummary) -> list[Value]:
    status = str(STATUS_LABELS[Status(user.status)])
    return [status, access.role_labels, access.groups, *(_utc_text(moment) for moment in _times(user))]


def _keyed_values(user: User, access: AccessSummary) -> list[Value]:
    roles = [_role_key(role) for role in access.roles]
    return [str(user.status), roles, access.groups, *(_iso_text(moment) for moment in _times(user))]


def _times(user: User) -> list[datetime | None]:
    """Return the times under HEADINGS. Only those that an import reads have fractions of seconds."""
    past = (moment.replace(microsecond=0) if moment else None for moment in (user.created_at, user.last_sign_in_at))
    return [user.starts_at, user.ends_at, *past]


def _role_key(role: HeldRole) -> str:
    return f"{role.name} · {role.scope}" if role.scope else role.name


def _utc_text(moment: datetime | None) -> str | None:
    """Return the time in UTC without its offset, which spreadsheets do not know."""
    return moment.replace(tzinfo=None).isoformat(" ") if moment else None


def _iso_text(moment: datetime | None) -> str | None:
    return f"{moment.replace(tzinfo=None).isoformat()}Z" if moment else None
