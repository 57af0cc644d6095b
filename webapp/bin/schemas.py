"""The bin in JSON."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from webapp.core.schemas import Schema
from webapp.users.models import EMAIL_MAX, USERNAME_MAX


class RestorationIn(Schema):
    """Another e-mail, username or unique value for whoever's own is taken; without them they come back as they were."""

    email: str | None = Field(None, max_length=EMAIL_MAX)
    username: str | None = Field(None, max_length=USERNAME_MAX, description="Empty: without a username.")

    attributes: dict[str, Any] = Field(
        default_factory=dict, description="Other values for those that somebody else has by now, by key."
    )

    @model_validator(mode="before")
    @classmethod
    def _allow_no_body(cls, given: Any) -> Any:
        return {} if given is None else given
