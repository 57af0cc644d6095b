"""The bin in JSON."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator

from webapp.core.schemas import Schema
from webapp.users.models import EMAIL_MAX, USERNAME_MAX


class RestorationIn(Schema):
    """A different e-mail, username or unique value, if another user has the old one. Missing values stay unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "anton.petrov@example.com"}]})

    email: str | None = Field(None, max_length=EMAIL_MAX)
    username: str | None = Field(
        None, max_length=USERNAME_MAX, description="An empty text restores the user without a username."
    )
    attributes: dict[str, Any] = Field(
        default_factory=dict, description="New values, by key, for attributes whose value another user has now."
    )

    @model_validator(mode="before")
    @classmethod
    def _allow_no_body(cls, body: Any) -> Any:
        return {} if body is None else body
