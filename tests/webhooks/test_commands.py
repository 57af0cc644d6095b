"""The commands `flask webhooks …`."""

from __future__ import annotations

from typing import Any

import pytest

from tests import commands
from tests.webhooks.receiver import Receiver, send_due
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def run(app: App, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["webhooks", *arguments])


def data(app: App, *arguments: str) -> Any:
    return commands.read(app, "webhooks", *arguments)


def test_a_webhook_is_managed(app: App, receiver: Receiver) -> None:
    created = data(app, "create", "--url", receiver.url, "--event", "user.created", "--description", "HR")
    assert data(app, "show", created["id"]) == {k: v for k, v in created.items() if k != "secret"}
    assert data(app, "edit", created["id"], "--event", "user.deleted")["events"] == ["user.deleted"]
    assert data(app, "rotate", created["id"])["secret"] != created["secret"]
    assert run(app, "rotate", created["id"]).stdout.startswith("whsec_")
    assert data(app, "pause", created["id"])["state"] == "paused"
    assert data(app, "resume", created["id"])["state"] == "active"
    assert f"{created['id']}\tactive\t{receiver.url}\tHR" in run(app, "list").stdout
    assert run(app, "delete", created["id"]).exit_code == 0
    assert data(app, "list") == []
    assert data(app, "restore", created["id"])["state"] == "paused"


def test_deliveries_are_shown_and_sent_again(app: App, receiver: Receiver) -> None:
    created = data(app, "create", "--url", receiver.url, "--event", "user.created")
    delivery = data(app, "test", created["id"])
    send_due(app)
    assert data(app, "deliveries", created["id"])[0]["status"] == 200
    assert "webhook.test" in run(app, "deliveries", created["id"]).stdout
    assert data(app, "delivery", created["id"], delivery["id"])["answer"].startswith("thanks")
    assert data(app, "redeliver", created["id"], delivery["id"])["state"] == "waiting"


def test_refusals_have_an_exit_code(app: App) -> None:
    assert run(app, "create", "--url", "https://127.0.0.1/", "--event", "user.created").exit_code == 1
    assert run(app, "create", "--url", "https://hooks.example.org/", "--event", "nothing").exit_code == 1
    assert run(app, "create", "--url", "https://hooks.example.org/").exit_code == 2
    assert run(app, "show", "00000000-0000-0000-0000-000000000001").exit_code == 1
    assert run(app, "show", "x").exit_code == 2
    assert "user.created" in run(app, "events").stdout
