"""Bulk changes through their pages."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.clients import Browser
from tests.factories import People
from webapp.bulk.models import BulkChange, BulkItem
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.jobs.services import run_job
from webapp.signin.models import UserSession
from webapp.users.schemas import UserOut
from webapp.web.api import App

PLAN_HASH = re.compile(r'name="plan" value="(\w+)"')


class Bulk:
    """Use the pages of bulk changes, and read their tables."""

    def __init__(self, app: App) -> None:
        self.app = app

    def create(self, browser: Browser, action: str, *people: UserOut, **fields: Any) -> UUID:
        """Select people in the list. Return the id of the bulk change."""
        response = browser.post("/bulk", action=action, ids=[str(person.id) for person in people], **fields)
        assert response.status_code == 303, response.text
        return UUID(response.location.rpartition("/")[2])

    def create_for_matches(self, browser: Browser, action: str, view: str = "") -> UUID:
        """Select all people who match the list's parameters `view`."""
        return self.create(browser, action, all="1", view=view)

    def apply(self, browser: Browser, bulk_id: UUID, **fields: Any) -> TestResponse:
        """Send the form of the preview."""
        return browser.post(f"/bulk/{bulk_id}/application", plan=self.plan_hash(browser, bulk_id), **fields)

    def plan_hash(self, browser: Browser, bulk_id: UUID) -> str:
        """Return the hash in the form of the preview."""
        page = browser.get(f"/bulk/{bulk_id}").text
        match = PLAN_HASH.search(page)
        assert match, page
        return html.unescape(match[1])

    def change(self, bulk_id: UUID) -> BulkChange:
        with self.app.app_context():
            return db.session.get_one(BulkChange, bulk_id)

    def outcomes(self, bulk_id: UUID) -> dict[UUID, str | None]:
        query = select(BulkItem).where(BulkItem.bulk_id == bulk_id).order_by(BulkItem.number)
        with self.app.app_context():
            return {item.user_id: item.outcome for item in db.session.scalars(query)}

    def item(self, bulk_id: UUID, person: UserOut) -> BulkItem:
        query = select(BulkItem).where(BulkItem.bulk_id == bulk_id, BulkItem.user_id == person.id)
        with self.app.app_context():
            return db.session.scalars(query).one()

    def run_job(self, bulk_id: UUID) -> Job:
        """Run the job that continues the bulk change."""
        job_id = self.change(bulk_id).job_id
        assert job_id
        with self.app.app_context():
            run_job(job_id, holder="test")
            return get_job(job_id)


@pytest.fixture
def bulk(app: App) -> Bulk:
    return Bulk(app)


@pytest.fixture
def three(people: People) -> list[UserOut]:
    """Anna, Boris and Clara, in this order."""
    return [people.create(name=name, password=people.password) for name in ("Anna", "Boris", "Clara")]


@pytest.fixture
def two_per_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request changes at most two people. A job changes two in each chunk."""
    for module in ("services", "exports"):
        monkeypatch.setattr(f"webapp.bulk.{module}.REQUEST_PEOPLE_MAX", 2)
    monkeypatch.setattr("webapp.bulk.tasks.CHUNK", 2)
    monkeypatch.setattr("webapp.bulk.exports.CHUNK", 2)


def status(people: People, *persons: UserOut) -> list[str]:
    return [people.row(id=person.id)["status"] for person in persons]


@pytest.fixture
def old_confirmation(app: App, owner: Browser) -> None:
    """The owner entered her password an hour ago."""
    with app.app_context(), transaction():
        db.session.execute(update(UserSession).values(confirmed_at=now() - timedelta(hours=1)))
