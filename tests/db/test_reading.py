"""On PostgreSQL, requests read in autocommit mode and write in a transaction."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INTRANS
from sqlalchemy import text

from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.web.api import App

pytestmark = pytest.mark.engine("postgresql")


def _status() -> Any:
    """Execute a statement and return the transaction status of the connection."""
    db.session.execute(text("SELECT 1"))
    connection: Any = db.session.connection().connection.dbapi_connection
    return connection.get_transaction_status()


def test_a_request_has_a_transaction_only_in_a_transaction_block(app: App) -> None:
    with app.test_request_context():
        assert _status() == TRANSACTION_STATUS_IDLE
        with transaction():
            assert _status() == TRANSACTION_STATUS_INTRANS
        assert _status() == TRANSACTION_STATUS_IDLE


def test_outside_a_request_every_statement_is_in_a_transaction(app: App) -> None:
    with app.test_request_context():
        assert _status() == TRANSACTION_STATUS_IDLE
    with app.app_context():
        assert _status() == TRANSACTION_STATUS_INTRANS


def test_a_failed_transaction_of_a_request_is_rolled_back(app: App) -> None:
    @transaction()
    def change() -> None:
        db.session.execute(text("CREATE TABLE half_a_change (id integer)"))
        raise RuntimeError("refused")

    with app.test_request_context():
        with pytest.raises(RuntimeError, match="refused"):
            change()
        assert db.session.scalar(text("SELECT to_regclass('half_a_change')")) is None
