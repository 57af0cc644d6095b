"""Programs read, cancel and retry jobs, and control schedules."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.api_description import check_described
from tests.api_tokens.tokens import Tokens, code_of
from tests.clients import Api
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK
from webapp.core.permissions import Actor, ActorKind
from webapp.jobs.services import cancel_job, enqueue, run_job
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
JOB, SCHEDULE = "/api/v1/jobs/{job_id}", "/api/v1/schedules/{name}"


def job_of(app: App, user: UserOut, *, cancelled: bool = False) -> UUID:
    with app.app_context():
        job_id = enqueue("test.count", by=Actor(ActorKind.USER, user.name, user.id), steps=2).id
        if cancelled:
            cancel_job(job_id, by=TESTER)
    return job_id


def test_a_job_is_followed_to_its_end(app: App, api: Api, people: People) -> None:
    job_id = job_of(app, people.owner())
    assert [job["state"] for job in api.get("/jobs").json["items"]] == ["waiting"]
    with app.app_context():
        run_job(job_id, holder="test")
    job = api.get(f"/jobs/{job_id}").json
    assert (job["state"], job["done"], job["result"]) == ("done", 2, {"counted": 2})
    assert [message["text"] for message in job["messages"]] == ["step 1", "step 0"]
    assert (job["asked_by_label"], job["file"]) == (people.owner().name, None)
    assert api.get("/jobs?state=waiting").json["items"] == []


def test_a_job_is_cancelled_and_retried_once_for_a_key(app: App, api: Api, people: People) -> None:
    job_id, key = job_of(app, people.owner()), {"Idempotency-Key": "a"}
    cancelled = [api.post(f"/jobs/{job_id}/cancellation", headers=key) for _time in range(2)]
    assert [(each.status_code, each.json["state"]) for each in cancelled] == [(200, "cancelled")] * 2
    assert api.post(f"/jobs/{job_id}/retry").json["state"] == "waiting"
    before = people.row_counts()
    assert api.post(f"/jobs/{job_id}/retry").status_code == 400
    assert people.row_counts() == before


def test_a_report_has_a_file_for_its_requester(app: App, api: Api, access: Access) -> None:
    started = api.post("/reports/dormant")
    assert started.status_code == 201
    assert api.post("/reports/dormant").json["id"] == started.json["id"]
    address = started.headers["Location"].removeprefix("/api/v1")
    assert api.get(f"{address}/file").status_code == 404
    with app.app_context():
        run_job(UUID(started.json["id"]), holder="test")
    assert api.get(address).json["file"]["content_type"] == "text/csv; charset=utf-8"
    assert api.get(f"{address}/file").text.startswith("\ufeffName,")
    other = Api(app, access.people.token_for(access.person("Anna", roles=[AUDITOR])))
    assert (other.get(address).json["file"], other.get(f"{address}/file").status_code) == (None, 403)


def test_a_file_needs_the_scopes_that_its_content_needs(app: App, api: Api, people: People) -> None:
    job_id = api.post("/reports/dormant").json["id"]
    with app.app_context():
        run_job(UUID(job_id), holder="test")
    limited, _id = Tokens(app).create(people.owner(), "jobs.read")
    assert limited.get(f"/jobs/{job_id}/file").status_code == 403


def test_people_see_their_own_jobs_and_change_no_others(app: App, people: People, access: Access) -> None:
    anna, auditor = access.person("Anna", roles=[HELPDESK]), access.person("Boris", roles=[AUDITOR])
    own, others = job_of(app, anna), job_of(app, people.owner())
    hers, theirs = Api(app, people.token_for(anna)), Api(app, people.token_for(auditor))
    assert [job["id"] for job in hers.get("/jobs").json["items"]] == [str(own)]
    assert len(theirs.get("/jobs").json["items"]) == 2
    before = people.row_counts()
    for change in ("cancellation", "retry"):
        assert hers.post(f"/jobs/{others}/{change}").status_code == 404
        assert theirs.post(f"/jobs/{others}/{change}").status_code == 403
        assert hers.post(f"/jobs/{uuid4()}/{change}").status_code == 404
    assert people.row_counts() == before
    assert hers.post(f"/jobs/{own}/cancellation").status_code == 200


def test_a_token_with_scopes_changes_no_job_without_the_permission(app: App, people: People) -> None:
    job_id = job_of(app, people.owner())
    limited, _id = Tokens(app).create(people.owner(), "users.read")
    manager, _id = Tokens(app).create(people.owner(), "jobs.manage")
    before = people.row_counts()
    assert limited.post(f"/jobs/{job_id}/cancellation").status_code == 403
    assert people.row_counts() == before
    assert manager.post(f"/jobs/{job_id}/cancellation").json["state"] == "cancelled"


def test_a_schedule_is_paused_resumed_and_run(api: Api, people: People) -> None:
    assert api.get("/schedules/jobs.purge").json["paused_at"] is None
    for _time in range(2):
        assert api.post("/schedules/jobs.purge/pause").json["paused_at"]
    assert len([row for row in api.get("/schedules").json["items"] if row["paused_at"]]) == 1
    assert api.delete("/schedules/jobs.purge/pause").json["paused_at"] is None
    started = api.post("/schedules/jobs.purge/run")
    assert (started.status_code, started.json["kind"]) == (201, "jobs.purge")
    assert api.get("/schedules/jobs.purge").json["last_job_id"] == started.json["id"]


def test_schedules_take_the_permission(app: App, people: People) -> None:
    limited, _id = Tokens(app).create(people.owner(), "jobs.read")
    before = people.row_counts()
    for answer in (
        limited.get("/schedules"),
        limited.post("/schedules/jobs.purge/pause"),
        limited.delete("/schedules/jobs.purge/pause"),
        limited.post("/schedules/jobs.purge/run"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "missing_scope")
    assert people.row_counts() == before


@pytest.mark.parametrize("name", ["nothing", "test.count", "\u202e", "a" * 65, "%00"])
def test_an_unknown_schedule_is_refused(api: Api, people: People, name: str) -> None:
    before = people.row_counts()
    statuses = {api.post(f"/schedules/{name}/{verb}").status_code for verb in ("pause", "run")}
    assert statuses <= {404, 422}
    assert people.row_counts() == before


def test_a_list_takes_as_many_statements_for_one_job_as_for_many(app: App, api: Api, people: People) -> None:
    for _number in range(3):
        job_of(app, people.owner())
    counts = []
    for limit in (1, 3):
        api.get(f"/jobs?limit={limit}")
        with captured_queries(app) as seen:
            api.get(f"/jobs?limit={limit}")
        counts.append(len(seen))
    # The token with its owner and their permissions, and the jobs with their count.
    assert counts == [2, 2]


def test_answers_are_as_described(app: App, api: Api, people: People) -> None:
    spec, job_id = api.get("/openapi.json").json, job_of(app, people.owner())
    for method, path, answer in (
        ("get", "/api/v1/jobs", api.get("/jobs?limit=1")),
        ("get", JOB, api.get(f"/jobs/{job_id}")),
        ("get", JOB, api.get(f"/jobs/{uuid4()}")),
        ("post", f"{JOB}/cancellation", api.post(f"/jobs/{job_id}/cancellation")),
        ("post", f"{JOB}/retry", api.post(f"/jobs/{job_id}/retry")),
        ("get", f"{JOB}/file", api.get(f"/jobs/{job_id}/file")),
        ("get", "/api/v1/schedules", api.get("/schedules")),
        ("get", SCHEDULE, api.get("/schedules/jobs.purge")),
        ("post", f"{SCHEDULE}/pause", api.post("/schedules/jobs.purge/pause")),
        ("delete", f"{SCHEDULE}/pause", api.delete("/schedules/jobs.purge/pause")),
        ("post", f"{SCHEDULE}/run", api.post("/schedules/jobs.purge/run")),
        ("post", "/api/v1/reports/dormant", api.post("/reports/dormant")),
    ):
        check_described(spec, method, path, answer)
