"""The query parameters of a page of a list, and what all pages have in JSON."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from webapp.core.schemas import Parameters, Schema
from webapp.lists.count import COUNT_BOUND
from webapp.lists.page import LIMIT_DEFAULT, LIMIT_MAX, Page, Window

CURSOR_MAX = 1000
SEARCH_MAX = 200
# What a cursor looks like. It is signed, so only those of answers work.
CURSOR: dict[str, Any] = {"pattern": r"^[A-Za-z0-9_.-]*$"}


class PageQuery(Parameters):
    """Query parameters of a page of a list. An empty value means the default."""

    model_config = ConfigDict(extra="ignore")
    # The API accepts further parameters whose names begin like this.
    parameter_prefix: ClassVar[str] = ""

    limit: int = Field(LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="Rows per page.")
    after: str | None = Field(
        None, max_length=CURSOR_MAX, json_schema_extra=CURSOR, description="`next` of the previous page."
    )
    before: str | None = Field(
        None, max_length=CURSOR_MAX, json_schema_extra=CURSOR, description="`previous` of the next page."
    )
    count: Literal["bounded", "exact"] = Field(
        "bounded", description=f"`bounded` counts up to {COUNT_BOUND} rows. `exact` counts all rows, which is slower."
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        # flask-openapi passes the value of a parameter with several values as a list.
        return {name: value for name, value in values.items() if value not in ("", [""])}

    @property
    def window(self) -> Window:
        return Window(self.limit, self.after, self.before, exact=self.count == "exact")


class CountOut(Schema):
    value: int
    exact: bool


def page_fields(page: Page[Any]) -> dict[str, Any]:
    """Return what each page of a list has besides its items, for its JSON schema."""
    count = CountOut(value=page.count.value, exact=page.count.exact)
    return {"next": page.next, "previous": page.previous, "count": count}
