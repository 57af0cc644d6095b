"""Copy buttons confirm that they copied, or say that the browser refused."""

from __future__ import annotations

from playwright.sync_api import Page, expect

REFUSE = "navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'))"


def test_the_button_confirms_and_keeps_its_name(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/account")
    button = page.locator("[data-behaviour=copy]")
    name = button.get_attribute("aria-label") or ""
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == button.get_attribute("data-text")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_a_refusal_is_shown_beside_the_text(page: Page) -> None:
    page.add_init_script(REFUSE)
    page.goto("/account")
    page.locator("[data-behaviour=copy]").click()
    expect(page.get_by_role("alert")).to_have_text("The browser did not allow copying. Select the text and copy it.")
