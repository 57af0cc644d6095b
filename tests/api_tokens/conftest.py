"""Fixtures of API tokens."""

from __future__ import annotations

import pytest

from tests.api_tokens.tokens import Tokens
from webapp.web.api import App


@pytest.fixture
def tokens(app: App) -> Tokens:
    return Tokens(app)
