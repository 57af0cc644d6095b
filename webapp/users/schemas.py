"""Users in JSON, and the parameters of their list, which page and API share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from webapp.access.queries import Labels, labels_of
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.core.languages import LOCALE_MAX, TIMEZONE_MAX
from webapp.core.pagination import Page
from webapp.core.passwords import PASSWORD_BYTES_MAX
from webapp.core.schemas import PageQuery, Schema, Time, Words
from webapp.users.models import EMAIL_MAX, NAME_MAX, USERNAME_MAX, ListedUser, Status, User
from webapp.users.queries import SEARCH_MAX, SORTS

ENDING_MAX = 366


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


Moment = Annotated[AwareDatetime, AfterValidator(_whole)]


class UserIn(Schema):
    """What makes a new user."""

    email: str = Field(max_length=EMAIL_MAX, examples=["anton.ivanov@example.com"])
    name: str = Field(max_length=NAME_MAX, examples=["Антон Иванов"])
    username: str | None = Field(None, max_length=USERNAME_MAX, examples=["anton.ivanov"])
    password: str | None = Field(
        None, min_length=1, max_length=PASSWORD_BYTES_MAX, description="None: they cannot sign in yet."
    )
    locale: str | None = Field(None, max_length=LOCALE_MAX, examples=["ru"])
    timezone: str | None = Field(None, max_length=TIMEZONE_MAX, examples=["Europe/Moscow"])
    roles: list[Words] = Field([], max_length=50, description="Names or ids of roles, held everywhere.")
    groups: list[Words] = Field([], max_length=50, description="Names or ids of groups.")
    starts_at: Moment | None = Field(None, description="Before this they cannot sign in.")
    ends_at: Moment | None = Field(None, description="From this on they cannot sign in; for temporary accounts.")
    attributes: dict[str, Any] = Field(
        {}, description="What your organisation defined, by key.", examples=[{"department": "sales"}]
    )


class UserPatch(Schema):
    """What changes of a user: what is left out stays, null empties."""

    # The defaults never count: only what was sent is looked at.
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
    roles: list[str]
    groups: list[str] = []
    starts_at: Time | None
    ends_at: Time | None
    created_at: Time
    updated_at: Time
    last_sign_in_at: Time | None
    version: int

    @classmethod
    def of(
        cls, user: User | ListedUser, labels: Labels | None = None, attributes: Sequence[Attribute] | None = None
    ) -> Self:
        """`attributes` are those to show; all of them by default."""
        own = {name: getattr(user, name) for name in cls.model_fields if hasattr(user, name)}
        labels = labels or labels_of([user.id])[user.id]
        shown = live_attributes() if attributes is None else attributes
        own["attributes"] = {each.key: user.attributes[each.key] for each in shown if each.key in user.attributes}
        return cls(**own, roles=labels.roles, groups=labels.groups)


class UserPath(BaseModel):
    user_id: UUID


# How the address and the search box name an attribute: attr.department=sales.
ATTRIBUTE = "attr."


def _sort(name: str) -> str:
    if name.removeprefix("-") not in SORTS and not name.removeprefix("-").startswith(ATTRIBUTE):
        raise ValueError("sort by " + ", ".join(SORTS))
    return name


class UserListQuery(PageQuery):
    """The list's parameters, the same in the address bar and in the API; and `attr.<key>` for each attribute."""

    model_config = ConfigDict(extra="allow")

    q: Words = Field(
        "",
        max_length=SEARCH_MAX,
        description="Words that are each part of the name, e-mail or username, now or before, in either script;"
        ' or an id. Also "as it stands", -not and field:value with email, username, name, former, status, role, group,'
        " last_sign_in (never, <2026-03-01, 2026-03-01..2026-03-31), created, id.",
    )
    status: Status | None = Field(None, description="Only these.")
    role: Words = Field("", max_length=SEARCH_MAX, description="Only who has this role themselves: its name or id.")
    group: Words = Field(
        "", max_length=SEARCH_MAX, description="Only who is in this group, or in one inside it: its name or id."
    )
    ending: int | None = Field(
        None, ge=1, le=ENDING_MAX, description="Only whose access ends within so many days from now."
    )
    last_sign_in_after: date | None = Field(None, description="Only who signed in on this day or later.")
    last_sign_in_before: date | None = Field(None, description="Only whose last sign-in was before this day.")
    never_signed_in: bool = Field(False, description="Only who has never signed in.")
    created_from: date | None = Field(None, description="Only who was added on this day or later.")
    created_to: date | None = Field(None, description="Only who was added on this day or earlier.")
    at: Words = Field(
        "", max_length=SEARCH_MAX, description="Begin at these letters or, in lists sorted by a time, at this day."
    )
    sort: Annotated[str, AfterValidator(_sort)] = Field(
        "name",
        description="One of " + ", ".join(SORTS) + " or attr.<key>; a leading minus for descending.",
        max_length=64,
    )

    @property
    def attributes(self) -> dict[str, str]:
        """Key → what its value shall be."""
        extra = self.model_extra or {}
        return {name.removeprefix(ATTRIBUTE): str(text) for name, text in extra.items() if name.startswith(ATTRIBUTE)}


class CountOut(Schema):
    value: int
    exact: bool


class UserPage(Schema):
    items: list[UserOut]
    next: str | None
    previous: str | None
    count: CountOut

    @classmethod
    def of(cls, page: Page[ListedUser], attributes: Sequence[Attribute]) -> Self:
        labels = labels_of([user.id for user in page.items])
        return cls(
            items=[UserOut.of(user, labels[user.id], attributes) for user in page.items],
            next=page.next,
            previous=page.previous,
            count=CountOut(value=page.count.value, exact=page.count.exact),
        )
