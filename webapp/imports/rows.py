"""One person of an imported file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PersonRow:
    """One person of a file. A field is None if the file says nothing about it, and "" if its cell is empty.

    `number` counts the rows of a table, in which the first row of the file or sheet is 1. It is the line of an entry of
    LDIF and JSON lines, and the position in the list, from 1, of other JSON.
    """

    number: int
    email: str | None = None
    username: str | None = None
    name: str | None = None
    # Rollcall's own ID, for matching.
    id: str | None = None
    # "active", "invited" or "deactivated".
    status: str | None = None
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    # By attribute key: dates in ISO 8601, numbers with a decimal point, "yes" or "no", other values as in the file.
    attributes: Mapping[str, str] = field(default_factory=dict)
    # ISO 8601: a date, or a time with its offset.
    starts_at: str | None = None
    ends_at: str | None = None
    # The manager's e-mail address.
    manager: str | None = None
    locale: str | None = None
    timezone: str | None = None
    # Plain. It must not be stored in a plan or a log.
    password: str | None = field(default=None, repr=False)
    # In the format of werkzeug, Django, bcrypt or argon2, or of `core.foreign_hashes` for Keycloak.
    password_hash: str | None = field(default=None, repr=False)
    # Why the row cannot be used.
    problems: tuple[str, ...] = ()
