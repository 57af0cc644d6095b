"""Count the SQL queries of a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from webapp.db.session import db
from webapp.web.api import App


@contextmanager
def captured_queries(app: App) -> Iterator[list[str]]:
    """Yield the list that the SQL of each query is added to. BEGIN and savepoints are left out."""
    with app.app_context():
        engine = db.engine
    seen: list[str] = []

    def add(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", add)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", add)
