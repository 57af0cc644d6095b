"""Adds departments to demo data: groups with members, and people with roles in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, case, cast, func, insert, literal, literal_column, select

from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, LABEL_MAX, Membership
from webapp.access.services import grant_role
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.groups.services import create_group
from webapp.roles.services import create_role
from webapp.users.models import User


@dataclass(frozen=True)
class Department:
    """`share`: how many of a hundred people are direct members."""

    name: str
    description: str
    parent: str | None
    share: int


DEPARTMENTS = (
    Department("Northwind", "Everyone who works here.", None, 0),
    Department("Engineering", "Builds and runs what customers use.", "Northwind", 4),
    Department("Platform", "The ground that the other teams stand on.", "Engineering", 8),
    Department("Mobile", "The apps for phones and tablets.", "Engineering", 6),
    Department("Quality", "Finds what is wrong before customers do.", "Engineering", 5),
    Department("Sales", "Finds customers, and keeps them.", "Northwind", 13),
    Department("Support", "Answers customers around the clock.", "Northwind", 11),
    Department("Московский офис", "Все, кто работает в Москве.", "Northwind", 2),
    Department("Разработка", "Внутренние системы и интеграции.", "Московский офис", 9),
    Department("Бухгалтерия", "Зарплата, счета и отчётность.", "Московский офис", 5),
    Department("Кадры", "Приём, переводы и увольнения.", "Московский офис", 3),
    Department("Склад", "Приёмка, хранение и отгрузка.", "Московский офис", 9),
)
# Up to this many people, everyone can be a member. Of more people, every n-th can.
MEMBERS_MAX = 50_000
# Helpdesk and others. Only as many roles are given as there are people.
STAFF = (
    (HELPDESK, "Engineering"),
    (AUDITOR, None),
    (GROUP_OWNER, "Sales"),
    (GROUP_OWNER, "Бухгалтерия"),
    (ADMINISTRATOR, None),
)
# Raw SQL, because the expression is different for each engine. A number from the ID of a person, the same on each run
# for the same ID: the last digits of a UUIDv7 are random (RFC 9562). SQLite has no hexadecimal casts; it uses the row.
_PSEUDORANDOM = {"postgresql": "('x' || right(id::text, 7))::bit(28)::int", "sqlite": "(rowid * 7919)"}

GroupIds = dict[str, UUID]


def fill_groups(count: int, *, by: Actor, bulk: bool) -> None:
    """Add departments for the `count` people in the database, and give roles to some of these people.

    `bulk`: on PostgreSQL, check the foreign keys of memberships once at the end instead of for each row.
    """
    groups = _create_departments(by)
    if bulk and db.session.connection().dialect.name == "postgresql":
        with _without_foreign_keys():
            _add_members(count, groups, by=by)
    else:
        _add_members(count, groups, by=by)
    manager_role = create_role(
        name="Office manager",
        description="Welcomes new colleagues and shows them around.",
        permissions=(Permission.USERS_READ, Permission.USERS_CREATE, Permission.USERS_EDIT, Permission.GROUPS_MANAGE),
        by=by,
    )
    _give_roles(_longest_active_people(), groups, manager_role.id, by=by)


def _create_departments(by: Actor) -> GroupIds:
    groups: GroupIds = {}
    for department in DEPARTMENTS:
        parent_id = groups[department.parent] if department.parent else None
        group = create_group(name=department.name, description=department.description, parent_id=parent_id, by=by)
        groups[department.name] = group.id
    return groups


@contextmanager
def _without_foreign_keys() -> Iterator[None]:
    """Drop the foreign keys of memberships and create them again. Their definitions come from the catalogue."""
    connection = db.session.connection()
    # Raw SQL, because SQLAlchemy has no expression for the definitions in the catalogue.
    keys = connection.exec_driver_sql(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'memberships'::regclass AND contype = 'f'"
    ).all()
    for name, _definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE memberships DROP CONSTRAINT "{name}"')
    yield
    for name, definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE memberships ADD CONSTRAINT "{name}" {definition}')


def _add_members(count: int, groups: GroupIds, *, by: Actor) -> None:
    """Add each person to at most one department, from the creation of their account on.

    The ID of a membership is that of the person: unique, and of the same time. One INSERT … SELECT scans `users` once.
    """
    number: Any = literal_column(_PSEUDORANDOM[db.session.connection().dialect.name], Integer)
    interval = -(-count // MEMBERS_MAX)
    percentile = number // interval % 100
    ends = list(accumulate(department.share for department in DEPARTMENTS))
    cases = [(percentile < end, groups[department.name]) for end, department in zip(ends, DEPARTMENTS, strict=True)]
    group_id = case(*((condition, literal(group, Uuid())) for condition, group in cases))
    key_prefix = case(*((condition, literal(f"member:{group.hex}:")) for condition, group in cases))
    person = func.replace(cast(User.id, String), "-", "")
    rows = select(User.id, group_id, User.id, key_prefix + person, User.created_at, literal(by.label[:LABEL_MAX]))
    columns = ["id", "group_id", "user_id", "live_key", "starts_at", "created_by"]
    members = rows.where(number % interval == 0, percentile < ends[-1])
    db.session.execute(insert(Membership).from_select(columns, members, include_defaults=False))


def _longest_active_people() -> Sequence[UUID]:
    query = select(User.id).where(User.status == "active", User.last_sign_in_at.is_not(None))
    return db.session.scalars(query.order_by(User.created_at, User.id).limit(8)).all()


def _give_roles(people: Sequence[UUID], groups: GroupIds, manager_role_id: UUID, *, by: Actor) -> None:
    """Give one role to each of the people except the first, who is left without one."""
    for user_id, (role_id, scope) in zip(people[1:], (*STAFF, (manager_role_id, None)), strict=False):
        grant_role(role_id, user_id=user_id, scope_id=groups[scope] if scope else None, by=by)
    grant_role(manager_role_id, group_id=groups["Кадры"], by=by)
