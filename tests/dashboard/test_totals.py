"""Totals of people by status and by role."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import update

from tests.dashboard.conftest import Jobs
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK, OWNER, RoleGrant
from webapp.dashboard.models import Figure
from webapp.dashboard.totals import RoleShare, Totals, get_totals, list_role_shares
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.users.services import deactivate_user
from webapp.web.api import App

COUNTED_AT = datetime(2030, 5, 15, 12, tzinfo=UTC)


@pytest.fixture
def seven_people(app: App, people: People) -> None:
    """Two owners, one of them active, and five auditors: two active, two invited, one deactivated."""
    ids = [people.create(roles=[role]).id for role in [OWNER] * 2 + [AUDITOR] * 5]
    with app.app_context():
        with transaction():
            has_password = [ids[0], ids[2], ids[3]]
            db.session.execute(update(User).where(User.id.in_(has_password)).values(password_hash="a hash"))
        deactivate_user(ids[6], by=TESTER)


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count at most two people at each request."""
    monkeypatch.setattr("webapp.dashboard.totals.COUNTED_LIVE", 2)


def test_few_people_are_counted_at_each_request(app: App, seven_people: None) -> None:
    with app.app_context():
        assert get_totals() == Totals(active=3, invited=3, deactivated=1, total=7)


def test_an_empty_database_has_no_people(app: App) -> None:
    with app.app_context():
        assert (get_totals(), list_role_shares()) == (Totals(), [])


def test_roles_are_ranked_by_number_of_people(app: App, seven_people: None) -> None:
    with app.app_context():
        found = list_role_shares()
    assert found == [RoleShare(1, "Auditor", 2), RoleShare(2, "Owner", 1)]


def test_equal_roles_share_a_rank(app: App, people: People) -> None:
    for role in [OWNER] * 2 + [AUDITOR] * 2 + [HELPDESK]:
        people.create(roles=[role], password=people.password)
    with app.app_context():
        found = list_role_shares()
    assert found == [RoleShare(1, "Auditor", 2), RoleShare(1, "Owner", 2), RoleShare(3, "Helpdesk", 1)]


def test_many_people_are_shown_by_the_last_count_with_its_time(
    app: App, people: People, jobs: Jobs, seven_people: None, low_limit: None
) -> None:
    with time_machine.travel(COUNTED_AT, tick=False):
        assert jobs.run("totals.refresh").state == "done"
    people.create()
    with app.app_context():
        assert get_totals() == Totals(active=3, invited=3, deactivated=1, total=7, at=COUNTED_AT)
        assert list_role_shares() == [(1, "Auditor", 2), (2, "Owner", 1)]


def test_a_new_count_replaces_the_old_one(app: App, jobs: Jobs, seven_people: None, low_limit: None) -> None:
    jobs.run("totals.refresh")
    with app.app_context(), transaction():
        db.session.execute(update(RoleGrant).where(RoleGrant.role_id == OWNER).values(role_id=AUDITOR))
        db.session.execute(update(User).values(deactivated_at=None))
    jobs.run("totals.refresh")
    with app.app_context():
        assert list_role_shares() == [(1, "Auditor", 3)]
        assert (get_totals().active, get_totals().invited, get_totals().deactivated, get_totals().total) == (3, 4, 0, 7)


def test_other_figures_are_not_changed(app: App, jobs: Jobs, seven_people: None) -> None:
    with app.app_context(), transaction():
        db.session.add(Figure(name="mails.sent", value=4, at=datetime(2020, 1, 1, tzinfo=UTC)))
    jobs.run("totals.refresh")
    with app.app_context():
        assert db.session.get_one(Figure, "mails.sent").value == 4


def test_people_never_counted_before_are_counted_up_to_a_limit(
    app: App, seven_people: None, low_limit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        assert get_totals() == Totals(active=3, invited=3, deactivated=1, total=7)
        monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 2)
        assert get_totals() == Totals(active=2, invited=2, deactivated=1, total=2, exact=False)
        assert list_role_shares() == []


def test_each_query_takes_one_statement(app: App, seven_people: None) -> None:
    for read in (get_totals, list_role_shares):
        with captured_queries(app) as seen, app.app_context():
            read()
        assert len(seen) == 1, seen


def test_two_concurrent_counts_give_one_result(app: App, jobs: Jobs, seven_people: None) -> None:
    ids, barrier = [jobs.enqueue("totals.refresh") for _number in range(2)], Barrier(2, timeout=300)

    def work(job_id: UUID) -> str:
        barrier.wait()
        return jobs.work_on(job_id).state

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, ids)) == ["done", "done"]
    with app.app_context():
        assert get_totals().total == 7
