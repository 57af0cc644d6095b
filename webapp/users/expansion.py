"""What `expand=` adds to users: their roles and groups, and the people in their attributes. One statement each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from webapp.access.models import Group, Role
from webapp.access.queries import search_groups
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import people_by_id
from webapp.core.errors import Refused
from webapp.core.permissions import Reach
from webapp.core.schemas import Schema
from webapp.core.texts import _
from webapp.db.session import db
from webapp.users.schemas import UserOut

_ROLES = select(Role).where(Role.deleted_at.is_(None))


class NamedRow(Schema):
    """A role or a group."""

    id: UUID
    name: str
    description: str

    @classmethod
    def of(cls, row: Role | Group) -> Self:
        return cls(id=row.id, name=row.name, description=row.description)


class PersonRow(Schema):
    """A person in an attribute."""

    id: UUID
    name: str
    email: str


class UserExpansion(Schema):
    """What `expand` asked for."""

    roles: list[NamedRow] = Field(default_factory=list)
    groups: list[NamedRow] = Field(default_factory=list, description="Those that you can see.")
    people: dict[str, PersonRow | None] = Field(
        default_factory=dict, description="Attribute → the person. `null`: none, or one that you cannot see."
    )


def expander(
    users: Sequence[UserOut], names: Collection[str], attributes: Sequence[Attribute], reach: Reach
) -> Callable[[UserOut], dict[str, Any]]:
    """Return a function that returns `expanded` of one of these users. Raise Refused for an unknown name."""
    keys = {each.key for each in attributes if each.kind == Kind.PERSON}
    for name in names:
        if name not in {"roles", "groups", *keys}:
            known = ", ".join(["roles", "groups", *sorted(keys)])
            raise Refused(_("Use one of: %(expected)s", expected=known), field="expand", code="unknown")
    wanted = [key for key in keys if key in names]
    roles = _by_name(_ROLES, Role.name, {name for user in users for name in user.roles}) if "roles" in names else {}
    visible = search_groups(reach=reach)
    groups = (
        _by_name(visible, Group.name, {name for user in users for name in user.groups}) if "groups" in names else {}
    )
    ids = {user.attributes[key] for user in users for key in wanted if key in user.attributes}
    people = people_by_id(ids, reach=reach)

    def expanded(user: UserOut) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "roles" in names:
            found["roles"] = [roles[name] for name in user.roles if name in roles]
        if "groups" in names:
            found["groups"] = [groups[name] for name in user.groups if name in groups]
        if wanted:
            found["people"] = {key: _person(people.get(user.attributes.get(key, ""))) for key in wanted}
        return UserExpansion(**found).model_dump(mode="json", exclude_unset=True)

    return expanded


def _by_name(rows: Any, name: Any, names: Collection[str]) -> Mapping[str, NamedRow]:
    """Return those of the selected rows that have these names."""
    return {row.name: NamedRow.of(row) for row in db.session.scalars(rows.where(name.in_(names)))} if names else {}


def _person(row: Any) -> PersonRow | None:
    return PersonRow(id=row.id, name=row.name, email=row.email) if row else None
