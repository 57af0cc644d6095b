"""Only owners change attributes, and only soon after they gave their password."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from tests.attributes.conftest import Catalogue
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR
from webapp.core.clock import now
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, ActorKind
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

PRESSES = ("up", "down", "deletion", "restoration")


def test_the_password_is_asked_for_again(owner: Browser, catalogue: Catalogue) -> None:
    made = catalogue.define("one")
    with time_machine.travel(now() + timedelta(minutes=11)):
        owner.get("/users")
        for path in ("/settings/attributes/new", f"/settings/attributes/{made}/edit"):
            assert owner.get(path).location.startswith("/confirm")
        for press in PRESSES:
            assert owner.post(f"/settings/attributes/{made}/{press}").location.startswith("/confirm")
        assert owner.get("/settings/attributes").status_code == 200


def test_an_administrator_may_not(app: App, people: People, catalogue: Catalogue) -> None:
    made = catalogue.define("one")
    people.create(email="admin@example.com", password=people.password, roles=[ADMINISTRATOR])
    browser = Browser(app).signed_in_as("admin@example.com")
    before = people.row_counts()
    for press in PRESSES:
        assert browser.post(f"/settings/attributes/{made}/{press}").status_code == 403
    assert people.row_counts() == before


def test_the_service_asks_too(people: People, catalogue: Catalogue) -> None:
    somebody = people.create()
    by = Actor(ActorKind.USER, somebody.name, somebody.id)
    with pytest.raises(Forbidden):
        catalogue.define("one", by=by)
    assert catalogue.keys() == []
