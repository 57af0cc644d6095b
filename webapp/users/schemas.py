"""JSON schemas of users."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.core.moments import to_utc
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.schemas import Schema, SearchText, UtcTime
from webapp.core.texts import LOCALE_MAX, TIMEZONE_MAX, _
from webapp.invitations.queries import InvitationState
from webapp.lists.schemas import SEARCH_MAX
from webapp.users.models import EMAIL_MAX, NAME_MAX, USERNAME_MAX, USERNAME_MIN, ListedUser, Status, User


def _timestamp(value: object) -> object:
    # A number would be the seconds since 1970.
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError(_("Use a time with an offset, like 2027-03-31T18:00:00Z"))
    return value


def _whole(moment: datetime) -> datetime:
    return to_utc(moment).replace(microsecond=0)


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
STARTS_AT = "The user cannot sign in before this time."
ENDS_AT = "The user cannot sign in from this time on. For temporary accounts."
NameOrId = Annotated[SearchText, Field(max_length=SEARCH_MAX)]
# The service checks these, together with what no schema can say.
EMAIL: dict[str, Any] = {"format": "email", "minLength": 3}
FILLED: dict[str, Any] = {"minLength": 1}
USERNAME = f"At least {USERNAME_MIN} characters. Letters, digits, dots, hyphens and underscores, without `@`."
Moment = Annotated[AwareDatetime, BeforeValidator(_timestamp), AfterValidator(_whole)]


class UserIn(Schema):
    """A new user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "anton.ivanov@example.com",
                    "name": "Антон Иванов",
                    "username": "anton.ivanov",
                    "locale": "ru",
                    "timezone": "Europe/Moscow",
                }
            ]
        }
    )

    email: str = Field(max_length=EMAIL_MAX, json_schema_extra=EMAIL)
    name: str = Field(max_length=NAME_MAX, json_schema_extra=FILLED)
    username: str | None = Field(None, max_length=USERNAME_MAX, description=USERNAME)
    password: str | None = Field(
        None,
        min_length=1,
        max_length=PASSWORD_BYTES_MAX,
        description="Without a password, the user gets an invitation by e-mail.",
    )
    invite: bool | None = Field(
        None,
        description="Whether the user gets an invitation by e-mail: by default if there is no password. "
        "With `false`, they cannot sign in yet.",
    )
    locale: str | None = Field(None, max_length=LOCALE_MAX)
    timezone: str | None = Field(None, max_length=TIMEZONE_MAX)
    roles: list[NameOrId] = Field([], max_length=50, description="Names or IDs of roles. The user has them everywhere.")
    groups: list[NameOrId] = Field([], max_length=50, description="Names or IDs of groups.")
    starts_at: Moment | None = Field(None, description=STARTS_AT)
    ends_at: Moment | None = Field(None, description=ENDS_AT)
    attributes: dict[str, Any] = Field(
        {}, description='Values of the attributes that your organisation defined, by key: `{"department": "sales"}`.'
    )


class UserPatch(Schema):
    """Changes of a user. Fields that you leave out stay as they are. null empties a field."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Антон Петров", "username": None}]})

    # The defaults are never used: the API reads only the fields that were sent.
    email: str = Field(default_factory=str, max_length=EMAIL_MAX, json_schema_extra=EMAIL)
    name: str = Field(default_factory=str, max_length=NAME_MAX, json_schema_extra=FILLED)
    username: str | None = Field(None, max_length=USERNAME_MAX, description=USERNAME)
    password: str = Field(
        default_factory=str,
        min_length=1,
        max_length=PASSWORD_BYTES_MAX,
        description="A new password ends all sessions of the user. Their API tokens stay valid.",
    )
    locale: str | None = Field(None, max_length=LOCALE_MAX)
    timezone: str | None = Field(None, max_length=TIMEZONE_MAX)
    starts_at: Moment | None = Field(None, description=STARTS_AT)
    ends_at: Moment | None = Field(None, description=ENDS_AT)
    attributes: dict[str, Any] = Field(
        default_factory=dict, description="The values to change, by key. Others stay as they are. null empties a value."
    )


class UserOut(Schema):
    """A user. Passwords are never shown."""

    id: UUID
    email: str
    username: str | None
    name: str
    status: Status
    locale: str | None
    timezone: str | None
    attributes: dict[str, Any]
    roles: list[str] = Field(description="Names of the roles that the user holds everywhere, also through groups.")
    groups: list[str]
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
        values = {name: getattr(user, name) for name in _COLUMNS}
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


# The fields that are columns of the table.
_COLUMNS = tuple(UserOut.model_fields.keys() - {"roles", "groups", "attributes"})


class InvitationOut(Schema):
    """The newest invitation of a user."""

    state: InvitationState = Field(
        description="`queued`, `sent` and `failed` are those of its e-mail, as long as the link works."
    )
    invited_by: str = Field(validation_alias="inviter", description="Empty if a program did.")
    created_at: UtcTime
    expires_at: UtcTime
    ended_at: UtcTime | None = Field(description="When it was accepted or revoked.")
    error: str | None = Field(description="The answer of the mail server to the last attempt.")


class InvitationLinkOut(Schema):
    """A link with which a new user joins. It is not stored."""

    url: str


class UserPath(BaseModel):
    user_id: UUID
