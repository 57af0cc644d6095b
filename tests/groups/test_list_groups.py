"""The list of groups."""

from __future__ import annotations

import re

from tests.access_factory import Access
from tests.clients import Browser
from tests.query_counter import captured_queries
from webapp.access.models import GROUP_OWNER
from webapp.web.api import App


def names(page: str) -> list[str]:
    return re.findall(r"<a [^>]*data-row-link[^>]*>\s*<bdi>(.*?)</bdi>", page, re.DOTALL)


def test_the_list_begins_with_the_groups_at_the_top(owner: Browser, access: Access) -> None:
    parent = access.group("Northwind", description="Everyone who works here.")
    access.group("Accounts", parent_id=parent)
    access.group("Ёлки")
    page = owner.get("/groups")
    assert page.status_code == 200
    assert names(page.text) == ["Northwind", "Ёлки"]
    assert "Everyone who works here." in page.text


def test_search_matches_parts_of_names(owner: Browser, access: Access) -> None:
    for name in ("Sales north", "Sales south", "Ёлки"):
        access.group(name)
    assert re.sub("</?mark>", "", " ".join(names(owner.get("/groups?q=sal+nor").text))) == "Sales north"
    assert len(names(owner.get("/groups?q=елк").text)) == 1


def test_a_search_without_matches_links_to_all_groups(owner: Browser, access: Access) -> None:
    access.group("Sales")
    page = owner.get("/groups?q=nothing").text
    assert "No groups match “nothing”" in page
    assert 'href="/groups"' in page


def test_an_empty_list_links_to_the_form(owner: Browser) -> None:
    page = owner.get("/groups").text
    assert "No groups yet" in page
    # In the empty list and in the palette.
    assert page.count('href="/groups/new"') == 2
    assert "Search groups" not in page


def test_groups_are_paged(owner: Browser, access: Access) -> None:
    for letter in "CAB":
        access.group(f"Group {letter}")
    first = owner.get("/groups?limit=2").text
    following = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert following
    assert names(first) == ["Group A", "Group B"]
    assert names(owner.get(following[1].replace("&amp;", "&")).text) == ["Group C"]


def test_a_page_takes_the_same_statements_at_any_size(app: App, owner: Browser, access: Access) -> None:
    parent = access.group("Northwind")
    for number in range(2):
        child = access.group(f"Group {number}", parent_id=parent)
        for address, statements in (("/groups", 5), ("/groups?q=group", 6), (f"/groups?open={parent}.{child}", 6)):
            with captured_queries(app) as seen:
                owner.get(address)
            assert len(seen) == statements, (address, seen)


def test_a_group_owner_sees_only_their_group_and_its_subgroups(access: Access) -> None:
    parent, someone = access.group("Northwind"), access.person("Clara")
    sales = access.group("Sales", parent_id=parent)
    access.group("Sales north", parent_id=sales)
    access.group("Finance", parent_id=parent)
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    assert names(access.browser_of(someone).get(f"/groups?open={sales}").text) == ["Sales", "Sales north"]


def test_names_are_escaped(owner: Browser, access: Access) -> None:
    access.group("<b>Bold</b>", description="<i>Slanted</i>")
    page = owner.get("/groups?q=bold").text
    assert "<b>" not in page
    assert "<i>Slanted" not in page


def test_a_member_is_refused(member: Browser) -> None:
    assert member.get("/groups").status_code == 403
    assert 'href="/groups"' not in member.get("/account").text
