"""The list of groups as a tree."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.groups.test_list_groups import names
from webapp.access.models import GROUP_OWNER
from webapp.groups.schemas import OPEN_MAX

pytestmark = pytest.mark.one_engine

NO_ID = "00000000-0000-7000-8000-0000000000ff"


@pytest.fixture
def tree(access: Access) -> dict[str, UUID]:
    """Northwind > Sales > North, and Finance beside Northwind."""
    northwind = access.group("Northwind")
    sales = access.group("Sales", parent_id=northwind)
    north = access.group("North", parent_id=sales)
    return {"northwind": northwind, "sales": sales, "north": north, "finance": access.group("Finance")}


def toggle_of(page: str, name: str) -> tuple[str, str]:
    """Return the address and aria-expanded of the link that opens or closes the group."""
    link = re.search(rf'href="([^"]+)"\s+aria-expanded="(\w+)"\s+aria-label="Groups inside {name}"', page)
    assert link
    return link[1], link[2]


def test_a_group_opens_and_closes_by_a_link(owner: Browser, tree: dict[str, UUID]) -> None:
    address, expanded = toggle_of(owner.get("/groups").text, "Northwind")
    assert (address, expanded) == (f"/groups?open={tree['northwind']}#group-{tree['northwind']}", "false")
    page = owner.get(address).text
    assert names(page) == ["Finance", "Northwind", "Sales"]
    page = owner.get(toggle_of(page, "Sales")[0]).text
    assert names(page) == ["Finance", "Northwind", "Sales", "North"]
    assert "Level 3:" in page
    address, expanded = toggle_of(page, "Northwind")
    assert expanded == "true"
    assert names(owner.get(address).text) == ["Finance", "Northwind"]


def test_a_group_without_groups_inside_has_no_toggle(owner: Browser, tree: dict[str, UUID]) -> None:
    assert "Groups inside Finance" not in owner.get("/groups").text


def test_open_groups_stay_open_on_the_next_page(owner: Browser, access: Access, tree: dict[str, UUID]) -> None:
    page = owner.get(f"/groups?limit=1&open={tree['northwind']}").text
    following = re.search(r'rel="next"\s+href="([^"]+)"', page)
    assert following
    page = owner.get(following[1].replace("&amp;", "&")).text
    assert names(page) == ["Northwind", "Sales"]
    assert "after=" in toggle_of(page, "Northwind")[0]


def test_an_open_group_shows_its_first_children_and_links_to_the_others(
    owner: Browser, access: Access, tree: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.groups.tree.CHILDREN_MAX", 1)
    access.group("Marketing", parent_id=tree["northwind"])
    page = owner.get(f"/groups?open={tree['northwind']}").text
    assert names(page) == ["Finance", "Northwind", "Marketing"]
    assert "1 more group in Northwind" in page
    inside = owner.get(f"/groups?inside={tree['northwind']}").text
    assert names(inside) == ["Marketing", "Sales"]
    assert "Groups inside Northwind" in inside


def test_a_search_shows_the_groups_above_each_match(owner: Browser, tree: dict[str, UUID]) -> None:
    page = owner.get("/groups?q=north").text
    assert len(names(page)) == 2
    assert "<bdi>Northwind</bdi> › <bdi>Sales</bdi>" in page


def test_each_group_has_a_link_to_add_one_inside(owner: Browser, tree: dict[str, UUID]) -> None:
    assert f'href="/groups/new?parent={tree["northwind"]}"' in owner.get("/groups").text
    form = owner.get(f"/groups/new?parent={tree['northwind']}").text
    assert f'<option selected value="{tree["northwind"]}">Northwind' in form
    created = owner.post("/groups", name="Support", parent_id=str(tree["northwind"]))
    assert "Northwind" in owner.get(created.location).text


def test_a_parent_beyond_the_choices_is_offered(
    owner: Browser, tree: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.access.queries.UNPAGED_LIMIT", 1)
    form = owner.get(f"/groups/new?parent={tree['sales']}").text
    assert f'<option selected value="{tree["sales"]}">Sales' in form


@pytest.mark.parametrize("parent", ["", "no id", "\x00", "👩", NO_ID])
def test_an_unknown_parent_is_not_offered(owner: Browser, tree: dict[str, UUID], parent: str) -> None:
    page = owner.get("/groups/new?" + urlencode({"parent": parent}))
    assert page.status_code == 200
    assert '<option selected value="">' in page.text or "<option selected" not in page.text


@pytest.mark.parametrize("name", ["open", "inside"])
@pytest.mark.parametrize(
    "value", ["x", "\x00", "\u202e", "🙂", "яя", "." * 100, ".".join([str(uuid4())] * (OPEN_MAX + 1))]
)
def test_a_wrong_address_is_refused(owner: Browser, tree: dict[str, UUID], name: str, value: str) -> None:
    assert owner.get("/groups?" + urlencode({name: value})).status_code == 400


def test_one_more_open_group_closes_the_first(owner: Browser, tree: dict[str, UUID]) -> None:
    full = [str(uuid4()) for _ in range(OPEN_MAX)]
    address, _expanded = toggle_of(owner.get(f"/groups?open={'.'.join(full)}").text, "Northwind")
    assert owner.get(address).status_code == 200
    assert full[0] not in address
    assert full[1] in address


def test_groups_out_of_sight_stay_hidden(access: Access, people: People, tree: dict[str, UUID]) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=tree["sales"])
    browser = access.browser_of(someone)
    page = browser.get(f"/groups?open={tree['northwind']}.{tree['sales']}").text
    assert names(page) == ["Sales", "North"]
    assert "Northwind" not in page
    assert "Northwind" not in browser.get("/groups?q=north").text
    assert browser.get(f"/groups?inside={tree['northwind']}").status_code == 404
    assert f'href="/groups/new?parent={tree["north"]}"' in page


def test_a_scope_inside_another_scope_is_shown_once(access: Access, tree: dict[str, UUID]) -> None:
    someone = access.person("Clara")
    for scope in ("northwind", "north"):
        access.grant(GROUP_OWNER, user_id=someone.id, scope_id=tree[scope])
    assert names(access.browser_of(someone).get("/groups").text) == ["Northwind"]
