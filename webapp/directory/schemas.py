"""The parameters of the list of users, which page and API share, and a page of it as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field

from webapp.access.summaries import access_summaries
from webapp.attributes.models import PARAMETER_PREFIX, Attribute
from webapp.core.schemas import Schema, SearchText
from webapp.directory.queries import SORTS
from webapp.lists.page import Page
from webapp.lists.schemas import SEARCH_MAX, PageQuery
from webapp.users.models import ListedUser, Status
from webapp.users.schemas import UserOut

ENDING_MAX = 366


def _sort(name: str) -> str:
    if name.removeprefix("-") not in SORTS and not name.removeprefix("-").startswith(PARAMETER_PREFIX):
        raise ValueError("sort by " + ", ".join(SORTS))
    return name


class UserListQuery(PageQuery):
    """The list's parameters, the same in the address bar and in the API; and `attr.<key>` for each attribute."""

    model_config = ConfigDict(extra="allow")

    q: SearchText = Field(
        "",
        max_length=SEARCH_MAX,
        description="Words that are each part of the name, e-mail or username, now or before, in either script;"
        ' or an id. Also "as it stands", -not and field:value with email, username, name, former, status, role, group,'
        " last_sign_in (never, <2026-03-01, 2026-03-01..2026-03-31), created, id.",
    )
    status: Status | None = Field(None, description="Only these.")
    role: SearchText = Field(
        "", max_length=SEARCH_MAX, description="Only who has this role themselves: its name or id."
    )
    group: SearchText = Field(
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
    at: SearchText = Field(
        "", max_length=SEARCH_MAX, description="Begin at these letters or, in lists sorted by a time, at this day."
    )
    sort: Annotated[str, AfterValidator(_sort)] = Field(
        "name",
        description="One of " + ", ".join(SORTS) + " or attr.<key>; a leading minus for descending.",
        max_length=64,
    )

    @property
    def sorted_by_time(self) -> bool:
        return self.sort.removeprefix("-") in ("created", "last_sign_in")

    @property
    def sorted_by_attribute(self) -> bool:
        return self.sort.removeprefix("-").startswith(PARAMETER_PREFIX)

    @property
    def attributes(self) -> dict[str, str]:
        """Key → what its value shall be."""
        extra = self.model_extra or {}
        return {
            name.removeprefix(PARAMETER_PREFIX): str(text)
            for name, text in extra.items()
            if name.startswith(PARAMETER_PREFIX)
        }


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
        labels = access_summaries([user.id for user in page.items])
        return cls(
            items=[UserOut.of(user, labels[user.id], attributes) for user in page.items],
            next=page.next,
            previous=page.previous,
            count=CountOut(value=page.count.value, exact=page.count.exact),
        )
