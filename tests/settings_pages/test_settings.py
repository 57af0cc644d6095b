"""The list of settings, their navigation, and the security rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from webapp.core.permissions import Permission
from webapp.settings_pages.words import limit_in_words
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
SECTIONS = ("organisation", "attributes", "mail", "security", "webhooks", "event-stream", "tokens")


def test_the_list_and_the_navigation_lead_to_all_sections(owner: Browser) -> None:
    for path in ("/settings", *(f"/settings/{section}" for section in SECTIONS)):
        response = owner.get(path)
        assert response.status_code == 200
        assert all(f'href="/settings/{section}"' in response.text for section in SECTIONS), path


def test_the_navigation_marks_the_section(owner: Browser) -> None:
    page = owner.get("/settings/security").text
    link = page.partition('class="settings-nav-link"\n           href="/settings/security"')[2]
    assert link.lstrip().startswith('aria-current="page"')
    assert page.count('class="settings-nav-link"') == len(SECTIONS)


def browser_with(access: Access, permission: Permission) -> Browser:
    person = access.person("Someone")
    access.grant(access.role("Some", permission), user_id=person.id)
    return access.browser_of(person)


def test_people_who_may_not_change_settings_see_none(member: Browser, access: Access) -> None:
    editor = browser_with(access, Permission.USERS_EDIT)
    for browser in (member, editor):
        for path in ("", "/organisation", "/security"):
            assert browser.get(f"/settings{path}").status_code == 403
        assert browser.post("/settings/organisation", name="x", version=0).status_code == 403


def test_people_who_manage_tokens_see_only_tokens(access: Access) -> None:
    page = browser_with(access, Permission.TOKENS_MANAGE).get("/settings/tokens").text
    assert page.count('class="settings-nav-link"') == 1
    assert 'href="/settings"' not in page


def test_the_security_page_shows_the_settings_that_count(owner: Browser, change_settings: Any) -> None:
    change_settings(mfa_required="everyone", mfa_grace_days=3, login_limit="7/2hours", api_limit="off")
    page = owner.get("/settings/security").text
    for text in ("MFA_REQUIRED", "Everyone", "3 days", "7 in 2 hours", "No limit", "15 characters"):
        assert text in page
    content = page.partition("<main")[2].partition("</main>")[0].partition("settings-main")[2]
    # Only the proposal of a time zone.
    assert content.count("<form") == content.count('data-behaviour="timezone"')


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("10/5minutes", "10 in 5 minutes"),
        ("600/minute", "600 in 1 minute"),
        ("5/day", "5 in 1 day"),
        ("off", "No limit"),
    ],
)
def test_a_limit_in_words(app: App, limit: str, words: str) -> None:
    with app.test_request_context():
        assert limit_in_words(limit) == words
