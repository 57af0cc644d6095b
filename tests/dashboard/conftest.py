"""Users with a given creation time, jobs that run in the test, and query plans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, update

from tests.factories import TESTER, People
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.jobs.queries import file_of, get_job
from webapp.jobs.services import enqueue, run_job
from webapp.users.models import User
from webapp.web.api import App

CreateUserAt = Callable[..., UUID]


@pytest.fixture
def create_user_at(app: App, people: People) -> CreateUserAt:
    """Return a function that creates an active user with these times."""

    def create(created_at: datetime, *, last_sign_in_at: datetime | None = None, **fields: Any) -> UUID:
        user_id = people.create(**fields).id
        # A real hash takes long. Only its presence matters here.
        columns = {"created_at": created_at, "last_sign_in_at": last_sign_in_at, "password_hash": "a hash"}
        with app.app_context(), transaction():
            db.session.execute(update(User).where(User.id == user_id).values(columns))
        return user_id

    return create


class Jobs:
    def __init__(self, app: App) -> None:
        self.app = app

    def enqueue(self, kind: str, **arguments: Any) -> UUID:
        with self.app.app_context():
            return enqueue(kind, by=TESTER, **arguments).id

    def work_on(self, job_id: UUID) -> Job:
        with self.app.app_context():
            run_job(job_id, holder="test")
            return get_job(job_id)

    def run(self, kind: str, **arguments: Any) -> Job:
        return self.work_on(self.enqueue(kind, **arguments))

    def file(self, job_id: UUID) -> tuple[str, str, bytes] | None:
        """Return the name, type and content of the file that the job attached."""
        with self.app.app_context():
            file = file_of(job_id)
            return (file.name, file.content_type, file.content) if file else None


@pytest.fixture
def jobs(app: App) -> Jobs:
    return Jobs(app)


def query_plan(app: App, read: Callable[[], object]) -> str:
    """Return the plan of the last query of `read`, as for tables of many rows."""
    seen: list[tuple[str, Any]] = []

    def add(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    with app.app_context():
        explain = "EXPLAIN " if db.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        event.listen(db.engine, "before_cursor_execute", add)
        try:
            read()
        finally:
            event.remove(db.engine, "before_cursor_execute", add)
        statement, parameters = seen[-1]
        if db.engine.dialect.name == "postgresql":
            db.session.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(map(str, db.session.connection().exec_driver_sql(explain + statement, parameters)))
