"""What a request asks the list of users for, as page and API read it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from webapp.access.models import Group, Role
from webapp.access.queries import named
from webapp.core.access import Permission, reach
from webapp.core.errors import Invalid, Refused
from webapp.core.languages import _
from webapp.core.text import key
from webapp.users.models import User
from webapp.users.queries import listed_users
from webapp.users.schemas import UserListQuery


def found_users(query: UserListQuery) -> Select[User]:
    """The users that `query` asks for, of those whom the asker may see. Raises Refused for an unknown role or group."""
    return listed_users(
        search=query.q,
        status=query.status,
        role=_id_of(Role, query.role),
        group=_id_of(Group, query.group),
        ending=query.ending,
        reach=reach(Permission.USERS_READ),
    )


def ids_of(model: type[Role | Group], names: Collection[str]) -> list[UUID]:
    """The ids of the roles or groups that a program names, by name or id. Raises Invalid for one that is not there."""
    field = f"{model.__name__.lower()}s"
    ids = []
    for name in dict.fromkeys(names):
        row: Any = named(model, key(name))
        if row is None:
            raise Invalid(_("“%(name)s” is not there.", name=name), field=field, code="unknown")
        ids.append(row.id)
    return list(dict.fromkeys(ids))


def _id_of(model: type[Role | Group], name: str) -> UUID | None:
    """The id of the role or group that the address names, by name or id."""
    if not name:
        return None
    row: Any = named(model, key(name))
    if row is None:
        field = model.__name__.lower()
        raise Refused(_("The part “%(name)s” of this address is not right.", name=field), field=field)
    return UUID(str(row.id))
