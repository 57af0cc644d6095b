"""Saved views in JSON."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.schemas import Schema, UtcTime
from webapp.directory.views.models import ADDRESS_MAX, NAME_MAX, SavedView
from webapp.lists.schemas import CountOut
from webapp.users.models import User

ADDRESS = "Filters, search and sort order: the parameters of the list of users, as in its address."
SHARED = (
    "Whether everyone who can see people sees the view. Each sees only the people they can see. Takes `views.share`."
)


class ViewPath(BaseModel):
    view_id: UUID = Field(description="The ID of the view.")


class ViewIn(Schema):
    """A new view."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "New people", "address": "created=30d&sort=-created&status=active"}]}
    )

    name: str = Field(min_length=1, max_length=NAME_MAX, description="No other view of yours can have this name.")
    address: str = Field("", max_length=ADDRESS_MAX, description=ADDRESS)
    shared: bool = Field(False, strict=True, description=SHARED)


class ViewPatch(Schema):
    """Changes of a view. Fields that you leave out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "sort=name&status=invited"}]})

    # The defaults are never used: the API reads only the fields that were sent.
    name: str = Field(default_factory=str, min_length=1, max_length=NAME_MAX)
    address: str = Field(default_factory=str, max_length=ADDRESS_MAX, description=ADDRESS)
    shared: bool = Field(False, strict=True, description=SHARED)

    @property
    def changes(self) -> Any:
        """The sent fields, as the service takes them."""
        return self.model_dump(exclude_unset=True)


class ViewOwnerOut(Schema):
    id: UUID
    name: str


class ViewOut(Schema):
    """A saved view. `GET /users?view=ID` lists its people."""

    id: UUID
    name: str
    address: str = Field(description=ADDRESS)
    shared: bool
    owner: ViewOwnerOut
    created_at: UtcTime
    updated_at: UtcTime
    version: int

    @classmethod
    def of(cls, view: SavedView, owner: User | None = None) -> Self:
        """Return the view in JSON. `owner` is needed if the row was read without its owner."""
        names = cls.model_fields.keys() - {"owner"}
        shown = ViewOwnerOut.model_validate(owner or view.owner)
        return cls(**{name: getattr(view, name) for name in names}, owner=shown)

    @property
    def etag(self) -> str:
        return sha256(self.model_dump_json(exclude={"owner"}).encode()).hexdigest()[:32]


class ViewPage(Schema):
    """A page of views. `next` and `previous` are values of `after` and `before`."""

    items: list[ViewOut]
    next: str | None
    previous: str | None
    count: CountOut
