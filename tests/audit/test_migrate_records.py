"""Records from before the hash chain: the migration keeps their content and adds them to the chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from sqlalchemy import Engine, text

from webapp.audit.verify import verify
from webapp.web.api import App

COUNT = 5100
AT = datetime(2026, 11, 20, 12, 30, 15, 123, tzinfo=UTC)


def old_record(number: int) -> dict[str, Any]:
    return {
        "id": UUID(int=7 << 76 | 2 << 62 | number << 80),
        "at": AT,
        "subject_id": UUID(int=number),
        "changes": json.dumps({"name": [None, f"Ёлкин {number}"], "username": ["ё", None]}),
    }


def insert(engine: Engine, rows: list[dict[str, Any]]) -> None:
    columns = "id, at, action, actor_kind, actor_label, address, request_id, subject_kind, subject_id, changes"
    values = ":id, :at, 'user.updated', 'user', 'Ольга', '192.0.2.1', 'r', 'user', :subject_id, :changes"
    if engine.dialect.name == "sqlite":
        rows = [
            row | {"id": row["id"].hex, "subject_id": row["subject_id"].hex, "at": f"{AT:%Y-%m-%d %H:%M:%S.%f}"}
            for row in rows
        ]
    else:
        rows = [row | {"id": str(row["id"]), "subject_id": str(row["subject_id"])} for row in rows]
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO audit_records ({columns}) VALUES ({values})"), rows)


@pytest.mark.parametrize("count", [0, COUNT])
def test_records_keep_their_content_through_both_migrations(app: App, engine: Engine, count: int) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="20261124_0904")
        if count:
            insert(engine, [old_record(number) for number in range(1, count + 1)])
        before = contents(engine)
        flask_migrate.upgrade()
        report = verify()
        assert (report.findings, report.records, report.erased) == ([], count, 0)
        flask_migrate.downgrade(revision="20261124_0904")
        assert contents(engine) == before
        flask_migrate.upgrade()


def contents(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM audit_records ORDER BY id")).all()
    return [tuple(json.loads(v) if isinstance(v, str) and v[:1] == "{" else v for v in row) for row in rows]
