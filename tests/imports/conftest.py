"""Imports through the pages and the command."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.clients import Browser
from tests.factories import People
from webapp.db.session import db
from webapp.imports.models import Import, ImportRow
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.jobs.services import run_job
from webapp.web.api import App


class Importer:
    """Import texts of CSV files with the command."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.file = app, folder / "people.csv"

    def __call__(self, text: str, *options: str) -> dict[str, Any]:
        """Return the JSON of the command."""
        self.file.write_text(text)
        result = self.app.test_cli_runner().invoke(args=["users", "import", str(self.file), "--json", *options])
        return json.loads(result.stdout)


@pytest.fixture
def importer(app: App, people: People, tmp_path: Path) -> Importer:
    return Importer(app, tmp_path)


class Imports:
    """Use the pages of imports, and read their tables."""

    def __init__(self, app: App) -> None:
        self.app = app

    def upload(self, browser: Browser, text: str, name: str = "people.csv") -> UUID:
        """Return the id of the import."""
        response = browser.post("/imports", file=(io.BytesIO(text.encode()), name))
        assert response.status_code == 303, response.text
        return UUID(response.location.rpartition("/")[2])

    def preview(self, browser: Browser, text: str, **options: Any) -> UUID:
        """Upload a file and preview it with the recognised columns."""
        import_id = self.upload(browser, text)
        values = {"mode": "create", "key": "email", "threshold": "10"} | options
        response = browser.post(f"/imports/{import_id}/preview", **values)
        assert response.status_code == 303, response.text
        return import_id

    def apply(self, browser: Browser, import_id: UUID, **fields: Any) -> TestResponse:
        plan = self.get(import_id).plan_hash
        return browser.post(f"/imports/{import_id}/application", plan=plan, **fields)

    def get(self, import_id: UUID) -> Import:
        with self.app.app_context():
            return db.session.get_one(Import, import_id)

    def outcomes(self, import_id: UUID) -> list[str]:
        query = select(ImportRow.outcome).where(ImportRow.import_id == import_id).order_by(ImportRow.number)
        with self.app.app_context():
            return list(db.session.scalars(query))

    def run_job(self, import_id: UUID) -> Job:
        """Run the job that continues the import."""
        job_id = self.get(import_id).job_id
        assert job_id
        with self.app.app_context():
            run_job(job_id, holder="test")
            return get_job(job_id)


@pytest.fixture
def imports(app: App) -> Imports:
    return Imports(app)
