"""People outside the groups of the person who imports look as if they did not exist."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.imports.conftest import Imports
from webapp.access.services import end_grant
from webapp.attributes.services import create_attribute

pytestmark = pytest.mark.one_engine

PERMISSIONS = ("users.read", "users.create", "users.edit", "users.deactivate", "imports.run")


@dataclass(frozen=True)
class Importing:
    """Ida imports within North. Zina is outside it."""

    browser: Browser
    grant_id: UUID
    zina: UUID


@pytest.fixture
def ida(access: Access, people: People) -> Importing:
    person, north = access.person("Ida"), access.group("North")
    grant = access.grant(access.role("Importers", *PERMISSIONS), user_id=person.id, scope_id=north)
    zina = people.create(name="Zina", email="zina@example.com", username="zina", timezone="Europe/Moscow")
    return Importing(access.browser_of(person), grant, zina.id)


@pytest.mark.parametrize("key", ["email", "username"])
@pytest.mark.parametrize("name", ["Zina", "Nina"])
def test_right_and_wrong_values_of_others_look_alike(ida: Importing, imports: Imports, key: str, name: str) -> None:
    text = f"email,username,name,timezone\nzina@example.com,zina,{name},Europe/Moscow\n"
    import_id = imports.preview(ida.browser, text, mode="update", key=key)
    assert imports.outcomes(import_id) == ["refused"]
    page = ida.browser.get(f"/imports/{import_id}").text
    assert "No user has this" in page
    assert f"/users/{ida.zina}" not in page


def test_nobody_outside_is_missing(access: Access, people: People, imports: Imports) -> None:
    person, north = access.person("Ida"), access.group("North")
    # She may deactivate everyone, but sees North only.
    access.grant(access.role("Deactivators", "users.deactivate", "imports.run", "users.create"), user_id=person.id)
    access.grant(access.role("Readers", "users.read"), user_id=person.id, scope_id=north)
    people.create(name="Zina", email="zina@example.com")
    import_id = imports.preview(access.browser_of(person), "email,name\nanna@example.com,Anna\n", mode="match")
    assert imports.outcomes(import_id) == ["create"]
    assert "zina" not in access.browser_of(person).get(f"/imports/{import_id}").text


@pytest.mark.both_engines
def test_nobody_matches_by_an_attribute_that_they_cannot_see(ida: Importing, imports: Imports) -> None:
    with imports.app.app_context():
        only = {"visible_to": "administrators", "editable_by": "administrators"}
        create_attribute(key="card", kind="text", label_en="Card", unique=True, **only, by=TESTER)
    import_id = imports.upload(ida.browser, "card,name\n17,Anna\n")
    options = {"mode": "update", "key": "attr.card", "threshold": "10"}
    assert ida.browser.post(f"/imports/{import_id}/preview", **options).status_code == 422


@pytest.mark.both_engines
def test_a_job_stops_when_the_role_is_taken_away(
    access: Access, people: People, imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.imports.running.REQUEST_ROWS_MAX", 0)
    person = access.person("Ida")
    access.grant(access.role("Creators", "users.read", "users.create"), user_id=person.id)
    role = access.grant(access.role("Importers", "imports.run"), user_id=person.id)
    browser = access.browser_of(person)
    import_id = imports.preview(browser, "email,name\nanna@example.com,Anna\n")
    assert imports.apply(browser, import_id).status_code == 303
    with imports.app.app_context():
        end_grant(role, by=TESTER)
    imports.run_job(import_id)
    assert imports.outcomes(import_id) == ["skipped"]
    assert people.row(email="anna@example.com") is None
