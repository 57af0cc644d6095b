"""Deactivate and reactivate a user, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD, Site

PERSON = "Frances Elizabeth Allen"


@pytest.fixture
def address(site: Site) -> str:
    """The address of an active user that no other test uses."""
    return f"/users/{site.create_person(PERSON, password=PASSWORD).id}"


def test_deactivation_and_reactivation_ask_for_confirmation(either_page: Page, address: str) -> None:
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


def test_a_deactivation_can_be_cancelled(page: Page, address: str) -> None:
    page.goto(f"{address}/deactivation")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("main")).to_contain_text("Active · never signed in")


def test_people_cannot_deactivate_themselves(page: Page, site: Site) -> None:
    page.goto(f"/users/{site.ids['owner']}/deactivation")
    page.get_by_role("button", name="Deactivate user").click()
    expect(page.get_by_role("main")).to_contain_text("You cannot deactivate yourself.")
