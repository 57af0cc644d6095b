"""Setting passwords, and creating tokens of other users, requires `users.reset`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.access.models import HELPDESK
from webapp.api_tokens.services import create_token
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, ActorKind
from webapp.users.queries import get_user
from webapp.users.schemas import UserOut
from webapp.users.services import create_user, update_user
from webapp.web.api import App

NEW = "another long password"
EDITOR = ("users.read", "users.edit", "users.create")


@pytest.fixture
def person_with(access: Access) -> Callable[..., UserOut]:
    def create(*permissions: str) -> UserOut:
        boris = access.person("Boris")
        access.grant(access.role("Tested", *permissions), user_id=boris.id)
        return boris

    return create


def as_user(user: UserOut) -> Actor:
    return Actor(ActorKind.USER, user.name, user.id)


def test_an_editor_cannot_set_a_password(app: App, people: People, person_with: Callable[..., UserOut]) -> None:
    boris, anna = person_with(*EDITOR), people.create(name="Anna")
    for user in (anna, boris):
        before, row = people.row_counts(), people.row(id=user.id)
        with app.app_context(), pytest.raises(Forbidden):
            update_user(user.id, name="Changed", password=NEW, by=as_user(boris))
        assert (people.row_counts(), people.row(id=user.id)) == (before, row)
    with app.app_context():
        update_user(anna.id, name="Changed", by=as_user(boris))


def test_an_editor_can_only_add_people_without_a_password(
    app: App, people: People, person_with: Callable[..., UserOut]
) -> None:
    boris = person_with(*EDITOR)
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden):
        create_user(email="new@example.com", name="New", password=NEW, by=as_user(boris))
    assert people.row_counts() == before
    with app.app_context():
        create_user(email="new@example.com", name="New", by=as_user(boris))
    assert people.row(email="new@example.com")["password_hash"] is None


def test_an_editor_cannot_create_a_token_of_another_user(
    app: App, people: People, person_with: Callable[..., UserOut]
) -> None:
    boris, anna = person_with(*EDITOR), people.create(name="Anna")
    before = people.row_counts()
    with app.app_context(), pytest.raises(Forbidden):
        create_token(get_user(anna.id), name="Way in", by=as_user(boris))
    assert people.row_counts() == before


def test_users_reset_allows_passwords_and_tokens(app: App, people: People, person_with: Callable[..., UserOut]) -> None:
    boris, anna = person_with(*EDITOR, "users.reset"), people.create(name="Anna")
    with app.app_context():
        update_user(anna.id, password=NEW, by=as_user(boris))
        create_user(email="new@example.com", name="New", password=NEW, by=as_user(boris))
        assert create_token(get_user(anna.id), name="API", by=as_user(boris))
    assert people.row(email="new@example.com")["status"] == "active"


def test_users_reset_within_a_group_applies_to_its_members_only(app: App, access: Access, people: People) -> None:
    north, boris = access.group("North"), access.person("Boris")
    access.grant(access.role("Editor", *EDITOR), user_id=boris.id)
    access.grant(access.role("Reset", "users.reset"), user_id=boris.id, scope_id=north)
    anna, vera = people.create(name="Anna"), people.create(name="Vera")
    access.add_member(north, vera.id)
    with app.app_context(), pytest.raises(Forbidden):
        update_user(anna.id, password=NEW, by=as_user(boris))
    with app.app_context(), pytest.raises(Forbidden):
        create_user(email="new@example.com", name="New", password=NEW, by=as_user(boris))
    with app.app_context():
        update_user(vera.id, password=NEW, by=as_user(boris))
    assert 'name="password"' not in access.browser_of(boris).get(f"/users/{anna.id}/edit").text
    assert 'name="password"' in access.browser_of(boris).get(f"/users/{vera.id}/edit").text


@pytest.mark.one_engine
def test_pages_offer_a_password_only_with_users_reset(
    access: Access, people: People, person_with: Callable[..., UserOut]
) -> None:
    anna = people.create(name="Anna")
    browser = access.browser_of(person_with(*EDITOR))
    row = people.row(id=anna.id)
    form = {"name": "Changed", "email": anna.email, "version": anna.version}
    assert 'name="password"' not in browser.get(f"/users/{anna.id}/edit").text
    assert 'name="password"' not in browser.get("/users/new").text
    response = browser.post(f"/users/{anna.id}", **form, password=NEW)
    assert (response.status_code, "do not let you" in response.text) == (422, True)
    assert people.row(id=anna.id) == row
    # Also after a conflict.
    response = browser.post(f"/users/{anna.id}", **form | {"version": 0})
    assert (response.status_code, 'name="password"' in response.text) == (409, False)
    helpdesk = access.browser_of(access.person("Helga", roles=[HELPDESK]))
    assert 'name="password"' in helpdesk.get(f"/users/{anna.id}/edit").text
    assert helpdesk.post(f"/users/{anna.id}", **form, password=NEW).status_code == 303


@pytest.mark.one_engine
def test_the_api_sets_a_password_only_with_users_reset(
    app: App, people: People, person_with: Callable[..., UserOut]
) -> None:
    boris, anna = person_with(*EDITOR), people.create(name="Anna")
    api = Api(app, people.token_for(boris))
    before, row = people.row_counts(), people.row(id=anna.id)
    assert api.patch(f"/users/{anna.id}", {"password": NEW}).status_code == 403
    new = {"email": "new@example.com", "name": "New"}
    assert api.post("/users", new | {"password": NEW}).status_code == 403
    after = people.row_counts()
    # The token's last use is not counted in rows.
    assert (after, people.row(id=anna.id)) == (before, row)
    assert api.patch(f"/users/{anna.id}", {"name": "Changed"}).status_code == 200
    assert api.post("/users", new).status_code == 201


def test_a_person_who_has_signed_in_is_told_of_a_new_password(
    app: App, people: People, access: Access, mailbox: Mailbox
) -> None:
    anna, vera = access.person("Anna"), access.person("Vera")
    access.browser_of(anna)
    with app.app_context():
        for user in (anna, vera):
            update_user(user.id, password=NEW, by=TESTER)
    (letter,) = mailbox.letters()
    assert (letter["To"], "Changed by: Test" in text_of(letter)) == (anna.email, True)
