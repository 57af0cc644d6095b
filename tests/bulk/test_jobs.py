"""Bulk changes of many people: a job continues them in chunks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import HELPDESK
from webapp.access.services import end_grant
from webapp.audit.verify import verify
from webapp.bulk import tasks
from webapp.bulk.queries import lock_change
from webapp.core.clock import now
from webapp.db.transactions import transaction
from webapp.jobs import leases
from webapp.jobs.services import cancel_job, run_job
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two_per_request")]


@pytest.fixture
def five(people: People) -> list[UserOut]:
    return [people.create(name=f"Person {letter}", password=people.password) for letter in "ABCDE"]


@pytest.fixture
def planned(owner: Browser, bulk: Bulk, five: list[UserOut]) -> UUID:
    bulk_id = bulk.create(owner, "deactivate", *five)
    assert bulk.run_job(bulk_id).state == "done"
    return bulk_id


def run_one_chunk(app: App, bulk: Bulk, bulk_id: UUID) -> None:
    """Run one chunk by a worker that then disappears."""
    job_id = bulk.change(bulk_id).job_id
    with app.app_context():
        leases.acquire(holder="dies", job_id=job_id)
        leases.run_chunk(job_id, holder="dies")


def run_in_another_worker(app: App, bulk: Bulk, bulk_id: UUID) -> None:
    """Wait until the lease has expired, and let another worker finish the job."""
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        leases.recover_expired_leases()
        run_job(bulk.change(bulk_id).job_id, holder="another")


@pytest.mark.both_engines
def test_jobs_preview_and_apply_a_large_bulk_change(
    app: App, owner: Browser, people: People, bulk: Bulk, five: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *five)
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "Rollcall is preparing the preview" in page
    assert 'data-behaviour="progress"' in page
    assert bulk.run_job(bulk_id).done == 5
    assert status(people, *five) == ["active"] * 5
    bulk.apply(owner, bulk_id)
    assert 'data-behaviour="progress"' in owner.get(f"/bulk/{bulk_id}").text
    job = bulk.run_job(bulk_id)
    assert (job.state, job.done, job.total, job.result) == ("done", 5, 5, {"people": 5})
    assert status(people, *five) == ["deactivated"] * 5
    assert people.row(id=five[0].id)["deactivated_by_name"] == "Ольга Смирнова"
    with app.app_context():
        assert verify().findings == []


def test_the_preview_hash_does_not_depend_on_the_chunk_size(
    app: App, owner: Browser, bulk: Bulk, planned: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_hash = bulk.change(planned).plan_hash
    monkeypatch.setattr("webapp.bulk.tasks.CHUNK", 3)
    owner.post(f"/bulk/{planned}/plan")
    bulk.run_job(planned)
    assert bulk.change(planned).plan_hash == plan_hash


@pytest.mark.both_engines
def test_an_interrupted_job_continues_without_repeating_changes(
    app: App, owner: Browser, people: People, bulk: Bulk, planned: UUID, five: list[UserOut]
) -> None:
    bulk.apply(owner, planned)
    run_one_chunk(app, bulk, planned)
    assert status(people, *five) == ["deactivated"] * 2 + ["active"] * 3
    run_in_another_worker(app, bulk, planned)
    assert status(people, *five) == ["deactivated"] * 5
    assert [[action for action, _changes in people.audit_trail(person.id)] for person in five] == [
        ["user.created", "user.deactivated"]
    ] * 5
    assert people.audit_trail(planned)[-1][1]["bulk_done"] == [None, "5"]
    assert len(people.audit_trail(planned)) == 1


@pytest.mark.both_engines
def test_a_failed_chunk_is_rolled_back_and_retried(
    app: App, owner: Browser, people: People, bulk: Bulk, planned: UUID, five: list[UserOut],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bulk.apply(owner, planned)

    def failing_apply_chunk(*args: object, **options: object) -> int:
        apply_chunk(*args, **options)
        raise RuntimeError("the disk is full")

    apply_chunk = tasks.apply_chunk
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "apply_chunk", failing_apply_chunk)
        assert bulk.run_job(planned).state == "waiting"
    assert status(people, *five) == ["active"] * 5
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert bulk.run_job(planned).state == "done"
    assert status(people, *five) == ["deactivated"] * 5


def test_changes_made_before_a_stop_stay_and_can_be_undone(
    app: App, owner: Browser, people: People, bulk: Bulk, planned: UUID, five: list[UserOut]
) -> None:
    bulk.apply(owner, planned)
    run_one_chunk(app, bulk, planned)
    assert owner.post(f"/bulk/{planned}/stop").status_code == 303
    assert "Stops after the current step" in owner.get(f"/bulk/{planned}").text
    run_in_another_worker(app, bulk, planned)
    assert status(people, *five) == ["deactivated"] * 2 + ["active"] * 3
    assert list(bulk.outcomes(planned).values()) == ["done"] * 2 + ["skipped"] * 3
    assert bulk.change(planned).counts == {"done": 2, "skipped": 3}
    owner.post(f"/bulk/{planned}/undo")
    assert status(people, *five) == ["active"] * 5


def test_a_stop_before_the_job_starts_changes_no_one(
    app: App, owner: Browser, people: People, bulk: Bulk, planned: UUID, five: list[UserOut]
) -> None:
    bulk.apply(owner, planned)
    owner.post(f"/bulk/{planned}/stop")
    assert bulk.change(planned).state == "applied"
    assert bulk.run_job(planned).state == "cancelled"
    assert status(people, *five) == ["active"] * 5


def test_a_cancelled_job_can_be_continued_or_stopped(
    app: App, owner: Browser, people: People, bulk: Bulk, planned: UUID, five: list[UserOut]
) -> None:
    bulk.apply(owner, planned)
    run_one_chunk(app, bulk, planned)
    with app.app_context():
        cancel_job(bulk.change(planned).job_id, by=TESTER)
        leases.run_chunk(bulk.change(planned).job_id, holder="dies")
    page = owner.get(f"/bulk/{planned}").text
    assert "Stopped before it finished." in page
    assert "Continue" in page
    owner.post(f"/bulk/{planned}/stop")
    assert list(bulk.outcomes(planned).values()) == ["done"] * 2 + ["skipped"] * 3
    owner.post(f"/jobs/{bulk.change(planned).job_id}/retry")
    bulk.run_job(planned)
    assert status(people, *five) == ["deactivated"] * 2 + ["active"] * 3


def test_a_job_stops_when_its_requester_cannot_sign_in(
    app: App, people: People, access: Access, bulk: Bulk, five: list[UserOut]
) -> None:
    requester = access.person("Requester", roles=[HELPDESK])
    browser = access.browser_of(requester)
    bulk_id = bulk.create(browser, "deactivate", *five)
    bulk.run_job(bulk_id)
    bulk.apply(browser, bulk_id)
    run_one_chunk(app, bulk, bulk_id)
    people.owner()
    with app.app_context():
        deactivate_user(requester.id, by=TESTER)
    run_in_another_worker(app, bulk, bulk_id)
    assert status(people, *five) == ["deactivated"] * 2 + ["active"] * 3
    assert bulk.item(bulk_id, five[4]).message == "The person who started this change can no longer sign in"


def test_a_job_stops_changing_people_when_its_requester_loses_the_role(
    app: App, people: People, access: Access, bulk: Bulk, five: list[UserOut]
) -> None:
    requester = access.person("Requester")
    grant = access.grant(HELPDESK, user_id=requester.id)
    browser = access.browser_of(requester)
    bulk_id = bulk.create(browser, "deactivate", *five)
    bulk.run_job(bulk_id)
    bulk.apply(browser, bulk_id)
    run_one_chunk(app, bulk, bulk_id)
    with app.app_context():
        end_grant(grant, by=TESTER)
    run_in_another_worker(app, bulk, bulk_id)
    assert status(people, *five) == ["deactivated"] * 2 + ["active"] * 3
    assert list(bulk.outcomes(bulk_id).values()) == ["done"] * 2 + ["refused"] * 3


def test_messages_are_in_the_language_of_the_requester(
    app: App, owner: Browser, people: People, bulk: Bulk, five: list[UserOut]
) -> None:
    owner.get("/account?lang=ru")
    bulk_id = bulk.create_for_matches(owner, "deactivate")
    bulk.run_job(bulk_id)
    assert bulk.item(bulk_id, people.owner()).message == "Отключить себя нельзя. Это может сделать другой владелец."


def test_a_running_preview_cannot_be_started_again(app: App, owner: Browser, bulk: Bulk, five: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "deactivate", *five)
    assert owner.post(f"/bulk/{bulk_id}/plan").status_code == 409
    assert owner.post(f"/bulk/{bulk_id}/application", plan=bulk.change(bulk_id).plan_hash).status_code == 409
    with app.app_context():
        cancel_job(bulk.change(bulk_id).job_id, by=TESTER)
    assert owner.post(f"/bulk/{bulk_id}/plan").status_code == 303
    bulk.run_job(bulk_id)
    assert bulk.change(bulk_id).state == "planned"


def test_a_selection_of_201_people_is_accepted(
    app: App, owner: Browser, people: People, bulk: Bulk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.bulk.services.REQUEST_PEOPLE_MAX", 200)
    many = people.create_many(201)
    bulk_id = bulk.create(owner, "deactivate", *many)
    assert bulk.change(bulk_id).state == "planning"
    with app.app_context(), transaction():
        assert lock_change(bulk_id).total == 201
