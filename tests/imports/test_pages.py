"""The pages of imports: file, columns, preview, result."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.imports.conftest import Imports
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.models import Import, ImportFilePart
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA = "email,name,username\nanna@example.com,Anna,anna\n"


def test_a_file_becomes_people_and_is_deleted(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, ANNA)
    assert "1 person will be added or changed" in owner.get(f"/imports/{import_id}").text
    assert people.row(email="anna@example.com") is None
    assert imports.apply(owner, import_id).status_code == 303
    assert "1 person was added." in owner.get(f"/imports/{import_id}").text
    assert people.row(email="anna@example.com")
    assert people.row_counts()["import_file_parts"] == 0


def test_the_file_is_stored_encrypted(owner: Browser, imports: Imports) -> None:
    imports.upload(owner, ANNA)
    with imports.app.app_context():
        content = db.session.scalars(db.select(ImportFilePart.content)).one()
    assert b"anna" not in content.lower()


def test_columns_can_be_corrected_and_are_suggested_next_time(owner: Browser, imports: Imports) -> None:
    import_id = imports.upload(owner, "contact,who\nanna@example.com,Anna\n")
    columns = {"column-0-target": "email", "column-1-target": "name"}
    options = {"mode": "upsert", "key": "email", "threshold": "10", "save_as": "HR"}
    assert owner.post(f"/imports/{import_id}/preview", **columns, **options).status_code == 303
    assert imports.get(import_id).counts == {"create": 1}
    again = imports.get(imports.upload(owner, "contact,who\nboris@example.com,Boris\n"))
    assert ([column["target"] for column in again.mapping["columns"]], again.mode) == (["email", "name"], "upsert")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"column-0-target": "ignore"}, "No column has the e-mail address"),
        ({"column-0-target": "nonsense"}, "Unknown fields"),
        ({"threshold": "101"}, "Enter a number from 0 to 100"),
        ({"key": "attr.none"}, "Not a valid choice"),
        ({"save_as": "x" * 81}, "at most 80 characters"),
    ],
)
def test_options_that_do_not_fit_are_refused_beside_the_fields(
    owner: Browser, imports: Imports, fields: dict[str, str], message: str
) -> None:
    import_id = imports.upload(owner, ANNA)
    values = {"mode": "create", "key": "email", "threshold": "10"} | fields
    response = owner.post(f"/imports/{import_id}/preview", **values)
    assert (response.status_code, message in response.text) == (422, True), response.text
    assert imports.get(import_id).state == "uploaded"


@pytest.mark.parametrize("content", [b"", b"\x00" * 1000, b"name\nAnna\n" * 0, bytes(range(256)) * 4])
def test_a_file_that_cannot_be_read_leaves_no_trace(owner: Browser, people: People, content: bytes) -> None:
    before = people.row_counts()
    response = owner.post("/imports", file=(io.BytesIO(content), "people.csv"))
    assert (response.status_code, 'class="field-error"' in response.text) == (422, True)
    assert people.row_counts() == before


def test_a_file_that_is_too_large_is_refused(owner: Browser, people: People, change_settings: object) -> None:
    change_settings(import_mb_max=0)  # type: ignore[operator]  a fixture
    before = people.row_counts()
    response = owner.post("/imports", file=(io.BytesIO(b"x" * 100), "people.csv"))
    assert (response.status_code, "at most 0 MB" in response.text) == (413, True)
    assert people.row_counts() == before


def test_only_the_person_who_started_an_import_continues_it(
    owner: Browser, member: Browser, imports: Imports, people: People
) -> None:
    import_id = imports.preview(owner, ANNA)
    assert member.get(f"/imports/{import_id}").status_code == 403
    assert member.post(f"/imports/{import_id}/application", plan="x").status_code == 403
    assert owner.get(f"/imports/{uuid4()}").status_code == 404
    assert people.row(email="anna@example.com") is None


def test_an_outdated_plan_is_not_applied(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, ANNA)
    assert owner.post(f"/imports/{import_id}/application", plan="0" * 64).status_code == 409
    assert people.row(email="anna@example.com") is None


def test_rows_that_are_not_imported_can_be_corrected_and_imported(owner: Browser, imports: Imports) -> None:
    import_id = imports.preview(owner, "email,name\nwrong,Anna\nboris@example.com,Boris\n")
    file = owner.get(f"/imports/{import_id}/not-imported.csv").text
    assert "wrong,Anna" in file
    corrected = imports.preview(owner, file.replace("wrong", "anna@example.com"))
    assert imports.get(corrected).counts == {"create": 1}


def test_a_change_that_was_not_imported_can_be_imported_again(owner: Browser, imports: Imports, people: People) -> None:
    person = people.create(email="anna@example.com", name="Ann")
    import_id = imports.preview(owner, ANNA, mode="update")
    people.rename(person.id, "Anne")
    imports.apply(owner, import_id)
    file = owner.get(f"/imports/{import_id}/not-imported.csv").text
    again = imports.preview(owner, file, mode="update")
    imports.apply(owner, again)
    assert people.row(id=person.id)["name"] == "Anna"  # type: ignore[index]  the row exists


def test_an_upload_that_was_killed_is_not_shown(app: App, owner: Browser, people: People) -> None:
    with app.app_context(), transaction():
        import_id = new_id()
        db.session.add(Import(id=import_id, filename="half.csv", requested_by_id=people.owner().id))
    assert "half.csv" not in owner.get("/imports").text
    assert owner.get(f"/imports/{import_id}").status_code == 404


def test_an_import_is_discarded_with_its_file(owner: Browser, imports: Imports, people: People) -> None:
    before = people.row_counts()
    import_id = imports.preview(owner, ANNA)
    assert owner.post(f"/imports/{import_id}/removal").status_code == 303
    assert people.row_counts() == before
