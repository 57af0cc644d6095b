"""A one-time token works once, until it expires, and only the newest of its kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from tests.factories import TESTER, People
from webapp.core.clock import now
from webapp.core.errors import Gone
from webapp.one_time_tokens.models import LIFETIMES, OneTimeToken, TokenKind, TokenState
from webapp.one_time_tokens.queries import current_token, find_token
from webapp.one_time_tokens.services import IssuedToken, issue_token, revoke_tokens, use_token
from webapp.web.api import App

RESET = TokenKind.RESET


def issued(people: People, kind: TokenKind = RESET) -> IssuedToken:
    return issue_token(kind, user_id=people.create().id, by=TESTER)


def found(token: str, kind: TokenKind = RESET) -> OneTimeToken:
    row = find_token(token, kind)
    assert row
    return row


def test_it_works_once(app: App, people: People) -> None:
    with app.app_context():
        token = issued(people)
        use_token(token.row.id)
        with pytest.raises(Gone):
            use_token(token.row.id)


def test_the_table_does_not_hold_it(app: App, people: People) -> None:
    with app.app_context():
        token, row = issued(people)
        assert token not in str(vars(row))


@pytest.mark.parametrize("kind", TokenKind)
def test_it_expires(app: App, people: People, kind: TokenKind) -> None:
    with app.app_context():
        token, row = issued(people, kind)
        with time_machine.travel(now() + LIFETIMES[kind] + timedelta(seconds=1)):
            assert found(token, kind).state == TokenState.EXPIRED
            with pytest.raises(Gone):
                use_token(row.id)


def test_a_newer_one_of_its_kind_replaces_it(app: App, people: People) -> None:
    with app.app_context():
        older = issued(people)
        newer = issue_token(RESET, user_id=older.row.user_id, by=TESTER)
        assert found(older.token).state == TokenState.REPLACED
        with pytest.raises(Gone):
            use_token(older.row.id)
        current = current_token(older.row.user_id, RESET)
        assert current
        assert current.id == newer.row.id
        use_token(newer.row.id)


def test_one_of_another_kind_stays(app: App, people: People) -> None:
    with app.app_context():
        token = issued(people)
        issue_token(TokenKind.INVITATION, user_id=token.row.user_id, by=TESTER)
        use_token(token.row.id)


def test_each_notice_keeps_its_own(app: App, people: People) -> None:
    with app.app_context():
        first = issued(people, TokenKind.NOT_ME)
        issue_token(TokenKind.NOT_ME, user_id=first.row.user_id, by=TESTER)
        use_token(first.row.id)


def test_a_revoked_one_does_not_work(app: App, people: People) -> None:
    with app.app_context():
        token = issued(people)
        assert revoke_tokens(token.row.user_id) == 1
        assert found(token.token).state == TokenState.REVOKED
        with pytest.raises(Gone):
            use_token(token.row.id)


def test_it_is_not_one_of_another_kind(app: App, people: People) -> None:
    with app.app_context():
        assert find_token(issued(people).token, TokenKind.INVITATION) is None


def test_of_many_uses_at_once_one_succeeds(app: App, people: People) -> None:
    with app.app_context():
        token_id = issued(people).row.id

    def use(_number: int) -> bool:
        with app.app_context():
            try:
                use_token(token_id)
            except Gone:
                return False
            return True

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(use, range(20))) == [False] * 19 + [True]


def test_a_thief_cannot_end_the_link_that_locks_the_account(app: App, people: People) -> None:
    with app.app_context():
        token = issued(people, TokenKind.NOT_ME)
        assert revoke_tokens(token.row.user_id) == 0
        use_token(token.row.id)
