"""Staff write notes about people, who do not see them on pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.bin.services import delete_user, purge_user
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.notes.models import NOTE_MAX, Note
from webapp.notes.queries import expired_note_ids
from webapp.notes.services import add_note, delete_expired
from webapp.users.schemas import UserOut
from webapp.web.api import App

TEXT = "On leave until May.\n\n  Call <b>first</b> 👩‍👩‍👧"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Анна Иванова", email="anna@example.com", password=people.password)


@pytest.fixture
def editor(access: Access) -> UserOut:
    role = access.role("Editor", Permission.USERS_READ, Permission.USERS_EDIT)
    return access.person("Editor", email="editor@example.com", roles=[role])


def add(browser: Browser, user_id: UUID, text: str = TEXT, **fields: Any) -> Any:
    return browser.post(f"/users/{user_id}/notes", text=text, **fields)


def only_note(app: App) -> Note:
    with app.app_context():
        return db.session.scalars(select(Note)).one()


def last_record(app: App) -> AuditRecord:
    with app.app_context():
        record = db.session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()
        assert record
        return record


def test_a_note_is_saved_and_shown_with_author_and_line_breaks(app: App, owner: Browser, anna: UserOut) -> None:
    assert add(owner, anna.id, next=f"/users/{anna.id}").location == f"/users/{anna.id}"
    note = only_note(app)
    assert (note.text, note.author_name) == (TEXT, "Ольга Смирнова")
    for path in ("", "/notes"):
        page = owner.get(f"/users/{anna.id}{path}").text
        assert "On leave until May.\n\n  Call &lt;b&gt;first&lt;/b&gt;" in page
        assert "Ольга Смирнова" in page


@pytest.mark.one_engine
def test_the_same_form_sent_twice_adds_one_note(app: App, owner: Browser, anna: UserOut) -> None:
    page = owner.get(f"/users/{anna.id}").text
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)
    assert token
    for _time in range(2):
        assert add(owner, anna.id, form_token=token[1]).status_code == 303
    assert only_note(app)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("text", "message"),
    [("", "Enter a note"), (" \r\n\t ", "Enter a note"), ("x" * (NOTE_MAX + 1), "Use at most 10000 characters"),
     ("a\x00b", "U+0000"), ("a\u202eb", "U+202E"), ("a\nb\u2066c", "U+2066"), ("a\u2028b", "U+2028"),
     ("e" + "\u0301" * 30, "accents")],
)  # fmt: skip
def test_other_texts_are_refused_beside_the_field(
    owner: Browser, anna: UserOut, people: People, text: str, message: str
) -> None:
    counts = people.row_counts()
    response = add(owner, anna.id, text)
    assert response.status_code == 422
    assert re.search(f'id="text-error".*?{re.escape(message)}', response.text, re.DOTALL)
    assert text.strip()[:50].replace("\x00", "") in response.text.replace("\x00", "")
    assert people.row_counts() == counts


@pytest.mark.one_engine
def test_a_long_text_in_any_script_is_kept(app: App, owner: Browser, anna: UserOut) -> None:
    text = "я" * (NOTE_MAX - 3) + "\nЁё"
    assert add(owner, anna.id, text.replace("\n", "\r\n")).status_code == 303
    assert only_note(app).text == text
    card = owner.get(f"/users/{anna.id}").text
    assert "Read all of it" in card
    assert "я" * 601 not in card


def test_only_the_author_changes_a_note(app: App, owner: Browser, anna: UserOut, editor: UserOut) -> None:
    add(owner, anna.id)
    path = f"/users/{anna.id}/notes/{only_note(app).id}"
    other = Browser(app).signed_in_as(editor.email)
    assert other.get(path).status_code == 403
    assert other.post(path, text="Other", version=1).status_code == 403
    assert only_note(app).text == TEXT
    assert "Call" in owner.get(path).text
    assert owner.post(path, text="Back", version=1).status_code == 303
    assert (only_note(app).text, only_note(app).edited_at is not None) == ("Back", True)
    assert last_record(app).action == "note.updated"


@pytest.mark.one_engine
def test_a_change_in_another_window_is_not_overwritten(app: App, owner: Browser, anna: UserOut) -> None:
    add(owner, anna.id)
    path = f"/users/{anna.id}/notes/{only_note(app).id}"
    owner.post(path, text="First", version=1)
    response = owner.post(path, text="Second", version=1)
    assert response.status_code == 409
    assert 'id="text-error"' in response.text
    assert "Second" in response.text
    assert only_note(app).text == "First"


@pytest.mark.one_engine
@pytest.mark.parametrize("fields", [{}, {"version": ""}, {"version": "x"}])
def test_a_form_without_its_version_overwrites_nothing(
    app: App, owner: Browser, anna: UserOut, fields: dict[str, str]
) -> None:
    add(owner, anna.id)
    response = owner.post(f"/users/{anna.id}/notes/{only_note(app).id}", text="Changed", **fields)
    assert response.status_code == 422
    assert "Changed" in response.text
    assert 'class="summary"' in response.text
    assert only_note(app).text == TEXT


@pytest.mark.one_engine
def test_a_text_stays_on_the_page_if_its_note_was_deleted_meanwhile(app: App, owner: Browser, anna: UserOut) -> None:
    add(owner, anna.id)
    path = f"/users/{anna.id}/notes/{only_note(app).id}"
    owner.post(f"{path}/deletion")
    response = owner.post(path, text="Written meanwhile", version=1)
    assert (response.status_code, "Written meanwhile" in response.text) == (404, True)
    assert "This note does not exist" in response.text


def test_a_deletion_can_be_undone(app: App, owner: Browser, anna: UserOut) -> None:
    add(owner, anna.id)
    path = f"/users/{anna.id}/notes"
    assert owner.post(f"{path}/{only_note(app).id}/deletion").status_code == 303
    assert "On leave" not in owner.get(path).text
    assert owner.get(f"{path}/{only_note(app).id}").status_code == 404
    assert last_record(app).action == "note.deleted"
    assert owner.post(f"/audit/{last_record(app).id}/undo").status_code == 303
    assert "On leave" in owner.get(path).text
    assert last_record(app).action == "note.restored"


@pytest.mark.one_engine
def test_notes_of_others_are_deleted_by_people_who_can_delete_the_user(
    app: App, owner: Browser, anna: UserOut, editor: UserOut
) -> None:
    other = Browser(app).signed_in_as(editor.email)
    add(owner, anna.id)
    path = f"/users/{anna.id}/notes/{only_note(app).id}/deletion"
    assert other.post(path).status_code == 403
    assert only_note(app).deleted_at is None
    assert "Delete<" not in other.get(f"/users/{anna.id}/notes").text
    assert other.post(f"/audit/{last_record(app).id}/undo").status_code == 403


def test_the_audit_trail_does_not_contain_the_text(app: App, owner: Browser, anna: UserOut) -> None:
    add(owner, anna.id, "A secret remark")
    path = f"/users/{anna.id}/notes/{only_note(app).id}"
    owner.post(path, text="Another secret", version=1)
    owner.post(f"{path}/deletion")
    with app.app_context():
        texts = [str(details.changes) for details in db.session.scalars(select(AuditDetails))]
    assert not [text for text in texts if "secret" in text]
    assert "Note deleted" in owner.get(f"/users/{anna.id}/activity").text


@pytest.mark.one_engine
def test_no_one_sees_notes_about_themselves(app: App, owner: Browser, people: People, editor: UserOut) -> None:
    add(owner, editor.id, "A remark about the editor")
    added = last_record(app).id
    themselves = Browser(app).signed_in_as(editor.email)
    counts = people.row_counts()
    for path in (f"/users/{editor.id}", "/account", "/account/activity"):
        assert "A remark" not in themselves.get(path).text
    path = f"/users/{editor.id}/notes"
    assert themselves.get(path).status_code == 403
    assert add(themselves, editor.id).status_code == 403
    assert themselves.post(f"{path}/{only_note(app).id}/deletion").status_code == 403
    assert themselves.post(f"/audit/{added}/undo").status_code == 403
    assert people.row_counts() == counts
    assert "A remark about the editor" in themselves.get("/account/data").text


@pytest.mark.one_engine
def test_readers_and_people_of_other_groups_see_no_notes(
    app: App, access: Access, owner: Browser, anna: UserOut
) -> None:
    add(owner, anna.id)
    reader = access.browser_of(access.person("Reader", roles=[access.role("Reader", Permission.USERS_READ)]))
    assert "On leave" not in reader.get(f"/users/{anna.id}").text
    assert reader.get(f"/users/{anna.id}/notes").status_code == 403
    north, limited = access.group("North"), access.person("Limited")
    access.grant(
        access.role("Writer", Permission.USERS_READ, Permission.USERS_EDIT), user_id=limited.id, scope_id=north
    )
    browser = access.browser_of(limited)
    assert browser.get(f"/users/{anna.id}/notes").status_code == 404
    assert add(browser, anna.id).status_code == 404
    access.add_member(north, anna.id)
    assert "On leave" in browser.get(f"/users/{anna.id}").text
    assert add(browser, anna.id).status_code == 303


@pytest.mark.one_engine
def test_people_with_fewer_permissions_than_the_person_may_write(app: App, people: People, editor: UserOut) -> None:
    assert add(Browser(app).signed_in_as(editor.email), people.owner().id).status_code == 303


def test_erasing_people_erases_the_notes_about_them_and_their_names(
    app: App, owner: Browser, people: People, anna: UserOut, editor: UserOut
) -> None:
    add(owner, anna.id)
    add(Browser(app).signed_in_as(editor.email), people.owner().id, "Stays")
    with app.app_context():
        for user in (anna, editor):
            delete_user(user.id, by=TESTER)
            purge_user(user.id, by=TESTER)
    note = only_note(app)
    assert (note.text, note.author_id, note.author_name) == ("Stays", None, f"Deleted user {editor.id.hex[-6:]}")


def test_deleted_notes_are_erased_when_they_expire(app: App, owner: Browser, anna: UserOut) -> None:
    add(owner, anna.id)
    owner.post(f"/users/{anna.id}/notes/{only_note(app).id}/deletion")
    deleted = last_record(app).id
    with app.app_context():
        assert expired_note_ids(10) == []
        with time_machine.travel(now() + timedelta(days=app.settings.bin_days + 1)):
            delete_expired(expired_note_ids(10))
        assert db.session.scalars(select(Note)).all() == []
    assert owner.post(f"/audit/{deleted}/undo").status_code == 410


@pytest.mark.one_engine
def test_many_notes_are_paged(app: App, owner: Browser, anna: UserOut) -> None:
    with app.app_context():
        for number in range(30):
            add_note(anna.id, text=f"Note {number:02}", by=TESTER)
    path = f"/users/{anna.id}/notes"
    with captured_queries(app) as seen:
        first = owner.get(path).text
    assert len(seen) <= 5
    assert ("Note 29" in first, "Note 05" in first, "Note 04" in first) == (True, True, False)
    following = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert following
    assert "Note 00" in owner.get(following[1].replace("&amp;", "&")).text
    card = owner.get(f"/users/{anna.id}").text
    assert ("Note 27" in card, "Note 26" in card, "All notes" in card) == (True, False, True)


@pytest.mark.one_engine
def test_deleted_people_get_no_new_notes(app: App, owner: Browser, anna: UserOut, people: People) -> None:
    add(owner, anna.id)
    with app.app_context():
        delete_user(anna.id, by=TESTER)
    page = owner.get(f"/users/{anna.id}").text
    assert "On leave" in page
    assert "Add note" not in page
    response = add(owner, anna.id, "Written meanwhile")
    assert (response.status_code, "Written meanwhile" in response.text) == (409, True)
    assert "This user is deleted" in response.text
    assert people.row_counts()["user_notes"] == 1
