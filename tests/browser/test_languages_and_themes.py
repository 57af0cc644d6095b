"""The language and the theme that one chooses stay, and nothing flashes on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.site import PASSWORD, Site
from tests.processes import ROOT
from webapp.access.models import OWNER

TRANSLATED = Path(ROOT / "webapp/translations/ru/LC_MESSAGES/messages.mo").exists()
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def person(visitor: Page, site: Site) -> Page:
    """A page of an owner's whose preferences nobody else looks at."""
    owner = site.someone("Only Chooser", password=PASSWORD, roles=[OWNER])
    sign_in(visitor, owner.email, PASSWORD)
    return visitor


def choose(page: Page, what: str) -> None:
    page.locator("summary").first.click()
    page.get_by_role("button", name=what).click()


def test_the_language_stays_over_pages(person: Page) -> None:
    person.goto("/users?status=active")
    expect(person.locator("html")).to_have_attribute("lang", "en")
    choose(person, "Русский")
    expect(person.locator("html")).to_have_attribute("lang", "ru")
    expect(person).to_have_url(re.compile(r"/users\?status=active$"))
    person.goto("/users")
    expect(person.locator("html")).to_have_attribute("lang", "ru")
    if TRANSLATED:
        expect(person.get_by_role("heading", level=1)).to_have_text("Пользователи")
    choose(person, "English")
    expect(person.get_by_role("heading", level=1)).to_have_text("Users")


def test_the_theme_stays_over_pages_and_is_in_their_first_bytes(person: Page) -> None:
    person.goto("/users")
    light = person.evaluate(BACKGROUND)
    choose(person, "Dark")
    expect(person.locator("html")).to_have_attribute("data-theme", "dark")
    person.goto("/account")
    assert person.evaluate(BACKGROUND) != light
    html = person.context.request.get("/users").text()
    assert 'data-theme="dark"' in html[:200]
    assert '<meta name="color-scheme" content="dark">' in re.sub(r"\s+", " ", html[:600])


def test_the_chosen_dark_is_the_dark_of_the_system(person: Page) -> None:
    person.emulate_media(color_scheme="dark")
    person.goto("/users")
    of_the_system = person.evaluate(BACKGROUND)
    person.emulate_media(color_scheme="light")
    person.reload()
    assert person.evaluate(BACKGROUND) != of_the_system
    choose(person, "Dark")
    expect(person.locator("html")).to_have_attribute("data-theme", "dark")
    assert person.evaluate(BACKGROUND) == of_the_system


def test_the_language_can_be_chosen_before_signing_in(visitor: Page) -> None:
    visitor.goto("/login")
    visitor.get_by_role("link", name="Русский").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "ru")
    visitor.goto("/login")
    expect(visitor.locator("html")).to_have_attribute("lang", "ru")
