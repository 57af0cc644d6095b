"""Events are pushed to syslog over TLS and to HTTPS: in order, at least once, with growing waits after failures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from tests.clients import Api
from tests.event_stream.receivers import Receiver, https_receiver, make_certificate, syslog_receiver
from tests.event_stream.test_event_stream import fail, rename
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.event_stream.push import delivery, sending
from webapp.event_stream.push.models import EventPush
from webapp.event_stream.push.queries import find_push, get_push
from webapp.event_stream.push.sending import push_events
from webapp.event_stream.push.services import pause_push, remove_target, resume_push, save_target
from webapp.jobs.services import enqueue, run_due_jobs
from webapp.signin import retention
from webapp.signin.models import SecurityEvent
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

SECRET = "Bearer 5ecret"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Path, change_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trust the receivers of this machine."""
    change_settings(webhook_allowed_networks=["127.0.0.0/8"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.fixture
def syslog(trusted: Path) -> Iterator[Receiver]:
    with syslog_receiver(trusted) as receiver:
        yield receiver


@pytest.fixture
def https(trusted: Path) -> Iterator[Receiver]:
    with https_receiver(trusted) as receiver:
        yield receiver


def send_to(app: App, address: str, **options: Any) -> None:
    with app.app_context():
        save_target(address=address, by=TESTER, **options)


def push(app: App) -> EventPush:
    """Run one round of the worker, and return the row."""
    with app.app_context():
        push_events()
        return get_push()


def test_syslog_gets_each_event_once_and_in_order(app: App, people: People, syslog: Receiver) -> None:
    anna = people.create(name="Anna")
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    rename(app, anna.id, "Анна 😀")
    fail(app)
    row = push(app)
    assert syslog.types == ["event_push.created", "user.updated", "sign_in.failed"]
    assert (row.sent, row.failures, row.lease_holder, row.last_sent_at is None) == (3, 0, None, False)
    assert re.match(r"<109>1 \d{4}-\d\d-\d\dT[\d:.]+Z 127\.0\.0\.1 rollcall - user\.updated - \{", syslog.messages[1])
    assert syslog.messages[2].startswith("<108>1 ")
    assert syslog.events[1]["changes"]["name"] == ["Anna", "Анна 😀"]
    assert push(app).sent == 3


def test_https_gets_json_lines_with_the_header(app: App, people: People, https: Receiver) -> None:
    people.create(name="Anna")
    send_to(app, f"https://127.0.0.1:{https.port}/in?x=1", authorization=SECRET, older=True)
    row = push(app)
    assert https.types == ["user.created", "event_push.created"]
    assert (https.headers[0]["Authorization"], https.headers[0]["Content-Type"]) == (SECRET, delivery.JSON_LINES)
    assert SECRET not in (row.sealed_authorization or "")
    assert SECRET not in str(https.events)


def test_many_events_go_in_batches(app: App, https: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 3)
    send_to(app, f"https://127.0.0.1:{https.port}")
    for _number in range(7):
        fail(app)
    assert push(app).sent == len(https.events) == 8
    assert len({event["id"] for event in https.events}) == 8
    assert len(https.headers) == 3


@pytest.mark.parametrize("behaviour", ["cut", "refuse"])
def test_after_a_failure_syslog_gets_the_events_again(
    app: App, syslog: Receiver, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    syslog.behaviour = behaviour
    row = push(app)
    assert (row.failures, row.sent, bool(row.last_error), syslog.events) == (1, 0, True, [])
    syslog.behaviour = "accept"
    assert push(app).sent == 0
    with time_machine.travel(now() + timedelta(seconds=6), tick=True):
        row = push(app)
    assert (row.failures, row.sent, row.last_error, row.next_attempt_at) == (0, 1, None, None)


def test_waits_grow_up_to_ten_minutes(app: App, https: Receiver) -> None:
    send_to(app, f"https://127.0.0.1:{https.port}")
    https.behaviour = "refuse"
    waits, moment = [], now()
    for _attempt in range(9):
        with time_machine.travel(moment, tick=False):
            row = push(app)
        assert row.next_attempt_at
        waits.append((row.next_attempt_at - moment).total_seconds())
        moment = row.next_attempt_at
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert row.last_error == "The target answered 302"


def test_a_target_that_never_answers_is_left(app: App, https: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TOTAL_SECONDS", 0.3)
    send_to(app, f"https://127.0.0.1:{https.port}")
    https.behaviour = "hang"
    assert push(app).last_error == "The target did not answer in time"


def test_an_untrusted_certificate_gets_nothing(app: App, syslog: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    assert "certificate verify failed" in (push(app).last_error or "")
    assert syslog.events == []


def test_an_internal_address_is_refused_when_it_is_connected_to(
    app: App, syslog: Receiver, change_settings: Callable[..., None]
) -> None:
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    change_settings(webhook_allowed_networks=[])
    assert "in an internal network" in (push(app).last_error or "")


def test_one_worker_sends_at_a_time(app: App, syslog: Receiver) -> None:
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    with app.app_context(), transaction():
        db.session.execute(update(EventPush).values(lease_holder="other", lease_until=now() + timedelta(seconds=60)))
    assert push(app).sent == 0
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        assert push(app).sent == 1


def test_a_worker_that_lost_its_lease_keeps_the_position(
    app: App, syslog: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")

    def steal(*arguments: Any) -> None:
        delivery.deliver(*arguments)
        with transaction():
            db.session.execute(update(EventPush).values(lease_holder="other"))

    monkeypatch.setattr(sending, "_deliver", lambda _push, events: steal(sending.Target(_push.address, ""), events))
    row = push(app)
    assert (len(syslog.events), row.sent, row.lease_holder) == (1, 0, "other")


def test_a_target_can_be_removed_while_a_worker_sends(
    app: App, syslog: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to(app, f"syslog+tls://127.0.0.1:{syslog.port}")
    send_page = sending._send_page

    def send_and_remove(holder: str) -> bool:
        more = send_page(holder)
        remove_target(by=TESTER)
        return more

    monkeypatch.setattr(sending, "_send_page", send_and_remove)
    with app.app_context():
        push_events()
        assert find_push() is None


def test_a_pause_keeps_the_position(app: App, https: Receiver) -> None:
    send_to(app, f"https://127.0.0.1:{https.port}")
    with app.app_context():
        pause_push(by=TESTER)
    assert push(app).sent == 0
    with app.app_context():
        resume_push(by=TESTER)
    assert push(app).sent == 3
    assert https.types == ["event_push.created", "event_push.paused", "event_push.resumed"]


@pytest.mark.both_engines
def test_a_round_without_new_events_takes_two_statements(app: App, https: Receiver) -> None:
    send_to(app, f"https://127.0.0.1:{https.port}")
    push(app)
    with app.app_context(), captured_queries(app) as queries:
        push_events()
    assert len(queries) == 2


def count_events(app: App) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SecurityEvent)) or 0


def purge(app: App, moment: Any) -> int:
    with time_machine.travel(moment, tick=True), app.app_context():
        enqueue("security_events.purge", by=TESTER)
        run_due_jobs(holder="test")
    return count_events(app)


def test_security_events_are_kept_until_the_target_has_them(
    app: App, https: Receiver, change_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(security_event_days=7, webhook_allowed_networks=["127.0.0.0/8"])
    send_to(app, f"https://127.0.0.1:{https.port}")
    for _number in range(3):
        fail(app)
    later = now() + timedelta(days=8)
    assert purge(app, later) == 3
    monkeypatch.setattr(retention, "UNREAD_MAX", 2)
    assert purge(app, later) == 2
    push(app)
    fail(app)
    assert purge(app, later) == 1
    assert purge(app, now() + timedelta(days=31)) == 0


def test_without_a_target_events_are_deleted_after_the_setting(app: App, change_settings: Callable[..., None]) -> None:
    change_settings(security_event_days=7)
    fail(app)
    assert purge(app, now() + timedelta(days=6)) == 1
    assert purge(app, now() + timedelta(days=8)) == 0


def test_the_api_shows_the_state(api: Api, app: App, https: Receiver) -> None:
    address = f"https://127.0.0.1:{https.port}"
    assert api.get("/event-push").status_code == 404
    put = api.client.put("/api/v1/event-push", json={"address": address, "authorization": SECRET}, headers=api.headers)
    assert (put.status_code, put.json["state"], put.json["waiting"], put.json["version"]) == (200, "sending", 1, 1)
    assert SECRET not in put.text
    assert api.post("/event-push/test").status_code == 202
    push(app)
    shown = api.get("/event-push").json
    assert (shown["state"], shown["waiting"], shown["test_error"]) == ("up_to_date", 0, None)
    assert https.types == ["event_push.test", "event_push.created", "event_push.tested"]
    assert api.post("/event-push/pause").json["state"] == "paused"
    assert api.delete("/event-push/pause").json["state"] == "sending"
    assert api.delete("/event-push", headers={"If-Match": '"old"'}).status_code == 412
    assert api.delete("/event-push").status_code == 204
