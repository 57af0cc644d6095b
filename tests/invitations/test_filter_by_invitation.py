"""The list of people shows invitations, and filters by their state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.invitations.queries import InvitationFilter
from webapp.mail.models import Mail
from webapp.one_time_tokens.models import OneTimeToken
from webapp.users.inviting import invite_user, withdraw_invitation
from webapp.web.api import App

STATES = ("sent", "failed", "expiring", "expired", "accepted", "revoked", "queued")


@pytest.fixture
def invited(app: App, people: People, mailbox: Mailbox) -> None:
    """One person for each state of STATES, of this name, and one without an invitation."""
    people.create(name="Uninvited", email="uninvited@example.com")
    for state in STATES:
        user = people.create(name=state.capitalize(), email=f"{state}@example.com")
        with app.app_context():
            invite_user(user.id, by=TESTER)
        if state != "queued":
            mailbox.letters()
        with app.app_context(), transaction():
            token = update(OneTimeToken).where(OneTimeToken.user_id == user.id)
            if state == "failed":
                failed = update(Mail).where(Mail.to == user.email)
                db.session.execute(failed.values(sent_at=None, failed_at=now(), error="550 No such mailbox"))
            elif state == "revoked":
                withdraw_invitation(user.id, by=TESTER)
            elif state == "accepted":
                db.session.execute(token.values(used_at=now()))
            elif state in {"expired", "expiring"}:
                hours = {"expired": -1, "expiring": 5}[state]
                db.session.execute(token.values(expires_at=now() + timedelta(hours=hours)))


def names(api: Api, query: str) -> set[str]:
    return {user["name"] for user in api.get(f"/users?{query}").json["items"]}


@pytest.mark.usefixtures("invited")
def test_each_state_finds_its_people(api: Api) -> None:
    for state in InvitationFilter:
        expected = {"Sent", "Expiring"} if state == "sent" else {state.capitalize()}
        assert names(api, f"invitation={state}") == expected, state
        assert names(api, f"q=invitation:{state}") == expected, state
    assert names(api, "q=приглашение:отозвано") == {"Revoked"}
    assert "Sent" not in names(api, "q=-invitation:sent")


def test_an_unknown_state_is_refused(api: Api, owner: Browser) -> None:
    assert api.get("/users?invitation=lost").status_code == 400
    assert owner.get("/users?invitation=lost").status_code == 400
    assert "An invitation is never “lost”" in owner.get("/users?q=invitation:lost").text


@pytest.mark.usefixtures("invited")
def test_the_status_is_invited_only_while_the_link_works(owner: Browser) -> None:
    page = owner.get("/users?invitation=sent").text
    assert ">Invited</span>" in page
    for state in ("expired", "revoked"):
        page = owner.get(f"/users?invitation={state}").text
        assert ">Invited</span>" not in page
        assert ">No password yet</span>" in page


@pytest.mark.usefixtures("invited")
def test_the_column_shows_the_state(owner: Browser) -> None:
    assert owner.post("/users/display", columns=["invitation"], density="compact", limit="50").status_code == 303
    page = owner.get("/users?q=invitation:failed").text
    assert "Not delivered" in page


@pytest.mark.usefixtures("invited")
def test_the_overview_counts_open_invitations(owner: Browser) -> None:
    page = owner.get("/").text
    for state in ("queued", "sent", "expiring", "failed"):
        assert f'href="/users?invitation={state}"' in page


def test_without_open_invitations_the_overview_says_so(owner: Browser) -> None:
    assert "No one has an open invitation" in owner.get("/").text
