"""The parameters of the list of users, for page and API, and a page of users in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from webapp.access.summaries import access_summaries
from webapp.attributes.models import PARAMETER_PREFIX, Attribute
from webapp.core.schemas import IsoDay, Schema, SearchText
from webapp.core.text import clean_search
from webapp.core.texts import _
from webapp.directory.field_filters import ENDING_MAX
from webapp.directory.queries import SORTS
from webapp.directory.value_lists import split_values
from webapp.directory.value_words import SecondFactor
from webapp.invitations.queries import InvitationFilter
from webapp.lists.page import Page
from webapp.lists.schemas import SEARCH_MAX, CountOut, PageQuery, page_fields
from webapp.lists.sparse import page_answer_of
from webapp.users.models import EMAIL_MAX, USERNAME_MAX, ListedUser, Status
from webapp.users.schemas import UserOut
from webapp.users.sparse import SparseUsers, UserPart

_IDENTITY = ("email", "username")
# The most characters of a filter that can have several values.
VALUES_LENGTH_MAX = 2000
T = TypeVar("T")
# OpenAPI sends each property of an object as a parameter of its own (style `form`, explode `true`, both by default). It
# does not send the name of the object.
_ATTRIBUTE_PARAMETERS = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "example": {f"{PARAMETER_PREFIX}department": "sales"},
    "description": f"Only users with this value of an attribute. KEY is the key of the attribute, as in"
    f" `{PARAMETER_PREFIX}department=sales`. `sales,support` finds users with one of these values. Texts match as a"
    " whole, in upper or lower case. `5..10` is a range of numbers or dates, `7d` the last seven days. `none` finds"
    " users without a value. Several attributes can be combined. A value of a unique attribute finds at most one user.",
}


def _describe_attributes(schema: dict[str, Any]) -> None:
    schema["properties"][f"{PARAMETER_PREFIX}KEY"] = _ATTRIBUTE_PARAMETERS


def _check_sort(name: str) -> str:
    if name.removeprefix("-") not in SORTS and not name.removeprefix("-").startswith(PARAMETER_PREFIX):
        raise ValueError(_("Sort by one of: %(names)s", names=", ".join(SORTS)))
    return name


def _split(value: Any) -> Any:
    """Return the values of a parameter. Raise ValueError if there are none: that must not mean all users."""
    texts = value if isinstance(value, list | tuple) else [value]
    values = [each for text in texts for each in (split_values(text) if isinstance(text, str) else [text])]
    if not values and texts:
        raise ValueError(_("Enter a value"))
    return values


Several = Annotated[tuple[T, ...], BeforeValidator(_split)]
ValuesText = Annotated[SearchText, Field(max_length=VALUES_LENGTH_MAX)]
_SEVERAL = " Several are separated by commas."
_PERIODS = " `2026-03-01`, `<2026-03-01`, `2026-03-01..2026-03-31`, `today`, `7d` (the last seven days)"


class UserListQuery(PageQuery):
    """The parameters of the list of users, for page and API. Each attribute has a parameter `attr.<key>`."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_describe_attributes)
    parameter_prefix: ClassVar[str] = PARAMETER_PREFIX

    q: SearchText = Field(
        "",
        max_length=SEARCH_MAX,
        description="Search text. Each word must be part of a current or former name, e-mail address or username, in"
        ' Latin or Cyrillic letters. Or an ID. "quotes" match the exact spelling, a minus excludes people.'
        " field:value uses the fields name, email, username, former, status, invitation, second_factor, role, group,"
        " last_sign_in (never, <2026-03-01, 2026-03-01..2026-03-31), created and id.",
    )
    status: Several[Status] = Field(
        (), description="Only users with one of these statuses. Default: all but deleted ones." + _SEVERAL
    )
    invitation: Several[InvitationFilter] = Field(
        (),
        description="Only users whose newest invitation is in one of these states. `expiring`: open for less than a"
        " day." + _SEVERAL,
    )
    second_factor: Several[SecondFactor] = Field(
        (),
        description="Only users who have a second factor (`yes`), have none (`no`), or have none although the setting"
        " `MFA_REQUIRED` asks for it (`missing`)." + _SEVERAL,
    )
    role: ValuesText = Field("", description="Only users who have one of these roles. Names or IDs." + _SEVERAL)
    group: ValuesText = Field(
        "", description="Only members of one of these groups and of groups inside them. Names or IDs." + _SEVERAL
    )
    ending: int | None = Field(
        None, ge=1, le=ENDING_MAX, description="Only users whose access ends within this number of days."
    )
    last_sign_in: ValuesText = Field(
        "",
        description=f"Only users whose last sign-in was then: `never`,{_PERIODS}, `<30d` (over 30 days ago)."
        + _SEVERAL,
    )
    created: ValuesText = Field("", description=f"Only users who were created then:{_PERIODS}." + _SEVERAL)
    last_sign_in_after: IsoDay | None = Field(
        None, description="Only users whose last sign-in was on this day or later."
    )
    last_sign_in_before: IsoDay | None = Field(None, description="Only users whose last sign-in was before this day.")
    never_signed_in: bool = Field(False, description="Only users who have never signed in.")
    created_from: IsoDay | None = Field(None, description="Only users who were created on this day or later.")
    created_to: IsoDay | None = Field(None, description="Only users who were created on this day or earlier.")
    at: SearchText = Field(
        "", max_length=SEARCH_MAX, description="Start at these letters or, in lists sorted by a time, at this day."
    )
    sort: Annotated[str, AfterValidator(_check_sort)] = Field(
        "name",
        description="One of " + ", ".join(SORTS) + " or attr.<key>. A minus before it sorts in descending order.",
        max_length=64,
    )

    @property
    def only_status(self) -> Status | None:
        return self.status[0] if len(self.status) == 1 else None

    @property
    def sorted_by_time(self) -> bool:
        return self.sort.removeprefix("-") in ("created", "last_sign_in")

    @property
    def sorted_by_attribute(self) -> bool:
        return self.sort.removeprefix("-").startswith(PARAMETER_PREFIX)

    @property
    def exact_identity(self) -> dict[str, str]:
        """`email` and `username` of the one person to find. Only the API has these parameters."""
        return {}

    @property
    def attributes(self) -> dict[str, str]:
        """Attribute key → the value to filter by."""
        extra = self.model_extra or {}
        return {
            name.removeprefix(PARAMETER_PREFIX): clean_search(str(text))
            for name, text in extra.items()
            if name.startswith(PARAMETER_PREFIX)
        }


class UserListApiQuery(UserListQuery, SparseUsers):
    """The same, a saved view, and exact lookups."""

    email: str | None = Field(
        None,
        max_length=EMAIL_MAX,
        description="Only the user with exactly this e-mail address, in upper or lower case. Former addresses do not"
        " count. 400 if it is not an address.",
    )
    username: str | None = Field(
        None,
        max_length=USERNAME_MAX,
        description="Only the user with exactly this username, in upper or lower case. 400 if no username can be like"
        " this.",
    )
    view: UUID | None = Field(
        None, description="The ID of a saved view. Its parameters apply unless this address has the same ones."
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse empty lookups. A program sends them by mistake, and must not get everyone."""
        for name, value in values.items():
            if value == "" and name in _IDENTITY:
                raise PydanticCustomError("missing", "give {name} a value", {"name": name})
        return values

    @property
    def exact_identity(self) -> dict[str, str]:
        return {name: text for name in _IDENTITY if (text := getattr(self, name))}


class UserPage(Schema):
    items: list[UserOut]
    next: str | None
    previous: str | None
    count: CountOut

    @classmethod
    def of(cls, page: Page[ListedUser], attributes: Sequence[Attribute]) -> Self:
        labels = access_summaries([user.id for user in page.items])
        return cls(
            items=[UserOut.of(user, labels[user.id], attributes) for user in page.items],
            **page_fields(page),
        )


UserPageAnswer = page_answer_of(UserPage, UserPart)
