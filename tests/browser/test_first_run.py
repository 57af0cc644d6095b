"""The first run, from the setup link to the first user in the list."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import EMAIL, PASSWORD
from tests.server import running_server


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Name").fill("Ольга Смирнова")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create owner account").click()


def add_user(page: Page, name: str, email: str) -> None:
    page.get_by_role("main").get_by_role("link", name="Add user").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_setup_link_creates_the_owner_once(profile: Visit, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        page, stranger = profile(), profile()
        set_up(page, server.setup_link)
        expect(page.get_by_role("status").first).to_contain_text("You are the first owner")
        add_user(page, "Anna-Maria von Trapp", "anna@rollcall.example")
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Users").click()
        expect(page.get_by_role("row", name="anna@rollcall.example")).to_be_visible()
        expect(page.get_by_role("table")).to_contain_text(EMAIL)

        response = stranger.goto(server.setup_link)
        assert response
        assert response.status == 410
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Rollcall is already set up")
        expect(stranger.get_by_role("link", name="Sign in")).to_be_visible()
        # The counts on the tabs must arrive before the server stops.
        page.wait_for_load_state("networkidle")
