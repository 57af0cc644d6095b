"""Invite somebody, accept the invitation with a password, and be signed in: with and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD, Site
from webapp.core.permissions import Actor, ActorKind
from webapp.users.inviting import link_for_user


def test_people_are_invited_from_a_pasted_list(either_page: Page) -> None:
    page = either_page
    page.goto("/invitations/new")
    page.get_by_role("textbox", name="People").fill(f"{id(page)}@rollcall.example\nolga@rollcall.example")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row").nth(2)).to_contain_text("Already a user")
    page.get_by_role("button", name="Send 1 invitation").click()
    expect(page.get_by_role("status").first).to_contain_text("1 person invited")


def test_the_link_leads_through_two_pages_into_rollcall(visitor: Page, site: Site) -> None:
    user = site.create_person("Anna Berg")
    with site.app.app_context():
        link = link_for_user(user.id, by=Actor(ActorKind.SYSTEM, "Test"))
    page = visitor
    page.goto(link)
    assert "token" not in page.url
    page.get_by_role("textbox", name="Your name").fill("Анна Берг")
    page.get_by_role("combobox", name="Language").select_option("Русский")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Придумайте пароль")
    page.locator("[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Сохранить пароль и войти").click()
    expect(page.get_by_role("status").first).to_contain_text("Учётная запись готова")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Это приглашение уже принято")
