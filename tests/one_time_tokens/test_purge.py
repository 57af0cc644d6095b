"""A job removes one-time tokens a month after they expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import TESTER, People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.services import enqueue, run_job
from webapp.one_time_tokens.models import OneTimeToken, TokenKind
from webapp.one_time_tokens.services import issue_token, use_token
from webapp.one_time_tokens.tasks import KEPT
from webapp.web.api import App


def kinds_after(app: App, age: timedelta) -> list[str]:
    """Return the kinds of the tokens that the job leaves at this time from now."""
    with time_machine.travel(now() + age), app.app_context():
        run_job(enqueue("one_time_tokens.purge", by=TESTER).id, holder="here")
        return sorted(db.session.scalars(select(OneTimeToken.kind)))


def test_tokens_go_a_month_after_they_expired(app: App, people: People) -> None:
    anna = people.create(name="Anna")
    with app.app_context():
        for kind in (TokenKind.RESET, TokenKind.EMAIL_CHANGE, TokenKind.NOT_ME, TokenKind.SIGN_IN):
            issue_token(kind, user_id=anna.id, by=TESTER)
    assert len(kinds_after(app, KEPT)) == 4
    assert kinds_after(app, KEPT + timedelta(days=2)) == ["not_me"]
    assert kinds_after(app, KEPT + timedelta(days=8)) == []


def test_the_newest_invitation_stays(app: App, people: People) -> None:
    anna = people.create(name="Anna")
    with app.app_context():
        for _time in range(2):
            issue_token(TokenKind.INVITATION, user_id=anna.id, by=TESTER)
    assert kinds_after(app, KEPT + timedelta(days=100)) == ["invitation"]


@pytest.mark.parametrize("used", [True, False])
def test_the_link_that_locked_an_account_stays(app: App, people: People, used: bool) -> None:
    anna = people.create(name="Anna")
    with app.app_context():
        token = issue_token(TokenKind.NOT_ME, user_id=anna.id, by=TESTER)
        if used:
            use_token(token.row.id)
    assert kinds_after(app, KEPT + timedelta(days=100)) == (["not_me"] if used else [])
