"""Webhooks by the API: create, change, pause, delete, and every refusal leaves no trace."""

from __future__ import annotations

import re
import socket
from typing import Any
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.api_description import check_described, spec_example
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import People
from tests.webhooks.receiver import Receiver, send_due
from webapp.db.session import db
from webapp.outgoing import urls
from webapp.web.api import App
from webapp.webhooks import services
from webapp.webhooks.models import Endpoint

pytestmark = pytest.mark.one_engine

GOOD: dict[str, Any] = {"url": "https://hooks.example.org/x", "events": ["user.created"]}


def test_the_secret_is_shown_once_and_stored_encrypted(app: App, api: Api, people: People) -> None:
    created = api.post("/webhooks", GOOD | {"description": "HR"}, headers={"Idempotency-Key": "1"})
    assert (created.status_code, created.json["state"], created.json["description"]) == (201, "active", "HR")
    assert created.json["secret"].startswith("whsec_")
    assert api.post("/webhooks", GOOD | {"description": "HR"}, headers={"Idempotency-Key": "1"}).json == created.json
    shown = api.get(created.headers["Location"].removeprefix("/api/v1"))
    assert shown.json == {name: value for name, value in created.json.items() if name != "secret"}
    with app.app_context():
        assert created.json["secret"] not in db.session.get_one(Endpoint, UUID(shown.json["id"])).sealed_secret
    assert [row["id"] for row in api.get("/webhooks").json["items"]] == [shown.json["id"]]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"url": ""}, "url", "string_too_short"),
        ({"url": "http://hooks.example.org/"}, "url", "not_a_url"),
        ({"url": "https://user:secret@hooks.example.org/"}, "url", "user_info"),
        ({"url": "https://2130706433/"}, "url", "not_a_host"),
        ({"url": "https://0177.0.0.1/"}, "url", "not_a_host"),
        ({"url": "https://127.0.0.1/"}, "url", "internal_address"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "url", "internal_address"),
        ({"url": "https://169.254.169.254/latest"}, "url", "internal_address"),
        ({"url": "https://localhost/"}, "url", "internal_address"),
        ({"url": "https://hooks.example.org/\x00"}, "url", "hidden_character"),
        ({"url": 7}, "url", "string_type"),
        ({"events": []}, "events", "too_short"),
        ({"events": ["user.exploded"]}, "events", "unknown_event"),
        ({"events": "user.created"}, "events", "list_type"),
        ({"description": "x\u202e"}, "description", "hidden_character"),
        ({"description": "x" * 201}, "description", "string_too_long"),
        ({"secret": "mine"}, "secret", "extra_forbidden"),
    ],
)
def test_bad_input_is_refused(api: Api, people: People, changed: dict[str, Any], field: str, code: str) -> None:
    before = people.row_counts()
    response = api.post("/webhooks", GOOD | changed)
    assert (response.status_code, response.json["errors"][0]["field"], code_of(response)) == (422, field, code)
    assert people.row_counts() == before


def test_a_webhook_is_changed_and_a_stale_version_refused(api: Api) -> None:
    created = api.post("/webhooks", GOOD | {"description": "HR"}).json
    path = f"/webhooks/{created['id']}"
    etag = api.get(path).headers["ETag"]
    changed = api.patch(path, {"events": ["role.granted", "user.created"], "description": None})
    assert changed.json["events"] == ["user.created", "role.granted"]
    assert (changed.json["description"], changed.json["url"]) == ("", created["url"])
    assert api.patch(path, {"description": "x"}, headers={"If-Match": etag}).status_code == 412
    assert api.delete(path, headers={"If-Match": etag}).status_code == 412
    refused = api.patch(path, {"url": "https://10.0.0.1/", "events": ["nothing"]})
    assert [error["field"] for error in refused.json["errors"]] == ["url", "events"]
    assert api.get(path).json == changed.json


def test_a_webhook_is_deleted_and_restored(api: Api) -> None:
    path = f"/webhooks/{api.post('/webhooks', GOOD).json['id']}"
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204
    assert [api.get(path).status_code, api.post(f"{path}/test").status_code] == [404, 404]
    assert api.post(f"{path}/restoration").json["state"] == "paused"
    assert api.post(f"{path}/test").status_code == 409


def test_each_change_is_recorded_and_can_be_undone(api: Api, owner: Browser) -> None:
    path = f"/webhooks/{api.post('/webhooks', GOOD).json['id']}"
    api.patch(path, {"events": ["user.deleted"]})
    api.post(f"{path}/pause")
    records = api.get("/audit-records").json["items"]
    actions = [record["action"] for record in records[:3]]
    assert actions == ["webhook.paused", "webhook.updated", "webhook.created"]
    for record in records[:2]:
        assert owner.post(f"/audit/{record['id']}/undo").status_code == 303, record
    shown = api.get(path).json
    assert (shown["state"], shown["events"]) == ("active", ["user.created"])
    assert "whsec_" not in str(records)


def test_there_is_a_limit(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "ENDPOINTS_MAX", 1)
    api.post("/webhooks", GOOD)
    before = people.row_counts()
    assert api.post("/webhooks", GOOD).status_code == 409
    assert people.row_counts() == before


def test_no_transaction_waits_for_name_servers(
    api: Api, owner: Browser, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []
    look = urls.refuse_internal
    monkeypatch.setattr(
        urls,
        "refuse_internal",
        lambda *args: (waited.append(bool(db.session.info.get("in_transaction"))), look(*args)),
    )
    assert api.post("/webhooks", GOOD, headers={"Idempotency-Key": "1"}).status_code == 201
    form = owner.get("/settings/webhooks/new")
    token = re.search(r'name="form_token"[^>]* value="([^"]+)"', form.text)
    assert token
    fields = {"url": GOOD["url"], "events": GOOD["events"], "form_token": token[1]}
    assert owner.post("/settings/webhooks", **fields).status_code == 200
    assert waited == [False, False]


def test_undoing_a_change_asks_no_name_server(api: Api, owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = api.post("/webhooks", GOOD).json
    api.patch(f"/webhooks/{webhook['id']}", {"url": "https://other.example.org/", "description": "HR"})
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: pytest.fail("asked a name server"))
    (record,) = api.get("/audit-records?action=webhook.updated").json["items"]
    assert api.post(f"/audit-records/{record['id']}/undo").status_code == 201
    shown = api.get(f"/webhooks/{webhook['id']}").json
    assert (shown["url"], shown["description"]) == (GOOD["url"], "")


def test_bodies_are_only_for_people_who_can_read_the_audit_trail(
    app: App, access: Access, people: People, webhook: dict[str, Any], api: Api
) -> None:
    person = access.person("Boris")
    access.grant(access.role("Hooks", "webhooks.manage"), user_id=person.id)
    people.create(name="Anna", email="anna@example.com")
    send_due(app)
    path = f"/webhooks/{webhook['id']}/deliveries"
    row = api.get(path).json["items"][0]
    shown = api.get(f"{path}/{row['id']}").json
    assert "anna@example.com" in shown["body"]
    assert shown["answer"].startswith("thanks")
    hooks, _id = Tokens(app).create(person)
    hidden = hooks.get(f"{path}/{row['id']}")
    assert hidden.json == shown | {"body": None, "answer": None}
    check_described(app.description, "get", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", hidden)
    page = access.browser_of(person).get(f"/settings{path}/{row['id']}").text
    assert "The event names people" in page
    assert "Anna" not in page
    assert "thanks" not in page
    access.grant(access.role("Auditor of hooks", "audit.read"), user_id=person.id)
    assert hooks.get(f"{path}/{row['id']}").json == shown
    limited, _id = Tokens(app).create(person, "webhooks.manage")
    assert limited.get(f"{path}/{row['id']}").json["body"] is None


def test_the_permission_is_needed_everywhere(app: App, access: Access, receiver: Receiver, api: Api) -> None:
    path = f"/webhooks/{api.post('/webhooks', GOOD).json['id']}"
    person = access.person("Boris")
    access.grant(access.role("Settings", "settings.manage", "audit.read"), user_id=person.id)
    other, _id = Tokens(app).create(person)
    assert [other.get("/webhooks").status_code, other.get(path).status_code] == [403, 403]
    assert [other.post("/webhooks", GOOD).status_code, other.delete(path).status_code] == [403, 403]
    access.grant(access.role("Hooks", "webhooks.manage"), user_id=person.id)
    assert other.get(path).status_code == 200


def test_each_answer_is_as_described(app: App, api: Api, receiver: Receiver, visitor: Browser) -> None:
    spec = visitor.get("/api/v1/openapi.json").json
    base = "/webhooks/{webhook_id}"
    created = api.post("/webhooks", spec_example(spec, "WebhookIn") | {"url": receiver.url})
    check_described(spec, "post", "/api/v1/webhooks", created)
    path = f"/webhooks/{created.json['id']}"
    tested = api.post(f"{path}/test")
    delivery = f"{path}/deliveries/{tested.json['id']}"
    answers = {
        ("get", "/webhooks"): api.get("/webhooks"),
        ("get", base): api.get(path),
        ("patch", base): api.patch(path, spec_example(spec, "WebhookPatch")),
        ("post", f"{base}/test"): tested,
        ("get", f"{base}/deliveries"): api.get(f"{path}/deliveries?limit=1"),
        ("get", f"{base}/deliveries/{{delivery_id}}"): api.get(delivery),
        ("post", f"{base}/deliveries/{{delivery_id}}/redelivery"): api.post(f"{delivery}/redelivery"),
        ("post", f"{base}/rotation"): api.post(f"{path}/rotation", spec_example(spec, "SecretRotationIn")),
        ("post", f"{base}/pause"): api.post(f"{path}/pause"),
        ("delete", f"{base}/pause"): api.delete(f"{path}/pause"),
        ("delete", base): api.delete(path),
        ("post", f"{base}/restoration"): api.post(f"{path}/restoration"),
    }
    for (method, address), answer in answers.items():
        check_described(spec, method, f"/api/v1{address}", answer)
