"""The actions of a row of the list: by pointer, keys, touch and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit


@pytest.fixture
def list_page(page: Page) -> Page:
    page.goto("/users?q=liskov&sort=-created")
    expect(page.locator("#results[data-row-actions]")).to_be_visible()
    return page


def menu(page: Page) -> Locator:
    return page.locator("#row-menu")


def test_keys_open_the_menu_and_copy_the_address(list_page: Page) -> None:
    list_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first = list_page.locator("tbody tr").first
    list_page.keyboard.press("j")
    list_page.keyboard.press("m")
    expect(menu(list_page).get_by_role("link", name="Edit")).to_be_focused()
    list_page.keyboard.press("ArrowDown")
    expect(menu(list_page).get_by_role("link", name="Deactivate…")).to_be_focused()
    list_page.keyboard.press("Escape")
    expect(menu(list_page)).to_be_hidden()
    expect(first.locator(".person-name a")).to_be_focused()
    list_page.keyboard.press("c")
    address = first.locator(".person-mail").inner_text()
    expect(list_page.get_by_role("status").filter(has_text=f"Copied: {address}")).to_have_count(1)
    assert list_page.evaluate("navigator.clipboard.readText()") == address
    list_page.keyboard.press("e")
    expect(list_page).to_have_url(re.compile(r"/users/[0-9a-f-]{36}/edit$"))


def test_the_menu_of_a_narrow_list_leads_to_the_actions(list_page: Page) -> None:
    list_page.set_viewport_size({"width": 390, "height": 800})
    name = list_page.locator(".person-name a").nth(1)
    list_page.get_by_role("button", name="Actions", exact=True).nth(1).click()
    expect(menu(list_page)).to_contain_text(name.inner_text())
    menu(list_page).get_by_role("link", name="Access").click()
    expect(list_page).to_have_url(re.compile(r"/users/[0-9a-f-]{36}/access$"))


def test_a_row_shows_its_actions_when_the_pointer_enters_it(list_page: Page) -> None:
    row = list_page.locator("tbody tr").nth(1)
    expect(row.get_by_role("button", name="Copy e-mail address")).to_have_count(0)
    row.hover()
    expect(row.get_by_role("button", name="Copy e-mail address")).to_be_visible()
    expect(row.get_by_role("link", name="Reactivate…")).to_have_count(0)
    row.get_by_role("link", name="Edit").click()
    expect(list_page).to_have_url(re.compile("/users/[0-9a-f-]{36}/edit$"))


def test_tab_leads_from_the_name_to_the_actions(list_page: Page) -> None:
    row = list_page.locator("tbody tr").first
    copy, edit = row.get_by_role("button", name="Copy e-mail address"), row.get_by_role("link", name="Edit")
    row.locator(".person-name a").focus()
    # They become visible with the focus. Tab skips what is still hidden.
    expect(copy).to_be_visible()
    list_page.keyboard.press("Tab")
    expect(copy).to_be_focused()
    list_page.keyboard.press("Tab")
    expect(edit).to_be_focused()


def test_a_row_in_the_bin_offers_to_restore(list_page: Page) -> None:
    list_page.goto("/users?status=deleted")
    expect(list_page.locator("#results[data-row-actions]")).to_be_visible()
    row = list_page.locator("tbody tr").first
    row.hover()
    expect(row.get_by_role("link")).to_have_count(2)
    row.get_by_role("link", name="Restore…").click()
    expect(list_page).to_have_url(re.compile("/restoration$"))


def test_without_script_a_row_leads_to_the_person_who_has_the_actions(owners_page: Visit) -> None:
    page = owners_page(java_script_enabled=False)
    page.goto("/users?q=liskov")
    row = page.locator("tbody tr").first
    row.hover()
    expect(row.get_by_role("button")).to_have_count(0)
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()


@pytest.fixture
def wide_list(page: Page) -> Iterator[Page]:
    """The list with two more columns, in a window that is too narrow for them."""

    def show(columns: bool) -> None:
        page.goto("/users/display")
        for column in ("attr.phone", "invitation"):
            page.locator(f"main [name=columns][value='{column}']").set_checked(columns)
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Users")

    show(columns=True)
    page.set_viewport_size({"width": 1100, "height": 800})
    page.goto("/users?q=liskov")
    yield page
    show(columns=False)


def test_the_checkbox_and_the_name_stay_while_the_list_scrolls_sideways(wide_list: Page) -> None:
    cells = wide_list.locator("tbody tr").first.locator("td")
    before = [cells.nth(number).bounding_box() for number in range(3)]
    wide_list.locator(".card:has(.people)").evaluate("card => card.scrollBy(200, 0)")
    after = [cells.nth(number).bounding_box() for number in range(3)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False]
