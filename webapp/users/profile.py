"""What the page of a user shows of their access and of fields without a value, as users/show.html prints it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from webapp.access.group_tree import groups_and_descendants
from webapp.access.models import Group, Role, role_label
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.attributes.models import Attribute
from webapp.core.clock import now
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.users.models import User


@dataclass(frozen=True)
class HeldRole:
    """A role that the person holds now. `through`: the group that gives it, or None if they hold it themselves."""

    role: Role
    scope: Group | None
    through: Group | None

    @property
    def label(self) -> str:
        label = str(role_label(self.role.name))
        return f"{label} · {self.scope.name}" if self.scope else label


@dataclass(frozen=True)
class PersonAccess:
    """Roles by their label, those of the person themselves before those of a group. Groups by name.

    `visible_ids`: the groups whose page the viewer can open.
    """

    roles: list[HeldRole] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    visible_ids: Collection[UUID] = frozenset()

    @property
    def role_labels(self) -> list[str]:
        """The label of each role once."""
        return list(dict.fromkeys(held.label for held in self.roles))


@dataclass(frozen=True)
class EmptyField:
    """A field without a value. `name` is that of the field in the edit form, if the form has it for the viewer."""

    name: str
    label: str
    in_form: bool


def person_access(user_id: UUID, *, reach: Reach) -> PersonAccess:
    """Return the roles and groups that the person has now. Three statements, four for a viewer with a `reach`."""
    moment = now()
    roles = [
        HeldRole(grant.role, grant.scope, grant.group)
        for grant in grants_of_user(user_id)
        if grant.starts_at <= moment and (grant.scope is None or grant.scope.deleted_at is None)
    ]
    roles.sort(key=lambda held: (held.label, held.through is not None, held.through.name_sort if held.through else ""))
    groups = [membership.group for membership in memberships_of_user(user_id) if membership.starts_at <= moment]
    named = {each.id for held in roles for each in (held.scope, held.through) if each} | {each.id for each in groups}
    return PersonAccess(roles, groups, _in_reach(named, reach))


def _in_reach(group_ids: set[UUID], reach: Reach) -> set[UUID]:
    if reach is None or not group_ids:
        return group_ids
    query = select(Group.id).where(Group.id.in_(groups_and_descendants(reach)), Group.id.in_(group_ids))
    return set(db.session.scalars(query))


def empty_fields(user: User, attributes: Iterable[Attribute], *, editable: Collection[Attribute]) -> list[EmptyField]:
    """Return the fields without a value. `editable`: the attributes that the viewer can change."""
    names = {attribute.field_name for attribute in editable}
    own = [EmptyField("username", str(_("Username")), in_form=True)] if not user.username else []
    own += [EmptyField("timezone", str(_("Time zone")), in_form=False)] if not user.timezone else []
    return own + [
        EmptyField(each.field_name, each.label, in_form=each.field_name in names)
        for each in attributes
        if each.key not in user.attributes
    ]


def filled_attributes(user: User, attributes: Iterable[Attribute]) -> list[Attribute]:
    return [attribute for attribute in attributes if attribute.key in user.attributes]
