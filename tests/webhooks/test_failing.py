"""An endpoint that fails for a week is paused, and its owner gets an e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clients import Api
from tests.factories import People
from tests.mailbox import Mailbox, text_of
from tests.webhooks.receiver import Receiver, later, send_due
from webapp.core.clock import now
from webapp.web.api import App


def state(api: Api, webhook: dict[str, Any]) -> str:
    return str(api.get(f"/webhooks/{webhook['id']}").json["state"])


def test_a_week_of_failures_pauses_the_webhook(
    app: App,
    api: Api,
    people: People,
    webhook: dict[str, Any],
    receiver: Receiver,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.statuses = [500] * 10
    for days, expected in ((0, "failing"), (6, "failing"), (7.1, "paused")):
        people.create(email=f"person{days}@example.com")
        later(monkeypatch, now() + timedelta(days=days))
        send_due(app)
        assert state(api, webhook) == expected
    monkeypatch.undo()
    (letter,) = mailbox.letters("olga@example.com")
    assert letter["Subject"] == "Webhook paused: HR"
    assert webhook["id"] in text_of(letter)
    (record,) = api.get("/audit-records?action=webhook.paused").json["items"]
    assert (record["actor"]["kind"], record["actor"]["name"]) == ("system", "Webhooks")


def test_a_success_ends_the_failing(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    receiver.statuses = [500]
    people.create(name="Anna")
    send_due(app)
    assert state(api, webhook) == "failing"
    people.create(name="Boris")
    send_due(app)
    assert state(api, webhook) == "active"


def test_gone_pauses_the_webhook_at_once(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver, mailbox: Mailbox
) -> None:
    receiver.statuses = [410]
    people.create(name="Anna")
    send_due(app)
    assert state(api, webhook) == "paused"
    (letter,) = mailbox.letters("olga@example.com")
    assert "the address no longer exists (410)" in " ".join(text_of(letter).split())
