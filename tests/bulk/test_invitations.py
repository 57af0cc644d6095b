"""Invitations of many people are sent again and revoked, with preview and undo."""

from __future__ import annotations

import pytest

from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.invitations.queries import invitation_of
from webapp.users.inviting import invite_user
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def waiting(app: App, people: People) -> list[UserOut]:
    """Two invited people, and one who can sign in."""
    invited = [people.create(name=name, email=f"{name}@example.com") for name in ("anna", "boris")]
    with app.app_context():
        for user in invited:
            invite_user(user.id, by=TESTER)
    return [*invited, people.create(name="Zoe", password=people.password)]


def states(app: App, users: list[UserOut]) -> list[str]:
    with app.app_context():
        return [str(found.state) for user in users if (found := invitation_of(user.id))]


def test_they_are_sent_again(
    app: App, owner: Browser, people: People, bulk: Bulk, mailbox: Mailbox, waiting: list[UserOut]
) -> None:
    mailbox.letters()
    before = people.row_counts()
    bulk_id = bulk.create(owner, "invite", *waiting)
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "2 people will get an invitation" in page
    assert "anna@example.com" in page
    assert list(bulk.outcomes(bulk_id).values()) == ["change", "change", "refused"]
    assert people.row_counts()["one_time_tokens"] == before["one_time_tokens"]
    bulk.apply(owner, bulk_id)
    assert len(mailbox.letters()) == 4
    assert list(bulk.outcomes(bulk_id).values()) == ["done", "done", "refused"]


def test_sending_is_undone_by_revoking(app: App, owner: Browser, bulk: Bulk, waiting: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "invite", *waiting)
    bulk.apply(owner, bulk_id)
    owner.post(f"/bulk/{bulk_id}/undo")
    assert list(bulk.outcomes(bulk_id).values()) == ["undone", "undone", "refused"]
    assert states(app, waiting) == ["revoked", "revoked"]


def test_they_are_revoked_and_undo_sends_new_ones(
    app: App, owner: Browser, bulk: Bulk, mailbox: Mailbox, waiting: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "revoke_invitation", *waiting)
    bulk.apply(owner, bulk_id)
    assert states(app, waiting) == ["revoked", "revoked"]
    owner.post(f"/bulk/{bulk_id}/undo")
    assert len(mailbox.letters()) == 4
    assert states(app, waiting) == ["sent", "sent"]
