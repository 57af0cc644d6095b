"""Edit a user, also concurrently."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site


@pytest.fixture
def address(site: Site) -> str:
    """The address of a user that no other test uses."""
    return f"/users/{site.create_person('Grace Hopper').id}"


def rename(page: Page, name: str, button: str = "Save changes") -> None:
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("button", name=button).click()


def test_a_change_is_saved_and_shown(either_page: Page, address: str) -> None:
    either_page.goto(address)
    either_page.get_by_role("link", name="Edit", exact=True).click()
    rename(either_page, "Grace Brewster Hopper")
    expect(either_page.get_by_role("status").first).to_contain_text("Changes to Grace Brewster Hopper saved")
    expect(either_page.get_by_role("heading", level=1)).to_have_text("Grace Brewster Hopper")
    expect(either_page.get_by_role("deletion")).to_have_text("Grace Hopper")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_after_edits_at_once_the_second_person_chooses_between_both_values(
    owners_page: Visit, address: str, scripts: bool
) -> None:
    first, second = (owners_page(java_script_enabled=scripts) for _person in range(2))
    for page in (first, second):
        page.goto(f"{address}/edit")
    rename(first, "Rear Admiral Hopper")
    expect(first.get_by_role("heading", level=1)).to_have_text("Rear Admiral Hopper")

    second.locator(".more-fields > summary").click()
    second.get_by_role("textbox", name="Username").fill(f"grace.{scripts}".lower())
    rename(second, "Dr Grace Hopper")
    expect(second.get_by_role("heading", level=1)).to_contain_text("Someone else saved other changes")
    name = second.get_by_role("group", name="Name")
    expect(name).to_contain_text("Rear Admiral Hopper")
    expect(second.get_by_role("main").get_by_role("group")).to_have_count(1)
    expect(second.get_by_role("table").get_by_role("row", name="Username")).to_contain_text("grace.")

    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("Someone else saved other changes")
    name.get_by_role("radio", name="Dr Grace Hopper").check()
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Dr Grace Hopper")
    first.reload()
    expect(first.get_by_role("heading", level=1)).to_have_text("Dr Grace Hopper")


def test_the_page_of_a_conflict_opens_with_the_focus_on_its_summary(owners_page: Visit, address: str) -> None:
    first, second = owners_page(), owners_page()
    for page in (first, second):
        page.goto(f"{address}/edit")
    rename(first, "Rear Admiral Hopper")
    rename(second, "Dr Grace Hopper")
    expect(second.locator(":focus")).to_contain_text("Nothing of yours is saved yet.")
    expect(second.locator(":focus")).to_be_in_viewport()
    second.keyboard.press("Tab")
    expect(second.locator(":focus")).to_have_attribute("type", "radio")


def test_unsaved_changes_ask_before_leaving(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{address}/edit")
    page.locator(".more-fields > summary").click()
    # The buttons are shown once the scripts have started.
    page.get_by_role("group", name="Access ends on").get_by_role("button", name="In 30 days").click()
    expect(page.locator("#ends_at")).not_to_have_value("")
    page.goto(address)
    assert asked == ["beforeunload"]

    page.goto(f"{address}/edit")
    page.locator(".more-fields > summary").click()
    expect(page.get_by_role("group", name="Access ends on")).to_be_visible()
    page.goto(f"{address}/edit")
    rename(page, "Rear Admiral Hopper")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rear Admiral Hopper")
    assert asked == ["beforeunload"], "neither unchanged nor after saving"


def test_a_stale_edit_can_be_discarded(owners_page: Visit, address: str) -> None:
    first, second = owners_page(java_script_enabled=False), owners_page(java_script_enabled=False)
    for page in (first, second):
        page.goto(f"{address}/edit")
    rename(first, "Rear Admiral Hopper")
    rename(second, "Dr Grace Hopper")
    second.get_by_role("link", name="Discard my changes").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Rear Admiral Hopper")
