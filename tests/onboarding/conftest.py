"""An invited person and the link in their mailbox."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.users.inviting import invite_user
from webapp.users.schemas import UserOut
from webapp.web.api import App


@pytest.fixture
def anton(app: App, people: People, mailbox: Mailbox) -> UserOut:
    """An invited person."""
    user = people.create(email="anton@example.com", name="Anton Ivanov")
    with app.app_context():
        invite_user(user.id, by=TESTER)
    return user


@pytest.fixture
def link(anton: UserOut, mailbox: Mailbox) -> str:
    """The link of the invitation, with its token."""
    return mailbox.link(anton.email)


@pytest.fixture
def invited(visitor: Browser, link: str) -> Browser:
    """A browser that has followed the link."""
    assert visitor.get(link).status_code == 303
    return visitor
