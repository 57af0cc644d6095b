"""The status of a user. Its labels are in `webapp.users.labels`."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The database derives it from the user's columns. See `webapp.users.models`."""

    ACTIVE = "active"
    INVITED = "invited"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
