"""Statements that PostgreSQL plans once a connection, and not at each request: planning takes longer than answering."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Engine, event

# The execution option of a statement: the names of the parameters that are given anew each time. All others have to be
# constants. It counts outside transactions and at their beginning, where nothing is lost by beginning anew.
PREPARED = "prepared"
# Not there, other columns than before: a pooler gives each transaction another connection, and a migration changes what
# was prepared before it.
_MISFITS = {"26000", "0A000"}
_THERE_ALREADY = "42P05"

# For so long nothing is prepared after such a misfit.
REST_SECONDS = 60

log = structlog.get_logger("rollcall.database")


def init_prepared(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_execute", _Preparing().execute)


class _Preparing:
    """Prepares on each connection what it is first asked for, unless that went wrong a moment ago."""

    def __init__(self) -> None:
        self.rests_until = 0.0

    def execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        """Whether the statement was executed here."""
        names = context.execution_options.get(PREPARED)
        if not names or time.monotonic() < self.rests_until:
            return False
        driver = context.dialect.dbapi
        if cursor.connection.get_transaction_status() != driver.extensions.TRANSACTION_STATUS_IDLE:
            return False
        known: dict[str, str] = context.root_connection.info.setdefault(PREPARED, {})
        try:
            if statement not in known:
                known[statement] = _prepared(cursor, statement, parameters, names, driver)
            given = ", ".join(f"%({each})s" for each in names)
            cursor.execute(f"EXECUTE {known[statement]} ({given})", parameters)
        except driver.Error as error:
            if error.pgcode not in _MISFITS:
                raise
            log.info("database.not_prepared", code=error.pgcode)
            self.rests_until = time.monotonic() + REST_SECONDS
            known.pop(statement, None)
            cursor.connection.rollback()
            return False
        return True


def _prepared(cursor: Any, statement: str, parameters: Any, names: Sequence[str], driver: Any) -> str:
    """Its name, which is made of its text: behind a pooler others may have prepared something there, under theirs."""
    places = {each: driver.extensions.AsIs(f"${number}") for number, each in enumerate(names, 1)}
    text = cursor.mogrify(statement, parameters | places)
    name = f"rollcall_{hashlib.sha256(text).hexdigest()[:32]}"
    try:
        cursor.execute(b"PREPARE %s AS %s" % (name.encode(), text))
    except driver.Error as error:
        if error.pgcode != _THERE_ALREADY:
            raise
        cursor.connection.rollback()
    return name
