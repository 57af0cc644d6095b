"""The only entry point to backups: create, verify, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from webapp.audit.actions import Action
from webapp.audit.services import Changes, SubjectId, record
from webapp.backups.archive import ArchiveWriter, Kind, read_frames
from webapp.backups.contents import Header, rows_by_table, secret_key_id, tables_of
from webapp.backups.engines import tables_in, update_statistics
from webapp.backups.files import new_file
from webapp.backups.protection import altered
from webapp.backups.verification import Summary, read_summary
from webapp.core.clock import now
from webapp.core.context import current_registry, current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.db.revisions import database_revision, has_migration, latest_revision, migrate
from webapp.db.session import db
from webapp.db.snapshots import snapshot
from webapp.db.transactions import transaction
from webapp.users.queries import any_user_exists
from webapp.version import VERSION

NOT_EMPTY = "This database has people. A backup is restored only into an empty database. Nothing was changed."


def create_backup(path: Path, *, by: Actor) -> Summary:
    """Write all data to the new file `path`, while people work. The file appears when it is complete and was verified.

    Raise Refused if `path` exists or the database is not at the newest migration, OSError if the disk is full.
    """
    passphrase = current_settings().backup_passphrase.get_secret_value()
    with new_file(path) as file:
        with _driver_errors():
            _write(file, passphrase)
        file.flush()
        summary = read_summary(file, passphrase)
    with transaction():
        _record(Action.BACKUP_CREATED, summary, path, by=by)
    return summary


def verify_backup(path: Path) -> Summary:
    """Read the whole file and check it. Raise Refused if it cannot be restored, OSError if it cannot be read."""
    with path.open("rb") as file:
        return read_summary(file, current_settings().backup_passphrase.get_secret_value())


def restore_backup(path: Path, *, by: Actor) -> Summary:
    """Replace the content of an empty database: one without tables, or without people.

    The file is read twice: it is verified before anything is changed. Raise Refused, and change nothing, if it is
    damaged, of a newer version, or if the database has people.
    """
    passphrase = current_settings().backup_passphrase.get_secret_value()
    with path.open("rb") as file:
        summary = read_summary(file, passphrase)
        _check_migrations(summary.header)
        migrate(summary.header.migration)
        try:
            with transaction(), _driver_errors():
                _load(file, passphrase, summary)
                # The audit trail of every version that made backups has these columns.
                _record(Action.BACKUP_RESTORED, summary, path, by=by)
        finally:
            migrate()
    with transaction():
        update_statistics(db.session.connection())
    return summary


def knows_secret_key(header: Header) -> bool:
    """Return whether SECRET_KEY or SECRET_KEY_PREVIOUS has the key of the backup."""
    settings = current_settings()
    keys = [settings.secret_key.get_secret_value(), *settings.previous_secret_keys]
    return header.secret_key in {secret_key_id(key) for key in keys}


def _write(file: BinaryIO, passphrase: str) -> None:
    counts: dict[str, int] = {}
    with snapshot() as connection, ArchiveWriter(file, passphrase) as archive:
        header = _new_header(connection)
        archive.add_json(Kind.HEADER, header.to_json())
        tables = tables_in(connection)
        for table in header.tables:
            archive.add(Kind.TABLE, table.name.encode())
            rows = archive.rows()
            counts[table.name] = tables.copy_out(table, rows)
            rows.flush()
        archive.add_json(Kind.TRAILER, {"rows": counts})
        archive.finish()


def _new_header(connection: Connection) -> Header:
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != latest_revision():
        raise Refused("The database is not at the newest migration. Run: flask --app wsgi db upgrade")
    # All packages, so that `metadata` has their tables.
    current_registry().load()
    return Header(
        created_at=now().isoformat(timespec="seconds"),
        rollcall=VERSION,
        engine=connection.dialect.name,
        migration=str(revision),
        secret_key=secret_key_id(current_settings().secret_key.get_secret_value()),
        tables=tables_of(db.metadata),
    )


def _check_migrations(header: Header) -> None:
    """Raise Refused if this version cannot read the backup, or if the database is not empty."""
    if not has_migration(header.migration):
        raise Refused(
            f"A newer Rollcall made this backup (version {header.rollcall}, migration {header.migration})."
            " Install that version to restore it."
        )
    revision = database_revision()
    if revision is None:
        return
    if not has_migration(revision):
        raise Refused(f"A newer Rollcall made this database (migration {revision}). Nothing was changed.")
    if any_user_exists():
        raise Refused(NOT_EMPTY, code="not_empty")


def _load(file: BinaryIO, passphrase: str, summary: Summary) -> None:
    """Fill all tables in the caller's transaction. The database is at the migration of the backup."""
    connection = db.session.connection()
    tables = tables_in(connection)
    tables.lock()
    # Again: someone else may have created an owner or restored a backup since.
    if any_user_exists():
        raise Refused(NOT_EMPTY, code="not_empty")
    known = {name for name in inspect(connection).get_table_names() if _is_ours(name)}
    tables.empty(sorted(known))
    file.seek(0)
    columns = {table.name: table for table in summary.header.tables}
    counts = dict.fromkeys(summary.rows, 0)
    for name, contents in rows_by_table(read_frames(file, passphrase)):
        if name not in known:
            raise altered()
        counts[name] += tables.copy_in(columns[name], contents)
    if counts != summary.rows:
        raise altered()
    tables.finish()


def _is_ours(table: str) -> bool:
    """Return whether a backup holds the table: not that of migrations, nor the search index of SQLite."""
    return table != "alembic_version" and "_sqlite" not in table


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Raise errors of the driver, which we use for COPY, as those of SQLAlchemy."""
    driver: Any = db.engine.dialect.dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(None, None, error, driver.Error) from error


def _record(action: Action, summary: Summary, path: Path, *, by: Actor) -> None:
    created = summary.header.created_at
    changes: Changes = {
        "backup": (None, path.name),
        "backup_created_at": (None, created),
        "people": (None, str(summary.rows.get("users", 0))),
    }
    subject = SubjectId(uuid5(NAMESPACE_URL, f"rollcall:backup:{created}"))
    record(action, subject=subject, by=by, kind="backup", label=path.name, changes=changes)
