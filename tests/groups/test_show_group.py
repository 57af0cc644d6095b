"""The page of a group: parents, subgroups, members, roles and managers."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, GROUP_OWNER, HELPDESK
from webapp.core.clock import now
from webapp.web.api import App


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales", description="Sells things.", parent_id=access.group("Northwind"))


def words(page: str) -> str:
    """Return the text of the page's content, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def test_the_page_shows_parents_and_subgroups(owner: Browser, access: Access, sales: UUID) -> None:
    access.group("Sales north", description="Above the river.", parent_id=sales)
    page = owner.get(f"/groups/{sales}")
    assert page.status_code == 200
    assert re.search("Groups Northwind Sales Sells things.", words(page.text))
    assert re.search("Groups inside Sales north Above the river.", words(page.text))


def test_members_are_paged_by_name_with_their_dates(
    owner: Browser, access: Access, people: People, sales: UUID
) -> None:
    end = now() + timedelta(days=5)
    for name in ("Clara", "Anna", "Boris"):
        access.add_member(sales, people.create(name=name).id, ends_at=end)
    first = owner.get(f"/groups/{sales}?limit=2").text
    assert first.index("Anna") < first.index("Boris")
    assert "Clara" not in first
    assert end.strftime("%Y-%m-%d") in first
    following = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert following
    assert "Clara" in owner.get(following[1].replace("&amp;", "&")).text


def test_members_of_subgroups_are_not_listed(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    access.add_member(access.group("Sales north", parent_id=sales), people.create(name="Anna").id)
    page = owner.get(f"/groups/{sales}").text
    assert "Anna" not in page
    assert "This group has only members of the groups inside it." in page


def test_future_members_are_listed_separately(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    start = now() + timedelta(days=5)
    access.add_member(sales, people.create(name="Anna").id, starts_at=start)
    text = words(owner.get(f"/groups/{sales}").text)
    assert re.search("No one is in this group.*Future members.*Anna", text)


def test_deleted_people_are_no_future_members(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    anna = people.create(name="Anna")
    access.add_member(sales, anna.id, starts_at=now() + timedelta(days=5))
    people.delete(anna.id)
    assert "Future members" not in owner.get(f"/groups/{sales}").text


def test_the_page_shows_the_roles_of_members(owner: Browser, access: Access, sales: UUID) -> None:
    assert "This group gives no roles." in owner.get(f"/groups/{sales}").text
    access.grant(AUDITOR, group_id=sales)
    access.grant(HELPDESK, group_id=sales, scope_id=access.group("Shop"))
    assert re.search(
        "Roles of members Give role Auditor Everywhere Remove Helpdesk Within Shop Remove",
        words(owner.get(f"/groups/{sales}").text),
    )


def test_the_page_shows_the_managers(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    access.grant(GROUP_OWNER, user_id=people.create(name="Anna").id, scope_id=sales)
    access.grant(HELPDESK, group_id=access.group("Support"), scope_id=sales)
    text = words(owner.get(f"/groups/{sales}").text)
    assert re.search("managers Anna Group owner Remove Everyone in the group Support Helpdesk Remove", text)


def test_the_number_of_statements_does_not_grow(
    app: App, owner: Browser, access: Access, people: People, sales: UUID
) -> None:
    for number in range(5):
        someone = people.create(name=f"Seller {number}")
        access.add_member(sales, someone.id)
        access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
        access.group(f"Sales {number}", parent_id=sales)
    access.grant(AUDITOR, group_id=sales)
    with captured_queries(app) as seen:
        owner.get(f"/groups/{sales}")
    assert len(seen) == 12, seen


def test_a_group_owner_does_not_see_parent_groups(access: Access, sales: UUID) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    page = access.browser_of(someone).get(f"/groups/{sales}")
    assert page.status_code == 200
    assert "Northwind" not in page.text


def test_a_group_outside_the_viewers_reach_is_404(access: Access, sales: UUID) -> None:
    someone, other = access.person("Clara"), access.group("Other")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    assert access.browser_of(someone).get(f"/groups/{other}").status_code == 404


def test_viewers_who_cannot_manage_groups_see_no_buttons(access: Access, people: People, sales: UUID) -> None:
    someone = access.person("Auditor")
    access.grant(AUDITOR, user_id=someone.id)
    access.add_member(sales, people.create(name="Anna").id)
    page = access.browser_of(someone).get(f"/groups/{sales}").text
    assert "Anna" in page
    for words in ("Remove", "Add to group", "/edit", "/deletion"):
        assert words not in page.partition("<main")[2]


def test_names_are_escaped(owner: Browser, access: Access) -> None:
    bold = access.group("<b>Bold</b>", parent_id=access.group("<i>Slanted</i>"))
    page = owner.get(f"/groups/{bold}").text
    assert "<b>Bold" not in page
    assert "<i>Slanted" not in page


def test_a_member_is_refused(member: Browser, sales: UUID) -> None:
    assert member.get(f"/groups/{sales}").status_code == 403
