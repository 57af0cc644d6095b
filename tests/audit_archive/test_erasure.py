"""Erasing a person reaches all archives: their key is dropped, and no file has to be written again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.audit_archive.archives import archived, findings, verify
from tests.factories import TESTER
from webapp.audit.archive_models import AuditArchivedName, AuditArchiveKey
from webapp.audit_archive import archive_file, services
from webapp.audit_archive.archive_file import ArchiveReader
from webapp.audit_archive.lines import opened_rows
from webapp.audit_archive.person_keys import PersonKeys
from webapp.bin.services import delete_user, purge_user
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.services import deactivate_user
from webapp.web.api import App


def erase(person_id: UUID | None) -> None:
    assert person_id
    delete_user(person_id, by=TESTER)
    purge_user(person_id, by=TESTER)


def raw_text(path: Path) -> str:
    """Return all lines of the file without decrypting data of people."""
    with path.open("rb") as file:
        return "\n".join(json.dumps(line, ensure_ascii=False) for b in ArchiveReader(file, "").batches() for line in b)


def opened_text(path: Path) -> str:
    """Return all that the keys of the database can read."""
    with path.open("rb") as file:
        rows: list[Any] = [row for b in ArchiveReader(file, "").batches() for row in opened_rows(b, PersonKeys())]
    return json.dumps(rows, ensure_ascii=False, default=str)


@pytest.mark.one_engine
def test_personal_data_in_a_file_is_encrypted_with_keys_of_people(app: App, trail: list[UUID], folder: Path) -> None:
    path = archived(app, folder)
    text = raw_text(path)
    assert [word for word in ("Person 1", "Особа", "Антон", "192.0.2.7", "example.com") if word in text] == []
    with app.app_context():
        assert "Особа 1" in opened_text(path)
        assert "192.0.2.7" in opened_text(path)


def test_an_erased_person_cannot_be_read_from_a_file_again(app: App, trail: list[UUID], folder: Path) -> None:
    path = archived(app, folder)
    content = path.read_bytes()
    with app.app_context():
        erase(trail[1])
        assert "Особа 1" not in opened_text(path)
        assert "Особа 2" in opened_text(path)
    assert path.read_bytes() == content
    code, out = verify(app, folder)
    assert code == 0, out
    assert "erased with people" in out


def test_an_erased_actor_is_not_named_by_a_file(app: App, trail: list[UUID], folder: Path, admin: Actor) -> None:
    with app.app_context():
        deactivate_user(trail[1], by=admin)
    path = archived(app, folder)
    with app.app_context():
        names = db.session.query(AuditArchivedName).all()
        assert [(each.person_id, each.name) for each in names] == [(admin.id, "Антон Иванов")]
        erase(admin.id)
        text = opened_text(path)
        assert db.session.query(AuditArchivedName).count() == 0
    assert ("Антон Иванов" in text, "192.0.2.7" in text) == (False, False)
    assert findings(app, folder) == []


@pytest.mark.one_engine
def test_the_name_on_rows_of_others_goes_although_its_record_is_archived(
    app: App, trail: list[UUID], folder: Path, admin: Actor, clock: Any
) -> None:
    clock.move_to("2030-01-20")
    with app.app_context():
        deactivate_user(trail[1], by=admin)
    clock.move_to("2030-06-05")
    archived(app, folder, before="2030-04-01")
    with app.app_context():
        erase(admin.id)
        name = db.session.get_one(User, trail[1]).deactivated_by_name
    assert name == f"Deleted user {admin.id.hex[-6:] if admin.id else ''}"


@pytest.mark.parametrize("moment", ["read", "checked"])
def test_a_person_who_is_erased_while_the_file_is_written_is_not_in_it(
    app: App, trail: list[UUID], folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The rows of the snapshot still have the person. The erasure comes before the key is created, or after."""
    module, name = (archive_file, "people_in") if moment == "read" else (services, "seal_archive")
    real = getattr(module, name)
    erased: list[UUID] = []

    def erase_first(*given: Any, **named: Any) -> Any:
        if not erased:
            erased.append(trail[1])
            with app.app_context():
                erase(trail[1])
        return real(*given, **named)

    monkeypatch.setattr(module, name, erase_first)
    path = archived(app, folder)
    with app.app_context():
        assert "Особа 1" not in opened_text(path)
        assert db.session.get_one(AuditArchiveKey, trail[1]).key is None
    assert findings(app, folder) == []


def test_an_erasure_between_seal_and_removal_stays_valid(
    app: App, trail: list[UUID], folder: Path, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.remove_records

    def erase_first(archive_id: UUID) -> None:
        with app.app_context():
            erase(admin.id)
        real(archive_id)

    monkeypatch.setattr(services, "remove_records", erase_first)
    archived(app, folder)
    assert findings(app) == []
    assert findings(app, folder) == []


@pytest.mark.one_engine
def test_redactions_from_before_the_archive_are_checked(
    app: App, trail: list[UUID], folder: Path, admin: Actor
) -> None:
    with app.app_context():
        erase(admin.id)
    first = archived(app, folder)
    assert findings(app) == []
    assert findings(app, first) == []


@pytest.mark.one_engine
def test_an_archived_erasure_still_explains_missing_details(
    app: App, trail: list[UUID], folder: Path, clock: Any
) -> None:
    """A clock was wrong: the record of the erasure is older than a record whose details it erased."""
    clock.move_to("2030-05-20")
    with app.app_context():
        deactivate_user(trail[2], by=TESTER)
        clock.move_to("2030-01-10")
        erase(trail[2])
    clock.move_to("2030-06-25")
    archived(app, folder, before="2030-05-01")
    assert findings(app) == []
    assert findings(app, folder) == []
