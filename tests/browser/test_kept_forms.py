"""What people entered is not lost if their session ends, or if they have to confirm who they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from tests.browser.conftest import Visit
from tests.browser.site import PASSWORD, Site
from tests.factories import TESTER
from webapp.access.models import OWNER
from webapp.access.services import end_grant, grant_role
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.signin.models import UserSession
from webapp.signin.sessions import end_sessions
from webapp.users.schemas import UserOut


@pytest.fixture
def second_owner(site: Site) -> Iterator[UserOut]:
    """An owner whose sessions no other test uses."""
    person = site.create_person("Second Owner", password=PASSWORD)
    with site.app.app_context():
        grant = grant_role(OWNER, user_id=person.id, by=TESTER)
    yield person
    with site.app.app_context():
        end_grant(grant.id, by=TESTER)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, profile: Visit, site: Site, second_owner: UserOut) -> Page:
    state = site.signed_in_as(second_owner.email)
    return profile(base_url=site.address, storage_state=state, java_script_enabled=request.param)


def test_an_edit_is_saved_after_signing_in_again(page: Page, site: Site, second_owner: UserOut) -> None:
    person = site.create_person("Grace Hopper")
    page.goto(f"/users/{person.id}/edit")
    page.get_by_role("textbox", name="Name", exact=True).fill("Grace Brewster Hopper")
    with site.app.app_context():
        end_sessions(second_owner.id, by=TESTER)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("What you entered is kept")).to_be_visible()
    page.get_by_label("E-mail or username").fill(second_owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Save changes")
    expect(page.get_by_role("definition").filter(has_text="Grace Brewster Hopper")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Grace Brewster Hopper")


def test_a_role_is_created_after_confirming(page: Page, site: Site, second_owner: UserOut) -> None:
    name = f"Reader {second_owner.id}"
    page.goto("/roles/new")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.locator("[value='users.read']").check()
    with site.app.app_context(), transaction():
        sessions = update(UserSession).where(UserSession.user_id == second_owner.id)
        db.session.execute(sessions.values(confirmed_at=now() - timedelta(hours=1)))
    page.get_by_role("button", name="Create role").click()
    expect(page.get_by_text("What you entered is kept.")).to_be_visible()
    page.get_by_label("Password of Second Owner").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create role")
    expect(page.get_by_role("definition").filter(has_text=name)).to_be_visible()
    page.get_by_role("button", name="Create role").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
