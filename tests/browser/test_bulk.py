"""Select people in the list and change them in bulk, with the keyboard and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site


@pytest.fixture
def list_page(page: Page) -> Page:
    page.goto("/users?limit=25")
    expect(page.locator("[data-select-page]")).to_be_visible()
    return page


def checkboxes(page: Page | Locator) -> Locator:
    return page.locator("input[name=ids]")


def bar(page: Page) -> Locator:
    return page.get_by_role("form", name="Actions for selected people")


def test_the_bar_is_visible_while_people_are_selected(list_page: Page) -> None:
    expect(bar(list_page)).to_be_hidden()
    checkboxes(list_page).nth(2).check()
    expect(bar(list_page)).to_contain_text("1 selected")
    checkboxes(list_page).nth(2).uncheck()
    expect(bar(list_page)).to_be_hidden()


def test_a_click_on_a_checkbox_does_not_open_the_user(list_page: Page) -> None:
    address = list_page.url
    # Click beside the checkbox, in its cell.
    list_page.locator("td.col-select").nth(1).click(position={"x": 3, "y": 3})
    checkboxes(list_page).nth(2).click()
    assert list_page.url == address


def test_shift_selects_a_range(list_page: Page) -> None:
    checkboxes(list_page).nth(2).click()
    checkboxes(list_page).nth(6).click(modifiers=["Shift"])
    expect(bar(list_page)).to_contain_text("5 selected")
    checkboxes(list_page).nth(4).click(modifiers=["Shift"])
    expect(bar(list_page)).to_contain_text("2 selected")


def test_selecting_a_page_offers_to_select_all_matches(list_page: Page) -> None:
    checkboxes(list_page).first.check()
    offer = bar(list_page).locator("[name=all]")
    expect(offer).to_be_hidden()
    list_page.locator("[data-select-page]").check()
    expect(bar(list_page)).to_contain_text("25 selected")
    offer.check()
    expect(bar(list_page).get_by_role("status")).to_contain_text("All ")
    checkboxes(list_page).first.uncheck()
    expect(bar(list_page).get_by_role("status")).to_have_text("24 selected")
    expect(offer).not_to_be_checked()


def test_keys_select_and_clear(list_page: Page) -> None:
    list_page.keyboard.press("j")
    list_page.keyboard.press("x")
    expect(bar(list_page)).to_contain_text("1 selected")
    list_page.keyboard.press("j")
    list_page.keyboard.press("x")
    expect(bar(list_page)).to_contain_text("2 selected")
    list_page.keyboard.press("Escape")
    expect(bar(list_page)).to_be_hidden()


def test_the_selection_stays_while_pages_are_turned(list_page: Page) -> None:
    checkboxes(list_page).nth(1).check()
    list_page.get_by_role("link", name="Next").click()
    expect(bar(list_page)).to_contain_text("1 selected, 1 on other pages")
    checkboxes(list_page.locator("table")).nth(0).check()
    expect(bar(list_page)).to_contain_text("2 selected, 1 on other pages")
    list_page.get_by_role("link", name="Created").click()
    expect(bar(list_page)).to_contain_text("2 selected")
    list_page.go_back()
    list_page.go_back()
    expect(checkboxes(list_page.locator("table")).nth(1)).to_be_checked()
    expect(bar(list_page)).to_contain_text("2 selected, 1 on other pages")
    list_page.locator("#bulk-action").select_option("deactivate")
    list_page.get_by_role("button", name="Continue").click()
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Deactivate 2 people")
    list_page.goto("/users?limit=25")
    expect(bar(list_page)).to_be_hidden()


def test_another_list_has_another_selection(list_page: Page) -> None:
    checkboxes(list_page).nth(1).check()
    list_page.get_by_role("link", name="Active", exact=True).click()
    expect(list_page.locator("[data-select-page]")).to_be_visible()
    expect(bar(list_page)).to_be_hidden()
    list_page.go_back()
    expect(list_page.locator("[data-select-page]")).to_be_visible()
    expect(bar(list_page)).to_be_hidden()


def test_a_limited_number_of_people_can_be_selected(page: Page) -> None:
    def with_a_low_limit(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('data-max="1000"', 'data-max="3"'))

    page.route("**/users?limit=25", with_a_low_limit)
    page.goto("/users?limit=25")
    expect(page.locator("[data-select-page]")).to_be_visible()
    page.locator("[data-select-page]").click()
    expect(bar(page).get_by_role("alert")).to_contain_text("You can select at most")
    expect(bar(page)).to_contain_text("3 selected")
    bar(page).locator("[name=all]").check()
    expect(bar(page).get_by_role("status")).to_contain_text("All ")


def test_a_key_leads_from_the_rows_to_the_bar(list_page: Page) -> None:
    for key in ("j", "x", "b"):
        list_page.keyboard.press(key)
    expect(list_page.locator("#bulk-action")).to_be_focused()


def test_the_bar_works_after_a_search(list_page: Page) -> None:
    list_page.get_by_role("searchbox", name="Search users").fill("liskov")
    expect(checkboxes(list_page)).to_have_count(2)
    checkboxes(list_page).first.check()
    expect(bar(list_page)).to_contain_text("1 selected")
    expect(list_page.locator("#bulk-form [name=view]")).to_have_value(re.compile("q=liskov"))


def test_people_are_changed_and_the_change_is_undone(either_page: Page, site: Site) -> None:
    page = either_page
    for name in ("Bulky One", "Bulky Two"):
        site.create_person(name)
    page.goto("/users?q=bulky")
    for box in checkboxes(page).all():
        box.check()
    page.locator("#bulk-action").select_option("deactivate")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deactivate ")
    page.get_by_role("button", name="Deactivate ").click()
    expect(page.get_by_role("main")).to_contain_text("people were changed")
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_role("main")).to_contain_text("changes were undone")


def test_all_matches_can_be_selected_without_script(owners_page: Visit, site: Site) -> None:
    for number in range(3):
        site.create_person(f"Multitude {number}")
    page = owners_page(java_script_enabled=False)
    page.goto("/users?q=multitude&limit=2")
    bar(page).locator("[name=all]").check()
    page.locator("#bulk-action").select_option("end_access")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set access end date for 3 people")


def test_a_file_is_downloaded(page: Page, site: Site) -> None:
    page.goto(f"/bulk/{site.ids['bulk_export']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename.startswith("people-")


def test_the_way_back_from_the_preview_keeps_list_and_selection(either_page: Page, site: Site) -> None:
    for name in ("Backward One", "Backward Two", "Backward Three"):
        site.create_person(name)
    either_page.goto("/users?q=backward&sort=-created")
    for number in (0, 2):
        checkboxes(either_page).nth(number).check()
    either_page.locator("#bulk-action").select_option("deactivate")
    either_page.get_by_role("button", name="Continue").click()
    either_page.get_by_role("link", name="Back to list").click()
    expect(either_page.get_by_role("searchbox", name="Search users")).to_have_value("backward")
    for number, is_selected in enumerate((True, False, True)):
        expect(checkboxes(either_page.locator("table")).nth(number)).to_be_checked(checked=is_selected)


def test_the_back_button_of_the_browser_keeps_the_selection_of_all_pages(list_page: Page) -> None:
    checkboxes(list_page).nth(1).check()
    list_page.get_by_role("link", name="Next").click()
    checkboxes(list_page.locator("table")).nth(0).check()
    expect(bar(list_page)).to_contain_text("2 selected")
    list_page.locator("#bulk-action").select_option("deactivate")
    list_page.get_by_role("button", name="Continue").click()
    expect(list_page.get_by_role("heading", level=1)).to_have_text("Deactivate 2 people")
    list_page.go_back()
    expect(bar(list_page)).to_contain_text("2 selected")
    expect(checkboxes(list_page.locator("table")).nth(0)).to_be_checked()


def test_the_link_back_takes_precedence_over_an_older_selection(list_page: Page) -> None:
    checkboxes(list_page).nth(1).check()
    list_page.locator("#bulk-action").select_option("deactivate")
    list_page.get_by_role("button", name="Continue").click()
    list_page.get_by_role("link", name="Back to list").click()
    expect(bar(list_page)).to_contain_text("1 selected")
    checkboxes(list_page.locator("table")).nth(1).uncheck()
    list_page.get_by_role("link", name="Next").click()
    expect(list_page.locator("[data-select-page]")).to_be_visible()
    expect(bar(list_page)).to_be_hidden()
