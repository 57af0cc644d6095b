"""A worker that is killed with kill -9. Another worker finishes its job, and changes no one twice."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import People
from tests.processes import Fork, wait_until
from webapp import create_app
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.bulk import tasks
from webapp.bulk.chunks import Chunk
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs import leases
from webapp.jobs.queries import get_job
from webapp.jobs.services import run_job
from webapp.settings import load_settings
from webapp.web.api import App

PEOPLE = 20


def run_worker(database_url: str, job_id: UUID) -> None:
    """Run a job in chunks of three people, and hang in the transaction of the fifth chunk."""
    tasks.CHUNK = 3
    chunks, apply_chunk = count(1), tasks.apply_chunk

    def hang(*given: Any, **named: Any) -> Chunk:
        result = apply_chunk(*given, **named)
        if next(chunks) == 5:
            time.sleep(600)
        return result

    tasks.apply_chunk = hang
    app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": database_url}))
    with app.app_context():
        run_job(job_id, holder="killed")


def kill_worker(app: App, database_url: str, job_id: UUID, *, after: int, output: Path) -> int:
    """Run a worker, and kill it after it changed `after` people. Return how many it changed."""
    worker = Fork(run_worker, database_url, job_id, output=output, env=os.environ)
    wait_until(lambda: done(app, job_id) >= after or not worker.is_running, what=f"{after} people are done")
    assert worker.is_running, worker.output_text
    worker.kill()
    return done(app, job_id)


def done(app: App, job_id: UUID) -> int:
    with app.app_context():
        return get_job(job_id).done


@pytest.mark.usefixtures("two_per_request")
def test_another_worker_finishes_the_job_of_a_killed_one(
    app: App, database_url: str, owner: Browser, people: People, bulk: Bulk, tmp_path: Path
) -> None:
    many = people.create_many(PEOPLE)
    bulk_id = bulk.create(owner, "deactivate", *many)
    bulk.run_job(bulk_id)
    bulk.apply(owner, bulk_id)
    job_id = bulk.change(bulk_id).job_id
    assert job_id
    assert kill_worker(app, database_url, job_id, after=9, output=tmp_path / "worker.txt") < PEOPLE
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        leases.recover_expired_leases()
        run_job(job_id, holder="another")
    assert bulk.change(bulk_id).counts == {"done": PEOPLE}
    with app.app_context():
        batch = select(AuditRecord).where(AuditRecord.batch_id == bulk_id)
        records = Counter((record.action, record.subject_id) for record in db.session.scalars(batch))
        assert set(records.values()) == {1}
        assert len(records) == PEOPLE + 1
        assert verify().findings == []
