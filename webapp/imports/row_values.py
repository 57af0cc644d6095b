"""The fields of a row: as a plan stores them, and those that differ from the person's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from webapp.attributes.values import TextInput
from webapp.core.errors import Invalid
from webapp.core.moments import day_after, start_of_day
from webapp.core.statuses import Status
from webapp.core.texts import _
from webapp.imports.lookups import MANAGER
from webapp.imports.rows import PersonRow
from webapp.users.checks import normalised_preferences
from webapp.users.identity import parse_email, parse_name, parse_username
from webapp.users.models import User

IDENTITY = ("email", "username", "name")
PREFERENCES = ("locale", "timezone")
WINDOW = ("starts_at", "ends_at")


def raw_values(row: PersonRow) -> dict[str, Any]:
    """Return the fields of a row that may be refused, for a file that people can correct. Passwords are left out."""
    names = ("id", *IDENTITY, "status", *PREFERENCES, *WINDOW, MANAGER)
    values: dict[str, Any] = {name: text for name in names if (text := getattr(row, name))}
    values |= {name: list(texts) for name in ("roles", "groups") if (texts := getattr(row, name))}
    return values | ({"attributes": dict(row.attributes)} if row.attributes else {})


def changed_values(row: PersonRow, user: User, zone: tzinfo) -> dict[str, Any]:
    """Return the fields of the row that differ from the person's, without attributes, roles and groups.

    An empty cell removes a value; it never removes an e-mail address or a name. Raise Invalid.
    """
    values = _changed_identity(row, user)
    preferences = {name: text for name in PREFERENCES if (text := getattr(row, name)) is not None}
    values |= {
        name: value for name, value in normalised_preferences(**preferences).items() if value != getattr(user, name)
    }
    window = read_window(row, zone)
    values |= {name: stored_moment(moment) for name, moment in window.items() if moment != getattr(user, name)}
    if row.status and (row.status == Status.DEACTIVATED) != (user.deactivated_at is not None):
        values["status"] = row.status if row.status == Status.DEACTIVATED else Status.ACTIVE.value
    return values


def _changed_identity(row: PersonRow, user: User) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if row.email and parse_email(row.email)[1] != user.email_key:
        values["email"] = row.email
    if row.name and parse_name(row.name)[0] != user.name:
        values["name"] = row.name
    if row.username is not None and (parse_username(row.username)[1] if row.username else None) != user.username_key:
        values["username"] = row.username or None
    return values


def read_window(row: PersonRow, zone: tzinfo) -> dict[str, datetime | None]:
    """Return the start and the end of access in UTC, if the file says something about them. Raise Invalid.

    A day without a time starts, and as an end is over, at midnight in `zone`.
    """
    texts = {name: getattr(row, name) for name in WINDOW}
    return {name: _read_moment(text, name, zone) for name, text in texts.items() if text is not None}


def _read_moment(text: str, field: str, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        if len(text) <= len("2026-01-01"):
            day = date.fromisoformat(text)
            return start_of_day(day_after(day) if field == "ends_at" else day, zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(_("Enter a date like 2026-03-01"), field=field, code="type") from None


def stored_moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def arguments_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `ImportRow.values` as the services of users take them, without access and status."""
    fields: dict[str, Any] = {name: values[name] for name in (*IDENTITY, *PREFERENCES) if name in values}
    for name in WINDOW:
        if name in values:
            fields[name] = datetime.fromisoformat(values[name]) if values[name] else None
    if attributes := values.get("attributes"):
        fields["attributes"] = {name: TextInput(text) for name, text in attributes.items()}
    return fields
