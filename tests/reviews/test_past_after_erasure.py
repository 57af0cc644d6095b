"""The past stays as it was after people were erased and roles were deleted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, HELPDESK, OWNER
from webapp.access.services import end_membership
from webapp.audit.verify import verify
from webapp.bin.services import delete_user, purge_user
from webapp.core.permissions import Actor, ActorKind
from webapp.core.spreadsheets import BOM
from webapp.groups.services import update_group
from webapp.roles.services import delete_role, update_role
from webapp.users.services import update_user
from webapp.web.api import App

JANUARY, MARCH, APRIL, MAY = (datetime(2030, month, 1, 12, tzinfo=UTC) for month in (1, 3, 4, 5))
FEBRUARY_PAGE = "on=2030-02-01"


@pytest.fixture
def clock(app: App) -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(JANUARY, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def admin(people: People) -> Actor:
    """An administrator who will be erased."""
    people.owner()
    user = people.create(name="Антон Иванов", email="anton@example.com", roles=[OWNER, ADMINISTRATOR])
    return Actor(ActorKind.USER, user.name, user.id)


def erase(app: App, user_id: UUID) -> None:
    with app.app_context():
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)


def lines(app: App, query: str) -> list[list[str]]:
    """Return name, address, role and group of each line of the CSV file."""
    text = Browser(app).signed_in_as("olga@example.com").get(f"/access-review.csv?{query}").text
    rows = list(csv.reader(io.StringIO(text.removeprefix(BOM))))[1:]
    return sorted([row[0], *row[1:4], row[5]] for row in rows)


def pseudonymised(rows: list[list[str]], person_id: UUID) -> list[list[str]]:
    name = f"Deleted user {person_id.hex[-6:]}"
    return sorted([row[0], name, "", *row[3:]] if row[1] == "Антон Иванов" else row for row in rows)


def test_a_review_of_a_past_day_keeps_an_erased_person_under_a_pseudonym(
    app: App, access: Access, people: People, admin: Actor, clock: time_machine.Coordinates
) -> None:
    assert admin.id
    north = access.group("North")
    access.grant(HELPDESK, group_id=north)
    access.add_member(north, admin.id)
    stays = people.create(name="Stays")
    access.add_member(north, stays.id)
    clock.move_to(MAY)
    past, now = lines(app, FEBRUARY_PAGE), lines(app, "")
    erase(app, admin.id)
    assert lines(app, FEBRUARY_PAGE) == pseudonymised(past, admin.id)
    assert lines(app, "") == [row for row in now if row[1] != "Антон Иванов"]
    page = Browser(app).signed_in_as("olga@example.com").get(f"/access-review?{FEBRUARY_PAGE}").text
    assert f"Deleted user {admin.id.hex[-6:]}" in page
    assert "Антон" not in page


def test_a_comparison_of_two_days_keeps_an_erased_person(
    app: App, access: Access, people: People, admin: Actor, clock: time_machine.Coordinates
) -> None:
    assert admin.id
    north = access.group("North")
    access.grant(HELPDESK, group_id=north)
    membership = access.add_member(north, admin.id)
    clock.move_to(MARCH)
    with app.app_context():
        end_membership(membership, by=TESTER)
    access.add_member(north, people.create(name="Comes").id)
    clock.move_to(MAY)
    compared = "since=2030-02-01&on=2030-04-01"
    before = lines(app, compared)
    assert [row[0] for row in before] == ["added", "removed"]
    erase(app, admin.id)
    assert lines(app, compared) == pseudonymised(before, admin.id)


def test_the_past_of_others_stays_after_the_administrator_who_changed_them_is_erased(
    app: App, access: Access, people: People, admin: Actor, clock: time_machine.Coordinates
) -> None:
    anna, boss = people.create(name="Anna"), access.group("Outer")
    inner = access.group("Inner", parent_id=boss)
    role = access.role("Reader", "users.read")
    access.grant(role, group_id=boss)
    access.add_member(inner, anna.id)
    clock.move_to(MARCH)
    with app.app_context():
        update_user(anna.id, name="Anna May", by=admin)
        update_group(inner, version=1, name="Inner", by=admin)
        update_role(role, version=1, name="Reader", permissions=["users.read", "users.purge"], by=admin)
    clock.move_to(MAY)
    path, review = f"/users/{anna.id}/as-of?{FEBRUARY_PAGE}", f"/access-review?{FEBRUARY_PAGE}"
    browser = Browser(app).signed_in_as("olga@example.com")
    person, rows = browser.get(path).text, lines(app, FEBRUARY_PAGE)
    assert "now: " in person
    assert "Through the group" in person
    assert admin.id
    erase(app, admin.id)
    assert browser.get(path).text == person
    assert lines(app, FEBRUARY_PAGE) == pseudonymised(rows, admin.id)
    assert browser.get(review).status_code == 200
    trail = browser.get(f"/users/{anna.id}/activity").text
    assert f"Deleted user {admin.id.hex[-6:]}" in trail
    assert "Антон" not in trail
    with app.app_context():
        assert verify().findings == []


def test_a_past_day_is_shown_after_a_role_was_deleted(
    app: App, owner: Browser, access: Access, people: People, clock: time_machine.Coordinates
) -> None:
    anna, role = people.create(), access.role("Reader", "users.read")
    access.grant(role, user_id=anna.id)
    clock.move_to(APRIL)
    with app.app_context():
        delete_role(role, by=TESTER)
    clock.move_to(MAY)
    browser = Browser(app).signed_in_as("olga@example.com")
    past = browser.get(f"/users/{anna.id}/as-of?{FEBRUARY_PAGE}")
    assert past.status_code == 200
    assert "Reader" in past.text
    assert "See people" in past.text
    assert "Reader" not in browser.get(f"/users/{anna.id}/as-of").text
    review = browser.get(f"/access-review?{FEBRUARY_PAGE}").text
    assert "Reader" in review
    assert f'href="/roles/{role}"' not in review
