"""Add a passkey and sign in with it, with Chromium's virtual authenticator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser.chromium import sign_in
from tests.browser.conftest import Visit
from tests.browser.mails import mailed_link
from tests.browser.site import EMAIL, OWNER, PASSWORD
from tests.server import Server, running_server

ANNA = "anna.berg@example.com"
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "defaultBackupEligibility": True,
    "defaultBackupState": True,
}


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """The folder of the e-mails."""
    folder = tmp_path / "mails"
    folder.mkdir()
    return folder


@pytest.fixture
def server(browser: Any, tmp_path: Path, mails: Path) -> Iterator[Server]:
    settings = OWNER | {"LOGIN_LIMIT": "off", "MAIL_URL": f"file://{mails}"}
    with running_server(tmp_path, host="localhost", **settings) as server:
        yield server


class VirtualPhone:
    """An authenticator of the browser. It answers at once while it is present."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable", {"enableUI": False})
        options = PHONE | {"automaticPresenceSimulation": True}
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]

    def set_verified(self, verified: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})

    def set_present(self, present: bool) -> None:
        values = {"authenticatorId": self.id, "enabled": present}
        self.session.send("WebAuthn.setAutomaticPresenceSimulation", values)


@pytest.fixture
def page(server: Server, profile: Visit) -> Page:
    return profile(base_url=server.address)


def add_passkey(page: Page) -> VirtualPhone:
    """Sign in with the password, and add a passkey."""
    phone = VirtualPhone(page)
    sign_in(page, EMAIL, PASSWORD)
    page.goto("/account/factors")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    return phone


def invite(page: Page, email: str) -> None:
    page.goto("/invitations/new")
    page.get_by_role("textbox", name="People").fill(email)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Send 1 invitation").click()
    expect(page.get_by_text("1 person invited")).to_be_visible()


def sign_out(page: Page) -> None:
    page.goto("/account")
    page.get_by_label("Account menu").click()
    page.get_by_role("button", name="Sign out").click()


def sign_in_with_passkey(page: Page, phone: VirtualPhone) -> None:
    """Use the button, unless the field for the username was faster: it uses a passkey as soon as it is present."""
    phone.set_present(True)
    with suppress(Error):
        page.get_by_role("button", name="Sign in with a passkey").click(timeout=2000)


def test_a_passkey_is_added_signs_in_and_is_removed(page: Page) -> None:
    phone = add_passkey(page)
    page.goto("/account/factors")
    expect(page.get_by_text("Synced by its provider")).to_be_visible()
    phone.set_present(False)
    sign_out(page)
    expect(page.get_by_label("E-mail or username")).to_be_visible()
    sign_in_with_passkey(page, phone)
    expect(page.get_by_label("Account menu")).to_be_visible()
    page.goto("/account/factors")
    page.get_by_role("link", name="Remove").first.click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Passkey removed")).to_be_visible()


def test_the_field_for_the_username_offers_the_passkey(page: Page) -> None:
    add_passkey(page)
    sign_out(page)
    # The virtual phone chooses the first offer.
    expect(page.get_by_label("Account menu")).to_be_visible()


def test_a_passkey_without_screen_lock_is_refused_with_words(page: Page) -> None:
    phone = add_passkey(page)
    phone.set_verified(False)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_second_press_starts_again_without_an_error(page: Page) -> None:
    phone = add_passkey(page)
    phone.set_present(False)
    sign_out(page)
    button = page.get_by_role("button", name="Sign in with a passkey")
    for _press in range(2):
        with page.expect_response("**/login/passkey"):
            button.click()
    expect(page.locator(".passkey-form [role=alert]")).to_be_hidden()
    phone.set_present(True)
    button.click()
    expect(page.get_by_label("Account menu")).to_be_visible()


def test_a_passkey_leads_to_a_new_password(page: Page, server: Server, mails: Path) -> None:
    """Without the authenticator app and recovery codes, the reset asks for the passkey only."""
    add_passkey(page)
    page.context.clear_cookies()
    page.goto("/forgot")
    page.get_by_label("E-mail or username").fill(EMAIL)
    page.get_by_role("button", name="Send e-mail").click()
    page.goto(mailed_link(mails, EMAIL, "reset"))
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("New password", exact=True).fill("a completely different phrase")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_label("Account menu")).to_be_visible()


def test_an_invited_person_signs_in_with_a_passkey_alone(
    server: Server, mails: Path, page: Page, profile: Visit
) -> None:
    sign_in(page, EMAIL, PASSWORD)
    invite(page, ANNA)
    anna = profile(base_url=server.address)
    phone = VirtualPhone(anna)
    anna.goto(mailed_link(mails, ANNA, "invitation"))
    anna.get_by_role("textbox", name="Your name").fill("Anna Berg")
    anna.get_by_role("button", name="Continue").click()
    anna.get_by_role("button", name="Use a passkey instead").click()
    expect(anna.get_by_text("Your account is ready")).to_be_visible()
    anna.get_by_role("button", name="Create recovery codes").click()
    expect(anna.locator(".code-list li")).to_have_count(10)
    anna.get_by_role("link", name="Done").click()
    phone.set_present(False)
    sign_out(anna)
    expect(anna.get_by_label("E-mail or username")).to_be_visible()
    sign_in_with_passkey(anna, phone)
    expect(anna.get_by_label("Account menu")).to_be_visible()


def test_without_script_the_password_works(server: Server, profile: Visit) -> None:
    page = profile(base_url=server.address, java_script_enabled=False)
    page.goto("/login")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
