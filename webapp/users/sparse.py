"""`fields=` and `expand=` of users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from webapp.attributes.models import KEY_MAX, Attribute
from webapp.core.permissions import Reach
from webapp.core.schemas import Parameters
from webapp.lists.sparse import EXPAND, FIELDS, answer_of, names_of, part_of, shape, split_names
from webapp.users.expansion import UserExpansion, expander
from webapp.users.schemas import UserOut

Fields = Annotated[tuple[str, ...], *names_of(UserOut.model_fields)]
EXPAND_MAX = 20
_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": KEY_MAX}
_EXPANDED = {"type": "array", "items": _NAME, "examples": [["roles"]], "minItems": 1, "maxItems": EXPAND_MAX}
Expand = Annotated[
    tuple[str, ...], BeforeValidator(split_names), Field(max_length=EXPAND_MAX), WithJsonSchema(_EXPANDED)
]
UserPart = part_of(UserOut, UserExpansion)
UserAnswer = answer_of(UserOut, UserPart)


class SparseUsers(Parameters):
    """The parameters `fields` and `expand` of users."""

    fields: Fields = Field(default_factory=tuple, description=FIELDS)
    expand: Expand = Field(
        default_factory=tuple,
        description=f"{EXPAND} `roles`, `groups`, or the key of an attribute whose values are people.",
    )


def shape_users(
    users: Sequence[UserOut], query: SparseUsers, attributes: Sequence[Attribute], reach: Reach
) -> list[dict[str, Any]] | None:
    """Return the users as `query` asks for them; None if they are sent whole. Raise Refused for an unknown name."""
    if not query.fields and not query.expand:
        return None
    expanded = expander(users, query.expand, attributes, reach) if query.expand else None
    return [shape(user, query.fields, expanded(user) if expanded else None) for user in users]
