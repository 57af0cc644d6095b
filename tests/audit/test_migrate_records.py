"""Records from before the hash chain: the migration keeps their content and adds them to the chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask_migrate
from sqlalchemy import JSON, DateTime, Engine, String, Uuid, column, insert, table, text
from sqlalchemy.dialects.postgresql import JSONB

from webapp.audit.verify import verify
from webapp.web.api import App

# More than a batch of the migration, so that two shards have records.
COUNT = 5100
AT = datetime(2026, 11, 20, 12, 30, 15, 123, tzinfo=UTC)


RECORDS = table(
    "audit_records",
    *(
        column(name, kind)
        for name, kind in {
            "id": Uuid(),
            "at": DateTime(timezone=True),
            "action": String(),
            "actor_kind": String(),
            "actor_label": String(),
            "address": String(),
            "request_id": String(),
            "subject_kind": String(),
            "subject_id": Uuid(),
            "changes": JSON().with_variant(JSONB(), "postgresql"),
        }.items()
    ),
)


def old_record(number: int) -> dict[str, Any]:
    return {
        "id": UUID(int=7 << 76 | 2 << 62 | number << 80),
        "at": AT,
        "action": "user.updated",
        "actor_kind": "user",
        "actor_label": "Ольга",
        "address": "192.0.2.1",
        "request_id": "r",
        "subject_kind": "user",
        "subject_id": UUID(int=number),
        "changes": {"name": [None, f"Ёлкин {number}"], "username": ["ё", None]},
    }


def test_records_keep_their_content_through_both_migrations(app: App, engine: Engine) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="20261124_0904")
        with engine.begin() as connection:
            connection.execute(insert(RECORDS), [old_record(number) for number in range(1, COUNT + 1)])
        before = contents(engine)
        assert len(before) == COUNT
        flask_migrate.upgrade()
        report = verify()
        assert (report.findings, report.records, report.erased) == ([], COUNT, 0)
        flask_migrate.downgrade(revision="20261124_0904")
        assert contents(engine) == before
        flask_migrate.upgrade()


def contents(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM audit_records ORDER BY id")).all()
    return [tuple(json.loads(v) if isinstance(v, str) and v[:1] == "{" else v for v in row) for row in rows]
