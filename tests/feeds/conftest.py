"""Feeds, the folder that they read, and a saved import."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.clients import Api, Browser
from tests.factories import People
from tests.imports.conftest import Imports
from webapp.db.session import db
from webapp.feeds.models import Feed, FeedRun
from webapp.feeds.starting import start_due_feeds
from webapp.imports.models import SavedMapping
from webapp.jobs.services import run_due_jobs
from webapp.web.api import App

HEAD = "email,name\n"
ANNA, BORIS, VERA = (f"{name.lower()}@example.com,{name}\n" for name in ("Anna", "Boris", "Vera"))
AGE = 3600


class Feeds:
    """Create feeds by the API, give them files, and run them."""

    def __init__(self, app: App, api: Api, owner: Browser, folder: Path) -> None:
        self.app, self.api, self.owner, self.folder = app, api, owner, folder

    def save_mapping(self, text: str = HEAD + ANNA, name: str = "HR", **options: Any) -> UUID:
        """Save an import by name, as people do after they have corrected the columns."""
        Imports(self.app).preview(self.owner, text, save_as=name, **({"mode": "match"} | options))
        with self.app.app_context():
            return db.session.scalars(select(SavedMapping.id).where(SavedMapping.name == name)).one()

    def create(self, **values: Any) -> UUID:
        body = {"name": "HR system", "source": "folder", "path": "people*.csv", "threshold": 50, "time_of_day": "02:30"}
        mapping_id = values.pop("mapping_id", None) or self.save_mapping()
        response = self.api.post("/feeds", body | {"mapping_id": str(mapping_id)} | values)
        assert response.status_code == 201, response.json
        return UUID(response.json["id"])

    def put(self, text: str | bytes, name: str = "people.csv", age: float = AGE) -> Path:
        """Write a file that was last changed `age` seconds ago."""
        file = self.folder / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        moment = time.time() - age
        os.utime(file, (moment, moment))
        return file

    def run(self, feed_id: UUID) -> FeedRun:
        """Run the feed and return its last run."""
        response = self.api.post(f"/feeds/{feed_id}/run")
        assert response.status_code == 202, response.json
        return self.work(feed_id)

    def work(self, feed_id: UUID) -> FeedRun:
        """Run the due jobs, and return the last run."""
        with self.app.app_context():
            run_due_jobs(holder="tests")
            start_due_feeds()
            query = select(FeedRun).where(FeedRun.feed_id == feed_id).order_by(FeedRun.id.desc()).limit(1)
            return db.session.scalars(query).one()

    def get(self, feed_id: UUID) -> Feed:
        with self.app.app_context():
            return db.session.get_one(Feed, feed_id)


@pytest.fixture
def feed_folder(change_settings: Callable[..., None], tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    folder.mkdir()
    change_settings(feed_dir=str(folder))
    return folder


@pytest.fixture
def feeds(app: App, api: Api, owner: Browser, feed_folder: Path) -> Feeds:
    return Feeds(app, api, owner, feed_folder)


@pytest.fixture
def two(people: People) -> None:
    """Anna and Boris, who can sign in."""
    people.create(email="anna@example.com", name="Anna", password=people.password)
    people.create(email="boris@example.com", name="Boris", password=people.password)
