"""Departments of the demo, who is in them, and who may do what there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

# Name, description, what it is inside of, and how many of every hundred people are in it themselves.
DEPARTMENTS = (
    ("Northwind", "Everybody who works here.", None, 0),
    ("Engineering", "Builds and runs what customers use.", "Northwind", 4),
    ("Platform", "The ground that the other teams stand on.", "Engineering", 8),
    ("Mobile", "The apps for phones and tablets.", "Engineering", 6),
    ("Quality", "Finds what is wrong before customers do.", "Engineering", 5),
    ("Sales", "Finds customers, and keeps them.", "Northwind", 13),
    ("Support", "Answers customers around the clock.", "Northwind", 11),
    ("Московский офис", "Все, кто работает в Москве.", "Northwind", 2),
    ("Разработка", "Внутренние системы и интеграции.", "Московский офис", 9),
    ("Бухгалтерия", "Зарплата, счета и отчётность.", "Московский офис", 5),
    ("Кадры", "Приём, переводы и увольнения.", "Московский офис", 3),
    ("Склад", "Приёмка, хранение и отгрузка.", "Московский офис", 9),
)
# Up to so many people everybody has a share in the departments; of more, every n-th has.
MEMBERS_MAX = 50_000
# A number that is as good as chance and the same each time: the last digits of an id (RFC 9562) are random.
_CHANCE = {"postgresql": "('x' || right(id::text, 7))::bit(28)::int", "sqlite": "(rowid * 7919)"}


def fill_groups(count: int, *, by: Actor, bulk: bool) -> None:
    """Departments for `count` people, who are there already; one of them is an auditor, some look after others.

    `bulk`: on PostgreSQL, that members and groups exist is checked once at the end and not row by row.
    """
    groups: dict[str | None, UUID] = {}
    for name, description, parent, _share in DEPARTMENTS:
        groups[name] = create_group(name=name, description=description, parent_id=groups.get(parent), by=by).id
    if bulk and db.session.connection().dialect.name == "postgresql":
        with _unchecked():
            _join(count, groups, by=by)
    else:
        _join(count, groups, by=by)
    allows = (Permission.USERS_READ, Permission.USERS_CREATE, Permission.USERS_EDIT, Permission.GROUPS_MANAGE)
    about = "Welcomes new colleagues and shows them around."
    own = create_role(name="Office manager", description=about, permissions=allows, by=by)
    _give(_present(), groups, own.id, by=by)


@contextmanager
def _unchecked() -> Iterator[None]:
    """Without the foreign keys of memberships; what was there comes back, read from the catalogue."""
    connection = db.session.connection()
    keys = connection.exec_driver_sql(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'memberships'::regclass AND contype = 'f'"
    ).all()
    for name, _definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE memberships DROP CONSTRAINT "{name}"')
    yield
    for name, definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE memberships ADD CONSTRAINT "{name}" {definition}')


def _join(count: int, groups: dict[str | None, UUID], *, by: Actor) -> None:
    """At most one department a person, since they were added; their membership has their own id, of that moment."""
    engine = db.session.connection().dialect.name
    chance: Any = literal_column(_CHANCE[engine], Integer)
    every = -(-count // MEMBERS_MAX)
    place = chance // every % 100
    upto = accumulate(share for *_told, share in DEPARTMENTS)
    parts = [(place < end, groups[name]) for end, (name, *_told) in zip(upto, DEPARTMENTS, strict=True)]
    group = case(*((part, literal(group_id, Uuid())) for part, group_id in parts))
    key = case(*((part, literal(f"member:{group_id.hex}:")) for part, group_id in parts))
    person = func.replace(cast(User.id, String), "-", "")
    rows = select(User.id, group, User.id, key + person, User.created_at, literal(by.label[:LABEL_MAX]))
    columns = ["id", "group_id", "user_id", "live_key", "starts_at", "created_by"]
    taken = rows.where(chance % every == 0, place < sum(share for *_told, share in DEPARTMENTS))
    db.session.execute(insert(Membership).from_select(columns, taken, include_defaults=False))


def _present() -> Sequence[UUID]:
    """People who have been here for long and can sign in."""
    query = select(User.id).where(User.status == "active", User.last_sign_in_at.is_not(None))
    return db.session.scalars(query.order_by(User.created_at, User.id).limit(8)).all()


def _give(people: Sequence[UUID], groups: dict[str | None, UUID], own: UUID, *, by: Actor) -> None:
    """As far as there are people: a helpdesk within a department, one auditor, and so on."""
    for user_id, (role_id, within) in zip(
        people[1:],
        (
            (HELPDESK, "Engineering"),
            (AUDITOR, None),
            (GROUP_OWNER, "Sales"),
            (GROUP_OWNER, "Бухгалтерия"),
            (ADMINISTRATOR, None),
            (own, None),
        ),
        strict=False,
    ):
        grant_role(role_id, user_id=user_id, scope_id=groups[within] if within else None, by=by)
    grant_role(own, group_id=groups["Кадры"], by=by)
