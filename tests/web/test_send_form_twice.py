"""A form that is sent twice, for example by a double click without JavaScript, creates one thing and shows it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.form_fields import form_fields
from webapp.access.models import AUDITOR, OWNER
from webapp.bin.services import delete_user, purge_user
from webapp.web.api import App

ANNA = {"name": "Anna", "email": "anna@example.com", "password": "перекличка в полдень"}


def opened(browser: Browser, page: str, action: str) -> dict[str, Any]:
    return form_fields(browser.get(page).text, action)


def test_the_second_request_shows_the_created_person(owner: Browser, people: People) -> None:
    fields = opened(owner, "/users/new", "/users") | ANNA
    first = owner.post("/users", **fields)
    after = people.row_counts()
    second = owner.post("/users", **fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert people.row_counts() == after
    assert "Anna was added" in owner.get(second.location).text


def test_two_requests_at_once_create_one_person(app: App, people: People) -> None:
    browsers = [Browser(app).signed_in_as(people.owner().email) for _side in range(2)]
    fields = opened(browsers[0], "/users/new", "/users") | ANNA
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda browser: browser.post("/users", **fields), browsers))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert people.count() == 2


def test_every_form_that_creates_something_recognises_it(owner: Browser, people: People, access: Access) -> None:
    person, group, west = people.create(), access.group("North"), access.group("West")
    room = {"key": "room", "label_en": "Room", "label_ru": "Место", "kind": "text", "visible_to": "staff"}
    forms = [
        ("/groups/new", "/groups", {"name": "South"}),
        ("/roles/new", "/roles", {"name": "Payroll", "permissions": ["users.read"]}),
        ("/settings/attributes/new", "/settings/attributes", room),
        ("/views/new?status=active", "/views", {"name": "Mine"}),
        (f"/users/{person.id}/access", f"/users/{person.id}/roles", {"role": str(AUDITOR)}),
        (f"/users/{person.id}/access", f"/users/{person.id}/groups", {"group": str(group)}),
        (f"/groups/{group}/roles/new", f"/groups/{group}/roles", {"role": str(AUDITOR)}),
        (f"/groups/{west}", f"/groups/{west}/members", {"person": person.email}),
    ]
    for page, action, values in forms:
        fields = opened(owner, page, action) | values
        first = owner.post(action, **fields)
        after = people.row_counts()
        second = owner.post(action, **fields)
        assert (first.status_code, second.status_code, second.location) == (303, 303, first.location), action
        assert people.row_counts() == after, action


def test_the_same_form_with_other_values_creates_another_person(owner: Browser, people: People) -> None:
    fields = opened(owner, "/users/new", "/users") | ANNA
    owner.post("/users", **fields)
    assert owner.post("/users", **fields | {"name": "Boris"}).status_code == 422
    assert owner.post("/users", **fields | {"name": "Boris", "email": "boris@example.com"}).status_code == 303
    assert people.count() == 3


def test_a_new_form_with_the_same_values_is_refused(owner: Browser, people: People) -> None:
    for status in (303, 422):
        assert owner.post("/users", **opened(owner, "/users/new", "/users") | ANNA).status_code == status


def test_a_refused_form_can_be_sent_again(owner: Browser, people: People) -> None:
    other = people.create(email=ANNA["email"])
    fields = opened(owner, "/users/new", "/users") | ANNA
    before = people.row_counts()
    assert owner.post("/users", **fields).status_code == 422
    assert people.row_counts() == before
    with people.app.app_context():
        delete_user(other.id, by=TESTER)
    assert owner.post("/users", **fields).status_code == 303


def test_the_form_of_one_person_means_nothing_for_another(app: App, owner: Browser, people: People) -> None:
    boris = people.create(email="boris@example.com", password=people.password, roles=[OWNER])
    fields = opened(owner, "/users/new", "/users") | ANNA
    owner.post("/users", **fields)
    assert Browser(app).signed_in_as(boris.email).post("/users", **fields).status_code == 422


@pytest.mark.one_engine
@pytest.mark.parametrize("token", ["", "x" * 100_000, "\x00", "é"])
def test_a_senseless_token_does_no_harm(owner: Browser, people: People, token: str) -> None:
    assert owner.post("/users", **ANNA, form_token=token).status_code == 303


def test_erasing_the_person_deletes_the_stored_form(app: App, owner: Browser, people: People) -> None:
    location = owner.post("/users", **opened(owner, "/users/new", "/users") | ANNA).location
    user_id = UUID(location.rpartition("/")[2])
    assert people.row_counts()["idempotency_keys"] == 1
    with app.app_context():
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)
    assert people.row_counts()["idempotency_keys"] == 0
