"""Growth of accounts: new, reactivated and deactivated people by week."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise

import pytest
import time_machine

from tests.clients import Browser
from tests.dashboard.conftest import CreateUserAt, query_plan
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.audit.archive_models import AuditArchive
from webapp.core.ids import min_id_at, new_id
from webapp.dashboard.cards import growth_card
from webapp.dashboard.growth import Week, list_weeks, monday_of
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.demo.services import fill
from webapp.users.services import deactivate_user, reactivate_user
from webapp.web.api import App

# A Wednesday.
NOW = datetime(2030, 5, 15, 12, tzinfo=UTC)
MONDAY = datetime(2030, 5, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WEEK = timedelta(weeks=1)


def weeks(app: App, count: int, at: datetime = NOW) -> list[Week]:
    with time_machine.travel(at, tick=False), app.app_context():
        return list_weeks(count)


def test_weeks_without_events_are_included(app: App) -> None:
    found = weeks(app, 26)
    assert found[0] == Week(date(2029, 11, 19), 0, 0, 0, 0.0)
    assert found[-1].week == date(2030, 5, 13)
    assert [later.week - earlier.week for earlier, later in pairwise(found)] == [WEEK] * 25


def test_a_week_starts_on_monday_at_midnight_utc(app: App, create_user_at: CreateUserAt) -> None:
    create_user_at(MONDAY - SECOND)
    create_user_at(MONDAY)
    create_user_at(MONDAY + WEEK - timedelta(microseconds=1))
    create_user_at(datetime(2030, 5, 12, 23, 0, tzinfo=timezone(timedelta(hours=-3))))
    assert [week.new for week in weeks(app, 2)] == [1, 3]


def test_the_current_week_changes_at_midnight(app: App) -> None:
    assert weeks(app, 1, MONDAY - SECOND)[0].week == date(2030, 5, 6)
    assert weeks(app, 1, MONDAY)[0].week == date(2030, 5, 13)


def test_the_average_of_the_first_week_covers_four_weeks(app: App, create_user_at: CreateUserAt) -> None:
    for ago, count in ((6, 8), (5, 4), (3, 2), (1, 3), (0, 1)):
        for _number in range(count):
            create_user_at(MONDAY - WEEK * ago)
    found = weeks(app, 4)
    assert [week.new for week in found] == [2, 0, 3, 1]
    assert [week.average for week in found] == [(8 + 4 + 0 + 2) / 4, (4 + 0 + 2 + 0) / 4, 5 / 4, 6 / 4]


def test_deactivations_and_reactivations_count_in_their_week(app: App, people: People) -> None:
    first, second = people.create().id, people.create().id
    with app.app_context():
        with time_machine.travel(MONDAY - SECOND, tick=False):
            deactivate_user(first, by=TESTER)
            deactivate_user(second, by=TESTER)
        with time_machine.travel(MONDAY, tick=False):
            reactivate_user(first, by=TESTER)
            deactivate_user(first, by=TESTER)
            reactivate_user(second, by=TESTER)
    found = weeks(app, 3)
    assert [(week.reactivated, week.deactivated) for week in found] == [(0, 0), (0, 2), (2, 1)]


def test_events_outside_the_shown_weeks_do_not_count(app: App, create_user_at: CreateUserAt) -> None:
    create_user_at(MONDAY - WEEK - SECOND)
    create_user_at(MONDAY + WEEK)
    assert [week.new for week in weeks(app, 2)] == [0, 0]


def test_the_first_id_of_a_time_is_not_above_any_id_of_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another test of this process may have made an ID at a later time. IDs never go back.
    monkeypatch.setattr("uuid6._last_v7_timestamp", None)
    with time_machine.travel(NOW, tick=False):
        made = new_id()
    smallest = min_id_at(NOW)
    assert smallest <= made < min_id_at(NOW + SECOND)
    assert (smallest.version, smallest.variant) == (7, "specified in RFC 4122")


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 11, 24), date(2026, 11, 23)),
        (date(2027, 1, 1), date(2026, 12, 28)),
        (date(2026, 11, 22), date(2026, 11, 16)),
    ],
)
def test_the_monday_of_a_day(day: date, monday: date) -> None:
    assert monday_of(day) == monday


@pytest.mark.one_engine
def test_the_card_says_which_events_are_archived(app: App, owner: Browser) -> None:
    assert "are not counted" not in owner.get("/").text
    with app.app_context():
        weeks = list_weeks()
        shown = datetime.combine(weeks[5].week, time(), UTC)
        with transaction():
            archive = AuditArchive(number=1, path="a", before=shown, records=1, starts={}, ends={}, sealed_at=shown)
            db.session.add(archive)
        assert growth_card(weeks[5:], archived_before=shown, right_to_left=False).archived_before is None
    assert "Earlier reactivations and deactivations are not counted." in owner.get("/").text


def test_growth_takes_one_statement(app: App) -> None:
    with captured_queries(app) as seen, app.app_context():
        list_weeks()
    assert len(seen) == 1, seen


def test_growth_is_read_by_indexes(app: App, engine_name: str) -> None:
    with app.app_context():
        fill(2_000, by=TESTER)
        assert sum(week.new for week in list_weeks()) > 100
    plan = query_plan(app, list_weeks)
    assert "ix_users_created_at_id" in plan
    assert "ix_audit_records_action_id" in plan
    for full_scan in ("Seq Scan on users", "Seq Scan on audit_records", "SCAN users", "SCAN audit_records"):
        assert full_scan not in plan
