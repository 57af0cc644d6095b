"""Each notice has a link of its own that says “this was not me”."""

from __future__ import annotations

import re

from tests.factories import TESTER, People
from webapp.core.context import current_settings
from webapp.one_time_tokens.models import TokenKind, TokenState
from webapp.one_time_tokens.not_me import not_me_address
from webapp.one_time_tokens.queries import find_token
from webapp.web.api import App


def test_each_notice_has_a_link_that_works(app: App, people: People) -> None:
    anna = people.create(name="Anna")
    with app.app_context():
        first, second = (not_me_address(anna.id, by=TESTER) for _notice in range(2))
        for address in (first, second):
            assert re.match(rf"{current_settings().base_url}/not-me\?token=[\w-]{{43}}$", address)
            row = find_token(address.rpartition("=")[2], TokenKind.NOT_ME)
            assert row
            assert (row.user_id, row.state) == (anna.id, TokenState.VALID)
