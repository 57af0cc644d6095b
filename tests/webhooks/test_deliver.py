"""Changes reach endpoints: signed, in order, at least once, and not held up by other endpoints."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.processes import wait_until
from tests.webhooks.receiver import Receiver, later, send_due
from webapp.access.models import ADMINISTRATOR
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App
from webapp.webhooks import endpoint_queue, sender
from webapp.webhooks.attempts import WAITS
from webapp.webhooks.events import TEST_EVENT
from webapp.webhooks.lease import hold_lease
from webapp.webhooks.models import Delivery, Endpoint
from webapp.webhooks.tasks import purge

pytestmark = pytest.mark.one_engine


def deliveries(api: Api, webhook: dict[str, Any], state: str = "all") -> list[dict[str, Any]]:
    return list(api.get(f"/webhooks/{webhook['id']}/deliveries?state={state}").json["items"])


def test_a_change_is_posted_and_signed(app: App, people: People, webhook: dict[str, Any], receiver: Receiver) -> None:
    anna = people.create(name="Anna", email="anna@example.com")
    send_due(app)
    path, headers, body = receiver.requests[0]
    payload = Webhook(webhook["secret"]).verify(body, headers)
    assert (path, payload["type"], payload["data"]["subject"]["id"]) == ("/hook", "user.created", str(anna.id))
    assert payload["data"]["changes"]["email"] == [None, "anna@example.com"]
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43).verify(body, headers)
    send_due(app)
    assert len(receiver.requests) == 1


def test_only_chosen_events_since_the_creation_are_sent(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    anna = people.create(name="Anna")
    api.post("/roles", {"name": "Guest", "permissions": []})
    api.delete(f"/users/{anna.id}")
    send_due(app)
    assert receiver.types == ["user.created"]


def test_the_order_of_a_subject_is_kept_while_others_go_on(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    receiver.statuses = [503]
    anna = people.create(name="Anna")
    send_due(app)
    api.post(f"/users/{anna.id}/deactivation")
    people.create(name="Boris")
    send_due(app)
    assert receiver.types == ["user.created", "user.created"]
    assert [row["state"] for row in deliveries(api, webhook)] == ["delivered", "waiting", "waiting"]
    with app.app_context(), transaction():
        for delivery in db.session.scalars(select(Delivery).where(Delivery.subject_id == anna.id)):
            delivery.next_attempt_at = now()
    send_due(app)
    assert receiver.types[2:] == ["user.created", "user.deactivated"]
    ids = [headers["webhook-id"] for _path, headers, _body in receiver.requests]
    assert ids[2] == ids[0]


def test_it_is_tried_for_three_days(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(days=2.5) < sum(WAITS, timedelta()) < timedelta(days=3)
    assert list(WAITS) == sorted(WAITS)
    people.create(name="Anna")
    receiver.statuses = [500, 302, 404, *[503] * len(WAITS)]
    moment = now()
    for wait in (*WAITS, *WAITS[-1:], timedelta()):
        later(monkeypatch, moment)
        send_due(app)
        moment += wait * 1.1
    assert len(receiver.requests) == len(WAITS) + 1
    (row,) = deliveries(api, webhook, "failed")
    assert (row["attempts"], row["status"], row["next_attempt_at"]) == (len(WAITS) + 1, 503, None)
    assert {path for path, _headers, _body in receiver.requests} == {"/hook"}


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 120, 140),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 5, 6),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 79_200, 87_200),
        ("1", 5, 6),
        ("999999999", 79_200, 87_200),
        ("9" * 400, 5, 6),
        ("-5", 5, 6),
        ("soon", 5, 6),
        ("Fri, 01 Jan 99999999999 00:00:00 GMT", 5, 6),
    ],
)
def test_a_receiver_can_ask_for_a_longer_wait(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver, asked: str, least: int, most: int
) -> None:
    receiver.statuses, receiver.retry_after = [503], asked
    people.create(name="Anna")
    send_due(app)
    (row,) = deliveries(api, webhook, "waiting")
    attempted, following = (datetime.fromisoformat(row[name]) for name in ("attempted_at", "next_attempt_at"))
    assert least <= (following - attempted).total_seconds() <= most


def test_an_endpoint_that_hangs_holds_up_no_other(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine, an endpoint that works can need more than a second.
    monkeypatch.setattr(endpoint_queue, "ANSWER_SECONDS", 3.0)
    hanging = api.post("/webhooks", {"url": receiver.url + "/silent", "events": ["user.created"]}).json
    receiver.silent = {"/hook/silent"}
    for number in range(4):
        people.create(email=f"person{number}@example.com")
    send_due(app)
    assert len(deliveries(api, webhook, "delivered")) == 4
    assert {row["error"] for row in deliveries(api, hanging) if row["attempts"]} == {"timeout"}


def test_an_address_that_became_internal_is_not_reached(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver, change_settings: Any
) -> None:
    people.create(name="Anna")
    change_settings(webhook_allowed_networks=["10.0.0.0/8"])
    send_due(app)
    assert receiver.requests == []
    assert [(row["error"], row["status"]) for row in deliveries(api, webhook)] == [("internal_address", None)]


def test_the_answer_is_kept_up_to_a_limit(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    people.create(name="Anna")
    send_due(app)
    (row,) = deliveries(api, webhook)
    shown = api.get(f"/webhooks/{webhook['id']}/deliveries/{row['id']}").json
    assert shown["answer"].startswith("thanks \ufffd\ufffdxx")
    assert len(shown["answer"]) == 2000
    assert shown["body"] == receiver.requests[0][2]


def test_what_happens_during_a_pause_is_sent_afterwards(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    assert api.post(f"/webhooks/{webhook['id']}/pause").json["state"] == "paused"
    people.create(name="Anna")
    send_due(app)
    assert receiver.requests == []
    assert api.delete(f"/webhooks/{webhook['id']}/pause").json["state"] == "active"
    send_due(app)
    assert receiver.types == ["user.created"]


def test_a_delivery_can_be_sent_again(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    people.create(name="Anna")
    send_due(app)
    (row,) = deliveries(api, webhook)
    path = f"/webhooks/{webhook['id']}/deliveries/{row['id']}/redelivery"
    assert api.post(path).json["state"] == "waiting"
    send_due(app)
    first, second = receiver.requests
    assert (first[2], first[1]["webhook-id"]) == (second[2], second[1]["webhook-id"])
    api.post(f"/webhooks/{webhook['id']}/pause")
    assert api.post(path).status_code == 409


def test_both_secrets_sign_after_a_rotation(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    rotated = api.post(f"/webhooks/{webhook['id']}/rotation", {"overlap_hours": 1}).json
    assert api.post(f"/webhooks/{webhook['id']}/test").status_code == 202
    send_due(app)
    _path, headers, body = receiver.requests[0]
    for secret in (webhook["secret"], rotated["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
    last = api.post(f"/webhooks/{webhook['id']}/rotation", {"overlap_hours": 0}).json
    people.create(name="Anna")
    send_due(app)
    _path, headers, body = receiver.requests[1]
    Webhook(last["secret"]).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(rotated["secret"]).verify(body, headers)


def test_one_process_sends_at_a_time(app: App, people: People, webhook: dict[str, Any], receiver: Receiver) -> None:
    people.create(name="Anna")
    with app.app_context():
        assert hold_lease("another worker")
        assert hold_lease("another worker")
    send_due(app)
    assert receiver.requests == []


def test_erasing_a_person_reaches_deliveries(
    app: App, api: Api, owner: Browser, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    anna = people.create(name="Anna", email="anna@example.com")
    send_due(app)
    (row,) = deliveries(api, webhook)
    owner.post(f"/users/{anna.id}/deletion")
    assert owner.post(f"/users/{anna.id}/erasure", email=anna.email).status_code == 303
    shown = api.get(f"/webhooks/{webhook['id']}/deliveries/{row['id']}").json
    assert "anna" not in json.dumps(shown).lower()
    assert shown["answer"] == ""


def test_erasing_a_person_empties_answers_to_what_they_did(
    app: App, api: Api, owner: Browser, people: People, access: Access, webhook: dict[str, Any], receiver: Receiver
) -> None:
    helga = access.person("Helga", email="helga@example.com")
    access.grant(ADMINISTRATOR, user_id=helga.id)
    Api(app, people.token_for(helga)).post("/users", {"email": "boris@example.com", "name": "Boris"})
    send_due(app)
    by_helga, _about_helga = deliveries(api, webhook)
    path = f"/webhooks/{webhook['id']}/deliveries/{by_helga['id']}"
    shown = api.get(path).json
    assert ("Helga" in shown["body"], bool(shown["answer"])) == (True, True)
    owner.post(f"/users/{helga.id}/deletion")
    assert owner.post(f"/users/{helga.id}/erasure", email=helga.email).status_code == 303
    shown = api.get(path).json
    assert ("Helga" in shown["body"], shown["answer"]) == (False, "")


def test_old_deliveries_and_deleted_webhooks_are_erased(
    app: App, api: Api, people: People, webhook: dict[str, Any], receiver: Receiver
) -> None:
    people.create(name="Anna")
    send_due(app)
    api.delete(f"/webhooks/{webhook['id']}")
    with app.app_context():
        with transaction():
            db.session.get_one(Endpoint, UUID(webhook["id"])).deleted_at = now() - timedelta(days=31)
            db.session.scalars(select(Delivery)).one().created_at = now() - timedelta(days=31)
            # This one was never sent.
            db.session.add(Delivery(endpoint_id=UUID(webhook["id"]), event=TEST_EVENT, subject_id=new_id()))
        run_job(enqueue(purge.name, by=TESTER).id, holder="test")
        assert db.session.scalar(select(Delivery)) is None
        assert db.session.scalar(select(Endpoint)) is None


@pytest.mark.both_engines
def test_what_a_stopped_worker_was_sending_is_sent_again(
    app: App,
    api: Api,
    people: People,
    webhook: dict[str, Any],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "STOP_SECONDS", 0.05)
    receiver.silent = {"/hook"}
    people.create(name="Anna")
    stopping = threading.Event()
    worker = sender.Sender(app, stopping=stopping)
    worker.start()
    wait_until(lambda: receiver.requests, what="the worker sends")
    stopping.set()
    worker.join()
    assert [(row["state"], row["attempts"]) for row in deliveries(api, webhook)] == [("waiting", 0)]
    receiver.silent = set()
    send_due(app)
    first, second = receiver.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert [row["state"] for row in deliveries(api, webhook)] == ["delivered"]
