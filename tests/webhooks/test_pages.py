"""The pages of webhooks."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from tests.query_counter import captured_queries
from tests.webhooks.receiver import Receiver, send_due
from webapp.web.api import App
from webapp.webhooks.queries import list_endpoints

pytestmark = pytest.mark.one_engine
GOOD: dict[str, Any] = {"url": "https://hooks.example.org/x", "events": ["user.created"], "description": "HR"}


def only_id(app: App) -> UUID:
    with app.app_context():
        return list_endpoints()[0].id


def test_the_secret_is_on_one_page_only(app: App, owner: Browser) -> None:
    token = re.search(r'name="form_token"[^>]*value="([^"]+)"', owner.get("/settings/webhooks/new").text)
    assert token
    created = owner.post("/settings/webhooks", **GOOD, form_token=token[1])
    secret = re.search(r"whsec_[\w+/=]+", created.text)
    assert (created.status_code, bool(secret)) == (200, True)
    again = owner.post("/settings/webhooks", **GOOD, form_token=token[1])
    assert again.status_code == 303
    assert "whsec_" not in owner.get(again.headers["Location"]).text
    page = owner.get("/settings/webhooks").text
    assert page.count("hooks.example.org") == 1
    assert "HR" in page


def test_errors_are_beside_their_fields_and_the_input_is_kept(owner: Browser, people: People) -> None:
    before = people.row_counts()
    page = owner.post("/settings/webhooks", url="https://127.0.0.1/x", events=["user.deleted"], description="Мой")
    assert page.status_code == 422
    assert "This address is in an internal network" in page.text
    assert 'value="https://127.0.0.1/x"' in page.text
    assert 'value="Мой"' in page.text
    assert re.search(r'value="user.deleted"\s+checked', page.text)
    assert owner.post("/settings/webhooks", url="", description="x").status_code == 422
    assert people.row_counts() == before


def test_a_webhook_is_edited_paused_resumed_and_deleted(app: App, owner: Browser) -> None:
    owner.post("/settings/webhooks", **GOOD)
    path = f"/settings/webhooks/{only_id(app)}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', owner.get(f"{path}/edit").text)
    assert version
    edited = owner.post(path, **(GOOD | {"description": "Payroll"}), version=version[1])
    assert edited.headers["Location"] == path
    assert "Payroll" in owner.get(path).text
    assert "Paused" in follow(owner, owner.post(f"{path}/pause"))
    assert "Active" in follow(owner, owner.post(f"{path}/resumption"))
    rotated = owner.post(f"{path}/rotation", overlap_hours="24")
    assert "whsec_" in rotated.text
    assert owner.post(f"{path}/rotation", overlap_hours="1000").status_code == 422
    assert owner.get(f"{path}/deletion").status_code == 200
    assert "No webhooks yet" in follow(owner, owner.post(f"{path}/deletion"))


def follow(browser: Browser, response: Any) -> str:
    assert response.status_code == 303
    return str(browser.get(response.headers["Location"]).text)


def test_a_test_event_is_sent_and_sent_again(app: App, owner: Browser, receiver: Receiver) -> None:
    owner.post("/settings/webhooks", url=receiver.url, events=["user.created"])
    path = f"/settings/webhooks/{only_id(app)}"
    sent = owner.post(f"{path}/test")
    waiting = owner.get(sent.headers["Location"]).text
    assert "Waiting" in waiting
    assert 'data-behaviour="progress"' in waiting
    send_due(app)
    page = owner.get(sent.headers["Location"]).text
    assert "Answer 200" in page
    assert "thanks" in page
    assert "webhook.test" in page
    assert owner.post(f"{sent.headers['Location']}/redelivery").status_code == 303
    send_due(app)
    assert receiver.types == ["webhook.test", "webhook.test"]


def test_pages_are_only_for_people_with_the_permission(app: App, owner: Browser, member: Browser) -> None:
    owner.post("/settings/webhooks", **GOOD)
    path = f"/settings/webhooks/{only_id(app)}"
    assert {member.get(each).status_code for each in ("/settings/webhooks", path, f"{path}/edit")} == {403}
    assert {member.post(f"{path}/{each}").status_code for each in ("pause", "deletion", "test", "rotation")} == {403}
    assert owner.get(f"{path}/deliveries/{UUID(int=1)}").status_code == 404


def test_a_list_of_deliveries_takes_few_statements(
    app: App, api: Api, people: People, webhook: dict[str, Any], owner: Browser
) -> None:
    path = f"/settings/webhooks/{webhook['id']}"
    people.create_many(30)
    send_due(app)
    with captured_queries(app) as statements:
        page = owner.get(f"{path}?limit=25")
    assert page.text.count("/deliveries/") == 25
    assert 'rel="next"' in page.text
    assert len(statements) <= 5
    assert "No deliveries in this state" in owner.get(f"{path}?state=failed").text
