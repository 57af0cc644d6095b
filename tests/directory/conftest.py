"""Fixtures of saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.web.api import App


@pytest.fixture
def views(app: App) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that reads all saved views, by name."""

    def read() -> list[dict[str, Any]]:
        table = SavedView.__table__
        with app.app_context():
            return [dict(row) for row in db.session.execute(select(table).order_by(table.c.name)).mappings()]

    return read


@pytest.fixture
def saved(views: Callable[[], list[dict[str, Any]]], owner: Any) -> Callable[..., UUID]:
    """Return a function that saves a view as the owner and returns its ID."""

    def save(name: str, address: str = "status=active", **fields: Any) -> UUID:
        assert owner.post("/views", name=name, address=address, **fields).status_code == 303
        return next(view["id"] for view in views() if view["name"] == name)

    return save
