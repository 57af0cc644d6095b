"""Display settings of the list, the form of filters, and the command palette."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_display_settings_are_saved(owner: Browser, people: People) -> None:
    people.create_many(26)
    fields: dict[str, Any] = {"columns": ["created", "status"], "density": "compact", "limit": "25"}
    version = people.row(id=people.owner().id)["version"]
    response = owner.post("/users/display", **fields, next="/users?status=invited")
    assert (response.status_code, response.location) == (303, "/users?status=invited")
    page = owner.get("/users?status=invited").text
    assert page.count("<tr>") == 26
    assert "people-compact" in page
    assert 'class="col-status"' in page
    assert 'class="col-roles"' not in page
    assert owner.get("/users?status=invited&limit=50").text.count("<tr>") == 27
    row = people.row(id=people.owner().id)
    assert row["list_settings"] == {"columns": ["status", "created"], "density": "compact", "limit": 25}
    # An open edit form of the user does not become stale.
    assert row["version"] == version
    assert people.audit_trail(people.owner().id)[-1][1].keys() == {"list_columns", "list_density", "list_limit"}


def test_without_columns_only_the_name_is_shown(owner: Browser) -> None:
    assert owner.post("/users/display", density="comfortable", limit="50").status_code == 303
    page = owner.get("/users").text
    assert "Ольга Смирнова" in page
    table = page.partition("<table")[2].partition("</table>")[0]
    assert set(re.findall(r"col-\w+", table)) == {"col-actions", "col-name", "col-select"}


def test_saving_the_same_settings_again_leaves_no_trace(owner: Browser, people: People) -> None:
    owner.post("/users/display", columns=["status"], density="compact", limit="25")
    before = people.row_counts()
    owner.post("/users/display", columns=["status"], density="compact", limit="25")
    assert people.row_counts() == before


@pytest.mark.parametrize(
    "invalid",
    [
        {"columns": ["password_hash"]},
        {"columns": ["status", "\x00"]},
        {"density": "tight"},
        {"density": ""},
        {"limit": "7"},
        {"limit": "ten"},
        {"limit": "1" + "0" * 40},
    ],
)
def test_invalid_settings_are_refused(owner: Browser, people: People, invalid: dict[str, Any]) -> None:
    before, row = people.row_counts(), people.row(id=people.owner().id)
    fields: dict[str, Any] = {"columns": ["status"], "density": "compact", "limit": "25"} | invalid
    assert owner.post("/users/display", **fields).status_code == 422
    assert (people.row_counts(), people.row(id=people.owner().id)) == (before, row)


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil", ""])
def test_the_redirect_stays_on_this_site(owner: Browser, address: str) -> None:
    response = owner.post("/users/display", density="compact", limit="25", next=address)
    assert response.location == "/users"


def test_each_user_has_their_own_settings(owner: Browser, access: Access) -> None:
    owner.post("/users/display", density="compact", limit="25")
    helper = access.browser_of(access.person("Helper", roles=[HELPDESK]))
    assert "people-comfortable" in helper.get("/users").text


def test_the_form_of_filters_keeps_search_and_sort_order(owner: Browser, access: Access) -> None:
    access.group("Sales & more")
    access.role("Guest")
    page = " ".join(owner.get("/users/filters?q=anna&sort=-name&status=active&after=x").text.split())
    assert '<input type="hidden" name="q" value="anna">' in page
    assert '<input type="hidden" name="sort" value="-name">' in page
    assert 'name="after"' not in page
    assert 'value="active" checked>' in page
    assert '<option value="Sales &amp; more">' in page
    assert 'value="Guest">' in page


def test_the_form_of_filters_accepts_invalid_parameters(owner: Browser) -> None:
    for value in ("\x00", "x" * 5000, "<script>"):
        page = owner.get("/users/filters", query_string={"status": value, "created_from": value, "attr.x": value})
        assert page.status_code == 200
        assert "<script>" not in page.text.replace("<script type", "")


def test_the_palette_shows_the_first_visible_matches(app: App, owner: Browser, access: Access) -> None:
    for number in range(10):
        access.person(f"Anna {number}")
    page = owner.get("/palette?q=anna").text
    assert page.count('role="option"') == 8
    with captured_queries(app) as seen:
        owner.get("/palette?q=anna")
    assert len(seen) == 6, seen
    north = access.group("North")
    helper = access.person("Anna Helper")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    access.add_member(north, helper.id)
    assert access.browser_of(helper).get("/palette?q=anna").text.count('role="option"') == 1
    assert owner.get("/palette").text.count('role="option"') == 0
    assert owner.get("/palette?q=%00").status_code == 200
