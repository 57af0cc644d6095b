"""These tests sign in with the form. All other tests start the session directly."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.factories import People
from webapp.web.api import App


@pytest.fixture
def owner(app: App, people: People) -> Browser:
    """A browser in which the owner Ольга has signed in."""
    people.owner()
    return Browser(app).sign_in("olga@example.com")
