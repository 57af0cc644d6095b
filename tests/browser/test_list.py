"""Finding people: search as you type, sort, filter, pages and keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import sign_in
from tests.browser.conftest import Visit
from tests.browser.site import EMAIL, IMPORTED, OWNER, PASSWORD, Site
from tests.server import running_server


@pytest.fixture
def people(page: Page) -> Page:
    """The list, in a page that remembers whether it was ever loaded again."""
    page.goto("/users")
    # The keys work from the moment their hint shows.
    expect(page.get_by_text("/", exact=True).first).to_be_visible()
    page.evaluate("window.sameDocument = true")
    return page


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search users")


def names(page: Page) -> Locator:
    """The links to the people who are shown, in order."""
    return page.get_by_role("table").locator("tbody").get_by_role("link")


def same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def test_everybody_of_both_imports_is_there(page: Page) -> None:
    # Only they have such an address; the other tests add people of their own.
    page.goto("/users?limit=200&q=%40example.com")
    expect(names(page)).to_have_count(IMPORTED)
    expect(page.get_by_role("main")).to_contain_text(f"{IMPORTED} people")


def test_search_shows_people_as_one_types_and_keeps_the_place(people: Page) -> None:
    box(people).press_sequentially("хрущёва", delay=30)
    expect(people.get_by_role("status").filter(has_text=re.compile(r"^\s*7 people\s*$"))).to_have_count(1)
    expect(names(people)).to_have_count(7)
    expect(box(people)).to_be_focused()
    expect(box(people)).to_have_value("хрущёва")
    assert same_document(people)
    expect(people).to_have_url(re.compile(r"/users\?q=%D1%85"))


def test_search_that_finds_nobody_says_so_and_can_be_cleared(people: Page) -> None:
    box(people).fill("nobody at all")
    expect(people.get_by_role("status").filter(has_text="No one found")).to_have_count(1)
    expect(people.get_by_role("heading", name="No one matches")).to_be_visible()
    people.get_by_role("link", name="Clear search").click()
    expect(names(people)).to_have_count(50)


def test_search_works_by_its_button_without_script(owners_page: Visit) -> None:
    page = owners_page(java_script_enabled=False)
    page.goto("/users")
    box(page).fill("hopper grace")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("table")).to_contain_text("grace.hopper8823@example.com")
    expect(page).to_have_url(re.compile(r"/users\?q=hopper\+grace$"))


def test_going_back_shows_what_was_found_before(people: Page) -> None:
    box(people).fill("liskov")
    expect(names(people)).to_have_count(2)
    names(people).first.click()
    expect(people.get_by_role("heading", level=1)).to_have_text("Barbara Liskov")
    people.go_back()
    expect(names(people)).to_have_count(2)
    expect(box(people)).to_have_value("liskov")
    box(people).fill("knuth")
    expect(names(people)).to_have_text(["Donald Knuth"])


def test_columns_sort_both_ways(page: Page) -> None:
    # Narrower ones have no room for usernames.
    page.set_viewport_size({"width": 1440, "height": 900})

    def sort_by(column: str, direction: str) -> Locator:
        """The first row then."""
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


def test_the_status_filter_keeps_the_search(people: Page) -> None:
    box(people).fill("example.com")
    expect(people.get_by_role("main")).to_contain_text(f"{IMPORTED} people")
    people.get_by_role("navigation", name="Status").get_by_role("link", name="Deactivated").click()
    expect(people.get_by_role("navigation", name="Status").get_by_role("link", name="Deactivated")).to_have_attribute(
        "aria-current", "true"
    )
    expect(names(people)).to_have_count(6)
    expect(box(people)).to_have_value("example.com")


def test_pages_follow_each_other_and_lead_back(people: Page) -> None:
    first = names(people).all_text_contents()
    people.get_by_role("link", name="Next").click()
    expect(names(people).first).not_to_have_text(first[0])
    second = names(people).all_text_contents()
    people.get_by_role("link", name="Previous").click()
    expect(names(people)).to_have_text(first)
    assert (len(first), len(second) >= 16) == (50, True)


def test_keys_lead_to_search_and_rows(people: Page) -> None:
    people.keyboard.press("/")
    expect(box(people)).to_be_focused()
    people.keyboard.type("j")
    expect(box(people)).to_have_value("j")
    people.keyboard.press("Escape")
    people.keyboard.press("Escape")
    people.keyboard.press("j")
    expect(names(people).nth(0)).to_be_focused()
    people.keyboard.press("j")
    expect(names(people).nth(1)).to_be_focused()
    people.keyboard.press("k")
    expect(names(people).nth(0)).to_be_focused()
    people.keyboard.press("Enter")
    expect(people).to_have_url(re.compile("/users/[0-9a-f-]{36}$"))


def test_keys_lead_to_help_and_to_a_new_user(people: Page) -> None:
    people.keyboard.press("?")
    expect(people.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    people.keyboard.press("Escape")
    expect(people.get_by_role("dialog")).to_have_count(0)
    people.keyboard.press("n")
    expect(people.get_by_role("heading", level=1)).to_have_text("Add user")


def test_keys_are_those_of_a_latin_layout_on_a_russian_one(people: Page) -> None:
    keyboard = people.context.new_cdp_session(people)

    def press(key: str, code: str, modifiers: int = 0) -> None:
        pressed = {"key": key, "code": code, "text": key, "modifiers": modifiers}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown"} | pressed)

    press("о", "KeyJ")
    press("о", "KeyJ")
    press("л", "KeyK")
    expect(names(people).nth(0)).to_be_focused()
    press(".", "Slash")
    expect(box(people)).to_be_focused()
    press("т", "KeyN")
    expect(box(people)).to_have_value("т")
    people.keyboard.press("Escape")
    people.keyboard.press("Escape")
    press(",", "Slash", modifiers=8)
    expect(people.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    people.keyboard.press("Escape")
    press("т", "KeyN")
    expect(people.get_by_role("heading", level=1)).to_have_text("Add user")


def test_a_key_leads_to_the_edit_page(page: Page, site: Site) -> None:
    page.goto(f"/users/{site.ids['active']}")
    page.locator("[data-shortcuts-open]:not([hidden])").wait_for(state="attached")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/edit$"))


def test_whoever_is_alone_is_told_what_to_do(profile: Visit, tmp_path: Path) -> None:
    with running_server(tmp_path, **OWNER) as server:
        page = profile(base_url=server.address)
        sign_in(page, EMAIL, PASSWORD)
        page.goto("/users")
        expect(page.get_by_role("heading", name="You are the only user")).to_be_visible()
        page.goto("/users?status=active")
        expect(names(page)).to_have_count(1)
        expect(page.get_by_role("heading", name="You are the only user")).to_have_count(0)


def test_keys_can_be_turned_off(people: Page) -> None:
    people.keyboard.press("?")
    people.get_by_label("Use keyboard shortcuts in this browser").uncheck()
    people.keyboard.press("Escape")
    people.reload()
    expect(people.get_by_role("table")).to_be_visible()
    people.keyboard.press("/")
    expect(box(people)).not_to_be_focused()
