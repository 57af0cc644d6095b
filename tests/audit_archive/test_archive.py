"""`flask audit archive` moves old records into a file. `audit verify` reads both parts."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import select

from tests.audit.trail import write
from tests.audit_archive.archives import OLD, archive, archived, findings, trail_rows, verify
from tests.commands import read, run
from tests.factories import TESTER
from webapp.audit import services
from webapp.audit.actions import Action
from webapp.audit.archives import archived_before
from webapp.audit.models import AuditRecord
from webapp.audit.queries import latest_records_of
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.users.services import update_user
from webapp.web.api import App

PASSPHRASE = "correct horse battery staple"


def test_old_records_move_into_a_file_and_both_parts_verify(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context():
        total = trail_rows()[0]
        before = archived_before()
    path = archived(app, folder)
    with app.app_context():
        assert (before, str(archived_before())) == (None, "2030-02-01 00:00:00+00:00")
        assert trail_rows() == (total - OLD + 1, total - OLD + 1)
        left = list(db.session.scalars(select(AuditRecord.at)))
        assert min(left).month == 3
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("rollcall-0001-20300201.audit", 0o600)
    code, out = verify(app)
    assert code == 0, out
    assert f"{OLD} older records are in archives." in out
    code, out = verify(app, folder)
    assert code == 0, out
    assert f"{total + 1} records" in out


@pytest.mark.one_engine
def test_the_trail_says_what_was_archived(app: App, trail: list[UUID], folder: Path) -> None:
    archived(app, folder)
    with app.app_context():
        record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == Action.AUDIT_ARCHIVED)).one()
        assert record.changes["records"] == [None, str(OLD)]
        assert record.changes["file"] == [None, "rollcall-0001-20300201.audit"]
    (listed,) = read(app, "audit", "archives")["items"]
    assert (listed["state"], listed["records"], listed["file_hash"]) == (
        "finished",
        OLD,
        record.changes["file_hash"][1],
    )


def test_a_second_archive_joins_to_the_first(
    app: App, trail: list[UUID], folder: Path, clock: time_machine.Coordinates
) -> None:
    first = archived(app, folder)
    second = archived(app, folder, before="2030-04-01")
    with app.app_context():
        update_user(trail[0], name="Later", by=TESTER)
    assert findings(app, folder) == []
    assert findings(app, first) == []
    assert findings(app, second, first) == []
    assert findings(app) == []


def test_records_that_came_back_to_an_old_clock_stay_in_order(
    app: App, trail: list[UUID], folder: Path, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was wrong leaves records whose time is before that of the record before them."""
    monkeypatch.setattr(services, "SHARDS", 1)
    clock.move_to("2030-03-20")
    with app.app_context():
        update_user(trail[0], name="Right clock", by=TESTER)
        clock.move_to("2030-01-20")
        for person_id in trail:
            update_user(person_id, name="Wrong clock", by=TESTER)
        total = trail_rows()[0]
    clock.move_to("2030-06-05")
    archived(app, folder)
    with app.app_context():
        old = db.session.scalars(select(AuditRecord.id).where(AuditRecord.at < archived_before())).all()
        assert len(old) == len(trail)
    code, out = verify(app, folder)
    assert code == 0, out
    assert f"{total + 1} records" in out


def test_records_of_the_future_do_not_hold_an_archive(
    app: App, admin: Actor, trail: list[UUID], folder: Path, clock: time_machine.Coordinates
) -> None:
    """A clock was wrong for a while. Every shard has a record of 2060."""
    clock.move_to("2060-01-01")
    with app.app_context():
        write(30)
        clock.move_to("2030-06-06")
        write(30)
        clock.move_to("2030-12-01")
        total = trail_rows()[0]
    archived(app, folder, before="2030-07-01")
    with app.app_context():
        assert trail_rows()[0] < total / 4
    assert findings(app, folder) == []


@pytest.mark.one_engine
def test_an_encrypted_archive_needs_the_passphrase(
    app: App,
    trail: list[UUID],
    folder: Path,
    change_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.backups.protection.SCRYPT_N", 2**10)
    change_settings(backup_passphrase=SecretStr(PASSPHRASE))
    path = archived(app, folder)
    assert findings(app, path) == []
    change_settings(backup_passphrase=SecretStr(""))
    assert findings(app, path) == [
        ("file", f"{path}: This audit archive is encrypted. Set BACKUP_PASSPHRASE to its passphrase.")
    ]


@pytest.mark.one_engine
def test_a_dry_run_changes_nothing(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context():
        rows = trail_rows()
    code, out, _err = archive(app, folder, "--dry-run", "--json")
    assert (code, json.loads(out)["records"], json.loads(out)["held_by"]) == (0, OLD, None)
    with app.app_context():
        assert trail_rows() == rows
    assert list(folder.iterdir()) == []
    assert read(app, "audit", "archives")["items"] == []


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--before", "2030-05-20"), "Choose a day at least 30 days ago"),
        (("--before", "2031-01-01"), "Choose a day at least 30 days ago"),
        (("--before", "2029-01-01"), "There are no records before 2029-01-01 to archive."),
        (("--before", "2030-02-01", "--folder", "/nowhere/at/all"), "/nowhere/at/all is not a folder"),
        (("--before", "2030-02-01", "--folder", "/proc/self"), "cannot be written"),
        (("--before", "yesterday"), "does not match the format"),
        (("--before", "2030-02-01", "--folder", ""), "Enter --folder"),
    ],
)
def test_what_cannot_be_archived_is_refused_in_one_sentence(
    app: App, trail: list[UUID], folder: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    with app.app_context():
        rows = trail_rows()
    given = arguments if "--folder" in arguments else (*arguments, "--folder", str(folder))
    if given[-1] == "":
        given = given[:-2]
    code, _out, err = run(app, "audit", "archive", *given)
    assert (code > 0, sentence in err) == (True, True), err
    with app.app_context():
        assert trail_rows() == rows
    assert list(folder.iterdir()) == []


@pytest.mark.one_engine
def test_a_file_is_never_replaced(app: App, trail: list[UUID], folder: Path) -> None:
    path = folder / "rollcall-0001-20300201.audit"
    path.write_text("mine")
    code, _out, err = archive(app, folder)
    assert (code, "exists, and is never replaced" in err, path.read_text()) == (1, True, "mine")
    assert read(app, "audit", "archives")["items"] == []


@pytest.mark.one_engine
def test_nothing_more_can_be_archived_twice(app: App, trail: list[UUID], folder: Path) -> None:
    archived(app, folder)
    code, _out, err = archive(app, folder)
    assert (code, "There are no records before 2030-02-01 to archive." in err) == (1, True)


@pytest.mark.one_engine
def test_an_archive_of_a_changed_trail_is_refused(app: App, trail: list[UUID], folder: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        first = db.session.scalars(select(AuditRecord.id).order_by(AuditRecord.id).limit(1)).one()
        connection.execute(AuditRecord.__table__.update().where(AuditRecord.id == first).values(request_id="x"))
        rows = trail_rows()
    code, _out, err = archive(app, folder)
    assert (code, "The audit trail is not as it was written" in err) == (1, True)
    with app.app_context():
        assert trail_rows() == rows
        assert latest_records_of(trail[0], 1)
    assert list(folder.iterdir()) == []
