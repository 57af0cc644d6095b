"""Named reads of roles, groups, grants and memberships."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from webapp.access.group_tree import group_and_ancestors, group_ids_of, groups_and_descendants
from webapp.access.models import Group, Membership, Role, RoleGrant, active_at, built_in_role, not_over_at
from webapp.access.powers import USERS
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission, Powers, Reach
from webapp.core.text import caseless_key, fold_text
from webapp.core.texts import _
from webapp.db.session import db

# The most rows of a list that has no pages.
UNPAGED_LIMIT = 500

RoleOrGroup = TypeVar("RoleOrGroup", bound=Role | Group)


def get_role(role_id: UUID) -> Role:
    """Raise NotFound if there is none, or if it is deleted."""
    role = db.session.get(Role, role_id)
    if role is None or role.deleted_at:
        raise NotFound(_("This role does not exist"))
    return role


def get_group(group_id: UUID) -> Group:
    """Raise NotFound if there is none, or if it is deleted."""
    group = db.session.get(Group, group_id)
    if group is None or group.deleted_at:
        raise NotFound(_("This group does not exist"))
    return group


def find_by_name(model: type[RoleOrGroup], name_key: str, *, reach: Reach = None) -> RoleOrGroup | None:
    """Return the live role or group of this name key or id, or None. Groups outside `reach` do not exist."""
    try:
        row = db.session.get(model, UUID(name_key))
    except ValueError:
        row = _find_by_key(model, name_key)
    if row is None or row.deleted_at:
        return None
    hidden = isinstance(row, Group) and reach is not None and not reach & group_and_ancestors(row.id)
    return None if hidden else row


def _find_by_key(model: type[RoleOrGroup], name_key: str) -> RoleOrGroup | None:
    # No name has this character, which PostgreSQL refuses in a text.
    if "\x00" in name_key:
        return None
    row = db.session.scalars(select(model).where(model.name_key == name_key)).first()
    if row is None and model is Role and (role_id := built_in_role(name_key)):
        return db.session.get(model, role_id)
    return row


def get_by_name(model: type[RoleOrGroup], name: str, *, field: str, reach: Reach = None) -> RoleOrGroup:
    """Return the role or group with this name or id. Raise Invalid about `field` if there is none within `reach`."""
    row = find_by_name(model, caseless_key(name), reach=reach)
    if row is None:
        raise Invalid(_("“%(name)s” does not exist", name=name), field=field, code="unknown")
    return row


def ids_by_name(model: type[Role | Group], names: Collection[str], *, reach: Reach = None) -> list[UUID]:
    """Return the ids of the roles or groups with these names or ids. Raise Invalid if there is none within `reach`."""
    field = f"{model.__name__.lower()}s"
    rows = [get_by_name(model, name, field=field, reach=reach) for name in dict.fromkeys(names)]
    return list(dict.fromkeys(row.id for row in rows))


def list_roles() -> list[Role]:
    """Return all roles: the built-in ones in their own order, then the others by name."""
    roles = db.session.scalars(select(Role).where(Role.deleted_at.is_(None)).order_by(Role.name_key))
    return sorted(roles, key=lambda role: (not role.built_in, role.id if role.built_in else 0, role.name_key))


def grantable_roles(powers: Powers) -> list[Role]:
    """Return the roles that a person with these powers can grant everywhere."""
    if Permission.ROLES_GRANT not in powers.everywhere:
        return []
    return [role for role in list_roles() if role.allows <= powers.everywhere]


def search_groups(*, search: str = "", reach: Reach = None) -> Select[Group]:
    """Select the groups within `reach` whose name contains every word of `search`."""
    query = select(Group).where(Group.deleted_at.is_(None))
    if reach is not None:
        query = query.where(Group.id.in_(groups_and_descendants(reach)))
    for word in fold_text(search).split():
        query = query.where(Group.name_sort.contains(word, autoescape=True))
    return query


def names_of_reach(reach: Reach) -> list[str]:
    """Return the names of the groups of `reach` without the groups inside them, sorted. Empty for everyone."""
    if reach is None:
        return []
    names = select(Group.name).where(Group.id.in_(reach), Group.deleted_at.is_(None))
    return list(db.session.scalars(names.order_by(Group.name_sort, Group.id)))


def group_choices(reach: Reach) -> list[Group]:
    """Return the groups within `reach` by name, for a select field."""
    query = search_groups(reach=reach).order_by(Group.name_sort, Group.id)
    return list(db.session.scalars(query.limit(UNPAGED_LIMIT)))


def grants_of_user(user_id: UUID) -> list[RoleGrant]:
    """Return the present and future grants to a person, and to the groups they are a member of now."""
    query = (
        select(RoleGrant)
        .join(RoleGrant.role)
        .where(
            Role.deleted_at.is_(None),
            or_(RoleGrant.user_id == user_id, RoleGrant.group_id.in_(group_ids_of(user_id))),
            not_over_at(RoleGrant, now()),
        )
        .options(joinedload(RoleGrant.role), joinedload(RoleGrant.group), joinedload(RoleGrant.scope))
        .order_by(RoleGrant.id)
    )
    return list(db.session.scalars(query))


def memberships_of_user(user_id: UUID) -> list[Membership]:
    """Return the present and future memberships of a person, by the group's name."""
    query = (
        select(Membership)
        .join(Membership.group)
        .where(
            Membership.user_id == user_id,
            Group.deleted_at.is_(None),
            not_over_at(Membership, now()),
        )
        .options(joinedload(Membership.group))
        .order_by(Group.name_sort)
    )
    return list(db.session.scalars(query))


def grant_counts() -> dict[UUID, tuple[int, int]]:
    """Return how many people and how many groups hold each role now, by the role's id."""
    query = (
        select(RoleGrant.role_id, func.count(RoleGrant.user_id), func.count(RoleGrant.group_id))
        .where(active_at(RoleGrant, now()))
        .group_by(RoleGrant.role_id)
    )
    return {role_id: (people, groups) for role_id, people, groups in db.session.execute(query)}


def check_user_exists(user_id: UUID) -> None:
    """Raise NotFound if there is no such person. SQLite does not say which foreign key refused a row."""
    if db.session.scalar(select(USERS.c.id).where(USERS.c.id == user_id)) is None:
        raise NotFound(_("This user does not exist"))


def user_name(user_id: UUID) -> str:
    """Return the name of a person, or "" if there is none."""
    return db.session.scalar(select(USERS.c.name).where(USERS.c.id == user_id)) or ""
