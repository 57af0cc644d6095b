"""The list of users: search as you type, sorting, filters, pages and keyboard shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import sign_in
from tests.browser.conftest import Visit
from tests.browser.site import EMAIL, IMPORTED, OWNER, PASSWORD, Site
from tests.server import running_server


@pytest.fixture
def list_page(page: Page) -> Page:
    """The list, in a page that records whether it is loaded again."""
    page.goto("/users")
    # The shortcuts work when their hint is visible.
    expect(page.get_by_text("/", exact=True).first).to_be_visible()
    page.evaluate("window.sameDocument = true")
    return page


def search_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search users")


def names(page: Page) -> Locator:
    """Return the links to the displayed people."""
    return page.get_by_role("table").locator("tbody .person-name").get_by_role("link")


def same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def test_the_people_of_both_imports_are_listed(page: Page) -> None:
    # Only imported people have such an address. Other tests add more people.
    page.goto("/users?limit=200&q=%40example.com")
    expect(names(page)).to_have_count(IMPORTED)
    expect(page.get_by_role("main")).to_contain_text(f"{IMPORTED} people")


def test_search_as_you_type_keeps_the_focus(list_page: Page) -> None:
    search_box(list_page).press_sequentially("хрущёва", delay=30)
    expect(list_page.get_by_role("status").filter(has_text=re.compile(r"^\s*7 people\s*$"))).to_have_count(1)
    expect(names(list_page)).to_have_count(7)
    expect(search_box(list_page)).to_be_focused()
    expect(search_box(list_page)).to_have_value("хрущёва")
    assert same_document(list_page)
    expect(list_page).to_have_url(re.compile(r"/users\?q=%D1%85"))


def test_a_search_without_matches_can_be_cleared(list_page: Page) -> None:
    search_box(list_page).fill("nobody at all")
    expect(list_page.get_by_role("status").filter(has_text="No one found")).to_have_count(1)
    expect(list_page.get_by_role("heading", name="No one matches")).to_be_visible()
    list_page.get_by_role("link", name="Clear search").click()
    expect(names(list_page)).to_have_count(50)


def test_search_works_without_script(owners_page: Visit) -> None:
    page = owners_page(java_script_enabled=False)
    page.goto("/users")
    search_box(page).fill("hopper grace")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("table")).to_contain_text("grace.hopper8823@example.com")
    expect(page).to_have_url(re.compile(r"/users\?q=hopper\+grace$"))


def test_going_back_shows_the_previous_search(list_page: Page) -> None:
    search_box(list_page).fill("liskov")
    expect(names(list_page)).to_have_count(2)
    names(list_page).first.click()
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Barbara Liskov")
    list_page.go_back()
    expect(names(list_page)).to_have_count(2)
    expect(search_box(list_page)).to_have_value("liskov")
    search_box(list_page).fill("knuth")
    expect(names(list_page)).to_have_text(["Donald Knuth"])


def test_columns_sort_in_both_directions(page: Page) -> None:
    # Narrower windows hide usernames.
    page.set_viewport_size({"width": 1440, "height": 900})

    def sort_by(column: str, direction: str) -> Locator:
        """Sort by the column and return the first row."""
        page.get_by_role("table").get_by_role("link", name=column, exact=True).click()
        head = page.get_by_role("columnheader", name=column, exact=True)
        expect(head).to_have_attribute("aria-sort", direction)
        return page.get_by_role("row").nth(1)

    page.goto("/users?q=%40example.com")
    expect(sort_by("Name", "descending")).to_contain_text("Юлия Цветкова")
    expect(sort_by("Name", "ascending")).to_contain_text("Alan Turing")
    expect(sort_by("Last sign-in", "descending")).to_contain_text("minutes ago")
    expect(sort_by("Last sign-in", "ascending")).to_contain_text("never")
    expect(sort_by("Username", "ascending")).to_contain_text("alan.turing5201")


def test_the_status_filter_keeps_the_search(list_page: Page) -> None:
    search_box(list_page).fill("example.com")
    expect(list_page.get_by_role("main")).to_contain_text(f"{IMPORTED} people")
    list_page.get_by_role("navigation", name="Status").get_by_role("link", name="Deactivated").click()
    expect(
        list_page.get_by_role("navigation", name="Status").get_by_role("link", name="Deactivated")
    ).to_have_attribute("aria-current", "true")
    expect(names(list_page)).to_have_count(6)
    expect(search_box(list_page)).to_have_value("example.com")


def test_pages_can_be_turned_forwards_and_backwards(list_page: Page) -> None:
    first = names(list_page).all_text_contents()
    list_page.get_by_role("link", name="Next").click()
    expect(names(list_page).first).not_to_have_text(first[0])
    second = names(list_page).all_text_contents()
    list_page.get_by_role("link", name="Previous").click()
    expect(names(list_page)).to_have_text(first)
    assert (len(first), len(second) >= 16) == (50, True)


def test_keys_focus_the_search_and_rows(list_page: Page) -> None:
    list_page.keyboard.press("/")
    expect(search_box(list_page)).to_be_focused()
    list_page.keyboard.type("j")
    expect(search_box(list_page)).to_have_value("j")
    list_page.keyboard.press("Escape")
    list_page.keyboard.press("Escape")
    list_page.keyboard.press("j")
    expect(names(list_page).nth(0)).to_be_focused()
    list_page.keyboard.press("j")
    expect(names(list_page).nth(1)).to_be_focused()
    list_page.keyboard.press("k")
    expect(names(list_page).nth(0)).to_be_focused()
    list_page.keyboard.press("Enter")
    expect(list_page).to_have_url(re.compile("/users/[0-9a-f-]{36}$"))


def test_keys_open_the_help_and_the_form_for_a_new_user(list_page: Page) -> None:
    list_page.keyboard.press("?")
    expect(list_page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    list_page.keyboard.press("Escape")
    expect(list_page.get_by_role("dialog")).to_have_count(0)
    list_page.keyboard.press("n")
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Add user")


@pytest.fixture
def press(list_page: Page) -> Callable[..., None]:
    """Return a function that presses a key of any layout. `code` is the name of the key on the US layout."""
    keyboard = list_page.context.new_cdp_session(list_page)

    def press(key: str, code: str, modifiers: int = 0) -> None:
        pressed = {"key": key, "code": code, "text": key, "modifiers": modifiers}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown"} | pressed)

    return press


def test_keys_work_with_a_russian_layout(list_page: Page, press: Callable[..., None]) -> None:
    press("о", "KeyJ")
    press("о", "KeyJ")
    press("л", "KeyK")
    expect(names(list_page).nth(0)).to_be_focused()
    press(".", "Slash")
    expect(search_box(list_page)).to_be_focused()
    press("т", "KeyN")
    expect(search_box(list_page)).to_have_value("т")
    list_page.keyboard.press("Escape")
    list_page.keyboard.press("Escape")
    press(",", "Slash", modifiers=8)
    expect(list_page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    list_page.keyboard.press("Escape")
    press("т", "KeyN")
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Add user")


def test_keys_work_with_the_dvorak_layout(list_page: Page, press: Callable[..., None]) -> None:
    list_page.locator("#bulk-form[data-enhanced]").wait_for(state="attached")
    press("j", "KeyC")
    expect(names(list_page).nth(0)).to_be_focused()
    press("x", "KeyB")
    expect(list_page.get_by_role("row").nth(1).get_by_role("checkbox")).to_be_checked()
    press("b", "KeyN")
    expect(list_page.get_by_label("Action", exact=True)).to_be_focused()
    press("k", "KeyV", modifiers=2)
    expect(list_page.get_by_role("dialog", name="Search everything")).to_be_visible()


def test_a_key_opens_the_edit_page(page: Page, site: Site) -> None:
    page.goto(f"/users/{site.ids['active']}")
    page.locator("[data-shortcuts-open]:not([hidden])").wait_for(state="attached")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/edit$"))


def test_first_user_sees_next_steps(profile: Visit, tmp_path: Path) -> None:
    with running_server(tmp_path, **OWNER) as server:
        page = profile(base_url=server.address)
        sign_in(page, EMAIL, PASSWORD)
        page.goto("/users")
        expect(page.get_by_role("heading", name="You are the only user")).to_be_visible()
        page.goto("/users?status=active")
        expect(names(page)).to_have_count(1)
        expect(page.get_by_role("heading", name="You are the only user")).to_have_count(0)
        # The counts on the tabs must arrive before the server stops.
        page.wait_for_load_state("networkidle")


def test_keys_can_be_turned_off(list_page: Page) -> None:
    list_page.keyboard.press("?")
    list_page.get_by_label("Use keyboard shortcuts in this browser").uncheck()
    list_page.keyboard.press("Escape")
    list_page.reload()
    expect(list_page.get_by_role("table")).to_be_visible()
    list_page.keyboard.press("/")
    expect(search_box(list_page)).not_to_be_focused()
