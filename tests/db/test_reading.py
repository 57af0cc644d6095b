"""On PostgreSQL a request reads without a transaction, and writes in one."""

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
    """After a statement."""
    db.session.execute(text("SELECT 1"))
    connection: Any = db.session.connection().connection.dbapi_connection
    return connection.get_transaction_status()


def test_only_what_a_request_writes_is_a_transaction(app: App) -> None:
    with app.test_request_context():
        assert _status() == TRANSACTION_STATUS_IDLE
        with transaction():
            assert _status() == TRANSACTION_STATUS_INTRANS
        assert _status() == TRANSACTION_STATUS_IDLE


def test_what_no_request_asks_for_stays_in_transactions(app: App) -> None:
    with app.test_request_context():
        assert _status() == TRANSACTION_STATUS_IDLE
    with app.app_context():
        assert _status() == TRANSACTION_STATUS_INTRANS


def test_a_refused_change_of_a_request_leaves_nothing(app: App) -> None:
    @transaction()
    def change() -> None:
        db.session.execute(text("CREATE TABLE half_a_change (id integer)"))
        raise RuntimeError("refused")

    with app.test_request_context():
        with pytest.raises(RuntimeError, match="refused"):
            change()
        assert db.session.scalar(text("SELECT to_regclass('half_a_change')")) is None
