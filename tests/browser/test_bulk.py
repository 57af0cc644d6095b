"""Choosing people in the list, and changing them at once: with keys, without a mouse, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site


@pytest.fixture
def listed(page: Page) -> Page:
    page.goto("/users?limit=25")
    expect(page.locator("[data-select-page]")).to_be_visible()
    return page


def boxes(page: Page) -> Locator:
    return page.locator("input[name=ids]")


def bar(page: Page) -> Locator:
    return page.get_by_role("form", name="Actions for selected people")


def test_the_bar_comes_with_the_first_and_goes_with_the_last(listed: Page) -> None:
    expect(bar(listed)).to_be_hidden()
    boxes(listed).nth(2).check()
    expect(bar(listed)).to_contain_text("1 selected")
    boxes(listed).nth(2).uncheck()
    expect(bar(listed)).to_be_hidden()


def test_a_press_on_a_checkbox_opens_nobody(listed: Page) -> None:
    address = listed.url
    # Beside the box itself, in its cell.
    listed.locator("td.col-select").nth(1).click(position={"x": 3, "y": 3})
    boxes(listed).nth(2).click()
    assert listed.url == address


def test_shift_chooses_what_lies_between(listed: Page) -> None:
    boxes(listed).nth(2).click()
    boxes(listed).nth(6).click(modifiers=["Shift"])
    expect(bar(listed)).to_contain_text("5 selected")
    boxes(listed).nth(4).click(modifiers=["Shift"])
    expect(bar(listed)).to_contain_text("2 selected")


def test_once_the_page_is_chosen_all_that_match_are_offered(listed: Page) -> None:
    boxes(listed).first.check()
    offer = bar(listed).locator("[name=all]")
    expect(offer).to_be_hidden()
    listed.locator("[data-select-page]").check()
    expect(bar(listed)).to_contain_text("25 selected")
    offer.check()
    expect(bar(listed).get_by_role("status")).to_contain_text("All ")
    boxes(listed).first.uncheck()
    expect(bar(listed).get_by_role("status")).to_have_text("24 selected")
    expect(offer).not_to_be_checked()


def test_keys_choose_and_clear(listed: Page) -> None:
    listed.keyboard.press("j")
    listed.keyboard.press("x")
    expect(bar(listed)).to_contain_text("1 selected")
    listed.keyboard.press("j")
    listed.keyboard.press("x")
    expect(bar(listed)).to_contain_text("2 selected")
    listed.keyboard.press("Escape")
    expect(bar(listed)).to_be_hidden()


def test_the_bar_is_there_for_what_was_searched(listed: Page) -> None:
    listed.get_by_role("searchbox", name="Search users").fill("liskov")
    expect(boxes(listed)).to_have_count(2)
    boxes(listed).first.check()
    expect(bar(listed)).to_contain_text("1 selected")
    expect(listed.locator("#bulk-form [name=view]")).to_have_value(re.compile("q=liskov"))


def test_people_are_changed_and_put_back_with_and_without_script(either_page: Page, site: Site) -> None:
    page = either_page
    for name in ("Bulky One", "Bulky Two"):
        site.someone(name)
    page.goto("/users?q=bulky")
    for box in boxes(page).all():
        box.check()
    page.locator("#bulk-action").select_option("deactivate")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deactivate ")
    page.get_by_role("button", name="Deactivate ").click()
    expect(page.get_by_role("main")).to_contain_text("people were changed")
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_role("main")).to_contain_text("changes were undone")


def test_all_that_match_are_chosen_without_script(owners_page: Visit, site: Site) -> None:
    for number in range(3):
        site.someone(f"Multitude {number}")
    page = owners_page(java_script_enabled=False)
    page.goto("/users?q=multitude&limit=2")
    page.locator("[name=all]").check()
    page.locator("#bulk-action").select_option("end_access")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set access end date for 3 people")


def test_a_file_is_downloaded(page: Page, site: Site) -> None:
    page.goto(f"/bulk/{site.ids['bulk_export']}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename.startswith("people-")
