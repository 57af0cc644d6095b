"""Open views: by ID, as the start view, and if they no longer work."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.roles.services import delete_role
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

Save = Callable[..., UUID]


def test_an_id_redirects_to_the_whole_address(owner: Browser, saved: Save) -> None:
    view_id = saved("One", "q=anna&sort=-created")
    assert owner.get(f"/users?view={view_id}").location == f"/views/{view_id}"
    response = owner.get(f"/users?view={view_id}", follow_redirects=True)
    assert response.request.full_path == f"/users?q=anna&sort=-created&view={view_id}"


def test_a_view_without_filters_does_not_redirect_forever(owner: Browser, saved: Save) -> None:
    view_id = saved("Everyone", "")
    response = owner.get(f"/users?view={view_id}", follow_redirects=True)
    assert response.request.full_path == f"/users?sort=name&view={view_id}"
    assert "Everyone" in response.text


@pytest.mark.parametrize("view", ["", "all", "nonsense", "\x00", "01a20c33-7cd6-70ee-b0a1-652ec903b536", "x" * 5000])
def test_an_invalid_id_with_filters_shows_the_list(owner: Browser, view: str) -> None:
    response = owner.get("/users", query_string={"view": view, "status": "active"})
    assert response.status_code == 200
    assert "Ольга Смирнова" in response.text


def test_an_unknown_id_is_not_found(owner: Browser) -> None:
    assert owner.get(f"/users?view={uuid4()}", follow_redirects=True).status_code == 404


def test_the_list_opens_with_the_start_view(owner: Browser, saved: Save, people: People) -> None:
    view_id = saved("Mine")
    assert owner.get("/users").status_code == 200
    assert owner.post(f"/views/{view_id}/start").status_code == 303
    first = owner.get("/users", follow_redirects=True)
    assert first.request.full_path == f"/users?sort=name&status=active&view={view_id}"
    assert owner.get("/users?view=all").status_code == 200
    assert owner.get("/users?q=olga").location == "/users?q=olga&view=all"
    assert people.audit_trail(people.owner().id)[-1] == ("user.updated", {"default_view": [None, "Mine"]})
    assert owner.post("/views/start/end").status_code == 303
    assert owner.get("/users").status_code == 200
    assert people.audit_trail(people.owner().id)[-1] == ("user.updated", {"default_view": ["Mine", None]})


def test_choosing_the_same_start_view_changes_nothing(owner: Browser, saved: Save, people: People) -> None:
    view_id = saved("Mine")
    owner.post(f"/views/{view_id}/start")
    before = people.row_counts()
    owner.post(f"/views/{view_id}/start")
    assert people.row_counts() == before


def test_deleting_the_start_view_unsets_it(owner: Browser, saved: Save) -> None:
    view_id = saved("Mine")
    owner.post(f"/views/{view_id}/start")
    owner.post(f"/views/{view_id}/deletion")
    assert owner.get("/users").status_code == 200


def test_the_list_opens_if_the_owner_deleted_the_start_view(owner: Browser, access: Access, saved: Save) -> None:
    view_id = saved("Ours", shared="y")
    helper = access.browser_of(access.person("Helper", roles=[HELPDESK]))
    assert helper.post(f"/views/{view_id}/start").status_code == 303
    assert helper.get("/users", follow_redirects=True).request.full_path.endswith(f"view={view_id}")
    owner.post(f"/views/{view_id}/deletion")
    page = helper.get("/users", follow_redirects=True)
    assert page.request.full_path == "/users?view=all"
    assert "was deleted or no longer works" in page.text


def test_a_view_of_a_deleted_role_no_longer_works(owner: Browser, access: Access, saved: Save, app: App) -> None:
    role_id = access.role("Guest")
    view_id = saved("Guests", "role=Guest")
    with app.app_context():
        delete_role(role_id, by=TESTER)
    answer = owner.get(f"/users?view={view_id}", follow_redirects=True)
    assert answer.status_code == 400
    assert "role" in answer.text
    assert "No longer works" in owner.get("/views").text
    assert "Guests" in owner.get("/views/counts").text
    owner.post(f"/views/{view_id}/start")
    assert owner.get("/users", follow_redirects=True).request.full_path == "/users?view=all"


def test_counts_include_only_people_that_the_viewer_can_see(owner: Browser, access: Access, saved: Save) -> None:
    saved("People", "status=active", shared="y")
    north = access.group("North")
    helper = access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    access.add_member(north, helper.id)
    access.person("Somebody")
    assert ">3<" in owner.get("/views/counts").text
    assert ">1<" in access.browser_of(helper).get("/views/counts").text


def test_counts_are_bounded(owner: Browser, saved: Save, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 3)
    saved("People", "sort=name")
    for _number in range(4):
        people.create()
    assert ">3+<" in owner.get("/views/counts").text


def test_the_navigation_shows_own_views_first(owner: Browser, access: Access, saved: Save) -> None:
    for number in range(9):
        saved(f"Shared {number}", f"q={number}", shared="y")
    helper = access.browser_of(access.person("Helper", roles=[HELPDESK]))
    helper.post("/views", name="Zuletzt", address="status=active")
    page = helper.get("/views/counts").text
    assert page.count("<li>") == 8
    assert page.index("Zuletzt") < page.index("Shared 0")
    assert "Shared 8" not in page


def test_the_list_sends_three_statements_and_one_more_with_a_view(app: App, owner: Browser, saved: Save) -> None:
    view_id = saved("One")
    for address, count in (("/users?status=active", 3), (f"/users?status=active&view={view_id}", 4)):
        with captured_queries(app) as seen:
            assert owner.get(address).status_code == 200
        assert len(seen) == count, seen


def test_each_view_adds_one_statement(app: App, owner: Browser, saved: Save) -> None:
    counts = []
    for number in range(3):
        saved(f"View {number}")
        owner.get("/views")
        with captured_queries(app) as seen:
            owner.get("/views")
        with captured_queries(app) as fetched:
            owner.get("/views/counts")
        counts.append((len(seen), len(fetched)))
    assert counts == [(3, 3), (4, 4), (5, 5)]


def test_views_are_paged(owner: Browser, saved: Save) -> None:
    for number in range(4):
        saved(f"View {number}")
    owner.get("/views")
    page = owner.get("/views?limit=3").text
    assert "View 2" in page
    assert "View 3" not in page
    assert 'rel="next"' in page
    assert owner.get("/views?after=x").status_code == 400
