"""Operators see and cancel the change of an e-mail address."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.commands import read, run
from tests.mailbox import Mailbox
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_an_email_change_is_shown_and_cancelled(app: App, member: Browser, mailbox: Mailbox) -> None:
    member.post("/account/email", email="new@example.com")
    assert read(app, "users", "email-change", "member@example.com")["email"] == "new@example.com"
    assert run(app, "users", "email-change", "member@example.com", "--cancel")[0] == 0
    assert run(app, "users", "email-change", "member@example.com")[0] == 1
