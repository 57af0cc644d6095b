"""Only owners can change attributes, and only soon after they entered their password."""

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

ACTIONS = ("up", "down", "deletion", "restoration")


def test_changes_require_the_password_again(owner: Browser, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("one")
    with time_machine.travel(now() + timedelta(minutes=11)):
        owner.get("/users")
        for path in ("/settings/attributes/new", f"/settings/attributes/{attribute_id}/edit"):
            assert owner.get(path).location.startswith("/confirm")
        for action in ACTIONS:
            assert owner.post(f"/settings/attributes/{attribute_id}/{action}").location.startswith("/confirm")
        assert owner.get("/settings/attributes").status_code == 200


def test_an_administrator_is_refused(app: App, people: People, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("one")
    people.create(email="admin@example.com", password=people.password, roles=[ADMINISTRATOR])
    browser = Browser(app).signed_in_as("admin@example.com")
    before = people.row_counts()
    for action in ACTIONS:
        assert browser.post(f"/settings/attributes/{attribute_id}/{action}").status_code == 403
    assert people.row_counts() == before


def test_the_service_checks_the_permission(people: People, catalogue: Catalogue) -> None:
    user = people.create()
    by = Actor(ActorKind.USER, user.name, user.id)
    with pytest.raises(Forbidden):
        catalogue.define("one", by=by)
    assert catalogue.keys() == []
