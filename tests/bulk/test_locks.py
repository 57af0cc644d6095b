"""No one waits for a running chunk: neither to cancel its job nor for its locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, event, text

from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.bulk import attempts, services
from webapp.bulk.chunks import Chunk
from webapp.bulk.chunks import apply_chunk as real_apply_chunk
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs import leases
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.jobs.services import enqueue, retry_job
from webapp.users.schemas import UserOut
from webapp.web.api import App


@contextmanager
def chunk_in_progress(engine: Engine, *rows: tuple[str, UUID]) -> Iterator[None]:
    """Lock these rows by another connection, as a chunk does. On SQLite no one can write meanwhile."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect() as other:
        for table, row_id in rows:
            other.execute(text(f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE"), {"id": row_id})
        yield
        other.rollback()


def test_a_job_is_cancelled_while_its_chunk_runs(app: App, owner: Browser, people: People, engine: Engine) -> None:
    with app.app_context():
        job_id = enqueue("test.count", by=TESTER, steps=5).id
        leases.acquire(holder="worker", job_id=job_id)
    with chunk_in_progress(engine, ("jobs", job_id)):
        assert owner.post(f"/jobs/{job_id}/cancellation").status_code == 303
        assert "Stopping" in owner.get(f"/jobs/{job_id}").text
        assert owner.post(f"/jobs/{job_id}/cancellation").status_code == 303
    assert [action for action, _changes in people.audit_trail(job_id)] == ["job.cancelled"]
    with app.app_context():
        leases.run_chunk(job_id, holder="worker")
        assert get_job(job_id).state == "cancelled"
        retry_job(job_id, by=TESTER)
        leases.acquire(holder="worker", job_id=job_id)
        leases.run_chunk(job_id, holder="worker")
        assert get_job(job_id).state != "cancelled"


@pytest.mark.usefixtures("two_per_request")
def test_a_bulk_change_is_stopped_while_its_chunk_runs(
    app: App, owner: Browser, people: People, bulk: Bulk, engine: Engine
) -> None:
    five = [people.create() for _number in range(5)]
    planned = bulk.create(owner, "deactivate", *five)
    bulk.run_job(planned)
    bulk.apply(owner, planned)
    job_id = bulk.change(planned).job_id
    assert job_id
    with app.app_context():
        leases.acquire(holder="worker", job_id=job_id)
        leases.run_chunk(job_id, holder="worker")
    with chunk_in_progress(engine, ("jobs", job_id), ("bulk_changes", planned)):
        assert owner.post(f"/bulk/{planned}/stop").status_code == 303
        assert "Stops after the current step" in owner.get(f"/bulk/{planned}").text
    with app.app_context():
        leases.run_chunk(job_id, holder="worker")
    assert bulk.change(planned).counts == {"done": 2, "skipped": 3}


def test_a_bulk_change_in_a_request_releases_its_locks_after_each_chunk(
    app: App, owner: Browser, people: People, bulk: Bulk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = [people.create() for _number in range(3)]
    monkeypatch.setattr(attempts, "CHUNK_SECONDS", 0)
    others_see: list[int] = []

    def look(_connection: object) -> None:
        """Count the people that committed transactions have changed."""
        with engine.connect() as other:
            others_see.append(other.scalar(text("SELECT count(*) FROM users WHERE deactivated_at IS NOT NULL")))

    planned = bulk.create(owner, "deactivate", *three)
    plan_hash = bulk.plan_hash(owner, planned)
    event.listen(engine, "commit", look)
    try:
        assert owner.post(f"/bulk/{planned}/application", plan=plan_hash).status_code == 303
    finally:
        event.remove(engine, "commit", look)
    assert {1, 2}.issubset(others_see)
    assert bulk.change(planned).counts == {"done": 3}
    assert bulk.change(planned).job_id is None
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_a_job_takes_over_a_bulk_change_whose_request_was_interrupted(
    app: App, owner: Browser, people: People, bulk: Bulk, monkeypatch: pytest.MonkeyPatch
) -> None:
    three: list[UserOut] = [people.create() for _number in range(3)]
    planned = bulk.create(owner, "deactivate", *three)
    monkeypatch.setattr(attempts, "CHUNK_SECONDS", 0)
    with monkeypatch.context() as broken:
        calls: list[UUID] = []

        def apply_chunk(change: services.BulkChange, **options: object) -> Chunk:
            calls.append(change.id)
            if len(calls) == 2:
                raise RuntimeError("the worker died")
            return real_apply_chunk(change, **options)  # type: ignore[arg-type]  the options of apply_chunk

        broken.setattr(services, "apply_chunk", apply_chunk)
        assert bulk.apply(owner, planned).status_code == 500
    assert bulk.change(planned).state == "applying"
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert bulk.run_job(planned).state == "done"
    assert bulk.change(planned).counts == {"done": 3}
    assert [people.row(id=person.id)["status"] for person in three] == ["deactivated"] * 3
