"""Who is chosen: those that were ticked or all that match, frozen at that moment."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.access.services import end_grant
from webapp.bin.services import delete_user, purge_user
from webapp.users.schemas import UserOut
from webapp.web.api import App

NEXT = re.compile(r'rel="next"\s+href="([^"]+)"')
NOBODY = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


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


def test_a_selection_of_all_is_a_snapshot_of_the_matches(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask_all(owner, "deactivate", "q=person&sort=-created")
    late = people.create(name="Anna Later", email="person99@example.com")
    assert set(bulk.outcomes(bulk_id)) == {person.id for person in three}
    bulk.apply(owner, bulk_id)
    assert status(people, late) == ["invited"]
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "These people matched the list when you selected them." in page
    assert "/users?q=person&amp;sort=-created" in page


def test_a_query_with_warnings_cannot_select_all(owner: Browser, people: People) -> None:
    for number in range(30):
        people.create(name=f"Anna {number}", email=f"a{number}@acme.example")
    asked = "limit=25&q=anna+role:nosuch"
    assert 'name="all"' in owner.get("/users?limit=25&q=anna").text
    assert 'name="all"' not in owner.get(f"/users?{asked}").text
    before = people.row_counts()
    response = owner.post("/bulk", action="deactivate", all="1", view=asked)
    assert "There is no role" in owner.get(response.headers["Location"]).text
    assert people.row_counts() == before


@pytest.mark.parametrize("view", ["sort=age", "status=gone", "role=nothing", "limit=9999", "q=" + "a" * 500])
def test_a_view_that_the_list_refuses_is_refused(owner: Browser, people: People, view: str) -> None:
    before = people.row_counts()
    assert owner.post("/bulk", action="deactivate", all="1", view=view).status_code == 400
    assert people.row_counts() == before


def test_an_empty_selection_is_refused_on_the_list(owner: Browser, people: People) -> None:
    before = people.row_counts()
    for chosen in ({}, {"ids": [NOBODY]}, {"all": "1", "view": "q=nobody+at+all"}):
        response = owner.post("/bulk", action="deactivate", **{"view": "status=active"} | chosen)
        assert response.status_code == 303
        assert response.location.startswith("/users?")
        assert "No one is selected." in owner.get(response.location).text
    assert people.row_counts() == before


@pytest.mark.parametrize(
    "view", ["a=1\r\nSet-Cookie: x=1", "x=\x00", "//evil.example", "é=ё", "=" * 3000, "%00=%0d%0a"]
)
def test_any_view_redirects_to_the_list(owner: Browser, bulk: Bulk, three: list[UserOut], view: str) -> None:
    nobody = owner.post("/bulk", action="deactivate", view=view)
    assert (nobody.status_code, nobody.location.partition("?")[0]) == (303, "/users")
    assert "Set-Cookie: x" not in str(nobody.headers)
    bulk_id = bulk.ask_all(owner, "deactivate", view)
    assert owner.get(f"/bulk/{bulk_id}").status_code == 200


@pytest.mark.parametrize("bad", ["1", "x", "' OR 1=1", "\x00", NOBODY + "0"])
def test_an_invalid_id_is_refused(owner: Browser, people: People, bad: str, three: list[UserOut]) -> None:
    before = people.row_counts()
    response = owner.post("/bulk", action="deactivate", ids=[str(three[0].id), bad])
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
    bulk_id = bulk.ask(owner, "deactivate", *three)
    assert len(bulk.outcomes(bulk_id)) == 2
    assert "1 selected person is not available to you." in owner.get(f"/bulk/{bulk_id}").text


def test_people_out_of_reach_are_missing_and_people_above_are_refused(
    people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    anna, boris, clara = three
    access.add_member(north, anna.id)
    access.add_member(north, boris.id)
    access.grant(ADMINISTRATOR, user_id=boris.id)
    me = access.person("Me")
    access.grant(HELPDESK, user_id=me.id, scope_id=north)
    browser = access.browser_of(me)
    bulk_id = bulk.ask(browser, "deactivate", anna, boris, clara)
    assert bulk.outcomes(bulk_id) == {anna.id: "change", boris.id: "refused"}
    assert "Clara" not in browser.get(f"/bulk/{bulk_id}").text
    everybody = bulk.ask_all(browser, "deactivate")
    assert set(bulk.outcomes(everybody)) == {anna.id, boris.id}
    bulk.apply(browser, everybody)
    assert status(people, *three) == ["deactivated", "active", "active"]


def test_an_action_without_permission_is_refused(people: People, access: Access, three: list[UserOut]) -> None:
    auditor = access.browser_of(access.person("Auditor", roles=[AUDITOR]))
    before = people.row_counts()
    for action in ("deactivate", "add_role", "delete"):
        assert auditor.post("/bulk", action=action, ids=[str(three[0].id)]).status_code == 403
    assert people.row_counts() == before


def test_a_requester_who_lost_the_role_cannot_apply(
    app: App, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    me = access.person("Me")
    grant = access.grant(HELPDESK, user_id=me.id)
    browser = access.browser_of(me)
    bulk_id = bulk.ask(browser, "deactivate", *three)
    plan = bulk.plan(browser, bulk_id)
    with app.app_context():
        end_grant(grant, by=TESTER)
    assert browser.post(f"/bulk/{bulk_id}/application", plan=plan).status_code == 403
    # Another role lets them in, and does not let them do it.
    access.grant(AUDITOR, user_id=me.id)
    assert browser.post(f"/bulk/{bulk_id}/application", plan=plan).status_code == 403
    assert status(people, *three) == ["active"] * 3


def test_others_can_see_a_bulk_change_but_not_continue_it(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    plan = bulk.plan(owner, bulk_id)
    admin = access.browser_of(access.person("Admin", roles=[ADMINISTRATOR]))
    helper = access.browser_of(access.person("Help", roles=[HELPDESK]))
    before = people.row_counts()
    assert "Ольга Смирнова" in admin.get(f"/bulk/{bulk_id}").text
    assert helper.get(f"/bulk/{bulk_id}").status_code == 404
    for browser, refusal in ((admin, 403), (helper, 404)):
        for path in ("plan", "application", "stop", "undo"):
            assert browser.post(f"/bulk/{bulk_id}/{path}", plan=plan).status_code == refusal
    assert "Ольга Смирнова" in admin.get("/bulk").text
    assert str(bulk_id) not in helper.get("/bulk").text
    assert people.row_counts() == before


def test_bulk_changes_need_the_csrf_token(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    before = people.row_counts()
    for path in ("", f"/{bulk_id}/application", f"/{bulk_id}/plan", f"/{bulk_id}/undo", f"/{bulk_id}/stop"):
        data = {"action": "deactivate", "ids": str(three[0].id), "plan": bulk.row(bulk_id).plan_hash}
        assert owner.client.post(f"/bulk{path}", data=data).status_code == 400
    assert people.row_counts() == before


def test_an_unknown_bulk_change_is_not_found(owner: Browser) -> None:
    assert owner.get(f"/bulk/{NOBODY}").status_code == 404
    assert owner.post(f"/bulk/{NOBODY}/application").status_code == 404


def test_a_page_of_people_takes_few_statements(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    people.create(name="Zoe")
    bulk_id = bulk.ask_all(owner, "deactivate")
    seen, address = [], f"/bulk/{bulk_id}?limit=2"
    while address:
        with captured_queries(app) as sent:
            page = owner.get(address).text
        # Who is looking and what they may do, the change, the page; attributes once.
        assert len(sent) <= 5
        seen += [
            name for name in ("Anna", "Boris", "Clara", "Zoe", "Ольга") if f"<bdi>{name}" in page.split("<main")[1]
        ]
        found = NEXT.search(page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == ["Anna", "Boris", "Clara", "Zoe", "Ольга"]
    assert "Anna" in owner.get(f"/bulk/{bulk_id}?outcome=change").text
    assert owner.get(f"/bulk/{bulk_id}?outcome=wrong").status_code == 400


def test_the_list_of_bulk_changes_has_pages(app: App, owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    assert "No bulk changes yet" in owner.get("/bulk").text
    ids = [bulk.ask(owner, "deactivate", *three) for _time in range(3)]
    with captured_queries(app) as sent:
        page = owner.get("/bulk?limit=2").text
    assert len(sent) <= 5
    assert [str(bulk_id) in page for bulk_id in ids] == [False, True, True]
