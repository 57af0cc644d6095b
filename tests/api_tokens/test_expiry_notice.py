"""Owners get an e-mail a week and a day before a token expires, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.api_tokens.tokens import Tokens
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.api_tokens.services import revoke_token, rotate_token
from webapp.core.clock import now
from webapp.jobs.services import enqueue, run_due_jobs
from webapp.web.api import App

Notify = Callable[[float], None]


@pytest.fixture
def notify(app: App) -> Notify:
    def run(day: float) -> None:
        with time_machine.travel(now() + timedelta(days=day)), app.app_context():
            enqueue("api_tokens.notify", by=TESTER)
            run_due_jobs(holder="tests")

    return run


def test_owners_get_two_notices(app: App, tokens: Tokens, people: People, mailbox: Mailbox, notify: Notify) -> None:
    anna = people.create(password=people.password, locale="ru")
    _api, token_id = tokens.create(anna, name="HR sync", days=30)
    sent = []
    for day in (22, 23.1, 24, 28, 29.1, 29.5, 31):
        notify(day)
        sent.append(len(mailbox.letters(anna.email)))
    assert sent == [0, 1, 1, 1, 2, 2, 2]
    first, second = mailbox.letters(anna.email)
    assert "HR sync" in first["Subject"]
    assert "7" in first["Subject"]
    assert str(tokens.row(token_id).prefix) in text_of(second)
    assert "/account/tokens" in text_of(second)


def test_a_token_for_a_week_has_one_notice(tokens: Tokens, people: People, mailbox: Mailbox, notify: Notify) -> None:
    anna = people.create(password=people.password)
    tokens.create(anna, days=7)
    for day in (0, 1, 6.1):
        notify(day)
    assert len(mailbox.letters(anna.email)) == 1


def test_tokens_that_ended_or_were_replaced_have_none(
    app: App, tokens: Tokens, people: People, mailbox: Mailbox, notify: Notify
) -> None:
    anna = people.create(password=people.password)
    (_api, revoked), (_other, rotated) = (tokens.create(anna, days=10) for _ in range(2))
    with app.app_context():
        revoke_token(revoked, by=TESTER)
        rotate_token(rotated, days=300, by=TESTER)
    notify(5)
    assert mailbox.letters(anna.email) == []


def test_people_who_cannot_sign_in_get_none(tokens: Tokens, people: People, mailbox: Mailbox, notify: Notify) -> None:
    invited = people.create()
    tokens.create(invited, days=10)
    notify(5)
    assert mailbox.letters(invited.email) == []
