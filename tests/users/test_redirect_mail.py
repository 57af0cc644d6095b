"""A new e-mail address lets its owner in by a password reset, so it takes the permission to reset sign-ins."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.core.permissions import Permission
from webapp.users.schemas import UserOut
from webapp.web.api import App

EDITOR = (Permission.USERS_READ, Permission.USERS_EDIT, Permission.USERS_DELETE)
NEW = {"email": "thief@example.com"}


@pytest.fixture
def victim(people: People) -> UserOut:
    return people.create(email="victim@example.com", password=people.password)


def api_of(app: App, access: Access, people: People, *permissions: Permission) -> Api:
    editor = access.person("Editor")
    access.grant(access.role("Editors", *permissions), user_id=editor.id)
    return Api(app, people.token_for(editor))


def test_people_who_can_only_edit_cannot_change_it(app: App, access: Access, people: People, victim: UserOut) -> None:
    api = api_of(app, access, people, *EDITOR)
    before = people.row_counts()
    response = api.patch(f"/users/{victim.id}", NEW)
    assert (response.status_code, response.json["errors"][0]["field"]) == (403, "email")
    assert people.row_counts() == before
    assert people.row(id=victim.id)["email"] == victim.email
    assert api.patch(f"/users/{victim.id}", {"name": "Renamed", "email": "Victim@Example.com"}).status_code == 200


def test_nor_by_restoring_the_person(app: App, access: Access, people: People, victim: UserOut) -> None:
    api = api_of(app, access, people, *EDITOR)
    with app.app_context():
        delete_user(victim.id, by=TESTER)
    assert api.post(f"/users/{victim.id}/restoration", NEW).status_code == 403
    assert people.row(id=victim.id)["status"] == "deleted"


def test_people_who_can_reset_sign_ins_can(app: App, access: Access, people: People, victim: UserOut) -> None:
    api = api_of(app, access, people, *EDITOR, Permission.USERS_RESET)
    assert api.patch(f"/users/{victim.id}", NEW).json["email"] == NEW["email"]


def test_without_a_password_it_takes_only_editing(app: App, access: Access, people: People) -> None:
    invited = people.create(email="invited@example.com")
    api = api_of(app, access, people, *EDITOR)
    assert api.patch(f"/users/{invited.id}", NEW).status_code == 200
