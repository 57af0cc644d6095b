"""A factory of attributes. It calls the services, as pages do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories import TESTER, People
from webapp.attributes.models import Attribute
from webapp.attributes.services import create_attribute, delete_attribute, restore_attribute, update_attribute
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.queries import get_user
from webapp.web.api import App

DEPARTMENTS = [
    {"value": "sales", "label_en": "Sales", "label_ru": "Продажи"},
    {"value": "it", "label_en": "IT", "label_ru": "ИТ"},
]


class Catalogue:
    """Define attributes and read them."""

    def __init__(self, app: App, people: People) -> None:
        self.app = app
        self.people = people

    def define(self, key: str, kind: str = "text", *, by: Actor = TESTER, **fields: Any) -> UUID:
        values = {"label_en": key.title(), "label_ru": f"{key} по-русски", "kind": kind} | fields
        if kind == "choice":
            values.setdefault("choices", DEPARTMENTS)
        with self.app.app_context():
            return create_attribute(key=key, by=by, **values).id

    def change(self, attribute_id: UUID, **fields: Any) -> None:
        with self.app.app_context():
            version = self._row(attribute_id).version
            update_attribute(attribute_id, version=version, by=TESTER, **fields)

    def delete(self, attribute_id: UUID) -> None:
        with self.app.app_context():
            delete_attribute(attribute_id, by=TESTER)

    def restore(self, attribute_id: UUID) -> None:
        with self.app.app_context():
            restore_attribute(attribute_id, by=TESTER)

    def row(self, attribute_id: UUID) -> dict[str, Any]:
        """Return the columns of an attribute."""
        with self.app.app_context():
            row = self._row(attribute_id)
            return {column.name: getattr(row, column.name) for column in Attribute.__table__.columns}

    def keys(self) -> list[str]:
        """Return the keys of attributes that are not deleted, by position."""
        query = select(Attribute.key).where(Attribute.deleted_at.is_(None)).order_by(Attribute.position)
        with self.app.app_context():
            return list(db.session.scalars(query))

    @staticmethod
    def _row(attribute_id: UUID) -> Attribute:
        return db.session.get_one(Attribute, attribute_id)


@pytest.fixture
def catalogue(app: App, people: People) -> Catalogue:
    return Catalogue(app, people)


def values(people: People, user_id: UUID) -> dict[str, Any]:
    return people.row(id=user_id)["attributes"]


def set_value(app: App, user_id: UUID, key: str, value: Any) -> None:
    """Set a value in the database without checks, for example as an erasure leaves it."""
    with app.app_context(), transaction():
        user = get_user(user_id)
        user.attributes = user.attributes | {key: value}
