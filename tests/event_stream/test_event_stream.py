"""Other systems read audit records and security events by a cursor, each at least once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import delete

from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import before_commit, transaction
from webapp.event_stream import waiting
from webapp.event_stream.cursors import STREAMS
from webapp.event_stream.waiting import LongPollSlot
from webapp.signin.events import record_event
from webapp.signin.models import EventKind, SecurityEvent
from webapp.users.services import update_user
from webapp.web.api import App

OLD_ID = UUID("01900000-0000-7000-8000-000000000000")


def read(api: Api, after: str = "", **parameters: Any) -> dict[str, Any]:
    response = api.get("/events", query_string={"after": after, **parameters})
    assert response.status_code == 200, response.json
    return dict(response.json or {})


def types(page: dict[str, Any]) -> list[str]:
    return [event["type"] for event in page["items"]]


def fail(app: App) -> None:
    """Record a failed sign-in."""
    with app.app_context():
        record_event(EventKind.SIGN_IN_FAILED, user_id=None, address="192.0.2.7", agent="tests")


def rename(app: App, user_id: UUID, name: str) -> None:
    with app.app_context():
        update_user(user_id, name=name, by=TESTER)


def _shards(*shards: int) -> Callable[[int], int]:
    """Return a replacement of `randbelow` that chooses these shards in turn."""
    numbers = iter(shards)
    return lambda _below: next(numbers)


def test_changes_and_failed_sign_ins_come_in_one_order(app: App, api: Api, people: People, visitor: Browser) -> None:
    start = read(api, "latest")
    anna = people.create(name="Anna", email="anna@example.com", password=people.password)
    visitor.post("/login", email="anna@example.com", password="not the password")
    rename(app, anna.id, "Anna B")
    page = read(api, start["next"])
    assert (start["items"], types(page)) == ([], ["user.created", "sign_in.failed", "user.updated"])
    created, failed, updated = page["items"]
    assert (created["source"], failed["source"]) == ("audit", "security")
    assert (failed["subject"]["id"], failed["actor"], bool(failed["address"])) == (str(anna.id), None, True)
    assert (updated["changes"]["name"], updated["subject"]["name"]) == (["Anna", "Anna B"], "Anna B")
    assert read(api, page["next"]) == {"items": [], "next": page["next"], "more": False}


def test_pages_follow_each_other_without_gaps(app: App, api: Api, people: People) -> None:
    for _number in range(4):
        people.create()
        fail(app)
    whole = read(api)
    found: list[str] = []
    page: dict[str, Any] = {"next": "", "more": True}
    while page["more"]:
        page = read(api, page["next"], limit=3)
        found += [event["id"] for event in page["items"]]
    assert found == [event["id"] for event in whole["items"]]
    assert len(found) == len(set(found)) >= 8
    assert page["next"] == whole["next"]


def test_a_change_that_is_committed_late_comes_after_newer_ones(
    app: App, api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = people.create(name="Anna")
    before = read(api)
    monkeypatch.setattr("webapp.audit.services.new_id", lambda: OLD_ID)
    rename(app, anna.id, "Anna B")
    page = read(api, before["next"])
    assert [event["id"] for event in page["items"]] == [str(OLD_ID)]
    assert read(api, page["next"])["items"] == []


# SQLite has one writer at a time.
@pytest.mark.engine("postgresql")
def test_a_long_transaction_holds_up_nobody_and_loses_nothing(
    app: App, api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, boris = people.create(name="Anna"), people.create(name="Boris")
    monkeypatch.setattr("webapp.audit.services.secrets.randbelow", _shards(3, 7))
    before, written, go_on = read(api), threading.Event(), threading.Event()

    def wait(_items: list[None]) -> None:
        written.set()
        go_on.wait(60)

    def slow() -> None:
        with app.app_context(), transaction():
            update_user(anna.id, name="Anna B", by=TESTER)
            before_commit(wait, None)

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(300)
    rename(app, boris.id, "Boris B")
    page = read(api, before["next"])
    assert [event["subject"]["name"] for event in page["items"]] == ["Boris B"]
    go_on.set()
    thread.join(5)
    late = read(api, page["next"])
    assert [event["subject"]["name"] for event in late["items"]] == ["Anna B"]
    assert late["items"][0]["at"] < page["items"][0]["at"]


def test_a_number_of_a_security_event_never_returns(app: App, api: Api) -> None:
    moment = now()
    with time_machine.travel(moment, tick=False):
        fail(app)
        fail(app)
    seen = read(api)
    assert types(seen)[-2:] == ["sign_in.failed", "sign_in.failed"]
    with time_machine.travel(moment.replace(year=moment.year - 1), tick=False):
        fail(app)
    page = read(api, seen["next"])
    assert types(page) == ["sign_in.failed"]
    with app.app_context(), transaction():
        db.session.execute(delete(SecurityEvent))
    fail(app)
    assert types(read(api, page["next"])) == ["sign_in.failed"]


def test_a_request_waits_for_the_next_event(app: App, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0)

    def sleep(seconds: float) -> None:
        clock.now += seconds
        if clock.now == 2:
            fail(app)

    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    start = read(api, "latest")
    page = read(api, start["next"], wait=10)
    assert (types(page), clock.now) == (["sign_in.failed"], 2)
    assert (read(api, page["next"], wait=3)["items"], clock.now) == ([], 5)


def test_a_second_waiting_request_is_answered_at_once(app: App, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_poll", pytest.fail)
    start = read(api, "latest")
    with app.registry.get(LongPollSlot).lock:
        assert read(api, start["next"], wait=10)["items"] == []


def test_the_permission_and_the_scope_are_required(app: App, people: People) -> None:
    anna = people.create(name="Anna", password=people.password)
    for owner, scopes, code in ((people.owner(), ["users.read"], "missing_scope"), (anna, [], None)):
        api, _id = Tokens(app).create(owner, *scopes)
        before = people.row_counts()
        response = api.get("/events")
        assert (response.status_code, people.row_counts()) == (403, before)
        assert code is None or code_of(response) == code
    api, _id = Tokens(app).create(people.owner(), "audit.read")
    assert read(api)["items"]


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=v1.1",
        "after=v1" + ".1" * (STREAMS + 1),
        "after=v1" + "." + "9" * 19 + ".1" * (STREAMS - 1),
        "after=v1" + ".-1" * STREAMS,
        "after=v1" + ".٣" * STREAMS,
        "after=%00",
        "after=" + "1" * 2000,
        "limit=0",
        "limit=501",
        "wait=11",
        "wait=-1",
        "wait=x",
        "before=x",
        "wait=1&wait=1",
    ],
)
def test_bad_parameters_are_400(api: Api, query: str) -> None:
    response = api.get(f"/events?{query}")
    assert (response.status_code, bool(code_of(response))) == (400, True)


def test_the_number_of_statements_does_not_grow(app: App, api: Api, people: People) -> None:
    fail(app)
    read(api)
    counts = []
    for more in (0, 20):
        for _number in range(more):
            people.create()
            fail(app)
        with captured_queries(app) as seen:
            page = read(api)
        counts.append(len(seen))
    # The token with its owner and their permissions, the last archive, the order, the records, security events.
    assert (counts, len(page["items"]) > 40) == ([5, 5], True)


@pytest.mark.one_engine
def test_the_description_has_the_stream(api: Api) -> None:
    operation = dict(api.get("/openapi.json").json or {})["paths"]["/api/v1/events"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"after", "limit", "wait"}
    assert operation["responses"]["200"]["headers"]["Link"]
