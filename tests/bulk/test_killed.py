"""kill -9 of the process that is at it: another one ends it, and nobody is changed twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from uuid import UUID

import time_machine
from sqlalchemy import select

from tests.browser_session import Browser
from tests.bulk.conftest import Bulk
from tests.factories import People
from tests.running import ROOT
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs import leases
from webapp.jobs.queries import get_job
from webapp.jobs.services import work_on
from webapp.web.api import App

PEOPLE = 205
WORKER = """
import sys
from uuid import UUID
from webapp import create_app
from webapp.bulk import tasks
from webapp.jobs.services import work_on
from webapp.settings import load_settings

tasks.CHUNK = 3
app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": sys.argv[1]}))
with app.app_context():
    work_on(UUID(sys.argv[2]), holder="killed")
"""


def killed(app: App, database_url: str, job_id: UUID, *, after: int) -> int:
    """A worker that is killed once so many are done; how many it had done."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER, database_url, str(job_id)], cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while done(app, job_id) < after:
            assert worker.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    return done(app, job_id)


def done(app: App, job_id: UUID) -> int:
    with app.app_context():
        return get_job(job_id).done


def test_another_worker_ends_what_a_killed_one_began(
    app: App, database_url: str, owner: Browser, people: People, bulk: Bulk
) -> None:
    many = [people.create() for _number in range(PEOPLE)]
    bulk_id = bulk.ask(owner, "deactivate", *many)
    bulk.work(bulk_id)
    bulk.apply(owner, bulk_id)
    job_id = bulk.row(bulk_id).job_id
    assert job_id
    assert killed(app, database_url, job_id, after=9) < PEOPLE
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        leases.give_back_orphans()
        work_on(job_id, holder="another")
    assert bulk.row(bulk_id).counts == {"done": PEOPLE}
    with app.app_context():
        batch = select(AuditRecord).where(AuditRecord.batch_id == bulk_id)
        records = Counter((record.action, record.subject_id) for record in db.session.scalars(batch))
        assert set(records.values()) == {1}
        assert len(records) == PEOPLE + 1
        assert verify().findings == []
