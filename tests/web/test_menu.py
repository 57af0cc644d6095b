"""The main navigation has one link for each section, and marks the section of the page."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from webapp.core.permissions import Permission

pytestmark = pytest.mark.one_engine


def menu_of(page: str) -> str:
    return page.partition('class="side-links"')[2].partition('class="side-foot"')[0]


def settings_links(browser: Browser) -> list[str]:
    return re.findall(r'<a href="(/settings[^"]*)"', menu_of(browser.get("/account").text))


def test_the_menu_has_one_link_to_the_settings(owner: Browser) -> None:
    assert settings_links(owner) == ["/settings"]


@pytest.mark.parametrize(
    ("permission", "address"),
    [(Permission.TOKENS_MANAGE, "/settings/tokens"), (Permission.WEBHOOKS_MANAGE, "/settings/webhooks")],
)
def test_it_leads_to_the_settings_that_people_may_change(access: Access, permission: Permission, address: str) -> None:
    person = access.person("Someone")
    access.grant(access.role("Some", permission), user_id=person.id)
    assert settings_links(access.browser_of(person)) == [address]


def test_people_without_permissions_have_no_link_to_the_settings(member: Browser) -> None:
    assert settings_links(member) == []


@pytest.mark.parametrize("prefix", ["", "/rollcall"])
def test_the_section_of_the_page_is_marked_below_any_path(owner: Browser, prefix: str) -> None:
    page = owner.get("/settings/security", environ_overrides={"SCRIPT_NAME": prefix}).text
    assert f'<a href="{prefix}/settings" aria-current="true">' in menu_of(page)
    assert re.search(rf'href="{prefix}/settings/security"\s+aria-current="page"', page)
