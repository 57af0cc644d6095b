"""Idempotency keys while the first request runs, and after a crash between its commit and its answer."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import EnvironBuilder
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from tests.clients import Api
from tests.factories import People
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.file_locks import file_lock
from webapp.db.session import db
from webapp.web import idempotency
from webapp.web.api import App
from webapp.web.idempotency import IdempotencyKey

ANTON = {"email": "anton@example.com", "name": "Антон Иванов"}
KEY = {"Idempotency-Key": "order-1"}


class Crash(BaseException):
    """The process ends."""


def crash(*_arguments: object) -> None:
    raise Crash


def test_after_a_crash_between_commit_and_answer_the_answer_is_there(app: App, api: Api, people: People) -> None:
    request = EnvironBuilder(app, "/api/v1/users", method="POST", json=ANTON, headers=api.headers | KEY)
    with pytest.raises(Crash):
        # The server ends when it wants to send the first line of the answer.
        app.wsgi_app(request.get_environ(), crash)
    between = people.row_counts()
    answer = api.post("/users", ANTON, headers=KEY)
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
    assert answer.headers["Location"] == f"/api/v1/users/{answer.json['id']}"
    assert api.get(f"/users/{answer.json['id']}").json == answer.json
    assert api.post("/users", ANTON | {"name": "Other"}, headers=KEY).status_code == 422
    assert people.row_counts() == between


def test_after_a_crash_before_the_commit_nothing_is_there(api: Api, people: People) -> None:
    before = people.row_counts()
    event.listen(Session, "before_commit", crash)
    try:
        with pytest.raises(Crash):
            api.post("/users", ANTON, headers=KEY)
    finally:
        event.remove(Session, "before_commit", crash)
    assert people.row_counts() == before
    assert api.post("/users", ANTON, headers=KEY).status_code == 201


@pytest.mark.engine("sqlite")
def test_while_the_first_request_runs_on_sqlite_it_is_409(
    app: App, api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.05)
    token_id = api.get("/me").json["token"]["id"]
    before = people.row_counts()
    with app.app_context(), file_lock(f"idempotency {token_id} order-1", seconds=0):
        for _attempt in range(2):
            answer = api.post("/users", ANTON, headers=KEY)
            assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "in_progress")
            assert answer.headers["Retry-After"] == "2"
        # Another key does not wait.
        assert api.post("/groups", {"name": "North"}, headers={"Idempotency-Key": "order-2"}).status_code == 201
        folder = Path(f"{db.engine.url.database}-locks")
    assert people.row_counts()["users"] == before["users"]
    assert api.post("/users", ANTON, headers=KEY).status_code == 201
    assert list(folder.iterdir()) == []


@pytest.mark.engine("sqlite")
def test_the_lock_of_a_key_has_one_holder_at_a_time(app: App) -> None:
    held: list[int] = []

    def hold(number: int) -> None:
        with app.app_context(), file_lock("one", seconds=10):
            held.append(number)
            assert held == [number]
            time.sleep(0.001)
            held.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, range(100)))


@pytest.mark.engine("postgresql")
def test_while_the_first_request_runs_it_is_409(app: App, api: Api, people: People) -> None:
    token_id = UUID(api.get("/me").json["token"]["id"])
    values = {"key": KEY["Idempotency-Key"], "fingerprint": secrets.token_hex(32), "caller_id": token_id}
    before = people.row_counts()
    with app.app_context(), db.engine.connect() as first:
        # What the first request has written so far.
        table = IdempotencyKey.__table__
        rest = {"id": new_id(), "status": 0, "headers": {}, "body": "", "created_at": now()}
        first.execute(insert(table), values | rest)
        answer = api.post("/users", ANTON, headers=KEY)
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (409, "in_progress")
        assert answer.headers["Retry-After"] == "2"
        first.rollback()
    assert people.row_counts() == before
    assert api.post("/users", ANTON, headers=KEY).status_code == 201
