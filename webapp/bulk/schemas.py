"""Query parameters of the page of one bulk change, and bulk changes in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from webapp.attributes.models import KEY_MAX, TEXT_MAX
from webapp.bulk.actions import ACTIONS
from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.bulk.models import HASH_LENGTH, VIEW_MAX, BulkChange, BulkItem, Outcome, State
from webapp.core.schemas import Schema, SearchText, UtcTime, inline
from webapp.lists.schemas import SEARCH_MAX, CountOut, PageQuery
from webapp.users.schemas import Moment

ATTRIBUTE_MAX = 40
# People that can be named one by one. All who match a filter can be more.
IDS_MAX = 1000
FILTER = (
    "The people who match these parameters of the list of users, as in its address. Send `ids` or `filter`. An empty"
    " text matches everyone."
)


def _known_action(name: str) -> str:
    if name not in ACTIONS:
        raise PydanticCustomError("unknown", "There is no such action")
    return name


ActionName = Annotated[str, AfterValidator(_known_action), Field(json_schema_extra={"enum": list(ACTIONS)})]
# Written out: other packages have other enums with these names, and a description has one schema of each name.
StateName = Annotated[State, inline(State)]
OutcomeName = Annotated[Outcome, WithJsonSchema({"type": "string", "enum": list(Outcome)})]


class BulkQuery(PageQuery):
    """`outcome` filters the people. `attribute` is the key of the attribute to set."""

    outcome: Outcome | None = None
    attribute: str = Field("", max_length=ATTRIBUTE_MAX)


class BulkPeopleQuery(PageQuery):
    outcome: OutcomeName | None = Field(None, description="Only people with this outcome.")


class BulkPath(BaseModel):
    bulk_id: UUID = Field(description="The ID of the bulk change.")


class ExportQuery(BaseModel):
    format: FileFormat = Field(FileFormat.CSV, description="The format of the file.")
    headings: Headings = Field(
        Headings.LABELS,
        description="Headings, statuses and roles: `labels` in your language, or `keys`. Only for `csv` and `xlsx`;"
        " the other formats have keys.",
    )


class ArgumentIn(Schema):
    """What the action needs."""

    role: SearchText | None = Field(
        None, max_length=SEARCH_MAX, description="Name or ID of a role, for `add_role` and `remove_role`."
    )
    within: SearchText | None = Field(
        None, max_length=SEARCH_MAX, description="`add_role`: name or ID of the group within which the role counts."
    )
    group: SearchText | None = Field(
        None, max_length=SEARCH_MAX, description="Name or ID of a group, for `add_group` and `remove_group`."
    )
    ends_at: Moment | None = Field(None, description="For `end_access`.")
    attribute: str | None = Field(None, max_length=KEY_MAX, description="`set_attribute`: the key of the attribute.")
    value: str | None = Field(
        None, max_length=TEXT_MAX, description="`set_attribute`: the value as text, as in a form. Empty by default."
    )

    @property
    def values(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class BulkChangeIn(Schema):
    """A change of many people. No one is changed before you apply it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"action": "deactivate", "filter": "last_sign_in=<2020-01-01"}]}
    )

    action: ActionName = Field(description="What to do.")
    ids: list[UUID] | None = Field(None, min_length=1, max_length=IDS_MAX, description="IDs of the people.")
    filter: str | None = Field(None, max_length=VIEW_MAX, description=FILTER)
    argument: ArgumentIn | None = Field(None, description="You can send it later, with the preview.")


class PreviewIn(Schema):
    """What the action needs, for a new preview."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"argument": {"group": "Sales"}}]})

    argument: ArgumentIn = Field(default_factory=ArgumentIn)


class ApplicationIn(Schema):
    """The preview to apply."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"plan_hash": "0" * HASH_LENGTH}]})

    plan_hash: str = Field(
        min_length=HASH_LENGTH, max_length=HASH_LENGTH, description="`plan_hash` of the bulk change that you checked."
    )


class BulkChangeOut(Schema):
    """A change of many people."""

    id: UUID
    action: str
    argument: dict[str, str] = Field(
        description="Names and IDs. Values of attributes that you may not see are left out."
    )
    state: StateName = Field(
        description="Jobs continue `planning`, `applying` and `undoing`. Read it again until they end."
    )
    total: int = Field(description="How many people were selected.")
    missing: int = Field(description="How many of `ids` do not exist, or are people you cannot see.")
    counts: dict[str, int] = Field(description="Outcome → number of people.")
    plan_hash: str = Field(description="Send it to apply this preview. Empty before there is one.")
    filter: str | None = Field(description="The filter that selected the people.")
    requested_by_id: UUID | None
    job_id: UUID | None
    created_at: UtcTime
    applied_at: UtcTime | None
    undone_at: UtcTime | None

    @classmethod
    def of(cls, bulk: BulkChange, *, hidden: frozenset[str] = frozenset()) -> Self:
        """Return the change without the values of the attributes with `hidden` keys."""
        names = cls.model_fields.keys() - {"argument", "filter"}
        shown = dict(bulk.argument or {})
        if shown.get("attribute") in hidden:
            shown.pop("value", None)
        return cls(**{name: getattr(bulk, name) for name in names}, argument=shown, filter=bulk.view)


class BulkChangePage(Schema):
    """A page of bulk changes, newest first. `next` and `previous` are values of `after` and `before`."""

    items: list[BulkChangeOut]
    next: str | None
    previous: str | None
    count: CountOut


class BulkPersonOut(Schema):
    """One person of a bulk change."""

    id: UUID
    email: str
    name: str
    outcome: OutcomeName | None = Field(description="`null` before there is a preview.")
    message: str | None = Field(description="Why the person is not changed.")
    changes: dict[str, list[Any]] = Field(description="Field → [before, after].")

    @classmethod
    def of(cls, item: BulkItem, changes: dict[str, list[Any]]) -> Self:
        user = item.user
        outcome = Outcome(item.outcome) if item.outcome else None
        return cls(id=user.id, email=user.email, name=user.name, outcome=outcome, message=item.message, changes=changes)


class BulkPeoplePage(Schema):
    """A page of the people of a bulk change, by name. `next` and `previous` are values of `after` and `before`."""

    items: list[BulkPersonOut]
    next: str | None
    previous: str | None
    count: CountOut
