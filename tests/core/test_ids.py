"""Finding rows by many ids."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from tests.factories import People
from webapp.db.operators import in_ids
from webapp.db.session import db
from webapp.users.models import User
from webapp.web.api import App


def test_among_finds_what_in_finds(app: App, people: People) -> None:
    made = [people.create().id for _n in range(3)]
    with app.app_context():
        for ids in ([], made[:1], made[1:], [*made[:2], uuid4()]):
            found = set(db.session.scalars(select(User.id).where(in_ids(User.id, ids))))
            assert found == set(db.session.scalars(select(User.id).where(User.id.in_(ids))))


def test_it_is_a_condition_that_an_index_serves(app: App) -> None:
    with app.app_context():
        query = select(User.id).where(in_ids(User.id, [uuid4()]), User.deleted_at.is_(None))
        sql = str(query.compile(db.engine))
    assert "= 1" not in sql
