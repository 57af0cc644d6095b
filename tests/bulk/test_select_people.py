"""Selecting people for a bulk change: by checkboxes, or all who match."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.bin.services import delete_user, purge_user
from webapp.bulk.selection import SELECTED_MAX
from webapp.core.ids import new_id
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
UNKNOWN_ID = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def test_the_list_offers_the_actions_that_the_viewer_may_do(app: App, access: Access, owner: Browser) -> None:
    page = owner.get("/users").text
    for action in ("deactivate", "add_role", "delete", "export"):
        assert f'<option value="{action}">' in page
    assert '<option value="restore">' not in page
    assert page.count('name="ids"') == 1
    helpdesk = access.person("Help", roles=[HELPDESK])
    page = access.browser_of(helpdesk).get("/users").text
    assert '<option value="deactivate">' in page
    assert '<option value="delete">' not in page


def test_a_viewer_without_actions_has_no_checkboxes(access: Access) -> None:
    reader = access.person("Reader", roles=[access.role("Reader", "users.read")])
    page = access.browser_of(reader).get("/users").text
    assert 'name="ids"' not in page
    assert "bulk-form" not in page


def test_the_bin_offers_restoration(app: App, owner: Browser, three: list[UserOut]) -> None:
    with app.app_context():
        delete_user(three[0].id, by=TESTER)
    page = owner.get("/users?status=deleted").text
    assert '<option value="restore">' in page
    assert '<option value="deactivate">' not in page


@pytest.mark.both_engines
def test_a_selection_of_all_is_a_snapshot_of_the_matches(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create_for_matches(owner, "deactivate", "q=person&sort=-created")
    late = people.create(name="Anna Later", email="person99@example.com")
    assert set(bulk.outcomes(bulk_id)) == {person.id for person in three}
    bulk.apply(owner, bulk_id)
    assert status(people, late) == ["invited"]
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "These people matched the list when you selected them." in page
    assert "/users?q=person&amp;sort=-created" in page


def test_a_query_with_warnings_cannot_select_all(owner: Browser, people: People) -> None:
    people.create_many(30, name="Anna")
    view = "limit=25&q=anna+role:nosuch"
    assert 'name="all"' in owner.get("/users?limit=25&q=anna").text
    assert 'name="all"' not in owner.get(f"/users?{view}").text
    before = people.row_counts()
    response = owner.post("/bulk", action="deactivate", all="1", view=view)
    assert "There is no role" in owner.get(response.headers["Location"]).text
    assert people.row_counts() == before


def test_a_view_is_not_cut_off(owner: Browser, people: People) -> None:
    """Without its last filter it would select other people."""
    before = people.row_counts()
    # The second one is longer as an address has it: with %D0%B6 for each letter.
    for view in ("q=" + "%20" * 1000 + "&status=deactivated", "group=" + "ж" * 400 + "&status=deactivated"):
        response = owner.post("/bulk", action="deactivate", all="1", view=view)
        assert (response.status_code, response.location) == (303, "/users")
        assert "Use at most 2000 characters" in owner.get("/users").text
    assert people.row_counts() == before


@pytest.mark.both_engines
@pytest.mark.parametrize("view", ["sort=age", "status=gone", "role=nothing", "limit=9999", "q=" + "a" * 500])
def test_a_view_that_the_list_refuses_is_refused(owner: Browser, people: People, view: str) -> None:
    before = people.row_counts()
    assert owner.post("/bulk", action="deactivate", all="1", view=view).status_code == 400
    assert people.row_counts() == before


def test_the_export_button_exports_everyone_who_matches(owner: Browser, bulk: Bulk, people: People) -> None:
    many = people.create_many(27, name="Multitude")
    people.create(name="Someone else")
    page = owner.get("/users?limit=25&q=multitude&sort=-created").text
    form = re.search(r'<form method="post"\s+action="/bulk"\s+data-behaviour="submit-once">.*?</form>', page, re.DOTALL)
    assert form
    assert "Export all: 27 people" in form[0]
    fields = {name: html.unescape(value) for name, value in FIELD.findall(form[0])} | {"action": "export"}
    bulk_id = UUID(owner.post("/bulk", **fields).location.rpartition("/")[2])
    assert bulk.change(bulk_id).action == "export"
    assert set(bulk.outcomes(bulk_id)) == {person.id for person in many}


def test_the_export_button_needs_the_permission_and_a_search_without_warnings(
    owner: Browser, access: Access, people: People
) -> None:
    people.create(name="Anna")
    reader = access.browser_of(access.person("Help", roles=[HELPDESK]))
    for browser, address, offered in (
        (owner, "/users?q=anna", 1),
        (owner, "/users?q=anna+role:nosuch", 0),
        (owner, "/users?q=nobody+at+all", 0),
        (reader, "/users", 0),
    ):
        assert browser.get(address).text.count('value="export"\n') == offered, address


def test_too_many_checkboxes_are_refused_on_the_list(owner: Browser, people: People) -> None:
    before = people.row_counts()
    ids = [str(new_id()) for _number in range(SELECTED_MAX + 1)]
    response = owner.post("/bulk", action="deactivate", view="status=active", ids=ids)
    assert (response.status_code, response.location) == (303, "/users?status=active")
    assert "You can select at most 1,000 people one by one." in owner.get(response.location).text
    assert people.row_counts() == before


def test_an_empty_selection_is_refused_on_the_list(owner: Browser, people: People) -> None:
    before = people.row_counts()
    for selection in ({}, {"ids": [UNKNOWN_ID]}, {"all": "1", "view": "q=nobody+at+all"}):
        response = owner.post("/bulk", action="deactivate", **{"view": "status=active"} | selection)
        assert response.status_code == 303
        assert response.location.startswith("/users?")
        assert "No one is selected." in owner.get(response.location).text
    assert people.row_counts() == before


@pytest.mark.both_engines
@pytest.mark.parametrize("view", ["a=1\r\nSet-Cookie: x=1", "x=\x00", "//evil.example", "é=ё", "=" * 600, "%00=%0d%0a"])
def test_any_view_redirects_to_the_list(owner: Browser, bulk: Bulk, three: list[UserOut], view: str) -> None:
    response = owner.post("/bulk", action="deactivate", view=view)
    assert (response.status_code, response.location.partition("?")[0]) == (303, "/users")
    assert "Set-Cookie: x" not in str(response.headers)
    bulk_id = bulk.create_for_matches(owner, "deactivate", view)
    assert owner.get(f"/bulk/{bulk_id}").status_code == 200


@pytest.mark.parametrize("invalid_id", ["1", "x", "' OR 1=1", "\x00", UNKNOWN_ID + "0"])
def test_an_invalid_id_is_refused(owner: Browser, people: People, invalid_id: str, three: list[UserOut]) -> None:
    before = people.row_counts()
    response = owner.post("/bulk", action="deactivate", ids=[str(three[0].id), invalid_id])
    assert (response.status_code, people.row_counts()) == (400, before)


@pytest.mark.parametrize("action", ["", "purge", "deactivate'", "__class__"])
def test_an_unknown_action_is_refused(owner: Browser, people: People, three: list[UserOut], action: str) -> None:
    before = people.row_counts()
    response = owner.post("/bulk", action=action, ids=[str(three[0].id)])
    assert (response.status_code, people.row_counts()) == (400, before)


def test_missing_people_are_counted(app: App, owner: Browser, bulk: Bulk, people: People, three: list[UserOut]) -> None:
    with app.app_context():
        delete_user(three[1].id, by=TESTER)
        purge_user(three[1].id, by=TESTER)
    bulk_id = bulk.create(owner, "deactivate", *three)
    assert len(bulk.outcomes(bulk_id)) == 2
    assert "1 selected person is not available to you." in owner.get(f"/bulk/{bulk_id}").text


@pytest.mark.both_engines
def test_people_out_of_reach_are_missing_and_people_above_are_refused(
    people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    anna, boris, clara = three
    access.add_member(north, anna.id)
    access.add_member(north, boris.id)
    access.grant(ADMINISTRATOR, user_id=boris.id)
    requester = access.person("Requester")
    access.grant(HELPDESK, user_id=requester.id, scope_id=north)
    browser = access.browser_of(requester)
    bulk_id = bulk.create(browser, "deactivate", anna, boris, clara)
    assert bulk.outcomes(bulk_id) == {anna.id: "change", boris.id: "refused"}
    assert "Clara" not in browser.get(f"/bulk/{bulk_id}").text
    of_all = bulk.create_for_matches(browser, "deactivate")
    assert set(bulk.outcomes(of_all)) == {anna.id, boris.id}
    bulk.apply(browser, of_all)
    assert status(people, *three) == ["deactivated", "active", "active"]


def test_an_action_without_permission_is_refused(people: People, access: Access, three: list[UserOut]) -> None:
    auditor = access.browser_of(access.person("Auditor", roles=[AUDITOR]))
    before = people.row_counts()
    for action in ("deactivate", "add_role", "delete"):
        assert auditor.post("/bulk", action=action, ids=[str(three[0].id)]).status_code == 403
    assert people.row_counts() == before
