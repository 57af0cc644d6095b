"""The first steps of a new owner."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR
from webapp.audit.actions import Action

pytestmark = pytest.mark.one_engine

STEPS = ("Add a user", "Create a group", "Invite a colleague", "Look at the audit trail")


def open_steps(browser: Browser) -> list[str]:
    """Return the texts of the steps that are links: not done yet."""
    card = browser.get("/").text.partition('id="first-steps"')[2].partition("</section>")[0]
    return [text for text in STEPS if f">{text}</a>" in card]


def test_a_new_owner_sees_the_steps_and_what_they_have_done(owner: Browser, access: Access, people: People) -> None:
    assert open_steps(owner) == list(STEPS)
    people.create(name="Anna")
    assert open_steps(owner) == list(STEPS[1:])
    access.group("Sales")
    assert open_steps(owner) == list(STEPS[2:])
    owner.get("/audit")
    assert open_steps(owner) == [STEPS[2]]


def test_the_steps_disappear_when_all_are_done(owner: Browser, access: Access) -> None:
    access.group("Sales")
    owner.get("/audit")
    owner.post("/users", name="Anna", email="anna@example.com")
    assert Action.INVITATION_SENT in owner.get("/audit?action=invitation.sent").text
    assert "First steps" not in owner.get("/").text


def test_the_steps_can_be_closed(owner: Browser, people: People) -> None:
    response = owner.post("/first-steps/closure")
    assert (response.status_code, response.location) == (303, "/")
    assert "First steps" not in owner.get("/").text


def test_closing_needs_the_csrf_token_and_permission(owner: Browser, member: Browser) -> None:
    assert owner.client.post("/first-steps/closure").status_code == 400
    assert member.post("/first-steps/closure").status_code == 403
    assert "First steps" in owner.get("/").text


def test_people_without_all_permissions_do_not_see_the_steps(access: Access) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert "First steps" not in access.browser_of(someone).get("/").text
