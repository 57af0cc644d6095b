"""Saved settings of imports: list, rename, delete, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from tests.imports.conftest import Imports
from tests.query_counter import captured_queries
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.db.session import db
from webapp.imports.models import SavedMapping
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

FILE = "Mail,Who\nanna@example.com,Anna\n"


@pytest.fixture
def staff(owner: Browser, imports: Imports) -> UUID:
    return saved(owner, imports, "Staff")


def saved(browser: Browser, imports: Imports, name: str) -> UUID:
    import_id = imports.upload(browser, FILE)
    values = {"mode": "upsert", "key": "email", "threshold": "10", "save_as": name}
    assert browser.post(f"/imports/{import_id}/preview", **values).status_code == 303
    with imports.app.app_context():
        return db.session.scalars(select(SavedMapping.id).where(SavedMapping.name == name)).one()


def names(app: App) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(SavedMapping.name).order_by(SavedMapping.name)))


def last_record(app: App, mapping_id: UUID) -> AuditRecord:
    query = select(AuditRecord).where(AuditRecord.subject_id == mapping_id).order_by(AuditRecord.id.desc())
    with app.app_context():
        return db.session.scalars(query.limit(1)).one()


def test_the_page_shows_who_saved_them_and_when_they_were_used(owner: Browser, imports: Imports, staff: UUID) -> None:
    page = owner.get("/imports/mappings").text
    assert "Staff" in page
    assert "by " in page
    assert ">–<" in page
    imports.upload(owner, FILE)
    assert ">–<" not in owner.get("/imports/mappings").text
    shown = owner.get(f"/imports/mappings/{staff}").text
    assert "Mail" in shown
    assert "Add new people and change those who exist" in shown


def test_renaming_is_recorded_and_undone(app: App, owner: Browser, staff: UUID) -> None:
    assert owner.post(f"/imports/mappings/{staff}", name="Кадры").status_code == 303
    record = last_record(app, staff)
    assert (record.action, record.changes) == (Action.MAPPING_UPDATED, {"name": ["Staff", "Кадры"]})
    owner.post(f"/audit/{record.id}/undo")
    assert names(app) == ["Staff"]


def test_deleting_is_undone_with_everything(app: App, owner: Browser, imports: Imports, staff: UUID) -> None:
    with app.app_context():
        before = db.session.get_one(SavedMapping, staff)
    assert owner.post(f"/imports/mappings/{staff}/removal").status_code == 303
    assert names(app) == []
    assert imports.get(imports.upload(owner, FILE)).mode == "create"
    owner.post(f"/audit/{last_record(app, staff).id}/undo")
    with app.app_context():
        after = db.session.get_one(SavedMapping, staff)
    kept = ("id", "name", "name_key", "headings_key", "mapping", "options")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert imports.get(imports.upload(owner, FILE)).mode == "upsert"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "Enter a name"),
        (" \t ", "Enter a name"),
        ("x" * 81, "at most 80 characters"),
        ("a\x00b", "hidden character"),
        ("a\u202eb", "hidden character"),
        ("staff 2", "have this name"),
    ],
)
def test_a_wrong_name_is_refused_beside_its_field(
    app: App, owner: Browser, imports: Imports, people: People, staff: UUID, name: str, error: str
) -> None:
    saved(owner, imports, "Staff 2")
    before = people.row_counts()
    response = owner.post(f"/imports/mappings/{staff}", name=name)
    assert response.status_code == 422
    assert error in response.text
    assert people.row_counts() == before
    assert names(app) == ["Staff", "Staff 2"]


def test_undo_of_a_deletion_is_refused_if_the_name_is_used(
    app: App, owner: Browser, imports: Imports, staff: UUID
) -> None:
    owner.post(f"/imports/mappings/{staff}/removal")
    record = last_record(app, staff)
    other = saved(owner, imports, "STAFF")
    owner.post(f"/audit/{record.id}/undo")
    with app.app_context():
        assert db.session.scalars(select(SavedMapping.id)).all() == [other]


def test_only_people_who_may_import_see_and_change_them(app: App, access: Access, staff: UUID) -> None:
    person = access.person("Rita")
    access.grant(access.role("Readers", "users.read"), user_id=person.id)
    reader = access.browser_of(person)
    assert reader.get("/imports/mappings").status_code == 403
    assert reader.post(f"/imports/mappings/{staff}", name="Mine").status_code == 403
    assert reader.post(f"/imports/mappings/{staff}/removal").status_code == 403
    assert names(app) == ["Staff"]


@pytest.mark.usefixtures("staff")
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    app: App, owner: Browser, imports: Imports
) -> None:
    def count() -> int:
        with captured_queries(app) as queries:
            owner.get("/imports/mappings")
        return len(queries)

    one = count()
    for number in range(3):
        saved(owner, imports, f"More {number}")
    assert count() == one


def test_a_program_and_a_command_rename_and_delete(app: App, api: Api, owner: Browser, staff: UUID) -> None:
    assert [each["name"] for each in api.get("/import-mappings").json["items"]] == ["Staff"]
    path = f"/import-mappings/{staff}"
    renamed: Any = api.patch(path, {"name": "Payroll"}).json
    assert (renamed["name"], renamed["mode"], renamed["last_used_at"]) == ("Payroll", "upsert", None)
    run = app.test_cli_runner()
    assert "Payroll" in run.invoke(args=["imports", "mappings"]).stdout
    assert run.invoke(args=["imports", "rename-mapping", str(staff), "--name", "HR", "--json"]).exit_code == 0
    assert api.get(path).json["name"] == "HR"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert run.invoke(args=["imports", "delete-mapping", str(staff)]).exit_code == 1
    assert owner.get(f"/imports/mappings/{staff}").status_code == 404
