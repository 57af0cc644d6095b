"""Fills an empty database with fictional people, in one transaction."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from webapp.audit.models import AuditHead
from webapp.audit.services import SHARDS
from webapp.core.clock import now
from webapp.core.errors import Refused
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import release_connection, transaction
from webapp.demo.crowd import PERIOD, Crowd
from webapp.demo.fill_postgresql import analyze, fill_postgresql
from webapp.demo.fill_sqlite import fill_sqlite
from webapp.demo.groups import fill_groups
from webapp.demo.tables import Progress
from webapp.setup.services import create_first_owner
from webapp.users.models import User
from webapp.users.queries import any_user_exists

OWNER_EMAIL = "demo@example.com"
OWNER_NAME = "Ольга Смирнова"
# From this number of people on, it is faster to drop the indexes and create them again than to update them row by row.
BULK_MIN = 50_000


@dataclass(frozen=True)
class Owner:
    """The only person who can sign in. The database has only a hash of the password."""

    email: str
    password: str


def fill(count: int, *, by: Actor, progress: Progress = lambda _step, _done: None) -> Owner:
    """Add `count` people, their groups and one owner. Raise Refused, and change nothing, if any user exists.

    From BULK_MIN people on, PostgreSQL drops indexes meanwhile, so other requests wait for locks.
    """
    if any_user_exists():
        raise Refused(_("You can add demo data only when Rollcall has no users"), code="not_empty")
    # A hash takes 0.3 s, and much longer on a busy machine.
    release_connection()
    # No one knows the password of the other people.
    password, unknown_hash = secrets.token_urlsafe(18), hash_password(secrets.token_urlsafe(32))
    until = now()
    bulk = count >= BULK_MIN
    with transaction():
        owner_id = create_first_owner(email=OWNER_EMAIL, name=OWNER_NAME, password=password, by=by).id
        _backdate(owner_id, to=until - PERIOD)
        _insert(Crowd(count, until, unknown_hash, owner_id.hex, OWNER_NAME, _first_shard()), progress, bulk=bulk)
        progress("groups", count)
        fill_groups(count, by=by, bulk=bulk)
    if db.engine.dialect.name == "postgresql":
        # Everyone is added already, and only the caller knows the password. Autovacuum collects statistics later.
        with suppress(SQLAlchemyError, KeyboardInterrupt):
            progress("statistics", count)
            analyze()
    return Owner(OWNER_EMAIL, password)


def _backdate(owner_id: UUID, *, to: datetime) -> None:
    """Let the owner be older than the people that they created. The audit record keeps the real time."""
    db.session.execute(update(User).where(User.id == owner_id).values(created_at=to, updated_at=to))


def _first_shard() -> int:
    """Return the first shard of the audit trail that neither live writers nor earlier demo data use."""
    return max(db.session.scalar(select(func.max(AuditHead.shard))) or 0, SHARDS - 1) + 1


def _insert(crowd: Crowd, progress: Progress, *, bulk: bool) -> None:
    connection = db.session.connection()
    raw: Any = connection.connection.driver_connection
    fill_database = fill_postgresql if connection.dialect.name == "postgresql" else fill_sqlite
    driver: Any = connection.dialect.dbapi
    progress("people", 0)
    try:
        fill_database(raw, crowd, progress, bulk=bulk)
    except driver.Error as error:
        raise DBAPIError.instance(None, None, error, driver.Error) from error
