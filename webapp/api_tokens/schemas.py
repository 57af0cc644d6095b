"""API tokens in JSON, and the parameters of their list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.api_tokens.models import (
    ADDRESS_MAX,
    DAYS_DEFAULT,
    DAYS_MAX,
    OVERLAP_HOURS_DEFAULT,
    OVERLAP_HOURS_MAX,
    RANGES_MAX,
    TOKEN_NAME_MAX,
    ApiToken,
    TokenState,
)
from webapp.core.permissions import Permission, Powers
from webapp.core.schemas import Schema, SearchText, UtcTime
from webapp.core.texts import _
from webapp.lists.page import Page
from webapp.lists.schemas import SEARCH_MAX, CountOut, PageQuery, page_fields
from webapp.users.models import User

SCOPES = "Names of permissions, as in GET /me. The token never has more than its owner has at the moment."
ADDRESSES = "Networks in CIDR notation from which the token works. None: it works from everywhere."
PREFIX = "Only tokens that begin with this text. You can send a whole token."


def _ascii(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise ValueError(_("A token has only letters, digits, - and _"))
    return text


TokenStart = Annotated[str, AfterValidator(_ascii)]


class TokenListQuery(PageQuery):
    owner: SearchText = Field(
        "", max_length=SEARCH_MAX, description="Only tokens of this user: an e-mail address, username or ID."
    )
    prefix: TokenStart = Field("", max_length=SEARCH_MAX, description=PREFIX)
    state: Literal["active", "expired", "revoked", "all"] = Field(
        "active", description="Only tokens in this state. `all`: in any state."
    )
    sort: Literal["created", "-created", "expires", "-expires"] = Field(
        "-created", description="The order. A minus sorts in descending order."
    )

    @property
    def token_state(self) -> TokenState | None:
        return None if self.state == "all" else TokenState(self.state)


class TokenPath(BaseModel):
    token_id: UUID = Field(description="The ID of the token.")


class TokenIn(Schema):
    """A new token."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "HR sync", "scopes": ["users.read", "users.create"], "days": 90}]}
    )

    name: str = Field(min_length=1, max_length=TOKEN_NAME_MAX)
    scopes: list[Permission] | None = Field(
        None, max_length=len(Permission), description=f"{SCOPES} Default: all permissions of the owner."
    )
    days: int | None = Field(
        None,
        ge=1,
        le=DAYS_MAX,
        strict=True,
        description=f"Days until it expires. Default: {DAYS_DEFAULT}, but not later than the token of the request.",
    )
    addresses: list[Annotated[str, Field(max_length=ADDRESS_MAX)]] = Field(
        [], max_length=RANGES_MAX, description=ADDRESSES
    )
    owner: SearchText = Field(
        "", max_length=SEARCH_MAX, description="E-mail address, username or ID of its owner. Default: yourself."
    )


class RotationIn(Schema):
    """How to replace a token."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": OVERLAP_HOURS_DEFAULT}]})

    overlap_hours: int = Field(
        OVERLAP_HOURS_DEFAULT,
        ge=0,
        le=OVERLAP_HOURS_MAX,
        strict=True,
        description="Hours for which the old token still works.",
    )
    days: int | None = Field(
        None,
        ge=1,
        le=DAYS_MAX,
        strict=True,
        description="Days until the new token expires. Default: as long as the old one was valid.",
    )


class TokenOwner(Schema):
    id: UUID
    email: str
    name: str


class TokenOut(Schema):
    """A token, without its secret."""

    id: UUID
    name: str
    prefix: str | None = Field(description="The first characters. `null` for tokens of older versions.")
    owner: TokenOwner
    state: TokenState
    scopes: list[str] | None = Field(description="Names of permissions. `null`: all permissions of the owner.")
    addresses: list[str] | None = Field(description="`null`: it works from everywhere.")
    created_at: UtcTime
    expires_at: UtcTime
    rotated_at: UtcTime | None
    revoked_at: UtcTime | None
    last_used_at: UtcTime | None
    last_used_address: str | None

    @classmethod
    def of(cls, token: ApiToken) -> Self:
        return cls.model_validate(token_values(token))


class CreatedTokenOut(TokenOut):
    """A new token. This is the only answer with its secret."""

    token: str = Field(description="What programs send: `Authorization: Bearer TOKEN`.")

    @classmethod
    def with_secret(cls, token: ApiToken, secret: str) -> Self:
        return cls.model_validate(token_values(token) | {"token": secret})


def token_values(token: ApiToken) -> dict[str, Any]:
    """Return the values of a token, as API and commands show them."""
    names = ("id", "name", "prefix", "state", "scopes", "created_at", "expires_at", "rotated_at", "revoked_at")
    used = ("last_used_at", "last_used_address")
    values = {name: getattr(token, name) for name in (*names, *used)}
    return values | {"addresses": token.address_ranges, "owner": TokenOwner.model_validate(token.user)}


class TokenPage(Schema):
    """A page of tokens. `next` and `previous` are values of `after` and `before`."""

    items: list[TokenOut]
    next: str | None
    previous: str | None
    count: CountOut

    @classmethod
    def of(cls, page: Page[ApiToken]) -> Self:
        return cls(items=[TokenOut.of(token) for token in page.items], **page_fields(page))


class PermissionsOut(Schema):
    everywhere: list[Permission]
    groups: dict[UUID, list[Permission]] = Field(description="ID of a group → permissions within it.")

    @classmethod
    def of(cls, powers: Powers) -> Self:
        groups: Mapping[UUID, frozenset[Permission]] = powers.by_scope
        return cls(
            everywhere=sorted(powers.everywhere),
            groups={group_id: sorted(held) for group_id, held in groups.items() if held},
        )


class MeOut(Schema):
    """The owner of the token of the request, what the token may do now, and the token."""

    id: UUID
    email: str
    username: str | None
    name: str
    permissions: PermissionsOut
    token: TokenOut

    @classmethod
    def of(cls, user: User, powers: Powers, token: ApiToken) -> Self:
        return cls(
            id=user.id,
            email=user.email,
            username=user.username,
            name=user.name,
            permissions=PermissionsOut.of(powers),
            token=TokenOut.of(token),
        )
