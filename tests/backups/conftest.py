"""A database with rows of every kind, its backup, and an empty database of each engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access_factory import Access
from tests.backups.commands import run
from tests.databases import copy_migrated_sqlite, postgresql_database
from tests.factories import TESTER, People
from tests.photos.pictures import picture
from webapp import create_app
from webapp.db.session import db
from webapp.jobs.services import enqueue
from webapp.notes.services import add_note
from webapp.photos.services import set_photo
from webapp.settings import load_settings
from webapp.web.api import App

ODD_TEXT = 'tab\tline\nreturn\rback\\slash \\N "quotes" {braces} Ж 😀'


@pytest.fixture
def filled(app: App, people: People, access: Access) -> App:
    """The app with people, groups, a photo, a note, a job, and audit records."""
    owner = people.owner()
    person = people.create(email="anna@example.com", name="Анна Ким", username="anna")
    with app.app_context():
        set_photo(person.id, picture(), by=TESTER)
        add_note(person.id, text=ODD_TEXT, by=TESTER)
        enqueue("totals.refresh", by=TESTER, text=ODD_TEXT)
    people.token_for(owner)
    return app


@pytest.fixture
def backup(filled: App, tmp_path: Path) -> Path:
    file = tmp_path / "rollcall.backup"
    code, output = run(filled, "backup", "create", file)
    assert code == 0, output
    return file


@pytest.fixture
def other_engine(filled: App, tmp_path: Path) -> Iterator[App]:
    """An app on the engine that the test does not use: an empty migrated SQLite file, or PostgreSQL without tables."""
    if filled.settings.embedded:
        with postgresql_database(f"rollcall_test_{os.getpid()}_restored") as url:
            yield from _app(url)
    else:
        copy_migrated_sqlite(tmp_path / "restored.db")
        yield from _app(f"sqlite:///{tmp_path}/restored.db")


def _app(url: str) -> Iterator[App]:
    app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))
    yield app
    with app.app_context():
        db.engine.dispose()
