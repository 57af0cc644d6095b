"""How many people there are, by status and by role."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import update

from tests.dashboard.conftest import Jobs, Past
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK, OWNER, RoleGrant
from webapp.dashboard.models import Figure
from webapp.dashboard.queries import RoleShare, Totals, people_by_role, totals
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.models import User
from webapp.users.services import deactivate_user
from webapp.web.api import App

COUNTED_AT = datetime(2030, 5, 15, 12, tzinfo=UTC)


@pytest.fixture
def seven(app: App, people: People) -> None:
    """Two owners, one of them active, and five auditors: two active, two invited, one deactivated."""
    ids = [people.create(roles=[role]).id for role in [OWNER] * 2 + [AUDITOR] * 5]
    with app.app_context():
        with transaction():
            has_password = [ids[0], ids[2], ids[3]]
            db.session.execute(update(User).where(User.id.in_(has_password)).values(password_hash="a hash"))
        deactivate_user(ids[6], by=TESTER)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many already."""
    monkeypatch.setattr("webapp.dashboard.queries.COUNTED_LIVE", 2)


def test_few_people_are_counted_at_once(app: App, seven: None) -> None:
    with app.app_context():
        assert totals() == Totals(active=3, invited=3, deactivated=1, total=7)


def test_an_empty_database_has_no_people(app: App) -> None:
    with app.app_context():
        assert (totals(), people_by_role()) == (Totals(), [])


def test_roles_are_ranked_by_number_of_people(app: App, seven: None) -> None:
    with app.app_context():
        first, second = people_by_role()
    assert (first, second.share) == (RoleShare(1, "Auditor", 5, pytest.approx(5 / 7)), pytest.approx(2 / 7))
    assert second[:3] == (2, "Owner", 2)


def test_equal_roles_share_a_rank(app: App, people: People) -> None:
    for role in [OWNER] * 2 + [AUDITOR] * 2 + [HELPDESK]:
        people.create(roles=[role])
    with app.app_context():
        found = people_by_role()
    assert found == [
        RoleShare(1, "Auditor", 2, 0.4),
        RoleShare(1, "Owner", 2, 0.4),
        RoleShare(3, "Helpdesk", 1, 0.2),
    ]


def test_many_people_are_shown_by_the_last_count_with_its_time(
    app: App, people: People, jobs: Jobs, seven: None, many: None
) -> None:
    with time_machine.travel(COUNTED_AT, tick=False):
        assert jobs.run("totals.refresh").state == "done"
    people.create()
    with app.app_context():
        assert totals() == Totals(active=3, invited=3, deactivated=1, total=7, at=COUNTED_AT)
        assert [row[:3] for row in people_by_role()] == [(1, "Auditor", 5), (2, "Owner", 2)]


def test_a_new_count_replaces_the_old_one(app: App, jobs: Jobs, seven: None, many: None) -> None:
    jobs.run("totals.refresh")
    with app.app_context(), transaction():
        db.session.execute(update(RoleGrant).where(RoleGrant.role_id == OWNER).values(role_id=AUDITOR))
        db.session.execute(update(User).values(deactivated_at=None))
    jobs.run("totals.refresh")
    with app.app_context():
        assert [row[1:3] for row in people_by_role()] == [("Auditor", 7)]
        assert (totals().active, totals().invited, totals().deactivated, totals().total) == (3, 4, 0, 7)


def test_other_figures_are_not_changed(app: App, jobs: Jobs, seven: None) -> None:
    with app.app_context(), transaction():
        db.session.add(Figure(name="mails.sent", value=4, at=datetime(2020, 1, 1, tzinfo=UTC)))
    jobs.run("totals.refresh")
    with app.app_context():
        assert db.session.get_one(Figure, "mails.sent").value == 4


def test_people_never_counted_before_are_counted_up_to_a_limit(
    app: App, seven: None, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        assert totals() == Totals(active=3, invited=3, deactivated=1, total=7)
        monkeypatch.setattr("webapp.lists.count.COUNT_BOUND", 2)
        assert totals() == Totals(active=2, invited=2, deactivated=1, total=2, exact=False)
        assert people_by_role() == []


def test_each_query_takes_one_statement(app: App, seven: None) -> None:
    for read in (totals, people_by_role):
        with captured_queries(app) as seen, app.app_context():
            read()
        assert len(seen) == 1, seen


def test_two_concurrent_counts_give_one_result(app: App, jobs: Jobs, seven: None, past: Past) -> None:
    first, second = jobs.ask("totals.refresh"), jobs.ask("totals.refresh")
    with time_machine.travel(COUNTED_AT, tick=False):
        assert {jobs.work(first).state, jobs.work(second).state} == {"done"}
    with app.app_context():
        assert totals().total == 7
