"""Times in forms keep their offset and time zone: a form that is saved unchanged changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.attributes.conftest import Catalogue
from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import People
from tests.form_fields import form_fields
from webapp.access.models import AUDITOR, Membership
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.web.api import App

# In Berlin, clocks go back from 3:00 to 2:00 on 2037-10-25, and forward from 2:00 to 3:00 on 2037-03-29.
FIRST_OF_TWO = datetime(2037, 10, 25, 0, 30, tzinfo=UTC)
SECOND_OF_TWO = datetime(2037, 10, 25, 1, 30, tzinfo=UTC)
SKIPPED = "2037-03-29T02:30"
DOES_NOT_EXIST = "Clocks go forward then, so this time does not exist"
Opened = Callable[[UserOut], dict[str, Any]]


@pytest.fixture
def opened(owner: Browser) -> Opened:
    """Return a function that returns the fields of a person's edit form, opened in Berlin."""
    owner.post("/account/preferences", timezone="Europe/Berlin")
    return lambda person: form_fields(owner.get(f"/users/{person.id}/edit").text, f"/users/{person.id}")


def end_of(people: People, person: UserOut) -> datetime:
    return people.row(id=person.id)["ends_at"].replace(tzinfo=UTC)


@pytest.mark.parametrize("moment", [FIRST_OF_TWO, SECOND_OF_TWO, SECOND_OF_TWO.replace(second=7, microsecond=9)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo"])
def test_an_unchanged_time_stays_although_it_occurs_twice_or_the_viewer_chose_another_zone(
    owner: Browser, people: People, opened: Opened, moment: datetime, zone: str
) -> None:
    person = people.create(starts_at=datetime(2037, 1, 1, tzinfo=UTC), ends_at=moment)
    fields = opened(person)
    owner.post("/account/preferences", timezone=zone)
    before = people.row_counts(), people.row(id=person.id)
    assert owner.post(f"/users/{person.id}", **fields).status_code == 303
    assert (people.row_counts(), people.row(id=person.id)) == before
    owner.post(f"/users/{person.id}", **fields | {"name": "Other"})
    assert people.audit_trail(person.id)[-1][1].keys() == {"name"}


def test_a_changed_time_is_in_the_zone_that_the_form_showed(owner: Browser, people: People, opened: Opened) -> None:
    person = people.create()
    fields = opened(person) | {"ends_at": "2037-07-01T12:00"}
    owner.post("/account/preferences", timezone="Asia/Tokyo")
    refused = owner.post(f"/users/{person.id}", **fields | {"name": ""})
    assert "Europe/Berlin" in refused.text
    corrected = form_fields(refused.text, f"/users/{person.id}") | {"name": "Anna"}
    assert owner.post(f"/users/{person.id}", **corrected).status_code == 303
    assert end_of(people, person) == datetime(2037, 7, 1, 10, 0, tzinfo=UTC)


def test_a_merge_and_the_answer_to_a_conflict_keep_the_exact_time(
    owner: Browser, people: People, opened: Opened
) -> None:
    person = people.create(name="Anna", ends_at=SECOND_OF_TWO)
    first, second, third = opened(person), opened(person), opened(person)
    owner.post(f"/users/{person.id}", **first | {"name": "Theirs"})
    assert owner.post(f"/users/{person.id}", **second | {"username": "anna"}).status_code == 303
    conflict = owner.post(f"/users/{person.id}", **third | {"name": "Mine"})
    assert conflict.status_code == 409
    asked = form_fields(conflict.text, f"/users/{person.id}")
    assert asked["conflict"] == "name"
    assert owner.post(f"/users/{person.id}", **asked | {"keep.name": "mine"}).status_code == 303
    assert end_of(people, person) == SECOND_OF_TWO


def test_a_time_that_clocks_skip_is_refused_in_every_form(
    app: App, owner: Browser, access: Access, people: People, opened: Opened
) -> None:
    person, group = people.create(), access.group("North")
    fields = opened(person)
    bulk_id = Bulk(app).create(owner, "end_access", person)
    before = people.row_counts()
    for path, form in (
        ("/users", {"name": "New", "email": "new@example.com", "ends_at": SKIPPED}),
        (f"/users/{person.id}", fields | {"ends_at": SKIPPED}),
        (f"/users/{person.id}/roles", {"role": str(AUDITOR), "starts_at": SKIPPED}),
        (f"/users/{person.id}/groups", {"group": str(group), "ends_at": SKIPPED}),
        (f"/groups/{group}/roles", {"role": str(AUDITOR), "ends_at": SKIPPED}),
        (f"/groups/{group}/members", {"person": person.email, "starts_at": SKIPPED}),
        (f"/bulk/{bulk_id}/plan", {"ends_at": SKIPPED}),
    ):
        page = owner.post(path, **form)
        assert (page.status_code, DOES_NOT_EXIST in page.text, SKIPPED in page.text) == (422, True, True), path
    assert people.row_counts() == before


def test_forms_for_new_things_use_the_zone_in_which_they_were_opened(
    app: App, owner: Browser, access: Access, people: People, opened: Opened
) -> None:
    person, group = people.create(), access.group("North")
    opened(person)
    path = f"/groups/{group}/members"
    fields = form_fields(owner.get(f"/groups/{group}").text, path)
    owner.post("/account/preferences", timezone="Asia/Tokyo")
    owner.post(path, **fields | {"person": person.email, "ends_at": "2037-07-01T12:00"})
    with app.app_context():
        assert db.session.scalars(select(Membership.ends_at)).one() == datetime(2037, 7, 1, 10, 0, tzinfo=UTC)


@pytest.mark.one_engine
@pytest.mark.parametrize("carried", ["", "[", "[Nowhere/Land]", "x[../../etc/passwd]", "2037-10-25T02:30[UTC]", "]["])
def test_a_senseless_hidden_value_means_the_zone_of_the_viewer(
    owner: Browser, people: People, opened: Opened, carried: str
) -> None:
    person = people.create(ends_at=SECOND_OF_TWO)
    fields = opened(person) | {"ends_at": "2037-07-01T12:00", "ends_at.opened": carried}
    zone_hours = 0 if "UTC" in carried else 2
    assert owner.post(f"/users/{person.id}", **fields).status_code == 303
    assert end_of(people, person) == datetime(2037, 7, 1, 12 - zone_hours, 0, tzinfo=UTC)


@pytest.mark.one_engine
def test_a_senseless_original_value_is_shown_as_it_is(owner: Browser, people: People, opened: Opened) -> None:
    person = people.create()
    mine, theirs = opened(person), opened(person)
    owner.post(f"/users/{person.id}", **theirs | {"ends_at": "2037-07-01T12:00"})
    sent = mine | {"ends_at": "2037-07-02T12:00", "opened_with": '{"ends_at": ["never"]}'}
    conflict = owner.post(f"/users/{person.id}", **sent)
    assert (conflict.status_code, "never" in conflict.text) == (409, True)


def test_no_edit_form_changes_anything_if_it_is_saved_unchanged(
    app: App, owner: Browser, access: Access, people: People
) -> None:
    catalogue = Catalogue(app, people)
    boss = people.create(email="boss@example.com")
    values = {"note": "a", "size": 1.5e-7, "big": 0.1 + 0.2, "day": "2027-01-31", "boss": str(boss.id)}
    kinds = {"note": "text", "size": "number", "big": "number", "day": "date", "boss": "person"}
    attributes = {key: catalogue.define(key, kind, help="Help") for key, kind in kinds.items()}
    attributes["dept"] = catalogue.define("dept", "choice")
    person = people.create(username="anna", attributes=values | {"dept": "it"})
    group = access.group("North", description="About it", parent_id=access.group("World"))
    role = access.role("Payroll", "users.read", "users.export")
    owner.post("/account/preferences", timezone="Europe/Berlin", locale="en", theme="dark")
    owner.post("/views", name="One", address="status=active")
    view = re.search(r"/views/([0-9a-f-]{36})/edit", owner.get("/views").text)
    assert view
    forms = [("/account", "/account/preferences")]
    forms += [
        (f"{path}/edit", path)
        for path in (
            f"/users/{person.id}", f"/groups/{group}", f"/roles/{role}", f"/views/{view[1]}",
            *(f"/settings/attributes/{each}" for each in attributes.values()),
        )
    ]  # fmt: skip
    before = people.row_counts(), people.row(id=person.id)
    for page, action in forms:
        fields = form_fields(owner.get(page).text, action)
        # Browsers send the line breaks of a text area as CR LF.
        sent = {name: value.replace("\n", "\r\n") if name != "opened_with" and isinstance(value, str) else value
                for name, value in fields.items()}  # fmt: skip
        assert owner.post(action, **sent).status_code == 303, action
        assert (people.row_counts(), people.row(id=person.id)) == before, action
