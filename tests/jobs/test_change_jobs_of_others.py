"""People cancel and retry their own jobs. Jobs of others and schedules need `jobs.manage`, held everywhere."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import ADMINISTRATOR, AUDITOR
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.jobs.models import Job
from webapp.jobs.schedules import pause
from webapp.jobs.services import cancel_job, enqueue
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def jobs_of(app: App, by: Actor) -> dict[str, UUID]:
    """Return a job that can be cancelled and one that can be retried."""
    with app.app_context():
        waiting, cancelled = enqueue("test.count", by=by, steps=4).id, enqueue("test.count", by=by, steps=4).id
        cancel_job(cancelled, by=TESTER)
    return {"cancellation": waiting, "retry": cancelled}


def states(app: App) -> list[str]:
    with app.app_context():
        return [job.state for job in db.session.query(Job).order_by(Job.id)]


def as_user(user: UserOut) -> Actor:
    return Actor(ActorKind.USER, user.name, user.id)


def test_people_cancel_and_retry_their_own_jobs(app: App, access: Access) -> None:
    anna = access.person("Anna")
    browser = access.browser_of(anna)
    for change, job_id in jobs_of(app, as_user(anna)).items():
        assert f'action="/jobs/{job_id}/{change}"' in browser.get(f"/jobs/{job_id}").text
        assert browser.post(f"/jobs/{job_id}/{change}").status_code == 303
    assert states(app) == ["cancelled", "waiting"]


def test_an_auditor_sees_jobs_of_others_and_changes_none(app: App, access: Access, people: People) -> None:
    browser = access.browser_of(access.person("Anna", roles=[AUDITOR]))
    jobs = jobs_of(app, as_user(people.owner()))
    before, were = people.row_counts(), states(app)
    for change, job_id in jobs.items():
        page = browser.get(f"/jobs/{job_id}")
        assert (page.status_code, f'action="/jobs/{job_id}/{change}"' in page.text) == (200, False)
        assert browser.post(f"/jobs/{job_id}/{change}").status_code == 403
    assert (people.row_counts(), states(app)) == (before, were)


def test_an_administrator_changes_jobs_of_others(app: App, access: Access, people: People) -> None:
    browser = access.browser_of(access.person("Anna", roles=[ADMINISTRATOR]))
    for change, job_id in jobs_of(app, as_user(people.owner())).items():
        assert browser.post(f"/jobs/{job_id}/{change}").status_code == 303
    assert states(app) == ["cancelled", "waiting"]


@pytest.fixture
def administrator_of_north(access: Access) -> Browser:
    boris = access.person("Boris")
    access.grant(ADMINISTRATOR, user_id=boris.id, scope_id=access.group("North"))
    return access.browser_of(boris)


def test_an_administrator_of_a_group_neither_sees_nor_changes_jobs_of_others(
    app: App, administrator_of_north: Browser, people: People
) -> None:
    jobs = jobs_of(app, as_user(people.owner()))
    before, were = people.row_counts(), states(app)
    for change, job_id in jobs.items():
        assert administrator_of_north.get(f"/jobs/{job_id}").status_code == 404
        assert administrator_of_north.post(f"/jobs/{job_id}/{change}").status_code == 404
        assert str(job_id) not in administrator_of_north.get("/jobs").text
    assert (people.row_counts(), states(app)) == (before, were)


def test_an_administrator_of_a_group_changes_no_schedule(
    app: App, administrator_of_north: Browser, people: People
) -> None:
    with app.app_context():
        pause("jobs.purge", by=TESTER)
    before = people.row_counts()
    assert administrator_of_north.get("/jobs/schedules").status_code == 403
    assert "/jobs/schedules" not in administrator_of_north.get("/jobs").text
    for change in ("run", "pause", "resume"):
        assert administrator_of_north.post(f"/jobs/schedules/jobs.purge/{change}").status_code == 403
    assert people.row_counts() == before


def test_a_role_within_a_group_gives_no_permission_about_the_whole_of_rollcall(access: Access, people: People) -> None:
    north, anna = access.group("North"), people.create()
    access.grant(ADMINISTRATOR, user_id=anna.id, scope_id=north)
    given = {str(permission) for permission in access.powers_of(anna.id).by_scope[north]}
    assert {"users.read", "users.edit", "groups.manage", "roles.grant"} <= given
    assert not given & {"jobs.read", "jobs.manage", "audit.read", "views.share", "settings.manage", "roles.manage"}
