"""Roles, groups, dates and managers in files, and the rights of the person who imports."""

from __future__ import annotations

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.imports.conftest import Importer, Imports
from webapp.access.models import ADMINISTRATOR


def test_roles_and_groups_are_given_once(importer: Importer, access: Access, people: People) -> None:
    access.group("Sales")
    text = "email,name,roles,groups\nanna@example.com,Anna,Helpdesk,Sales\n"
    assert importer(text)["create"] == 1
    person = people.row(email="anna@example.com")
    assert person
    actions = [action for action, _changes in people.audit_trail(person["id"])]
    assert actions == ["user.created", "member.added", "role.granted"]
    assert importer(text, "--mode", "upsert")["unchanged"] == 1


def test_an_unknown_role_is_a_refused_row(importer: Importer, access: Access) -> None:
    access.group("Sales")
    text = "email,name,roles\nanna@example.com,Anna,Helpdesk\nboris@example.com,Boris,Nonsense\n"
    result = importer(text)
    assert (result["create"], result["refused"]) == (1, 1)
    assert "“Nonsense” does not exist" in result["rows"][0]["reason"]


def test_nobody_gives_a_role_that_they_lack(imports: Imports, people: People) -> None:
    people.create(email="ada@example.com", name="Ada", password=people.password, roles=[ADMINISTRATOR])
    browser = Browser(imports.app).signed_in_as("ada@example.com")
    text = "email,name,roles\nanna@example.com,Anna,Owner\nboris@example.com,Boris,Helpdesk\n"
    import_id = imports.preview(browser, text)
    assert imports.outcomes(import_id) == ["refused", "create"]
    imports.apply(browser, import_id)
    assert people.row(email="anna@example.com") is None
    assert people.row(email="boris@example.com")


def test_status_and_dates(importer: Importer, people: People) -> None:
    anna_row, boris_row = "anna@example.com,Anna,deactivated,", "boris@example.com,Boris,active,2030-01-31"
    text = f"email,name,status,access ends on\n{anna_row}\n{boris_row}\n"
    assert importer(text)["create"] == 2
    anna, boris = people.row(email="anna@example.com"), people.row(email="boris@example.com")
    assert anna
    assert boris
    assert anna["status"] == "deactivated"
    assert str(boris["ends_at"]).startswith("2030-02-01 00:00:00")
