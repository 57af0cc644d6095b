"""`flask users recover` prints a link that lets a user in who lost everything."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from tests.clients import Browser
from tests.factor_factory import add_totp
from tests.factories import People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

OLGA, NEW = "olga@example.com", "a completely different phrase"


def recover(app: App, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["users", "recover", *arguments])
    return result.exit_code, result.stdout


def test_the_last_owner_comes_back_also_when_locked(app: App, people: People, visitor: Browser) -> None:
    olga = people.owner()
    add_totp(app, olga.id)
    with app.app_context(), transaction():
        db.session.execute(update(User).values(locked_at=now()))
    code, out = recover(app, "--email", OLGA)
    assert (code, len(out.split())) == (0, 1)
    visitor.get(out.strip()[out.index("/reset") :])
    assert visitor.post("/reset", password=NEW).status_code == 303
    assert visitor.get("/users").status_code == 200


def test_it_is_recorded(app: App, people: People) -> None:
    olga = people.owner()
    code, out = recover(app, "--email", OLGA, "--json")
    assert (code, set(json.loads(out))) == (0, {"url", "expires_at", "email"})
    assert ("one_time_pass.issued", {}) in people.audit_trail(olga.id)


@pytest.mark.parametrize("email", ["nobody@example.com", "", "\x00", "invited@example.com"])
def test_others_are_refused(app: App, people: People, email: str) -> None:
    people.owner()
    people.create(email="invited@example.com", name="Ines")
    before = people.row_counts()
    assert recover(app, "--email", email) == (1, "")
    assert people.row_counts() == before


def test_without_an_address_it_is_a_wrong_use(app: App) -> None:
    assert recover(app)[0] == 2
