"""Scheduled backups: files, retention, the overview and /readyz."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.clients import Browser
from tests.factories import TESTER
from webapp.backups.queries import BACKUP_JOB
from webapp.backups.services import verify_backup
from webapp.db.session import db
from webapp.jobs.kinds import job_kinds
from webapp.jobs.leases import thread_holder
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App

OLD = [f"rollcall-2026010{day}T000000Z.backup" for day in range(1, 5)]


@pytest.fixture
def folder(change_settings: Callable[..., None], tmp_path: Path) -> Path:
    change_settings(backup_dir=str(tmp_path), backup_keep=3)
    return tmp_path


@pytest.mark.one_engine
def test_a_scheduled_backup_is_verified_and_old_ones_are_removed(app: App, owner: Browser, folder: Path) -> None:
    for name in (*OLD, "other.backup"):
        (folder / name).write_text("")
    page = owner.get("/").text
    assert "There is no backup yet" in page
    job = run_backup(app)
    files = sorted(path.name for path in folder.iterdir())
    assert (job.state, job.error, files) == ("done", None, ["other.backup", *OLD[2:], job.result["file"]])
    with app.app_context():
        assert verify_backup(folder / job.result["file"]).rows["users"] == 1
    assert "The last backup was created and verified" in owner.get("/").text
    assert "backup" not in owner.get("/readyz").json


@pytest.mark.one_engine
def test_a_failed_backup_is_shown(app: App, owner: Browser, folder: Path, change_settings: Callable[..., None]) -> None:
    change_settings(backup_dir=str(folder / "missing"))
    job = run_backup(app)
    assert (job.state, "No such file" in job.error) == ("failed", True)
    page = owner.get("/").text
    assert "The last scheduled backup failed" in page
    assert f"/jobs/{job.id}" in page
    assert owner.get("/readyz").json["backup"] == "the last one failed"


@pytest.mark.one_engine
def test_the_schedule_follows_the_settings(app: App, app_with: Callable[..., App]) -> None:
    with app.app_context():
        assert BACKUP_JOB not in job_kinds().scheduled
    with app_with(BACKUP_DIR="/backups", BACKUP_HOURS="6").app_context():
        kind = job_kinds().scheduled[BACKUP_JOB]
        assert (kind.interval.total_seconds(), str(kind.every)) == (6 * 3600, "Every 6 h")


def run_backup(app: App) -> Job:
    with app.app_context():
        job_id = enqueue(BACKUP_JOB, by=TESTER).id
        run_job(job_id, holder=thread_holder())
        return db.session.scalars(select(Job).where(Job.id == job_id)).one()
