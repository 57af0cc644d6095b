"""The same POST sent twice makes one thing."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import time_machine
from sqlalchemy import select

from tests.clients import Api
from tests.factories import People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.web.api import App
from webapp.web.idempotency import IdempotencyKey

ANTON = {"email": "anton@example.com", "name": "Антон Иванов"}
KEY = {"Idempotency-Key": "order-1"}


def test_the_second_gets_the_answer_of_the_first(api: Api, people: People) -> None:
    first = api.post("/users", ANTON, headers=KEY)
    second = api.post("/users", ANTON, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert people.count() == 2


def test_two_at_once_make_one(app: App, api: Api, people: People) -> None:
    token = people.token_for(people.owner())
    apis = [Api(app, token) for _side in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda side: side.post("/users", ANTON, headers=KEY), apis))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert people.count() == 2


def test_the_key_of_another_request_is_422(api: Api, people: People) -> None:
    api.post("/users", ANTON, headers=KEY)
    response = api.post("/users", ANTON | {"email": "other@example.com"}, headers=KEY)
    assert response.status_code == 422
    assert people.count() == 2


def test_a_refused_request_uses_up_no_key(api: Api, people: People) -> None:
    before = people.row_counts()
    assert api.post("/users", ANTON | {"email": "nope"}, headers=KEY).status_code == 422
    assert people.row_counts() == before
    assert api.post("/users", ANTON | {"email": "nope"}, headers=KEY).status_code == 422
    assert api.post("/users", ANTON, headers=KEY).status_code == 201


def test_a_taken_address_under_a_key_is_409(api: Api, people: People) -> None:
    people.create(email="anton@example.com")
    before = people.row_counts()
    assert api.post("/users", ANTON, headers=KEY).status_code == 409
    assert people.row_counts() == before


def test_a_key_beyond_reason_is_400(api: Api, people: People) -> None:
    for key in ("", "x" * 256, "bad\x7f"):
        assert api.post("/users", ANTON, headers={"Idempotency-Key": key}).status_code == 400
    assert people.count() == 1


def test_the_stored_key_tells_nothing_of_a_password(app: App, api: Api) -> None:
    body = b'{"email": "a@example.com", "name": "A", "password": "correct horse battery staple"}'
    api.post("/users", data=body, content_type="application/json", headers=KEY)
    with app.app_context():
        row = db.session.scalars(select(IdempotencyKey)).one()
    assert "correct horse" not in row.body
    assert row.fingerprint != hashlib.sha256(b"POST\n/api/v1/users\n" + body).hexdigest()


def test_after_a_day_a_key_is_free_again(api: Api, people: People) -> None:
    api.post("/users", ANTON, headers=KEY)
    with time_machine.travel(now() + timedelta(hours=25)):
        assert api.post("/users", ANTON, headers=KEY).status_code == 409
    assert people.count() == 2


def test_two_callers_may_use_one_key(app: App, api: Api, people: People) -> None:
    other = Api(app, people.token_for(people.owner()))
    assert api.post("/users", ANTON, headers=KEY).status_code == 201
    assert other.post("/users", ANTON | {"email": "b@example.com"}, headers=KEY).status_code == 201
