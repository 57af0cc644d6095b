"""Sign-ins by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.dashboard.conftest import Jobs, query_plan
from tests.factories import People
from webapp.dashboard.sign_ins import DAYS_SHOWN, list_days
from webapp.web.api import App

MONDAY = datetime(2031, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def signed_in_twice(app: App, people: People) -> None:
    """A sign-in on Monday and two on Tuesday."""
    anna = people.create(name="Anna", password=people.password)
    for hours in (0, 13, 14):
        with time_machine.travel(MONDAY + timedelta(hours=hours)):
            Browser(app).signed_in_as(anna.email)


def sign_ins(app: App) -> list[int]:
    with app.app_context():
        return [day.sign_ins for day in list_days()]


def test_sign_ins_count_on_their_day(app: App, signed_in_twice: None) -> None:
    with time_machine.travel(MONDAY + timedelta(days=2)):
        assert sign_ins(app) == [0] * (DAYS_SHOWN - 3) + [1, 2, 0]
    with time_machine.travel(MONDAY + timedelta(days=DAYS_SHOWN)):
        assert sign_ins(app) == [2] + [0] * (DAYS_SHOWN - 1)


def test_counted_days_are_read_from_the_figures(app: App, jobs: Jobs, signed_in_twice: None) -> None:
    with time_machine.travel(MONDAY + timedelta(days=2)):
        jobs.run("totals.refresh")
        assert sign_ins(app)[-3:] == [1, 2, 0]
        jobs.run("totals.refresh")
        assert sign_ins(app)[-3:] == [1, 2, 0]


def test_a_day_with_very_many_sign_ins_shows_the_last_count(
    app: App, jobs: Jobs, signed_in_twice: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.dashboard.sign_ins.COUNTED_LIVE", 1)
    with time_machine.travel(MONDAY + timedelta(days=1, hours=4)):
        assert sign_ins(app)[-1] == 1
        jobs.run("totals.refresh")
        assert sign_ins(app)[-1] == 2


def test_days_are_ranges_of_the_index(app: App, signed_in_twice: None) -> None:
    assert "ix_audit_records_action_id" in query_plan(app, list_days)


@pytest.mark.one_engine
def test_the_page_shows_their_number(owner: Browser) -> None:
    assert "1 sign-in in the last 30 days" in owner.get("/").text
