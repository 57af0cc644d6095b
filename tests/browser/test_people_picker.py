"""Find and choose people by the keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site
from tests.factories import TESTER
from webapp.groups.services import create_group


@pytest.fixture
def group(site: Site) -> Callable[[str], UUID]:
    """Return a function that creates a group and three people to choose from."""

    def create(name: str) -> UUID:
        for given in ("Ada", "Bo", "Cy"):
            site.create_person(f"{given} {name}")
        with site.app.app_context():
            return create_group(name=f"{name} {uuid4().hex[:6]}", by=TESTER).id

    return create


def combobox(page: Page, label: str = "User") -> Locator:
    return page.get_by_role("combobox", name=label)


def options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="People").get_by_role("option")


def test_a_member_is_chosen_by_the_keyboard(page: Page, group: Callable[[str], UUID]) -> None:
    page.goto(f"/groups/{group('Pickford')}")
    box = combobox(page)
    box.press_sequentially("pickford", delay=20)
    expect(options(page)).to_have_count(3)
    expect(page.locator(".picker", has=combobox(page)).get_by_role("status")).to_have_text("3 found")
    expect(box).to_have_attribute("aria-expanded", "true")
    for _step in range(2):
        page.keyboard.press("ArrowDown")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options(page).nth(1).get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile(r"^Bo Pickford \(.+@rollcall\.example\)$"))
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bo Pickford was added to the group")).to_be_visible()


def test_escape_closes_the_list_and_keeps_the_text(page: Page, group: Callable[[str], UUID]) -> None:
    page.goto(f"/groups/{group('Escalante')}")
    combobox(page).press_sequentially("escalante", delay=20)
    expect(options(page)).to_have_count(3)
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(combobox(page)).to_have_value("escalante")


def test_a_chosen_person_can_be_cleared(page: Page, group: Callable[[str], UUID]) -> None:
    page.goto(f"/groups/{group('Clearwater')}")
    combobox(page).press_sequentially("clearwater", delay=20)
    options(page).first.click()
    page.get_by_role("button", name="Clear").click()
    expect(combobox(page)).to_have_value("")
    expect(combobox(page)).to_be_focused()
    expect(page.locator("input[type=hidden][name=person]")).to_have_count(0)


def test_people_are_offered_without_a_choice(either_page: Page, group: Callable[[str], UUID]) -> None:
    either_page.goto(f"/groups/{group('Offerley')}")
    either_page.get_by_label("User").fill("Offerley")
    either_page.get_by_role("button", name="Add to group").click()
    expect(either_page.get_by_label("User")).to_have_value("Offerley")
    either_page.get_by_role("radio", name="Cy Offerley").last.check()
    either_page.get_by_role("button", name="Add to group").click()
    expect(either_page.get_by_text("Cy Offerley was added to the group")).to_be_visible()


def test_the_audit_trail_is_filtered_by_a_chosen_person(page: Page, group: Callable[[str], UUID]) -> None:
    group("Tracewell")
    page.goto("/audit")
    combobox(page, "Subject").press_sequentially("tracewell", delay=20)
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Cy Tracewell")
    expect(combobox(page, "Subject")).to_have_value(re.compile(r"^Cy Tracewell \(.+@"))
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Cy Tracewell")


@pytest.fixture
def led(page: Page, site: Site, group: Callable[[str], UUID]) -> str:
    """The address of a person whose manager was chosen, Ada Manageson."""
    group("Manageson")
    address = f"/users/{site.create_person('Led Byother').id}"
    page.goto(f"{address}/edit")
    page.get_by_text("More fields").click()
    combobox(page, "Manager").press_sequentially("ada manageson", delay=20)
    expect(options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("link", name="Ada Manageson")).to_be_visible()
    return address


def test_the_manager_of_a_person_is_chosen(page: Page, led: str) -> None:
    page.goto(f"{led}/edit")
    expect(combobox(page, "Manager")).to_have_value(re.compile(r"^Ada Manageson \(.+@"))


def test_a_saved_manager_is_no_unsaved_change(page: Page, led: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{led}/edit")
    expect(combobox(page, "Manager")).to_have_value(re.compile(r"^Ada Manageson \(.+@"))
    # Browsers ask only people who did something on the page.
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Led Byother")
    assert asked == []

    page.goto(f"{led}/edit")
    page.locator(".picker", has=combobox(page, "Manager")).get_by_role("button", name="Clear").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Led Byother")
    assert asked == ["beforeunload"]
