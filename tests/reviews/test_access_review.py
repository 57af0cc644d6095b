"""Access reviews: people, roles, groups and permissions on a past day, although they changed later."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.access.services import end_grant, end_membership
from webapp.core.clock import now
from webapp.core.spreadsheets import BOM
from webapp.groups.services import delete_group, update_group
from webapp.reviews.past_state import get_person_at
from webapp.reviews.services import NIL
from webapp.roles.services import delete_role, update_role
from webapp.users.queries import get_user
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

JANUARY, MARCH, MAY = (datetime(2030, month, 1, 12, tzinfo=UTC) for month in (1, 3, 5))
FEBRUARY, APRIL = (datetime(2030, month, 1, 12, tzinfo=UTC) for month in (2, 4))


@pytest.fixture
def clock(app: App) -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(JANUARY, tick=False) as coordinates:
        yield coordinates


def csv_rows(browser: Browser, query: str) -> list[list[str]]:
    text = browser.get(f"/access-review.csv?{query}").text
    return list(csv.reader(io.StringIO(text.removeprefix(BOM))))[1:]


def test_a_person_is_shown_as_of_a_past_day(app: App, people: People, clock: time_machine.Coordinates) -> None:
    anna = people.create(name="Anna", email="anna@example.com", password=people.password)
    clock.move_to(MARCH)
    with app.app_context():
        update_user(anna.id, version=1, name="Anna May", email="may@example.com", username="may", by=TESTER)
    clock.move_to(APRIL)
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
    clock.move_to(MAY)
    with app.app_context():
        user = get_user(anna.id)
        seen = [get_person_at(user, moment).fields for moment in (JANUARY - timedelta(days=1), FEBRUARY, MARCH, MAY)]
    assert seen[0] is None
    assert [(past["name"], past["email"], past["username"], past["status"]) for past in seen[1:]] == [
        ("Anna", "anna@example.com", None, "active"),
        ("Anna May", "may@example.com", "may", "active"),
        ("Anna May", "may@example.com", "may", "deactivated"),
    ]


def test_roles_and_groups_are_shown_as_of_a_past_day(
    app: App, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    anna, outer = people.create(), access.group("Outer")
    inner = access.group("Inner", parent_id=outer)
    grants = [access.grant(HELPDESK, user_id=anna.id), access.grant(AUDITOR, group_id=outer)]
    membership = access.add_member(inner, anna.id)
    clock.move_to(MARCH)
    with app.app_context():
        update_group(inner, version=1, name="Inner", parent_id=None, by=TESTER)
    clock.move_to(APRIL)
    with app.app_context():
        end_grant(grants[0], by=TESTER)
        end_membership(membership, by=TESTER)
        delete_group(outer, by=TESTER)
    clock.move_to(MAY)
    assert [held_at(app, anna.id, moment) for moment in (FEBRUARY, MARCH + timedelta(days=1), MAY)] == [
        (["Auditor", "Helpdesk"], ["Inner"]),
        (["Helpdesk"], ["Inner"]),
        ([], []),
    ]


def held_at(app: App, user_id: UUID, moment: datetime) -> tuple[list[str], list[str]]:
    with app.app_context():
        past = get_person_at(get_user(user_id), moment)
        roles = sorted(grant.role.name for grant in past.grants)
        return roles, [membership.group.name for membership in past.memberships]


def test_a_review_lists_everyone_with_a_role_and_its_origin(
    app: App, owner: Browser, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    anna, boris = people.create(name="Anna"), people.create(name="=Boris()")
    north, role = access.group("North"), access.role("Reader", "users.read")
    access.grant(role, group_id=north)
    access.add_member(north, boris.id)
    access.grant(role, user_id=anna.id, scope_id=north, ends_at=MARCH)
    clock.move_to(MAY)
    with app.app_context():
        delete_role(role, by=TESTER)
    browser = Browser(app).signed_in_as("olga@example.com")
    named = sorted(row[1:6] for row in csv_rows(browser, "on=2030-02-01") if row[3] == "Reader")
    assert named == [
        ["'=Boris()", boris.email, "Reader", "", "North"],
        ["Anna", anna.email, "Reader", "North", ""],
    ]
    assert [row[1] for row in csv_rows(browser, "on=2030-04-01") if row[3] == "Reader"] == ["'=Boris()"]
    assert not [row for row in csv_rows(browser, "on=2030-05-01") if row[3] == "Reader"]


def test_a_review_compares_two_days(
    app: App, owner: Browser, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    stays, leaves, comes = (people.create(name=name) for name in ("Stays", "Leaves", "Comes"))
    north, role = access.group("North"), access.role("Reader", "users.read")
    access.grant(role, group_id=north)
    access.add_member(north, stays.id)
    left = access.add_member(north, leaves.id)
    clock.move_to(MARCH)
    with app.app_context():
        end_membership(left, by=TESTER)
    access.add_member(north, comes.id)
    access.grant(HELPDESK, user_id=comes.id)
    clock.move_to(MAY)
    browser = Browser(app).signed_in_as("olga@example.com")
    changed = sorted(row[:4:3] + row[1:2] for row in csv_rows(browser, "since=2030-02-01&on=2030-04-01"))
    assert changed == [["added", "Helpdesk", "Comes"], ["added", "Reader", "Comes"], ["removed", "Reader", "Leaves"]]


def test_the_page_shows_what_changed_between_two_days(
    app: App, owner: Browser, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    role = access.role("Reader", "users.read")
    access.grant(role, group_id=access.group("North"))
    ended = access.grant(role, user_id=people.create(name="Leaves").id)
    clock.move_to(MARCH)
    with app.app_context():
        end_grant(ended, by=TESTER)
    access.grant(role, user_id=people.create(name="Comes").id)
    clock.move_to(MAY)
    browser = Browser(app).signed_in_as("olga@example.com")
    page = browser.get(f"/access-review?since=2030-02-01&on=2030-04-01&role={role}").text
    rows = [re.sub(r"<[^>]*>|\s+", " ", row).split()[:3] for row in page.split("<tr>")[2:]]
    assert rows == [["members", "may", "differ"], ["removed", "Leaves", "Reader"], ["added", "Comes", "Reader"]]


def test_permissions_of_a_role_are_as_of_a_past_day(
    app: App, owner: Browser, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    anna, role = people.create(), access.role("Reader", "users.read")
    access.grant(role, user_id=anna.id)
    clock.move_to(MARCH)
    with app.app_context():
        update_role(role, version=1, name="Reader", permissions=["users.read", "users.purge"], by=TESTER)
    browser = Browser(app).signed_in_as("olga@example.com")
    assert "Erase people permanently" not in browser.get(f"/users/{anna.id}/as-of?on=2030-02-01").text
    assert "Erase people permanently" in browser.get(f"/users/{anna.id}/as-of").text


def test_an_exported_review_is_recorded(owner: Browser, people: People) -> None:
    before = people.row_counts()["audit_records"]
    csv_rows(owner, "on=2030-02-01")
    assert people.row_counts()["audit_records"] == before + 1


def test_the_page_of_what_ends_soon_says_that_it_is_cut(
    owner: Browser, access: Access, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.reviews.ending.ENDING_MAX", 2)
    monkeypatch.setattr("webapp.reviews.pages.ENDING_MAX", 2)
    for number in range(2):
        assert "lists only" not in owner.get("/access-review/ending").text
        person = people.create(name=f"Person {number}")
        access.grant(HELPDESK, user_id=person.id, ends_at=now() + timedelta(days=number + 1))
    page = owner.get("/access-review/ending").text
    assert "This page lists only the next 2 roles and the next 2 memberships." in page


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_file_and_its_record_have_the_days_that_were_chosen(owner: Browser, people: People, zone: str) -> None:
    owner.post("/account/preferences", timezone=zone)
    response = owner.get("/access-review.csv?since=2026-10-31&on=2026-11-01")
    assert response.headers["Content-Disposition"].endswith("=access-2026-10-31-2026-11-01.csv")
    record = people.audit_trail(NIL)[-1]
    assert record == ("review.exported", {"on": [None, "2026-11-01"], "since": [None, "2026-10-31"]})


def test_a_review_needs_global_audit_permission(app: App, member: Browser, access: Access) -> None:
    north, anna = access.group("North"), access.person("Anna")
    access.grant(AUDITOR, user_id=anna.id, scope_id=north)
    for browser in (member, access.browser_of(anna)):
        for path in ("/access-review", "/access-review.csv"):
            assert browser.get(path).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "on=yesterday",
        "on=2030-13-01",
        "since=%00",
        "role=1",
        "on=99999-01-01",
        "limit=0",
        "on=2025-01-01&since=2025-02-01",
    ],
)
def test_an_invalid_day_is_refused(owner: Browser, people: People, query: str) -> None:
    before = people.row_counts()
    for path in ("/access-review", "/access-review.csv"):
        assert owner.get(f"{path}?{query}").status_code == 400
    assert people.row_counts() == before
