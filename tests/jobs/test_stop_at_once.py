"""Several people can stop the same running job at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories import TESTER
from webapp.db.session import db
from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.jobs.services import cancel_job, enqueue
from webapp.web.api import App

SIDES = 4


# On SQLite, one change waits for the other.
@pytest.mark.engine("postgresql")
def test_people_cancel_a_running_job_at_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    barrier, get_job = Barrier(SIDES, timeout=60), services.get_job

    def read_together(job_id: UUID) -> Job:
        job = get_job(job_id)
        barrier.wait()
        return job

    def cancel(job_id: UUID) -> None:
        with app.app_context():
            cancel_job(job_id, by=TESTER)

    monkeypatch.setattr(services, "get_job", read_together)
    with app.app_context():
        job_id = enqueue("test.count", by=TESTER, steps=1).id
        with db.engine.connect() as chunk:
            # A chunk that runs has locked the row.
            chunk.execute(select(Job.id).where(Job.id == job_id).with_for_update())
            with ThreadPoolExecutor(SIDES) as pool:
                list(pool.map(cancel, [job_id] * SIDES))
            chunk.rollback()
        assert db.session.get_one(Job, job_id).is_stopping
