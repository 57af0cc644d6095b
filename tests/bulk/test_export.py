"""Exporting people as a CSV file."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.attributes.services import create_attribute
from webapp.audit.models import AuditRecord
from webapp.db.session import db
from webapp.jobs.queries import file_of
from webapp.users.schemas import UserOut
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_describes_each_person(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    access.grant(HELPDESK, user_id=three[0].id)
    bulk_id = bulk.create(owner, "export", *three)
    response = owner.post(f"/bulk/{bulk_id}/file")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=people-")
    assert response.text.startswith("\ufeffID,Name,E-mail address")
    heading, anna, *_others = rows(response.text)
    assert dict(zip(heading, anna, strict=True)) | {"Created (UTC)": ""} == {
        "ID": str(three[0].id),
        "Name": "Anna",
        "E-mail address": three[0].email,
        "Username": "",
        "Status": "Active",
        "Roles": "Helpdesk",
        "Groups": "",
        "Access starts on": "",
        "Access ends on": "",
        "Created (UTC)": "",
        "Last sign-in (UTC)": "",
    }
    assert [row[1] for row in rows(response.text)[1:]] == ["Anna", "Boris", "Clara"]


def test_each_export_is_recorded(app: App, owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "export", *three)
    for _attempt in range(2):
        owner.post(f"/bulk/{bulk_id}/file")
    with app.app_context():
        records = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "users.exported")).all()
        assert [record.changes for record in records] == [{"format": [None, "csv"], "people": [None, "3"]}] * 2


def test_no_cell_is_a_formula(app: App, owner: Browser, people: People, bulk: Bulk) -> None:
    person = people.create(name="=cmd|' /C calc'!A0", email="+1@example.com")
    text = owner.post(f"/bulk/{bulk.create(owner, 'export', person)}/file").text
    assert rows(text)[1][1:3] == ["'=cmd|' /C calc'!A0", "'+1@example.com"]


@pytest.mark.both_engines
def test_the_file_has_the_attributes_that_the_requester_sees(
    app: App, owner: Browser, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    with app.app_context():
        create_attribute(key="floor", kind="number", label_en="Floor", label_ru="Этаж", by=TESTER)
        create_attribute(key="boss", kind="person", label_en="Boss", label_ru="Начальник", by=TESTER)
        restricted = {"visible_to": "administrators", "editable_by": "administrators"}
        create_attribute(key="notes", kind="text", label_en="Notes", label_ru="Заметки", by=TESTER, **restricted)
        values = {"floor": 4, "boss": three[1].email, "notes": "secret"}
        update_user(three[0].id, attributes=values, by=TESTER)
    text = owner.post(f"/bulk/{bulk.create(owner, 'export', three[0])}/file").text
    assert [row[-3:] for row in rows(text)] == [["Floor", "Boss", "Notes"], ["4", three[1].email, "secret"]]
    auditor = access.browser_of(access.person("Auditor", roles=[AUDITOR]))
    text = auditor.post(f"/bulk/{bulk.create(auditor, 'export', three[0])}/file").text
    assert rows(text)[0][-2:] == ["Floor", "Boss"]
    assert "secret" not in text


def test_the_file_has_only_people_in_reach(app: App, access: Access, bulk: Bulk, three: list[UserOut]) -> None:
    north = access.group("North")
    access.add_member(north, three[0].id)
    me = access.person("Me", roles=[access.role("Reader", "users.read")])
    access.grant(access.role("Exporter", "users.export"), user_id=me.id, scope_id=north)
    browser = access.browser_of(me)
    text = browser.post(f"/bulk/{bulk.create(browser, 'export', *three)}/file").text
    assert [row[1] for row in rows(text)[1:]] == ["Anna"]


def test_an_export_needs_the_permission(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    helper = access.browser_of(access.person("Help", roles=[HELPDESK]))
    own_change = bulk.create(helper, "deactivate", *three)
    export = bulk.create(owner, "export", *three)
    before = people.row_counts()
    for bulk_id in (own_change, export):
        assert helper.post(f"/bulk/{bulk_id}/file").status_code == 403
    assert owner.post(f"/bulk/{bulk.create(owner, 'deactivate', *three)}/file").status_code == 404
    assert people.row_counts()["audit_records"] == before["audit_records"]


def file_of_job(app: App, job_id: UUID | None) -> str:
    assert job_id
    with app.app_context():
        file = file_of(job_id)
        assert file
        return file.content.decode()


@pytest.mark.both_engines
@pytest.mark.usefixtures("two_per_request")
def test_a_job_creates_a_large_file(app: App, owner: Browser, people: People, bulk: Bulk) -> None:
    for letter in "ABCDE":
        people.create(name=f"Person {letter}")
    bulk_id = bulk.create_for_matches(owner, "export", "q=Person")
    assert owner.post(f"/bulk/{bulk_id}/file").status_code == 303
    assert owner.post(f"/bulk/{bulk_id}/file").status_code == 409
    job = bulk.run_job(bulk_id)
    assert (job.state, job.result, job.total) == ("done", {"people": 5}, 5)
    heading, *others = rows(file_of_job(app, bulk.change(bulk_id).job_id))
    assert heading[0] == "ID"
    assert [row[1] for row in others] == [f"Person {letter}" for letter in "ABCDE"]
    assert people.row_counts()["job_file_parts"] == 0
    assert f"/jobs/{job.id}/file" in owner.get(f"/bulk/{bulk_id}").text
    assert owner.post(f"/bulk/{bulk_id}/file").status_code == 303
