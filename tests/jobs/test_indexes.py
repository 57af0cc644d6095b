"""Lists of jobs read an index in their order, and sort nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.factories import People
from webapp.db.session import db
from webapp.jobs.models import StartedBy, State
from webapp.jobs.queries import NEWEST_FIRST, list_jobs
from webapp.lists.order import Slice
from webapp.web.api import App

pytestmark = pytest.mark.engine("sqlite")


def plan_of(app: App, **filters: object) -> str:
    with app.app_context():
        query = NEWEST_FIRST.sorted(list_jobs(**filters), Slice(51)).limit(51)  # type: ignore[arg-type]  # tests
        compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        return " ".join(str(row) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("started_by", [None, *StartedBy])
def test_no_filter_sorts(app: App, state: State | None, started_by: StartedBy | None) -> None:
    assert "TEMP B-TREE" not in plan_of(app, state=state, started_by=started_by)


def test_jobs_of_people_are_read_without_those_of_schedules(app: App) -> None:
    assert "ix_jobs_of_people_id" in plan_of(app, started_by=StartedBy.PEOPLE)


def test_jobs_of_one_person(app: App, people: People) -> None:
    plan = plan_of(app, requested_by_id=people.owner().id)
    assert "TEMP B-TREE" not in plan
    assert "SEARCH jobs" in plan
