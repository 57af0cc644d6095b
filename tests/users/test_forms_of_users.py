"""The forms to add and edit a user: collapsed fields, presets of dates, and who has a value that is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.attributes.services import create_attribute
from webapp.web import date_presets
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
OPEN = 'more-fields" open'


def test_other_fields_are_collapsed_while_they_are_empty(owner: Browser, people: People) -> None:
    page = owner.get("/users/new").text
    assert "more-fields" in page
    assert OPEN not in page
    assert page.index('name="roles"') < page.index("more-fields") < page.index('name="username"')
    assert OPEN not in owner.get(f"/users/{people.create().id}/edit").text
    assert OPEN in owner.get(f"/users/{people.create(username='anton').id}/edit").text


@pytest.mark.parametrize("fields", [{"username": "a@b"}, {"starts_at": "nonsense"}, {"password": "short"}])
def test_an_error_opens_them(owner: Browser, fields: dict[str, str]) -> None:
    response = owner.post("/users", name="Anton", email="anton@example.com", **fields)
    assert response.status_code == 422
    assert OPEN in response.text


def test_required_attributes_are_never_collapsed(app: App, owner: Browser) -> None:
    define(app, key="desk", required=True)
    page = owner.get("/users/new").text
    assert page.index('name="attributes.desk"') < page.index("more-fields")
    assert OPEN not in owner.post("/users", name="", email="", **{"attributes.desk": "4"}).text


def test_a_taken_value_names_the_person_who_has_it(app: App, owner: Browser, people: People) -> None:
    define(app, key="badge", unique=True)
    anna = people.create(name="Anna <b>", email="anna@example.com", username="anna", attributes={"badge": "A7"})
    other = people.create()
    link = f'Used by: <a class="link" href="/users/{anna.id}"><bdi>Anna &lt;b&gt;</bdi></a>'
    taken = (
        {"email": "ANNA@example.com"},
        {"email": "new@example.com", "username": "Anna"},
        {"email": "new@example.com", "attributes.badge": "a7"},
    )
    before = people.row_counts()
    for fields in taken:
        assert link in owner.post("/users", name="New", **fields).text
        assert link in owner.post(f"/users/{other.id}", name="New", version=str(other.version), **fields).text
    assert people.row_counts() == before


def test_the_name_of_a_person_out_of_reach_stays_secret(app: App, people: People, access: Access) -> None:
    people.create(name="Secret Anna", email="anna@example.com")
    helper = access.person("Helper", email="helper@example.com")
    north = access.group("North")
    access.grant(access.role("Adder", "users.read", "users.create"), user_id=helper.id, scope_id=north)
    page = access.browser_of(helper).post("/users", name="New", email="anna@example.com", groups=str(north)).text
    assert "This e-mail address is already in use" in page
    assert "Secret" not in page
    assert "Used by" not in page


@pytest.mark.parametrize(
    ("zone", "today", "monday", "year_end"),
    [
        ("Asia/Tokyo", "2026-12-28T00:00", "2027-01-04T00:00", "2026-12-31T23:59"),
        ("America/New_York", "2026-12-27T00:00", "2026-12-28T00:00", "2026-12-31T23:59"),
    ],
)
def test_presets_are_days_of_the_zone(
    app: App, monkeypatch: pytest.MonkeyPatch, zone: str, today: str, monday: str, year_end: str
) -> None:
    monkeypatch.setattr(date_presets, "now", lambda: datetime(2026, 12, 27, 20, tzinfo=UTC))
    with app.test_request_context():
        field = type("Field", (), {"zone": ZoneInfo(zone)})()
        starts, ends = date_presets.start_presets(field), date_presets.end_presets(field)
    assert [each.value for each in starts[:2]] == [today, monday]
    assert ends[-1].value == year_end


def define(app: App, **definition: object) -> None:
    key = str(definition["key"])
    with app.app_context():
        create_attribute(by=TESTER, kind="text", label_en=key.title(), label_ru=key, **definition)  # type: ignore[arg-type]
