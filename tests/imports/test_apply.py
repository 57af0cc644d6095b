"""Applying, stopping and undoing an import."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.factories import People
from tests.imports.conftest import Importer, Imports
from tests.query_counter import captured_queries
from webapp.web.api import App

THREE = "email,name\nanna@example.com,Anna\nboris@example.com,Boris\nclara@example.com,Clara\n"


@pytest.fixture
def one_per_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job does everything, one row in each chunk."""
    monkeypatch.setattr("webapp.imports.running.REQUEST_BYTES_MAX", 0)
    monkeypatch.setattr("webapp.imports.running.REQUEST_ROWS_MAX", 0)
    monkeypatch.setattr("webapp.imports.preview.ROWS_PER_CHUNK", 1)
    monkeypatch.setattr("webapp.imports.applying.NEW_PER_CHUNK", 1)


@pytest.mark.usefixtures("one_per_chunk")
def test_a_job_previews_applies_and_undoes(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, THREE)
    assert "Creating preview" in owner.get(f"/imports/{import_id}").text
    assert imports.run_job(import_id).state == "done"
    imports.apply(owner, import_id)
    assert imports.run_job(import_id).result == {"people": 3}
    assert imports.outcomes(import_id) == ["created"] * 3
    assert owner.post(f"/imports/{import_id}/undo").status_code == 303
    imports.run_job(import_id)
    assert imports.outcomes(import_id) == ["undone"] * 3
    assert people.row(email="anna@example.com")["status"] == "deleted"  # type: ignore[index]  the row exists


def test_a_row_that_someone_overtook_is_skipped_and_says_so(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, THREE)
    people.create(email="Boris@example.com")
    imports.apply(owner, import_id)
    assert imports.outcomes(import_id) == ["created", "overtaken", "created"]
    assert "This e-mail address is already in use" in owner.get(f"/imports/{import_id}").text


def test_an_update_whose_person_changed_meanwhile_is_skipped(owner: Browser, imports: Imports, people: People) -> None:
    person = people.create(email="anna@example.com", name="Ann")
    import_id = imports.preview(owner, THREE, mode="upsert")
    people.rename(person.id, "Anne")
    imports.apply(owner, import_id)
    assert imports.outcomes(import_id)[0] == "overtaken"
    assert people.row(id=person.id)["name"] == "Anne"  # type: ignore[index]  the row exists


@pytest.mark.one_engine
def test_a_deleted_person_is_a_refused_row(owner: Browser, imports: Imports, people: People) -> None:
    person = people.create(email="anna@example.com", name="Ann")
    import_id = imports.preview(owner, THREE, mode="update")
    people.delete(person.id)
    imports.apply(owner, import_id)
    assert imports.outcomes(import_id)[0] == "refused"


def test_undo_restores_changes_and_keeps_people_who_signed_in(
    app: App, owner: Browser, imports: Imports, people: People
) -> None:
    changed = people.create(email="anna@example.com", name="Ann")
    import_id = imports.preview(owner, THREE, mode="upsert")
    imports.apply(owner, import_id)
    boris = people.row(email="boris@example.com")
    assert boris
    people.rename(boris["id"], "Борис")
    owner.post(f"/imports/{import_id}/undo")
    assert imports.outcomes(import_id) == ["undone", "kept", "undone"]
    assert people.row(id=changed.id)["name"] == "Ann"  # type: ignore[index]  the row exists


def test_the_owners_are_locked_before_people_as_services_do(
    app: App, owner: Browser, imports: Imports, people: People
) -> None:
    """The reverse order could end in a deadlock."""
    people.create(email="anna@example.com", name="Anna")
    people.create(email="boris@example.com", name="Boris")
    file = "email,name,username,status\nanna@example.com,Anna,anna,\nboris@example.com,Boris,,deactivated\n"
    with captured_queries(app) as preview_queries:
        import_id = imports.preview(owner, file, mode="update")
    with captured_queries(app) as queries:
        imports.apply(owner, import_id)
    assert imports.outcomes(import_id) == ["updated"] * 2
    for each in (preview_queries, queries):
        locks = [sql for sql in each if "advisory_xact_lock" in sql or ("FROM users" in sql and "FOR UPDATE" in sql)]
        assert all("advisory_xact_lock" in sql for sql in locks[:1]), locks


def test_two_imports_of_the_same_file(owner: Browser, imports: Imports, people: People) -> None:
    first, second = imports.preview(owner, THREE), imports.preview(owner, THREE)
    imports.apply(owner, first)
    imports.apply(owner, second)
    assert imports.outcomes(second) == ["overtaken"] * 3
    assert people.count() == 4


@pytest.mark.one_engine
@pytest.mark.usefixtures("one_per_chunk")
def test_a_stopped_import_says_what_it_skipped(owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, THREE)
    imports.run_job(import_id)
    imports.apply(owner, import_id)
    assert owner.post(f"/imports/{import_id}/stop").status_code == 303
    assert imports.outcomes(import_id) == ["skipped"] * 3
    assert people.count() == 1


@pytest.mark.one_engine
def test_plain_passwords_are_hashed_and_never_stored(importer: Importer, people: People) -> None:
    secret = "correct horse battery staple"
    importer(f"email,name,password\nanna@example.com,Anna,{secret}\n")
    row = people.row(email="anna@example.com")
    assert row
    assert (row["status"], row["password_change_required"]) == ("active", False)
    assert Browser(importer.app).signed_in_as("anna@example.com")
    assert secret not in str(people.audit_trail(row["id"]))
