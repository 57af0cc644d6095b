"""The access page of a user: roles, groups, permissions and their dates."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK
from webapp.access.services import end_grant, end_membership
from webapp.core.clock import now
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def words(browser: Browser, user: UserOut) -> str:
    """Return the text of the page's content, without tags."""
    page = browser.get(f"/users/{user.id}/access")
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]))


def test_a_direct_role_shows_who_gave_it_and_when(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="")
    text = words(owner, anna)
    assert "Auditor Everywhere Given by Ольга Смирнова on" in text
    assert "No end" in text
    assert "Remove" in text


def test_a_role_through_a_group_shows_the_group(owner: Browser, access: Access, people: People) -> None:
    anna, outer = people.create(name="Anna"), access.group("Finance")
    access.add_member(access.group("Payroll office", parent_id=outer), anna.id)
    access.grant(HELPDESK, group_id=outer, scope_id=access.group("Sales"))
    text = words(owner, anna)
    assert re.search(r"Helpdesk Within Sales Through the group Finance", text)
    # The only button removes the membership. A role through a group has no button.
    assert text.count("Remove") == 1


def test_a_temporary_role_shows_its_dates(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    moment = now()
    access.grant(AUDITOR, user_id=anna.id, starts_at=moment + timedelta(days=2), ends_at=moment + timedelta(days=9))
    page = owner.get(f"/users/{anna.id}/access").text
    assert "From " in page
    assert (moment + timedelta(days=9)).strftime("%Y-%m-%d") in page


def test_groups_are_listed_with_their_dates(owner: Browser, access: Access, people: People) -> None:
    anna, end = people.create(name="Anna"), now() + timedelta(days=5)
    access.add_member(access.group("Finance"), anna.id, ends_at=end)
    page = owner.get(f"/users/{anna.id}/access").text
    assert "Finance" in page
    assert end.strftime("%Y-%m-%d") in page
    assert "Remove" in page


def test_all_permissions_are_summarised(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    access.grant(AUDITOR, user_id=anna.id)
    access.grant(HELPDESK, user_id=anna.id, scope_id=access.group("Sales"))
    text = words(owner, anna).partition("All permissions")[2]
    assert "Everywhere People See people, Export people Audit trail" in text
    # Permissions that they have everywhere are not repeated.
    assert re.search(r"Within Sales and the groups inside it People Change people, Reset sign-in, Deactivate", text)


def test_the_page_of_an_owner_shows_every_permission(owner: Browser, people: People) -> None:
    assert "Everything, everywhere" in words(owner, people.owner())


def test_the_page_of_a_user_without_roles_says_so(owner: Browser, people: People) -> None:
    text = words(owner, people.create(name="Anna"))
    assert "No roles yet." in text
    assert "No groups" in text
    assert "Only their own account" in text


def test_the_page_shows_the_time_zone(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna")
    assert "The time zone is UTC" in words(owner, anna)
    owner.post("/account/preferences", timezone="Europe/Moscow")
    assert "The time zone is Europe/Moscow" in words(owner, anna)


def test_viewers_who_cannot_give_roles_see_no_forms(access: Access, people: People) -> None:
    someone, anna = access.person("Auditor"), people.create(name="Anna")
    access.grant(AUDITOR, user_id=someone.id)
    access.grant(HELPDESK, user_id=anna.id)
    access.add_member(access.group("Finance"), anna.id)
    text = words(access.browser_of(someone), anna)
    assert "Helpdesk" in text
    for button in ("Give role", "Add to group", "Remove", "Remove"):
        assert button not in text


def test_the_number_of_statements_does_not_grow_with_roles_and_groups(
    app: App, owner: Browser, access: Access, people: People
) -> None:
    anna = people.create(name="Anna", password=people.password)
    for number in range(6):
        group = access.group(f"Group {number}")
        access.add_member(group, anna.id)
        access.grant(HELPDESK, user_id=anna.id, scope_id=group)
        access.grant(AUDITOR, group_id=group)
    with captured_queries(app) as seen:
        owner.get(f"/users/{anna.id}/access")
    assert len(seen) == 12, seen


def test_names_are_escaped(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    access.add_member(access.group("<script>alert(1)</script>"), anna.id)
    assert "<script>alert" not in owner.get(f"/users/{anna.id}/access").text


def test_a_user_outside_the_viewers_reach_is_404(access: Access, people: People) -> None:
    someone, anna = access.person("Helper"), people.create(name="Anna")
    access.grant(HELPDESK, user_id=someone.id, scope_id=access.group("Sales"))
    assert access.browser_of(someone).get(f"/users/{anna.id}/access").status_code == 404


def test_a_member_is_refused(member: Browser, people: People) -> None:
    assert member.get(f"/users/{people.owner().id}/access").status_code == 403


def test_every_page_of_a_user_has_the_tab(owner: Browser, people: People) -> None:
    anna = people.create(name="Anna")
    for page in ("", "/access", "/activity"):
        assert f'href="/users/{anna.id}/access"' in owner.get(f"/users/{anna.id}{page}").text


def test_what_was_taken_back_before_its_start_is_shown_nowhere(
    app: App, owner: Browser, access: Access, people: People
) -> None:
    anna, finance, start = people.create(name="Anna"), access.group("Finance"), now() + timedelta(days=2)
    period = {"starts_at": start, "ends_at": start + timedelta(days=9)}
    grants = [
        access.grant(AUDITOR, user_id=anna.id, **period),
        access.grant(AUDITOR, user_id=anna.id, scope_id=finance, **period),
        access.grant(AUDITOR, group_id=finance, **period),
    ]
    membership = access.add_member(finance, anna.id, **period)
    addresses = (f"/users/{anna.id}/access", f"/groups/{finance}", "/access-review/ending")
    assert all(owner.get(address).text.count(str(start.date())) for address in addresses[:2])
    with app.app_context():
        for grant in grants:
            end_grant(grant, by=TESTER)
        end_membership(membership, by=TESTER)
    for address in addresses:
        response = owner.get(address)
        assert (response.status_code, str(start.date()) in response.text) == (200, False), address
