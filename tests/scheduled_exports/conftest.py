"""Scheduled exports by the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.clients import Api
from tests.factories import People
from webapp.db.session import db
from webapp.jobs.services import run_due_jobs
from webapp.scheduled_exports.models import ExportRun, ScheduledExport
from webapp.scheduled_exports.starting import start_due_exports
from webapp.web.api import App

BODY: dict[str, Any] = {
    "name": "Active people",
    "address": "status=active",
    "columns": ["email", "name"],
    "headings": "keys",
    "time_of_day": "06:00",
}


class Exports:
    """Create scheduled exports, run them, and read their files."""

    def __init__(self, app: App, api: Api) -> None:
        self.app, self.api = app, api

    def create(self, *, api: Api | None = None, **values: Any) -> UUID:
        response = (api or self.api).post("/scheduled-exports", BODY | values)
        assert response.status_code == 201, response.json
        return UUID(response.json["id"])

    def run(self, export_id: UUID, *, api: Api | None = None) -> ExportRun:
        """Run the export and return its last run."""
        response = (api or self.api).post(f"/scheduled-exports/{export_id}/run")
        assert response.status_code == 202, response.json
        return self.work(export_id)

    def work(self, export_id: UUID) -> ExportRun:
        with self.app.app_context():
            run_due_jobs(holder="tests")
            start_due_exports()
            query = select(ExportRun).where(ExportRun.export_id == export_id).order_by(ExportRun.id.desc()).limit(1)
            return db.session.scalars(query).one()

    def file(self, run: ExportRun, *, api: Api | None = None) -> str:
        response = (api or self.api).get(f"/jobs/{run.job_id}/file")
        assert response.status_code == 200, response.json
        return response.get_data(as_text=True)

    def get(self, export_id: UUID) -> ScheduledExport:
        with self.app.app_context():
            return db.session.get_one(ScheduledExport, export_id)


@pytest.fixture
def exports(app: App, api: Api) -> Exports:
    return Exports(app, api)


@pytest.fixture
def export_folder(change_settings: Callable[..., None], tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    change_settings(export_dir=str(folder))
    return folder


@pytest.fixture
def two(people: People) -> None:
    """Anna, who is active, and Boris, who has no password."""
    people.create(email="anna@example.com", name="Anna", password=people.password)
    people.create(email="boris@example.com", name="Boris")
