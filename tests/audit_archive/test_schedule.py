"""The job that archives whole months, and its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.audit_archive.archives import OLD, findings
from tests.factories import TESTER
from webapp.audit_archive.tasks import ARCHIVE_JOB, due_before
from webapp.db.session import db
from webapp.jobs.kinds import job_kinds
from webapp.jobs.leases import thread_holder
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue, run_job
from webapp.settings import SettingsError, load_settings
from webapp.web.api import App


def run_archive(app: App) -> Job:
    with app.app_context():
        job_id = enqueue(ARCHIVE_JOB, by=TESTER).id
        run_job(job_id, holder=thread_holder())
        return db.session.scalars(select(Job).where(Job.id == job_id)).one()


@pytest.mark.one_engine
def test_the_job_archives_whole_months_once(
    app: App, trail: list[UUID], folder: Path, change_settings: Callable[..., None]
) -> None:
    change_settings(audit_archive_dir=str(folder), audit_keep_days=100)
    job = run_archive(app)
    (path,) = folder.iterdir()
    assert (job.state, job.error, job.result) == ("done", None, {"file": path.name, "rows": OLD})
    assert path.name == "rollcall-0001-20300201.audit"
    job = run_archive(app)
    assert (job.state, job.result, len(list(folder.iterdir()))) == ("done", {}, 1)
    assert findings(app, folder) == []


@pytest.mark.one_engine
def test_a_failed_job_says_why(app: App, trail: list[UUID], change_settings: Callable[..., None]) -> None:
    change_settings(audit_archive_dir="/nowhere/at/all", audit_keep_days=100)
    job = run_archive(app)
    assert (job.state, "/nowhere/at/all is not a folder" in str(job.error)) == ("failed", True)


@pytest.mark.parametrize(
    ("days", "first"), [(30, datetime(2030, 5, 1, tzinfo=UTC)), (100, datetime(2030, 2, 1, tzinfo=UTC))]
)
def test_a_file_has_whole_months(days: int, first: datetime) -> None:
    assert due_before(datetime(2030, 6, 5, 12, tzinfo=UTC), days) == first


@pytest.mark.one_engine
def test_the_schedule_follows_the_settings(app: App, app_with: Callable[..., App]) -> None:
    with app.app_context():
        assert ARCHIVE_JOB not in job_kinds().scheduled
    with app_with(AUDIT_ARCHIVE_DIR="/a").app_context():
        assert job_kinds().scheduled[ARCHIVE_JOB].interval
    with pytest.raises(SettingsError, match="AUDIT_KEEP_DAYS"):
        load_settings({"APP_ENV": "testing", "AUDIT_ARCHIVE_DIR": "/a", "AUDIT_KEEP_DAYS": "7"})
