"""Times at the edge of the calendar are refused. Records that hold one do not break a page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from webapp.access.models import AUDITOR
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.web.api import App

LAST_SECOND = "9999-12-31T23:59:59Z"
NOT_TIMES = [
    LAST_SECOND, "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", 0, "0", 1e9, True,
    "2027-01-01", "2027-01-01T10:00:00", "", "tomorrow",
]  # fmt: skip
RANGE = "Enter a date from 1900 to 9998"


@pytest.mark.one_engine
@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
@pytest.mark.parametrize("time", NOT_TIMES)
def test_the_api_refuses_it(api: Api, people: People, field: str, time: Any) -> None:
    before = people.row_counts()
    response = api.post("/users", {"email": "edge@example.com", "name": "Edge", field: time})
    assert response.status_code == 422
    assert field in {problem["field"].split(".")[0] for problem in response.json["errors"]}
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_forms_say_so_beside_the_field(owner: Browser, access: Access, people: People) -> None:
    person, group = people.create(name="Edge"), access.group("Edges")
    edge = "9999-12-31T23:59"
    pages = [
        owner.post("/users", name="New", email="new@example.com", ends_at=edge),
        owner.post(f"/users/{person.id}/roles", role=str(AUDITOR), ends_at=edge),
        owner.post(f"/users/{person.id}/groups", group=str(group), ends_at=edge),
        owner.post(f"/groups/{group}/members", person=person.email, starts_at="1899-12-31T23:59"),
    ]
    for page in pages:
        assert (page.status_code, RANGE in page.text) == (422, True), page.request.path


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "Europe/Moscow"])
def test_pages_show_records_that_hold_it(app: App, owner: Browser, people: People, zone: str) -> None:
    person = people.create(name="Edge", email="edge@example.com")
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    with app.app_context(), transaction():
        values = {"starts_at": first, "ends_at": last, "created_at": last, "last_sign_in_at": first}
        db.session.execute(update(User).where(User.id == person.id).values(values))
        by = Actor(ActorKind.SYSTEM, "Import")
        changes = {"starts_at": (None, first.isoformat()), "ends_at": (first.isoformat(), last.isoformat())}
        record(Action.USER_UPDATED, subject=db.session.get_one(User, person.id), by=by, changes=changes)
    owner.post("/account/preferences", timezone=zone)
    for path in (
        "/users", "/users?sort=created", "/users?sort=-last_sign_in", "/users?q=edge", f"/users/{person.id}", "/audit",
        f"/users/{person.id}/edit", f"/users/{person.id}/access", f"/users/{person.id}/activity", "/audit.csv", "/",
    ):  # fmt: skip
        assert owner.get(path).status_code in {200, 303, 404}, path
    api = Api(app, people.token_for(people.owner()))
    assert api.get(f"/users/{person.id}").json["ends_at"] == LAST_SECOND


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
@pytest.mark.parametrize(
    "address",
    [
        "/users?created_from=0001-01-01", "/users?created_to=9999-12-31", "/users?last_sign_in_before=0001-01-01",
        "/users?q=created:9999-12-31", "/users?q=created:<0001-01-01", "/users?q=last_sign_in:0001-01-01..9999-12-31",
        "/users?sort=created&at=0001-01-01", "/users?sort=-created&at=9999-12-31",
        "/audit?since=0001-01-01&until=9999-12-31", "/audit?since=9999-12-31T23:59:59",
        "/audit?since=0001-01-01T00:00%2B14:00", "/access-review?on=0001-01-01",
        "/access-review?on=9999-12-31&since=0001-01-01",
    ],
)  # fmt: skip
def test_filters_take_every_day_of_the_calendar(owner: Browser, zone: str, address: str) -> None:
    owner.post("/account/preferences", timezone=zone)
    assert owner.get(address).status_code == 200


@pytest.mark.one_engine
def test_a_filter_up_to_the_last_day_finds_everybody(owner: Browser, people: People) -> None:
    people.create(name="Edge")
    assert "Edge" in owner.get("/users?created_to=9999-12-31").text
    assert "Edge" not in owner.get("/users?created_from=9999-12-31").text
    assert "Edge" not in owner.get("/users?q=created:9999-12-31").text
