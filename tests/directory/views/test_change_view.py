"""Rename, overwrite, share and delete views. Only the owner may change a view."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.access.services import end_grant
from webapp.bin.services import delete_user, purge_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

Views = Callable[[], list[dict[str, Any]]]
Save = Callable[..., UUID]


@pytest.fixture
def helper(access: Access) -> Browser:
    """A person who may see people but not share views."""
    return access.browser_of(access.person("Helper", roles=[HELPDESK]))


def undo_last_change(browser: Browser, page: str) -> int:
    """Send the last undo form of the page. Return the status."""
    *_others, last = re.findall(r'action="(/audit/[^"]+/undo)"', browser.get(page).text)
    return browser.post(last).status_code


def test_a_view_is_renamed_and_shared(owner: Browser, saved: Save, views: Views, people: People) -> None:
    view_id = saved("Old")
    response = owner.post(f"/views/{view_id}", name="New", shared="y", version="1")
    assert (response.status_code, response.location) == (303, "/views")
    [view] = views()
    assert (view["name"], view["shared"], view["version"]) == ("New", True, 2)
    assert people.audit_trail(view_id)[-1] == ("view.updated", {"name": ["Old", "New"], "shared": ["no", "yes"]})
    assert undo_last_change(owner, "/views") == 303
    [view] = views()
    assert (view["name"], view["shared"]) == ("Old", False)


@pytest.mark.both_engines
def test_a_taken_or_empty_name_is_refused(owner: Browser, saved: Save, people: People) -> None:
    view_id = saved("One")
    saved("Two")
    before = people.row_counts()
    for name in ("two", "", "\u202e"):
        assert owner.post(f"/views/{view_id}", name=name, version="1").status_code == 422
    assert people.row_counts() == before


def test_the_second_of_two_simultaneous_changes_is_not_saved(owner: Browser, saved: Save, views: Views) -> None:
    view_id = saved("One")
    assert owner.post(f"/views/{view_id}", name="First", version="1").status_code == 303
    response = owner.post(f"/views/{view_id}", name="Second", version="1")
    assert response.status_code == 409
    assert "Someone else saved other changes" in response.text
    assert owner.post(f"/views/{view_id}/address", address="q=x", version="1").status_code == 409
    [view] = views()
    assert (view["name"], view["address"]) == ("First", "sort=name&status=active")


def test_a_view_is_overwritten_with_the_current_filters(
    owner: Browser, saved: Save, views: Views, people: People
) -> None:
    view_id = saved("One")
    page = owner.get(f"/users?status=invited&q=anna&sort=name&view={view_id}").text
    assert "Changed" in page
    address = re.search(r'name="address" value="([^"]+)"', page.replace("\n", " "))
    assert address
    response = owner.post(f"/views/{view_id}/address", address=address[1].replace("&amp;", "&"), version="1")
    assert response.location == f"/users?q=anna&sort=name&status=invited&view={view_id}"
    assert views()[0]["address"] == "q=anna&sort=name&status=invited"
    changes = {"address": ["sort=name&status=active", "q=anna&sort=name&status=invited"]}
    assert people.audit_trail(view_id)[-1] == ("view.updated", changes)
    assert "Changed" not in owner.get(response.location).text


def test_undo_restores_a_deleted_view(app: App, owner: Browser, saved: Save, views: Views, people: People) -> None:
    view_id = saved("One", shared="y")
    before = views()
    assert owner.post(f"/views/{view_id}/deletion").status_code == 303
    assert views() == []
    assert Browser(app).signed_in_as("olga@example.com").get(f"/views/{view_id}").status_code == 404
    assert undo_last_change(owner, "/views") == 303
    [view] = views()
    kept = ("id", "owner_id", "name", "address", "shared")
    assert [view[name] for name in kept] == [before[0][name] for name in kept]
    assert [action for action, _changes in people.audit_trail(view_id)] == [
        "view.created",
        "view.deleted",
        "view.restored",
    ]


@pytest.mark.both_engines
def test_deleting_twice_is_not_found(owner: Browser, saved: Save) -> None:
    view_id = saved("One")
    statuses = [owner.post(f"/views/{view_id}/deletion").status_code for _time in range(2)]
    assert statuses == [303, 404]


def test_other_people_cannot_see_a_private_view(helper: Browser, saved: Save, people: People) -> None:
    view_id = saved("Secret plan")
    before = people.row_counts()
    assert helper.get(f"/views/{view_id}").status_code == 404
    assert helper.get(f"/views/{view_id}/edit").status_code == 404
    for path in ("", "/address", "/deletion", "/start", "/sharing/end"):
        answer = helper.post(f"/views/{view_id}{path}", name="Mine", version="1", address="q=x")
        assert answer.status_code == 404, path
    assert "Secret plan" not in helper.get("/views").text
    assert "Secret plan" not in helper.get("/views/counts").text
    assert "Secret plan" not in helper.get(f"/users?status=active&view={view_id}").text
    assert people.row_counts() == before


def test_other_people_see_a_shared_view_but_cannot_change_it(helper: Browser, saved: Save, people: People) -> None:
    view_id = saved("Everybody’s", shared="y")
    assert "Everybody’s" in helper.get("/views").text
    assert "Everybody’s" in helper.get("/views/counts").text
    assert helper.get(f"/views/{view_id}").status_code == 303
    page = helper.get(f"/users?status=invited&view={view_id}").text
    assert "Changed" in page
    assert f"/views/{view_id}/address" not in page
    before = people.row_counts()
    assert "belongs to someone else" in helper.post(f"/views/{view_id}", name="Mine", version="1").text
    for path in ("/address", "/deletion", "/sharing/end"):
        assert helper.post(f"/views/{view_id}{path}", version="1", address="q=x").status_code == 403, path
    assert people.row_counts() == before


def test_people_who_may_share_can_stop_sharing_of_others(
    access: Access, saved: Save, views: Views, people: People
) -> None:
    view_id = saved("Everybody’s", shared="y")
    admin = access.browser_of(access.person("Admin", roles=[ADMINISTRATOR]))
    assert admin.post(f"/views/{view_id}/sharing/end").status_code == 303
    assert views()[0]["shared"] is False
    assert people.audit_trail(view_id)[-1] == ("view.updated", {"shared": ["yes", "no"]})
    assert admin.get(f"/views/{view_id}").status_code == 404


def test_sharing_of_a_deleted_person_can_be_stopped(app: App, access: Access, owner: Browser, views: Views) -> None:
    person = access.person("Gone", roles=[ADMINISTRATOR])
    access.browser_of(person).post("/views", name="Theirs", address="status=active", shared="y")
    with app.app_context():
        delete_user(person.id, by=TESTER)
    [view] = views()
    assert owner.post(f"/views/{view['id']}/sharing/end").status_code == 303
    assert views()[0]["shared"] is False


def test_an_owner_without_the_permission_can_still_stop_sharing(access: Access, views: Views) -> None:
    person = access.person("Once an administrator")
    grant_id = access.grant(ADMINISTRATOR, user_id=person.id)
    browser = access.browser_of(person)
    browser.post("/views", name="Ours", address="status=active", shared="y")
    access.grant(AUDITOR, user_id=person.id)
    with access.app.app_context():
        end_grant(grant_id, by=TESTER)
    [view] = views()
    refused = browser.post(f"/views/{view['id']}", name="Still ours", shared="y", version="1")
    assert refused.status_code == 422
    assert views()[0]["name"] == "Ours"
    assert browser.post(f"/views/{view['id']}", name="Mine", version="1").status_code == 303
    assert (views()[0]["name"], views()[0]["shared"]) == ("Mine", False)


def test_only_the_owner_can_undo(access: Access, owner: Browser, saved: Save, views: Views) -> None:
    saved("Mine", shared="y")
    found = re.search(r'action="(/audit/[^"]+/undo)"', owner.get("/views").text)
    assert found
    admin = access.browser_of(access.person("Admin", roles=[ADMINISTRATOR]))
    assert admin.post(found[1]).status_code == 404
    assert len(views()) == 1


def test_a_view_is_erased_with_its_owner(app: App, access: Access, views: Views) -> None:
    person = access.person("Gone", roles=[HELPDESK])
    access.browser_of(person).post("/views", name="Theirs", address="status=active")
    with app.app_context():
        delete_user(person.id, by=TESTER)
        purge_user(person.id, by=TESTER)
    assert views() == []
