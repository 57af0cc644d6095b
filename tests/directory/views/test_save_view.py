"""Save a list as a view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import HELPDESK
from webapp.directory.views import services
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

Views = Callable[[], list[dict[str, Any]]]


def test_a_view_keeps_filters_search_and_sort_and_opens_as_the_list(owner: Browser, views: Views) -> None:
    address = "sort=-created&q=anna&status=active&after=x&limit=25&count=exact&nonsense=1&role="
    response = owner.post("/views", name="  New   people ", address=address)
    [view] = views()
    assert (view["name"], view["address"]) == ("New people", "q=anna&sort=-created&status=active")
    assert (view["shared"], view["version"]) == (False, 1)
    assert response.status_code == 303
    assert response.location == f"/users?q=anna&sort=-created&status=active&view={view['id']}"
    page = owner.get(response.location).text
    assert "New people" in page
    assert "Changed" not in page


def test_saving_is_audited_and_can_be_undone(owner: Browser, views: Views, people: People) -> None:
    owner.post("/views", name="New people", address="status=active", shared="y")
    [view] = views()
    changes = {"name": [None, "New people"], "address": [None, "sort=name&status=active"], "shared": [None, "yes"]}
    assert people.audit_trail(view["id"]) == [("view.created", changes)]
    page = owner.get("/views").text
    assert "/undo" in page
    assert owner.post(page.partition('action="/audit/')[2].partition('"')[0].join(["/audit/", ""])).status_code == 303
    assert views() == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("", 422),
        ("   ", 422),
        ("x" * 10_000, 422),
        ("ﷺ" * 80, 422),
        ("nul\x00", 422),
        ("bidi\u202e", 422),
        ("zero\u200bwidth", 422),
        ("👩‍💻 Kollegen", 303),
        ("Ёлки", 303),
        ("x" * 80, 303),
        ("<b>&amp;", 303),
    ],
)
def test_names_are_validated(owner: Browser, views: Views, people: People, name: str, status: int) -> None:
    token, before = owner.csrf_token(), people.row_counts()
    fields = {"csrf_token": token, "name": name, "address": "status=active"}
    response = owner.client.post("/views", data=fields)
    assert response.status_code == status
    assert len(views()) == (status == 303)
    assert (people.row_counts() == before) == (status == 422)
    assert owner.get("/views").status_code == 200


def test_names_that_differ_only_in_case_are_the_same(owner: Browser, views: Views, people: People) -> None:
    owner.post("/views", name="Straße", address="status=active")
    before = people.row_counts()
    response = owner.post("/views", name="STRASSE", address="status=invited")
    assert response.status_code == 422
    assert "You already have a view with this name" in response.text
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_two_people_may_use_the_same_name(owner: Browser, access: Access, views: Views) -> None:
    owner.post("/views", name="Mine", address="status=active")
    other = access.browser_of(access.person("Other", roles=[HELPDESK]))
    assert other.post("/views", name="Mine", address="status=active").status_code == 303
    assert len(views()) == 2


@pytest.mark.parametrize(
    "address",
    [
        "status=sleeping",
        "sort=password_hash",
        "q=" + "x" * 201,
        "ending=0",
        "attr.x=" + "y" * 2000,
        "&".join(f"attr.a{number}=1" for number in range(200)),
    ],
)
def test_an_address_that_the_list_refuses_is_not_saved(owner: Browser, people: People, address: str) -> None:
    token, before = owner.csrf_token(), people.row_counts()
    response = owner.client.post("/views", data={"csrf_token": token, "name": "Bad", "address": address})
    assert response.status_code == 422
    assert people.row_counts() == before


def test_people_without_the_permission_cannot_share(access: Access, people: People, views: Views) -> None:
    helper = access.browser_of(access.person("Helper", roles=[HELPDESK]))
    assert 'name="shared"' not in helper.get("/users?status=active").text
    before = people.row_counts()
    response = helper.post("/views", name="Ours", address="status=active", shared="y")
    assert response.status_code == 422
    assert "Your roles do not let you share views" in response.text
    assert people.row_counts() == before


def test_a_request_without_csrf_token_is_refused(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/views", data={"name": "Mine", "address": ""}).status_code == 400
    assert people.row_counts() == before


def test_the_number_of_views_is_limited(owner: Browser, views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "VIEWS_MAX", 2)
    answers = [owner.post("/views", name=f"View {number}", address="").status_code for number in range(3)]
    assert answers == [303, 303, 422]
    assert len(views()) == 2


@pytest.mark.both_engines
def test_one_of_two_simultaneous_requests_gets_the_name(app: App, owner: Browser, views: Views) -> None:
    other = Browser(app).signed_in_as("olga@example.com")
    token, others = owner.csrf_token(), other.csrf_token()
    answers: list[int] = []

    def save(browser: Browser, csrf: str) -> None:
        fields = {"csrf_token": csrf, "name": "Same", "address": "status=active"}
        answers.append(browser.client.post("/views", data=fields).status_code)

    threads = [threading.Thread(target=save, args=pair) for pair in ((owner, token), (other, others))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 422]
    assert len(views()) == 1
