"""Attribute forms and the palette's recent things, which need JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site


def test_the_key_follows_the_name_until_someone_types_one(page: Page) -> None:
    page.goto("/settings/attributes/new")
    name, key = page.locator("[name=label_en]"), page.locator("[name=key]")
    page.locator("[data-behaviour=derive-key][data-enhanced]").wait_for()
    name.press_sequentially("Cost center", delay=20)
    expect(key).to_have_value("cost_center")
    key.fill("mine")
    name.press_sequentially(" 2", delay=20)
    expect(key).to_have_value("mine")


def test_choices_are_added_moved_and_pasted_by_the_keyboard(page: Page) -> None:
    page.goto("/settings/attributes/new")
    page.locator("[name=kind]").select_option("choice")
    values = page.locator("[name='choices.value']")
    expect(values).to_have_count(3)
    values.first.fill("a")
    page.locator("[data-behaviour=choice-rows][data-enhanced]").wait_for()
    values.first.press("Enter")
    expect(values.nth(1)).to_be_focused()
    values.nth(1).fill("b")
    page.locator(".choice-row").nth(1).get_by_role("button", name="Move up").click()
    expect(values.first).to_have_value("b")
    page.get_by_role("button", name="Add choice").click()
    expect(values).to_have_count(4)
    page.get_by_role("button", name="Remove").last.click()
    expect(values).to_have_count(3)
    assert page.url.endswith("/settings/attributes/new")


def test_the_palette_offers_recent_things_and_forgets_them_at_sign_out(page: Page, site: Site) -> None:
    person = site.create_person("Recent Person")
    page.goto(f"/users/{person.id}")
    page.locator("[data-palette-open]:not([hidden])").first.wait_for(state="attached")
    page.goto("/groups")
    page.locator("[data-palette-open]:not([hidden])").first.wait_for(state="attached")
    page.keyboard.press("Control+k")
    first = page.get_by_role("dialog").get_by_role("option").first
    expect(first).to_contain_text("Recent Person")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recent Person")
    stored = "Object.entries(localStorage).filter(([key]) => key.startsWith('rollcall.recent.')).join()"
    assert str(person.id) in page.evaluate(stored)
    assert "Recent" not in page.evaluate(stored).replace("rollcall.recent", "")
    page.context.clear_cookies()
    page.goto("/login")
    page.wait_for_function(f"!{stored}")
