"""Photos of people: set, replaced, removed and undone on pages."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.photos.pictures import huge_png, picture, with_place
from webapp.audit.models import AuditRecord
from webapp.bin.services import delete_user, purge_user
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.jobs.kinds import job_kinds
from webapp.photos.images import PHOTO_BYTES_MAX, UPLOAD_BYTES_MAX
from webapp.photos.models import Photo
from webapp.photos.pages import BODY_MAX
from webapp.photos.queries import expired_photo_ids
from webapp.photos.services import delete_photos
from webapp.users.schemas import UserOut
from webapp.web.api import App

OTHER = with_place(orientation=6)


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Анна Иванова", email="anna@example.com", password=people.password)


def upload(browser: Browser, path: str, content: bytes) -> TestResponse:
    # The test client would leave a temporary file open.
    file = FileStorage(io.BytesIO(content), "photo.jpg")
    boundary, body = encode_multipart({"csrf_token": browser.csrf_token(), "photo": file})
    return browser.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def address(page: str) -> str | None:
    found = re.search(r'src="(/users/[^"]+/photo/[0-9a-f]+)"', page)
    return found[1] if found else None


def last_record(app: App) -> Any:
    with app.app_context():
        return db.session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()


def test_a_photo_is_saved_and_shown(owner: Browser, anna: UserOut, people: People) -> None:
    assert upload(owner, f"/users/{anna.id}/photo", with_place()).status_code == 303
    page = owner.get(f"/users/{anna.id}").text
    response = owner.get(address(page) or "")
    assert response.content_type == "image/webp"
    assert response.data[:4] == b"RIFF"
    assert len(response.data) <= PHOTO_BYTES_MAX
    assert response.headers["Cache-Control"] == "private, max-age=604800, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = owner.get(address(page) or "", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    action, changes = people.audit_trail(anna.id)[-1]
    assert (action, list(changes)) == ("photo.added", ["photo_id"])


@pytest.mark.one_engine
def test_without_a_photo_there_are_initials(owner: Browser, anna: UserOut) -> None:
    page = owner.get(f"/users/{anna.id}").text
    assert address(page) is None
    assert "АИ</span>" in page


def test_replacing_and_removing_can_be_undone(app: App, owner: Browser, anna: UserOut) -> None:
    path = f"/users/{anna.id}/photo"
    upload(owner, path, picture())
    first = address(owner.get(path).text)
    upload(owner, path, OTHER)
    second = address(owner.get(path).text)
    assert first
    assert second not in {None, first}
    assert owner.get(first).status_code == 404
    assert last_record(app).action == "photo.replaced"
    assert owner.post(f"/audit/{last_record(app).id}/undo").status_code == 303
    assert address(owner.get(path).text) == first
    assert owner.post(f"{path}/removal").status_code == 303
    assert address(owner.get(path).text) is None
    assert owner.post(f"/audit/{last_record(app).id}/undo").status_code == 303
    assert address(owner.get(path).text) == first


def test_an_undo_that_a_later_photo_overtook_is_refused(app: App, owner: Browser, anna: UserOut) -> None:
    path = f"/users/{anna.id}/photo"
    upload(owner, path, picture())
    added = last_record(app).id
    upload(owner, path, OTHER)
    assert owner.post(f"/audit/{added}/undo").status_code == 409
    assert address(owner.get(path).text)


def test_the_same_picture_again_leaves_no_record(owner: Browser, anna: UserOut, people: People) -> None:
    upload(owner, f"/users/{anna.id}/photo", picture())
    counts = people.row_counts()
    assert upload(owner, f"/users/{anna.id}/photo", picture()).status_code == 303
    assert people.row_counts() == counts


def test_people_change_their_own_photo(app: App, anna: UserOut, people: People) -> None:
    browser = Browser(app).signed_in_as(anna.email)
    assert upload(browser, "/account/photo", picture()).status_code == 303
    own = address(browser.get("/account").text)
    assert own
    assert browser.get(own).status_code == 200
    assert browser.post("/account/photo/removal").status_code == 303
    assert [action for action, _changes in people.audit_trail(anna.id)][-2:] == ["photo.added", "photo.removed"]
    assert browser.post(f"/audit/{last_record(app).id}/undo").status_code == 303
    assert address(browser.get("/account").text) == own


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "Choose a picture"), (b"<svg onload=alert(1)>", "Choose a JPEG, PNG or WebP picture"),
     (picture()[:300], "This picture is damaged"), (huge_png(), "more than 40 megapixels"),
     (bytes(UPLOAD_BYTES_MAX + 1), "not be larger than 8 MB")],
)  # fmt: skip
def test_other_files_are_refused_beside_the_field(
    owner: Browser, anna: UserOut, people: People, content: bytes, message: str
) -> None:
    counts = people.row_counts()
    response = upload(owner, f"/users/{anna.id}/photo", content)
    assert response.status_code == 422
    assert re.search(f'id="photo-error".*?{message}', response.text, re.DOTALL)
    assert people.row_counts() == counts


@pytest.mark.one_engine
def test_a_body_that_is_too_large_is_refused_beside_the_field(
    app: App, owner: Browser, anna: UserOut, people: People
) -> None:
    own = Browser(app).signed_in_as(anna.email)
    counts = people.row_counts()
    for browser, path in ((owner, f"/users/{anna.id}/photo"), (own, "/account/photo")):
        response = upload(browser, path, bytes(BODY_MAX))
        assert response.status_code == 413
        assert 'id="photo-error"' in response.text
    assert people.row_counts() == counts


@pytest.mark.one_engine
def test_a_body_that_is_too_large_shows_no_one_to_people_without_permission(
    app: App, access: Access, people: People
) -> None:
    owner, editor = people.owner(), access.person("Editor")
    role = access.role("Editor", Permission.USERS_READ, Permission.USERS_EDIT)
    access.grant(role, user_id=editor.id, scope_id=access.group("North"))
    reader = access.person("Reader", roles=[access.role("Reader", Permission.USERS_READ)])
    for person, status in ((editor, 413), (reader, 403)):
        response = upload(access.browser_of(person), f"/users/{owner.id}/photo", bytes(BODY_MAX))
        assert response.status_code == status
        assert owner.name not in response.text


@pytest.mark.one_engine
def test_other_pages_still_refuse_large_bodies(owner: Browser) -> None:
    assert owner.post("/users", name="x" * 1024 * 1024).status_code == 413


@pytest.mark.one_engine
def test_only_people_who_can_edit_this_person_change_the_photo(app: App, access: Access, people: People) -> None:
    north, south = access.group("North"), access.group("South")
    editor = access.person("Editor")
    role = access.role("Editor", Permission.USERS_READ, Permission.USERS_EDIT)
    access.grant(role, user_id=editor.id, scope_id=north)
    inside, outside = access.person("Inside"), access.person("Outside")
    access.add_member(north, inside.id)
    access.add_member(south, outside.id)
    browser = access.browser_of(editor)
    assert upload(browser, f"/users/{inside.id}/photo", picture()).status_code == 303
    counts = people.row_counts()
    for path in (f"/users/{outside.id}/photo", f"/users/{people.owner().id}/photo"):
        assert upload(browser, path, picture()).status_code == 404
        assert browser.post(f"{path}/removal").status_code == 404
    reader = access.browser_of(access.person("Reader", roles=[access.role("Reader", Permission.USERS_READ)]))
    assert upload(reader, f"/users/{inside.id}/photo", picture()).status_code == 403
    assert people.row_counts()["user_photos"] == counts["user_photos"]


@pytest.mark.one_engine
def test_only_people_who_see_the_person_see_the_photo(app: App, owner: Browser, anna: UserOut, member: Browser) -> None:
    upload(owner, f"/users/{anna.id}/photo", picture())
    own = address(owner.get(f"/users/{anna.id}").text) or ""
    assert Browser(app).get(own).status_code == 303
    assert member.get(own).status_code == 404
    assert owner.get(own[:-1]).status_code == 404


def test_erasing_a_person_erases_their_photos(app: App, owner: Browser, anna: UserOut) -> None:
    for content in (picture(), OTHER):
        upload(owner, f"/users/{anna.id}/photo", content)
    with app.app_context():
        delete_user(anna.id, by=TESTER)
        purge_user(anna.id, by=TESTER)
        assert db.session.scalars(select(Photo.id)).all() == []
        assert all(record.erased for record in db.session.scalars(select(AuditRecord)) if "photo" in record.action)


@pytest.mark.one_engine
def test_deleted_people_keep_their_photo_and_get_no_other(app: App, owner: Browser, anna: UserOut) -> None:
    upload(owner, f"/users/{anna.id}/photo", picture())
    with app.app_context():
        delete_user(anna.id, by=TESTER)
    assert address(owner.get(f"/users/{anna.id}").text)
    assert upload(owner, f"/users/{anna.id}/photo", OTHER).status_code == 409


def test_former_photos_are_deleted_when_they_expire(app: App, owner: Browser, anna: UserOut) -> None:
    path = f"/users/{anna.id}/photo"
    upload(owner, path, picture())
    upload(owner, path, OTHER)
    replaced = last_record(app).id
    with app.app_context(), time_machine.travel(now() + timedelta(days=app.settings.bin_days + 1)):
        assert "photos.purge" in job_kinds()
        delete_photos(expired_photo_ids(10))
        assert len(db.session.scalars(select(Photo.id)).all()) == 1
    response = owner.post(f"/audit/{replaced}/undo")
    assert response.status_code == 410
    assert "The former photo was erased" in response.text
