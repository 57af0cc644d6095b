"""The parameters of the list of groups, and groups and their members in JSON."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from webapp.access.models import DESCRIPTION_MAX, NAME_MAX, Group, Membership
from webapp.core.schemas import EtagSchema, Parameters, Schema, SearchText, UtcTime
from webapp.lists.schemas import SEARCH_MAX, CountOut, PageQuery
from webapp.lists.sparse import EXPAND, FIELDS, answer_of, names_of, page_answer_of, part_of
from webapp.users.models import Status, User
from webapp.users.schemas import Moment

OPEN_MAX = 40
_SEPARATOR = "."
PARENT = "ID of the group that contains it. `null`: it is part of no other group, or of one that you cannot see."
STARTS_AT = "By default, now. A time in the past counts as now."
ENDS_AT = "By default, it does not end."


def _split(text: Any) -> Any:
    return text.split(_SEPARATOR) if isinstance(text, str) else text


class GroupListQuery(PageQuery):
    """`open` are the groups whose children are shown. `inside` is the group whose children are the top of the list."""

    q: SearchText = Field("", max_length=SEARCH_MAX)
    open: Annotated[tuple[UUID, ...], BeforeValidator(_split)] = Field((), max_length=OPEN_MAX)
    inside: UUID | None = None

    def toggled(self, group_id: UUID) -> str:
        """Return the value of `open` with this group opened or closed. Close the first one if too many are open."""
        others = [each for each in self.open if each != group_id]
        ids = others if group_id in self.open else [*others, group_id]
        return _SEPARATOR.join(map(str, ids[-OPEN_MAX:]))


class MemberListQuery(PageQuery):
    state: Literal["current", "future"] = Field(
        "current", description="`future`: only memberships that have not started."
    )


class GroupPath(BaseModel):
    group_id: UUID = Field(description="The ID of the group.")


class MemberPath(GroupPath):
    user_id: UUID = Field(description="The ID of the user.")


class GroupIn(Schema):
    """A new group."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Sales", "description": "Everyone who talks to customers"}]}
    )

    name: str = Field(min_length=1, max_length=NAME_MAX, description="No other group can have this name.")
    description: str = Field("", max_length=DESCRIPTION_MAX)
    parent_id: UUID | None = Field(None, description="ID of the group that contains the new one.")


class GroupPatch(Schema):
    """Changes of a group. Fields that you leave out stay as they are. null empties a field."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Sales and support", "parent_id": None}]})

    # The defaults are never used: the API reads only the fields that were sent.
    name: str = Field(default_factory=str, min_length=1, max_length=NAME_MAX)
    description: str | None = Field(None, max_length=DESCRIPTION_MAX)
    parent_id: UUID | None = Field(None, description="ID of the group that contains it. null moves it to the top.")

    @property
    def changes(self) -> dict[str, Any]:
        """The sent fields, as the service takes them."""
        fields = self.model_dump(exclude_unset=True)
        return fields | ({"description": fields["description"] or ""} if "description" in fields else {})


class GroupOut(EtagSchema):
    """A group."""

    id: UUID
    name: str
    description: str
    parent_id: UUID | None = Field(description=PARENT)
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, group: Group, *, visible_ids: Collection[UUID]) -> Self:
        """Return the group. Its parent is only shown if it is one of `visible_ids`."""
        shown = cls.model_validate(group)
        if shown.parent_id not in visible_ids:
            shown.parent_id = None
        return shown


class GroupPage(Schema):
    """A page of groups. `next` and `previous` are values of `after` and `before`."""

    items: list[GroupOut]
    next: str | None
    previous: str | None
    count: CountOut


class GroupParent(Schema):
    """The group that contains another."""

    id: UUID
    name: str
    description: str


class GroupExpansion(Schema):
    """What `expand` asked for."""

    parent: GroupParent | None = Field(description="`null`: it is part of no other group, or of one you cannot see.")


GroupFields = Annotated[tuple[str, ...], *names_of(GroupOut.model_fields)]
GroupExpand = Annotated[tuple[str, ...], *names_of(["parent"])]
GroupPart = part_of(GroupOut, GroupExpansion)
GroupAnswer = answer_of(GroupOut, GroupPart)
GroupPageAnswer = page_answer_of(GroupPage, GroupPart)


class SparseGroups(Parameters):
    """The parameters `fields` and `expand` of groups."""

    fields: GroupFields = Field(default_factory=tuple, description=FIELDS)
    expand: GroupExpand = Field(default_factory=tuple, description=f"{EXPAND} `parent`: the group that contains it.")


class GroupListApiQuery(PageQuery, SparseGroups):
    q: SearchText = Field("", max_length=SEARCH_MAX, description="Only groups whose name contains each of these words.")
    inside: UUID | None = Field(None, description="Only groups directly inside the group with this ID.")


class MemberIn(Schema):
    """A new member of a group."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user": "anton.ivanov@example.com", "ends_at": "2027-03-31T18:00:00Z"}]}
    )

    user: SearchText = Field(min_length=1, max_length=SEARCH_MAX, description="An e-mail address, username or ID.")
    starts_at: Moment | None = Field(None, description=STARTS_AT)
    ends_at: Moment | None = Field(None, description=ENDS_AT)


class MemberUser(Schema):
    id: UUID
    email: str
    name: str
    status: Status


class MemberOut(Schema):
    """A membership: a user is in a group for a period."""

    id: UUID
    group_id: UUID
    user: MemberUser
    starts_at: UtcTime
    ends_at: UtcTime | None
    created_by: str = Field(description="Who added the user.")

    @classmethod
    def of(cls, membership: Membership, user: User) -> Self:
        names = ("id", "group_id", "starts_at", "ends_at", "created_by")
        return cls(**{name: getattr(membership, name) for name in names}, user=MemberUser.model_validate(user))


class MemberPage(Schema):
    """A page of members. `next` and `previous` are values of `after` and `before`."""

    items: list[MemberOut]
    next: str | None
    previous: str | None
    count: CountOut
