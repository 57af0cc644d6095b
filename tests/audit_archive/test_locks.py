"""Writers do not wait for the removal, and the removal does not break other work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.audit_archive.archives import archive, archived, findings, verify
from tests.factories import TESTER
from webapp.audit.models import AuditDetails
from webapp.audit_archive import locks, removal
from webapp.audit_archive.locks import archive_lock
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.services import create_user, update_user
from webapp.web.api import App


@pytest.mark.engine("postgresql")
def test_a_writer_does_not_wait_for_the_locks_of_the_removal(
    app: App, trail: list[UUID], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first batch stays uncommitted until the writers have committed. Waiting for it would end in an error."""
    removed, written = Event(), Event()
    real = removal.remove_batch

    def slow(shard: int, end: int) -> bool:
        result = real(shard, end)
        if result and not removed.is_set():
            removed.set()
            written.wait(30)
        return result

    monkeypatch.setattr(removal, "remove_batch", slow)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(archived, app, folder)
        assert removed.wait(30)
        with app.app_context():
            # So many that every shard has new records.
            for number in range(20):
                create_user(email=f"new{number}@example.com", name="New", by=TESTER)
            update_user(trail[0], name="Changed meanwhile", by=TESTER)
        assert not running.done()
        written.set()
        running.result()
    assert findings(app, folder) == []


@pytest.mark.engine("postgresql")
def test_the_removal_waits_briefly_for_a_locked_row_and_tries_again(
    app: App, trail: list[UUID], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure holds details. The removal gives up its own locks, so there is no deadlock."""
    tried = Event()
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "SET LOCAL lock_timeout = '10ms'")
    monkeypatch.setattr(locks, "PAUSE_SECONDS", 0.01)
    real = removal.remove_batch

    def noted(shard: int, end: int) -> bool:
        tried.set()
        return real(shard, end)

    monkeypatch.setattr(removal, "remove_batch", noted)
    with ThreadPoolExecutor(1) as pool, app.app_context():
        with transaction():
            db.session.execute(select(AuditDetails.record_id).with_for_update())
            running = pool.submit(archived, app, folder)
            assert tried.wait(30)
        running.result()
    assert findings(app, folder) == []


def test_people_are_created_while_records_are_archived(app: App, trail: list[UUID], folder: Path) -> None:
    def create(writer: int) -> None:
        for number in range(15):
            with app.app_context():
                create_user(email=f"w{writer}.{number}@example.com", name="Writer", by=TESTER)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(create, writer) for writer in range(3)]
        archived(app, folder)
        for each in running:
            each.result()
    assert verify(app, folder)[0] == 0


def test_only_one_archive_is_made_at_a_time(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context(), archive_lock():
        code, _out, err = archive(app, folder)
    assert (code, "Audit records are being archived already." in err) == (1, True)
    assert list(folder.iterdir()) == []
    assert archive(app, folder)[0] == 0
