"""Somebody whose role holds within one group, and who is not in this group."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from webapp.access.models import HELPDESK
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@dataclass(frozen=True)
class Helper:
    person: UserOut
    browser: Browser


@pytest.fixture
def helper(access: Access) -> Helper:
    boris = access.person("Boris")
    access.grant(HELPDESK, user_id=boris.id, scope_id=access.group("North & West"))
    return Helper(boris, access.browser_of(boris))


def test_the_menu_has_no_link_to_the_overview(helper: Helper, owner: Browser) -> None:
    assert ">Overview<" not in links(helper.browser.get("/users").text)
    assert ">Overview<" in links(owner.get("/users").text)
    assert helper.browser.get("/").location == "/users"


def test_their_own_page_is_their_account(helper: Helper) -> None:
    response = helper.browser.get(f"/users/{helper.person.id}")
    assert (response.status_code, response.location) == (302, "/account")


def test_people_outside_the_group_stay_unknown(helper: Helper, access: Access) -> None:
    assert helper.browser.get(f"/users/{access.person('Outside').id}").status_code == 404


def test_the_list_says_which_groups_they_see(helper: Helper, access: Access, owner: Browser) -> None:
    assert "You see people of <bdi>North &amp; West</bdi>" in helper.browser.get("/users").text
    access.grant(HELPDESK, user_id=helper.person.id, scope_id=access.group("East"))
    assert "You see people of <bdi>East</bdi> and <bdi>North &amp; West</bdi>" in helper.browser.get("/users").text
    access.grant(HELPDESK, user_id=helper.person.id, scope_id=access.group("South"))
    page = helper.browser.get("/users").text
    assert "You see people of <bdi>East</bdi> and 2 more groups" in page
    assert "<li><bdi>South</bdi></li>" in page
    assert "You see people of" not in owner.get("/users").text


def links(page: str) -> str:
    return page.partition('class="side-links"')[2].partition('class="side-foot"')[0].replace("</svg>", ">")
