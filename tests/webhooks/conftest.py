"""Fixtures of webhooks: a receiver on this machine, whose network is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clients import Api
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(change_settings: Callable[..., None]) -> Iterator[Receiver]:
    change_settings(webhook_allowed_networks=["127.0.0.0/8"])
    with receiving() as started:
        yield started


@pytest.fixture
def webhook(api: Api, receiver: Receiver) -> dict[str, Any]:
    """A webhook, with its secret, that gets events of people and groups."""
    events = ["user.created", "user.updated", "user.deactivated", "group.created", "member.added"]
    response = api.post("/webhooks", {"url": receiver.url, "events": events, "description": "HR"})
    assert response.status_code == 201, response.json
    return dict(response.json)
