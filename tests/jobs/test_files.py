"""Files of jobs: only the requester gets them, with the rights of that moment. No file contains an erased person."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.access_factory import Access
from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.processes import wait_until
from webapp.access.models import AUDITOR, OWNER
from webapp.access.services import end_grant, end_membership
from webapp.attributes.services import create_attribute, update_attribute
from webapp.bin.services import delete_user, purge_user
from webapp.bulk import exports
from webapp.core.clock import now
from webapp.dashboard import dormant_report
from webapp.db.session import db
from webapp.jobs.models import JobFile, JobFilePart, JobFilePerson
from webapp.jobs.services import run_job
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App


@pytest.fixture
def bulk(app: App, monkeypatch: pytest.MonkeyPatch) -> Bulk:
    """Bulk changes whose files a job creates, two people at a time."""
    monkeypatch.setattr(exports, "REQUEST_PEOPLE_MAX", 1)
    monkeypatch.setattr(exports, "CHUNK", 2)
    return Bulk(app)


@pytest.fixture
def three(people: People) -> list[UserOut]:
    return [people.create(name=name, password=people.password) for name in ("Anna", "Boris", "Clara")]


def exported(bulk: Bulk, browser: Browser, *people: UserOut) -> str:
    """Export people by a job. Return the path of its file."""
    bulk_id = bulk.create(browser, "export", *people)
    assert browser.post(f"/bulk/{bulk_id}/file").status_code == 303
    return f"/jobs/{bulk.run_job(bulk_id).id}/file"


def names(content: str) -> list[str]:
    return [row[1] for row in csv.reader(io.StringIO(content))][1:]


def test_the_requester_downloads_their_file(owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    path = exported(bulk, owner, *three)
    assert names(owner.get(path).text) == ["Anna", "Boris", "Clara"]
    assert path in owner.get(path.removesuffix("/file")).text


def test_nobody_else_downloads_it_not_even_an_owner(
    owner: Browser, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    path = exported(bulk, owner, *three)
    north = access.group("North")
    reader = access.person("Reader")
    access.grant(access.role("Jobs", "jobs.read"), user_id=reader.id, scope_id=north)
    others = [access.person("Other Owner", roles=[OWNER]), access.person("Auditor", roles=[AUDITOR]), reader]
    for person in others:
        browser = access.browser_of(person)
        assert browser.get(path).status_code in {403, 404}
        assert path not in browser.get(path.removesuffix("/file")).text


def test_a_requester_whose_role_was_taken_back_gets_nothing(
    app: App, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    me = access.person("Me")
    grant_id = access.grant(AUDITOR, user_id=me.id)
    browser = access.browser_of(me)
    path = exported(bulk, browser, *three)
    assert browser.get(path).status_code == 200
    with app.app_context():
        end_grant(grant_id, by=TESTER)
    assert browser.get(path).status_code == 403


def test_a_person_who_left_the_requesters_group_closes_the_file(
    app: App, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    memberships = [access.add_member(north, person.id) for person in three]
    me = access.person("Me")
    access.grant(access.role("Exporter", "users.read", "users.export"), user_id=me.id, scope_id=north)
    browser = access.browser_of(me)
    path = exported(bulk, browser, *three)
    assert names(browser.get(path).text) == ["Anna", "Boris", "Clara"]
    with app.app_context():
        end_membership(memberships[0], by=TESTER)
    assert browser.get(path).status_code == 403


def test_an_attribute_that_was_hidden_since_closes_the_file(
    app: App, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    with app.app_context():
        notes = create_attribute(key="notes", kind="text", label_en="Notes", label_ru="Заметки", by=TESTER)
        definition = {"visible_to": "administrators", "editable_by": "administrators"}
        attribute_id, version = notes.id, notes.version
    auditor = access.browser_of(access.person("Auditor", roles=[AUDITOR]))
    path = exported(bulk, auditor, *three)
    assert auditor.get(path).status_code == 200
    with app.app_context():
        update_attribute(attribute_id, version=version, by=TESTER, **definition)
    assert auditor.get(path).status_code == 403


def test_an_export_names_nobody_outside_the_requesters_group(
    app: App, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    with app.app_context():
        create_attribute(key="boss", kind="person", label_en="Boss", label_ru="Начальник", by=TESTER)
        update_user(three[0].id, attributes={"boss": three[2].email}, by=TESTER)
    north = access.group("North")
    for person in three[:2]:
        access.add_member(north, person.id)
    me = access.person("Me")
    access.grant(access.role("Exporter", "users.read", "users.export"), user_id=me.id, scope_id=north)
    browser = access.browser_of(me)
    file = browser.get(exported(bulk, browser, *three))
    assert (file.status_code, names(file.text)) == (200, ["Anna", "Boris"])
    assert three[2].email not in file.text


def erase(app: App, user_id: UUID) -> None:
    with app.app_context():
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)


def test_erasing_a_person_removes_the_files_that_contain_them(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    with_anna = exported(bulk, owner, *three[:2])
    without_anna = exported(bulk, owner, *three[1:])
    erase(app, three[0].id)
    assert owner.get(with_anna).status_code == 410
    assert "removed because a user in it was erased" in owner.get(with_anna.removesuffix("/file")).text
    assert names(owner.get(without_anna).text) == ["Boris", "Clara"]
    with app.app_context():
        assert three[0].email.encode() not in b"".join(db.session.scalars(select(JobFile.content)))
        assert three[0].id not in set(db.session.scalars(select(JobFilePerson.user_id)))


def test_erasing_a_person_removes_the_files_that_name_them_in_another_row(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut]
) -> None:
    with app.app_context():
        create_attribute(key="boss", kind="person", label_en="Boss", label_ru="Начальник", by=TESTER)
        update_user(three[0].id, attributes={"boss": three[2].email}, by=TESTER)
    path = exported(bulk, owner, *three[:2])
    assert three[2].email in owner.get(path).text
    erase(app, three[2].id)
    assert owner.get(path).status_code == 410


def test_erasing_a_person_removes_the_files_that_they_requested(
    app: App, access: Access, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    me = access.person("Me", roles=[AUDITOR])
    exported(bulk, access.browser_of(me), *three)
    erase(app, me.id)
    with app.app_context():
        assert list(db.session.scalars(select(JobFile.content))) == [b""]


def test_an_export_that_is_being_written_starts_again_without_an_erased_person(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk_id = bulk.create(owner, "export", *three)
    owner.post(f"/bulk/{bulk_id}/file")
    with app.app_context():
        job_id = bulk.change(bulk_id).job_id
        assert job_id
        run_job(job_id, holder="first", is_stopping=lambda: True)
        assert db.session.scalars(select(JobFilePart.number)).all() == [0]
    erase(app, three[0].id)
    with app.app_context():
        assert db.session.scalars(select(JobFilePart)).all() == []
    job = bulk.run_job(bulk_id)
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert names(owner.get(f"/jobs/{job_id}/file").text) == ["Boris", "Clara"]


def test_a_report_that_is_being_written_starts_again_without_an_erased_person(
    app: App, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dormant_report, "CHUNK_SIZE", 1)
    monkeypatch.setattr(dormant_report, "dormant_before", lambda: now() + timedelta(days=2))
    three = [people.create(name=name, password=people.password) for name in ("Anna", "Boris", "Clara")]
    location = owner.post("/reports/dormant").location
    job_id = UUID(location.rpartition("/")[2])
    stopping = iter([False, True])
    with app.app_context():
        run_job(job_id, holder="first", is_stopping=lambda: next(stopping))
        written = set(db.session.scalars(select(JobFilePerson.user_id)))
    assert written
    erased = next(person for person in three if person.id in written)
    erase(app, erased.id)
    with app.app_context():
        run_job(job_id, holder="second")
    report = owner.get(f"{location}/file").text
    assert erased.email not in report
    assert all(person.email in report for person in three if person is not erased)


@pytest.mark.engine("postgresql")
def test_erasing_waits_for_the_chunk_that_writes_about_the_person(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk_id = bulk.create(owner, "export", *three[:2])
    owner.post(f"/bulk/{bulk_id}/file")
    with app.app_context():
        delete_user(three[0].id, by=TESTER)
    eraser = threading.Thread(target=erase_deleted, args=(app, three[0].id))
    join_parts = exports.join_parts

    def join_while_somebody_erases(*arguments: Any, **options: Any) -> bytes:
        eraser.start()
        wait_until(lambda: waits_for_lock(app), what="the erasure waits")
        return join_parts(*arguments, **options)

    monkeypatch.setattr(exports, "join_parts", join_while_somebody_erases)
    path = f"/jobs/{bulk.run_job(bulk_id).id}/file"
    eraser.join()
    assert owner.get(path).status_code == 410


def erase_deleted(app: App, user_id: UUID) -> None:
    with app.app_context():
        purge_user(user_id, by=TESTER)


def waits_for_lock(app: App) -> bool:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with app.app_context(), db.engine.connect() as connection:
        return bool(connection.scalar(query))
