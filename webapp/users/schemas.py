"""JSON schemas of users."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.core.moments import to_utc
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.schemas import Schema, SearchText, UtcTime
from webapp.core.texts import LOCALE_MAX, TIMEZONE_MAX
from webapp.users.models import EMAIL_MAX, NAME_MAX, USERNAME_MAX, ListedUser, Status, User


def _timestamp(value: object) -> object:
    # A number would be the seconds since 1970.
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("Use a time with an offset, like 2027-03-31T18:00:00Z")
    return value


def _whole(moment: datetime) -> datetime:
    return to_utc(moment).replace(microsecond=0)


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_timestamp), AfterValidator(_whole)]


class UserIn(Schema):
    """A new user."""

    email: str = Field(max_length=EMAIL_MAX, examples=["anton.ivanov@example.com"])
    name: str = Field(max_length=NAME_MAX, examples=["Антон Иванов"])
    username: str | None = Field(None, max_length=USERNAME_MAX, examples=["anton.ivanov"])
    password: str | None = Field(
        None, min_length=1, max_length=PASSWORD_BYTES_MAX, description="None: they cannot sign in yet."
    )
    locale: str | None = Field(None, max_length=LOCALE_MAX, examples=["ru"])
    timezone: str | None = Field(None, max_length=TIMEZONE_MAX, examples=["Europe/Moscow"])
    roles: list[SearchText] = Field([], max_length=50, description="Names or ids of roles, held everywhere.")
    groups: list[SearchText] = Field([], max_length=50, description="Names or ids of groups.")
    starts_at: Moment | None = Field(None, description="Before this they cannot sign in.")
    ends_at: Moment | None = Field(None, description="From this on they cannot sign in; for temporary accounts.")
    attributes: dict[str, Any] = Field(
        {}, description="What your organisation defined, by key.", examples=[{"department": "sales"}]
    )


class UserPatch(Schema):
    """Changes of a user. Fields that are left out stay as they are; null empties a field."""

    # The defaults are never used: the API reads only the fields that were sent.
    email: str = Field(default_factory=str, max_length=EMAIL_MAX)
    name: str = Field(default_factory=str, max_length=NAME_MAX)
    username: str | None = Field(None, max_length=USERNAME_MAX)
    password: str = Field(
        default_factory=str,
        min_length=1,
        max_length=PASSWORD_BYTES_MAX,
        description="A new one ends their sessions; their tokens go on.",
    )
    locale: str | None = Field(None, max_length=LOCALE_MAX, examples=["ru"])
    timezone: str | None = Field(None, max_length=TIMEZONE_MAX, examples=["Europe/Moscow"])
    starts_at: Moment | None = Field(None, description="Before this they cannot sign in.")
    ends_at: Moment | None = Field(None, description="From this on they cannot sign in.")
    attributes: dict[str, Any] = Field(
        default_factory=dict,
        description="Those that change, by key; null empties one.",
        examples=[{"department": None}],
    )


class UserOut(Schema):
    """A user; never a password or its hash."""

    id: UUID
    email: str
    username: str | None
    name: str
    status: Status
    locale: str | None
    timezone: str | None
    attributes: dict[str, Any] = {}
    roles: list[str] = Field(description="Names of the roles that the user holds everywhere, also through groups.")
    groups: list[str] = []
    starts_at: UtcTime | None
    ends_at: UtcTime | None
    created_at: UtcTime
    updated_at: UtcTime
    last_sign_in_at: UtcTime | None
    version: int

    @classmethod
    def of(
        cls, user: User | ListedUser, labels: AccessSummary | None = None, attributes: Sequence[Attribute] | None = None
    ) -> Self:
        """Return the user with these `attributes`, by default with all."""
        values = {name: getattr(user, name) for name in cls.model_fields if hasattr(user, name)}
        labels = labels or access_summaries([user.id])[user.id]
        shown = live_attributes() if attributes is None else attributes
        values["attributes"] = {each.key: user.attributes[each.key] for each in shown if each.key in user.attributes}
        return cls(**values, roles=labels.roles_everywhere, groups=labels.groups)

    @property
    def etag(self) -> str:
        """A hash of all values, because the version does not count changes of groups and roles.

        Signing in changes no ETag. Otherwise, `If-Match` would refuse changes of people who are at work.
        """
        return sha256(self.model_dump_json(exclude={"last_sign_in_at"}).encode()).hexdigest()[:32]


class UserPath(BaseModel):
    user_id: UUID
