"""A backup restores everything, into either engine."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from tests.backups.commands import run
from tests.factories import PASSWORD, TESTER, People
from webapp.audit.actions import Action
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.audit.verify import verify
from webapp.backups.archive import ArchiveWriter, Kind
from webapp.backups.services import create_backup, restore_backup
from webapp.core.passwords import verify_password
from webapp.db.revisions import database_revision, latest_revision
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier
from webapp.web.api import App

OLD_REVISION = "20261129_1600"
OLD_COLUMNS = {"id": "uuid", "email": "text", "email_key": "text", "name": "text", "name_key": "text",
               "search_text": "text", "theme": "text", "created_at": "time", "updated_at": "time",
               "version": "integer"}  # fmt: skip
OLD_ID, OLD_TIME = "019ac000000070008000000000000001", "2026-01-02 03:04:05"
OLD_ROW = f"{OLD_ID}\ta@b.example\ta@b.example\tA\\tB\ta\ta\tdark\t{OLD_TIME}\t{OLD_TIME}.5\t3\n"


def test_a_backup_restores_into_the_other_engine(filled: App, other_engine: App, backup: Path) -> None:
    code, output = run(other_engine, "restore", backup)
    assert (code, output.splitlines()[0].split(",")[0]) == (0, "Restored: 2 people")
    assert rows(other_engine) == rows(filled)
    with other_engine.app_context():
        assert not verify().findings
        assert verify_password(get_user_by_identifier("olga@example.com").password_hash, PASSWORD)
        record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == Action.BACKUP_RESTORED)).one()
        assert record.changes["backup"] == [None, backup.name]
    assert run(other_engine, "restore", backup) == (1, f"Error: {NOT_EMPTY}\n")


NOT_EMPTY = "This database has people. A backup is restored only into an empty database. Nothing was changed."


def test_a_backup_restores_into_a_database_without_people(filled: App, backup: Path) -> None:
    before = rows(filled)
    with filled.app_context(), db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
        indexes = _indexes(connection)
    assert run(filled, "restore", backup)[0] == 0
    assert rows(filled) == before
    with filled.app_context(), db.engine.connect() as connection:
        assert _indexes(connection) == indexes
        assert not verify().findings


def test_a_backup_is_one_moment_while_people_work(app: App, people: People, other_engine: App, tmp_path: Path) -> None:
    done, writing = threading.Event(), threading.Event()

    def work() -> None:
        while not done.is_set():
            people.create()
            writing.set()

    thread = threading.Thread(target=work)
    thread.start()
    writing.wait(30)
    with app.app_context():
        summary = create_backup(tmp_path / "while-working", by=TESTER)
    done.set()
    thread.join()
    with other_engine.app_context():
        restore_backup(tmp_path / "while-working", by=TESTER)
        created = select(func.count()).where(AuditRecord.action == Action.USER_CREATED)
        assert db.session.scalar(created) == db.session.scalar(select(func.count(User.id))) == summary.rows["users"] > 0
        assert not verify().findings


def test_a_backup_of_an_older_version_is_migrated(other_engine: App, tmp_path: Path) -> None:
    tables = [{"name": "users", "columns": [list(column) for column in OLD_COLUMNS.items()]}]
    header = {"created_at": "2026-11-01T00:00:00+00:00", "rollcall": "0.0.9", "engine": "sqlite",
              "migration": OLD_REVISION, "secret_key": "", "tables": tables}  # fmt: skip
    with (tmp_path / "old").open("w+b") as file, ArchiveWriter(file, "") as archive:
        archive.add_json(Kind.HEADER, header)
        archive.add(Kind.TABLE, b"users")
        archive.add(Kind.ROWS, OLD_ROW.encode())
        archive.add_json(Kind.TRAILER, {"rows": {"users": 1}})
        archive.finish()
    code, output = run(other_engine, "restore", tmp_path / "old")
    assert code == 0, output
    assert "SECRET_KEY is not the one of this backup" in output
    with other_engine.app_context():
        assert database_revision() == latest_revision()
        person = db.session.scalars(select(User)).one()
        found = (person.name, person.theme, person.status, person.updated_at.microsecond)
        assert found == ("A\tB", "dark", "invited", 500_000)


def rows(app: App) -> dict[str, list[str]]:
    """Return the rows of each table as Python values, without the records and heads that backups themselves write."""
    with app.app_context():
        ours = select(AuditRecord.id).where(AuditRecord.action.in_([Action.BACKUP_CREATED, Action.BACKUP_RESTORED]))
        hidden = {"audit_records": AuditRecord.id.not_in(ours), "audit_details": AuditDetails.record_id.not_in(ours)}
        tables = [table for table in db.metadata.sorted_tables if table.name not in {"audit_heads", "workers"}]
        found: dict[str, list[Any]] = {
            table.name: db.session.execute(select(table).where(hidden.get(table.name, text("1 = 1")))).all()
            for table in tables
        }
        return {name: sorted(map(repr, each)) for name, each in found.items()}


def _indexes(connection: Any) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY 1"
        if connection.dialect.name == "sqlite"
        else "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT conname FROM pg_constraint ORDER BY 1"
    )
    return list(connection.scalars(text(query)))
