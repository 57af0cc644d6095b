"""Conditions on many IDs."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from tests.factories import People
from webapp.db.operators import in_ids
from webapp.db.session import db
from webapp.users.models import User
from webapp.web.api import App


def test_in_ids_finds_the_same_rows_as_in(app: App, people: People) -> None:
    created = [people.create().id for _n in range(3)]
    with app.app_context():
        for ids in ([], created[:1], created[1:], [*created[:2], uuid4()]):
            found = set(db.session.scalars(select(User.id).where(in_ids(User.id, ids))))
            assert found == set(db.session.scalars(select(User.id).where(User.id.in_(ids))))


def test_in_ids_can_use_an_index(app: App) -> None:
    with app.app_context():
        query = select(User.id).where(in_ids(User.id, [uuid4()]), User.deleted_at.is_(None))
        sql = str(query.compile(db.engine))
    assert "= 1" not in sql
