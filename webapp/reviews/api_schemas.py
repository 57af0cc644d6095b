"""Access reviews in JSON."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field

from webapp.core.schemas import IsoDay, Schema
from webapp.lists.schemas import CountOut
from webapp.reviews.rows import ReviewRow
from webapp.reviews.services import Change
from webapp.roles.schemas import GrantOut

ON = "The day. Default: today, until now."
SINCE = "An earlier day to compare with: only what differs."
ROLE = "Only this role, by its ID."


class ReviewIn(Schema):
    """What to export."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"on": "2026-06-30"}]})

    on: IsoDay | None = Field(None, description=ON)
    since: IsoDay | None = Field(None, description=SINCE)
    role: UUID | None = Field(None, description=ROLE)


class ReviewUserOut(Schema):
    id: UUID
    email: str
    name: str


class ReviewRowOut(Schema):
    """A role that a user or a group held."""

    grant: GrantOut
    user: ReviewUserOut | None = Field(description="`null` for a group, and for a user who was erased.")
    pseudonym: str | None = Field(description="Stands for a user who was erased.")
    change: Change | None = Field(
        description="`added` or `removed` between the days. `null` without `since`, and for a group on both days."
    )

    @classmethod
    def of(cls, row: ReviewRow) -> Self:
        user = ReviewUserOut.model_validate(row.person) if row.person else None
        return cls(grant=GrantOut.of(row.grant), user=user, pseudonym=row.pseudonym, change=row.change)


class ReviewPage(Schema):
    """A page of an access review. `next` and `previous` are values of `after` and `before`."""

    items: list[ReviewRowOut]
    next: str | None
    previous: str | None
    count: CountOut
