"""Ending a person's access and giving it back, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD, Site

PERSON = "Frances Elizabeth Allen"


@pytest.fixture
def address(site: Site) -> str:
    """The page of an active person whom only this test knows."""
    return f"/users/{site.someone(PERSON, password=PASSWORD).id}"


def test_access_ends_and_comes_back_after_a_confirmation_each(either_page: Page, address: str) -> None:
    page, heading = either_page, either_page.get_by_role("heading", level=1)
    page.goto(address)
    page.get_by_role("link", name="Deactivate").click()
    expect(heading).to_have_text(f"Deactivate {PERSON}?")
    page.get_by_role("button", name="Deactivate user").click()
    expect(page.get_by_role("status").first).to_contain_text("can no longer sign in")
    expect(page.get_by_role("main")).to_contain_text("Deactivated · never signed in")
    expect(page.get_by_role("main")).to_contain_text("Ольга Смирнова deactivated this account")

    page.get_by_role("link", name="Reactivate").click()
    expect(heading).to_have_text(f"Reactivate {PERSON}?")
    page.get_by_role("button", name="Reactivate user").click()
    expect(page.get_by_role("status").first).to_contain_text(f"{PERSON} was reactivated")
    expect(page.get_by_role("main")).to_contain_text("Active · never signed in")


def test_it_can_be_thought_over(page: Page, address: str) -> None:
    page.goto(f"{address}/deactivation")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("main")).to_contain_text("Active · never signed in")


def test_oneself_cannot_be_deactivated(page: Page, site: Site) -> None:
    page.goto(f"/users/{site.ids['owner']}/deactivation")
    page.get_by_role("button", name="Deactivate user").click()
    expect(page.get_by_role("main")).to_contain_text("You cannot deactivate yourself.")
