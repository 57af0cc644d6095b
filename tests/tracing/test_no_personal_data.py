"""No span has a name, an address, a search, a token, a password or a value of a row."""

from __future__ import annotations

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from tests.tracing.collector import Collector
from tests.tracing.conftest import flush
from webapp.jobs.services import run_due_jobs
from webapp.web.api import App

PASSWORD = "canary password of a secret person"
SECRETS = ("canary", "Канарейка", "Olga", "olga@", "Ольга", "203.0.113.77", "scrypt", "secret person")


def test_spans_have_nothing_that_people_or_programs_send(traced_app: App, people: People, collector: Collector) -> None:
    token = people.token_for(people.owner())
    visitor, owner = Browser(traced_app), Browser(traced_app).signed_in_as("olga@example.com")
    fields = {"email": "canary@example.com", "name": "Канарейка Canary", "username": "canary", "password": PASSWORD}
    assert owner.post("/users", **fields).status_code == 303
    user_id = people.row(email="canary@example.com")["id"]  # type: ignore[index]  # it was created
    for query in ("canary", "email:canary@example.com", 'name:"Канарейка"', "status:active canary*", "id:canary"):
        owner.get("/users", query_string={"q": query}, headers={"X-Forwarded-For": "203.0.113.77"})
    for path in (f"/users/{user_id}", "/users/canary@example.com", "/canary", "/search?q=canary", "/history?q=canary"):
        owner.get(path, headers={"User-Agent": "canary", "Cookie": "other=canary", "Referer": "http://canary/"})
    for path in ("/reset", "/invitation", "/email-change", "/not-me", "/setup"):
        visitor.get(f"{path}?token=canary")
    visitor.post("/login", email="canary@example.com", password=PASSWORD)
    visitor.client.open("/users", method="CANARY")
    api = Api(traced_app, token)
    api.get("/users?q=canary&fields=canary")
    api.post("/users", {"email": "canary@example.com", "name": "Canary", "password": PASSWORD})
    Api(traced_app, "rc_canary").get("/users")
    with traced_app.app_context():
        run_due_jobs(holder="here")
    flush(traced_app)
    assert_secret(collector, token)


def assert_secret(collector: Collector, token: str) -> None:
    assert len(collector.spans) > 50
    sent = "\n".join(map(str, collector.spans))
    everything = (sent + b"".join(collector.bodies).decode(errors="ignore")).casefold()
    assert "get /users" in everything
    for secret in (*SECRETS, token):
        assert secret.casefold() not in everything


@pytest.mark.engine("postgresql")
def test_a_refused_statement_has_the_class_of_the_error(traced_app: App, people: People, collector: Collector) -> None:
    people.create(email="canary@example.com", name="Canary")
    people.owner()
    owner = Browser(traced_app).signed_in_as("olga@example.com")
    owner.post("/users", email="canary@example.com", name="Canary", username="", password="")
    flush(traced_app)
    assert "UniqueViolation" in str(collector.spans)
    assert b"canary" not in b"".join(collector.bodies)
