"""Add a user with the form, with and without JavaScript."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import EMAIL, PASSWORD


@pytest.fixture
def email() -> str:
    """An address that is not in use."""
    return f"{uuid.uuid4().hex[:12]}@rollcall.example"


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(rf"^{label}\b"))


def open_more(page: Page) -> None:
    """Show the fields that are collapsed."""
    more = page.locator(".more-fields:not([open]) > summary")
    if more.count():
        more.click()


def send(page: Page, **values: str) -> Locator:
    """Fill in the form and submit it. Return the locator of the error summary."""
    open_more(page)
    for label, value in values.items():
        # A password field does not have the role textbox.
        (page.locator("[type=password]") if label == "Password" else field(page, label)).fill(value)
    page.get_by_role("button", name="Add user").click()
    return page.get_by_role("alert").filter(has_text="There is a problem")


def test_errors_are_shown_at_their_fields_and_can_be_corrected(either_page: Page, email: str) -> None:
    page = either_page
    page.goto("/users/new")
    summary = send(page, Name="Zoë Müller", **{"E-mail": "zoe"}, Username="zoë müller", Password="short")
    expect(summary.get_by_role("link")).to_have_count(3)
    expect(field(page, "E-mail")).to_have_accessible_description(re.compile(r"name@example\.com"))
    expect(field(page, "Name")).to_have_value("Zoë Müller")
    expect(field(page, "E-mail")).to_have_value("zoe")
    expect(page.locator("[type=password]")).to_have_value("")

    send(page, **{"E-mail": email}, Username="", Password=PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Müller")
    expect(page.get_by_role("status").first).to_contain_text("Zoë Müller was added")
    expect(page.get_by_role("main")).to_contain_text(email)


def test_groups_can_be_chosen(either_page: Page, email: str) -> None:
    page = either_page
    page.goto("/users/new")
    open_more(page)
    groups = page.get_by_role("group", name=re.compile("^Groups"))
    groups.get_by_role("checkbox", name="Sales").check()
    groups.get_by_role("checkbox", name="Кадры").check()
    send(page, Name="Grouped", **{"E-mail": "no address"})
    expect(groups.get_by_role("checkbox", name="Кадры")).to_be_checked()
    send(page, Name="Grouped", **{"E-mail": email})
    expect(page.get_by_role("heading", level=1)).to_have_text("Grouped")
    expect(page.get_by_role("main")).to_contain_text("Sales")


def test_the_error_summary_is_focused_and_links_to_fields(page: Page) -> None:
    page.goto("/users/new")
    summary = send(page, Name="", **{"E-mail": ""})
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Enter a name").click()
    expect(field(page, "Name")).to_be_focused()
    summary.get_by_role("link", name="Enter an e-mail").click()
    expect(field(page, "E-mail")).to_be_focused()


def test_an_address_in_use_is_refused(either_page: Page) -> None:
    either_page.goto("/users/new")
    summary = send(either_page, Name="Another Olga", **{"E-mail": EMAIL.upper()})
    expect(summary).to_contain_text("This e-mail address is already in use")
    expect(field(either_page, "E-mail")).to_have_value(EMAIL.upper())


def test_the_length_of_a_new_password_is_shown(page: Page) -> None:
    page.goto("/users/new")
    open_more(page)
    page.locator("[type=password]").press_sequentially("correct")
    expect(page.get_by_role("main")).to_contain_text("7 of at least 15 characters")
    page.locator("[type=password]").fill(PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Long enough")


def test_a_double_click_submits_once(page: Page, email: str) -> None:
    page.goto("/users/new")
    field(page, "Name").fill("Only Once")
    field(page, "E-mail").fill(email)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Add user").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Only Once")
    assert len(posts) == 1
