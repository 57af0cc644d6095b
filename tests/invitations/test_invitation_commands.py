"""Commands about the invitation of a user."""

from __future__ import annotations

import pytest

from tests.commands import read, run
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_an_invitation_is_sent_shown_linked_and_revoked(app: App, people: People, mailbox: Mailbox) -> None:
    boris = people.create(name="Boris", email="boris@example.com").email
    assert run(app, "users", "invitation", boris)[0] == 1
    assert read(app, "users", "send-invitation", boris)["state"] in {"queued", "sent"}
    assert "/invitation?token=" in run(app, "users", "invitation-link", boris)[1]
    assert read(app, "users", "revoke-invitation", boris)["state"] == "revoked"
    assert run(app, "users", "send-invitation", people.owner().email)[0] == 1
