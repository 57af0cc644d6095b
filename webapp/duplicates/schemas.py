"""Likely duplicates in JSON."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.attributes.models import ATTRIBUTES_MAX, FIELD_PREFIX, KEY_MAX
from webapp.core.schemas import Schema, UtcTime
from webapp.duplicates.merging import FIELDS, MergeChoices
from webapp.duplicates.models import UserMerge
from webapp.duplicates.rows import PairRow
from webapp.lists.schemas import CountOut
from webapp.users.models import Status, User

# Larger numbers fit in no column.
VERSION_MAX = 2**31 - 1
FIELD_MAX = len(FIELD_PREFIX) + KEY_MAX
TAKE_MAX = ATTRIBUTES_MAX + len(FIELDS) + 1


class PairPath(BaseModel):
    pair_id: UUID = Field(description="The ID of the pair.")


class PairUser(Schema):
    """A user of a pair. `version` is for the merge."""

    id: UUID
    name: str
    email: str
    status: Status
    version: int

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate(user)


class PairOut(Schema):
    """Two users who may be the same person."""

    id: UUID
    users: list[PairUser]
    strength: int = Field(description="From 1 to 100.")
    evidence: list[str] = Field(description="What they have in common now, in the language of the request.")

    @classmethod
    def of(cls, row: PairRow) -> Self:
        users = [PairUser.of(user) for user in row.people]
        return cls(id=row.id, users=users, strength=row.strength, evidence=row.evidence)


class MergeIn(Schema):
    """Which account is merged into this one, and what this one takes from it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"merged_id": "01a20c33-7cd6-70ee-b0a1-652ec903b536", "take": ["email", "attributes.phone", "photo"]}
            ]
        }
    )

    merged_id: UUID = Field(description="The account that moves to the bin.")
    take: list[Annotated[str, Field(max_length=FIELD_MAX)]] = Field(
        [],
        max_length=TAKE_MAX,
        description="Fields whose value comes from the merged account: `name`, `email`, `username`, `locale`,"
        " `timezone`, `photo` and `attributes.<key>`. All others stay.",
    )
    roles: bool = Field(True, description="Whether the roles of the merged account are given to this one.")
    groups: bool = Field(True, description="Whether this one joins the groups of the merged account.")
    version: int | None = Field(
        None, ge=1, le=VERSION_MAX, description="The version of this user that you saw. 409 if it is another."
    )
    merged_version: int | None = Field(None, ge=1, le=VERSION_MAX, description="The same for the merged account.")

    @property
    def choices(self) -> MergeChoices:
        none = frozenset[UUID]()
        return MergeChoices(
            frozenset(self.take),
            grant_ids=None if self.roles else none,
            membership_ids=None if self.groups else none,
        )


class MergeOut(Schema):
    """A merge. To take it back, undo the audit record."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    record_id: UUID = Field(description="Undo it with `POST /audit-records/{record_id}/undo`.")
    created_at: UtcTime

    @classmethod
    def of(cls, merge: UserMerge, record_id: UUID) -> Self:
        values = {name: getattr(merge, name) for name in ("id", "kept_id", "merged_id", "created_at")}
        return cls(**values, record_id=record_id)


class PairPage(Schema):
    """A page of pairs, the likeliest first. `next` and `previous` are values of `after` and `before`."""

    items: list[PairOut]
    next: str | None
    previous: str | None
    count: CountOut
