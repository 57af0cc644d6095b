"""flask jobs … and /metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests import commands
from tests.clients import Browser
from tests.factories import TESTER
from webapp.jobs.services import enqueue, record_heartbeat, run_due_jobs
from webapp.web.api import App


def run(app: App, *arguments: str) -> tuple[int, str, str]:
    return commands.run(app, "jobs", *arguments)


def asked(app: App, kind: str, **arguments: object) -> str:
    with app.app_context():
        return str(enqueue(kind, by=TESTER, **arguments).id)


def test_run_does_a_job_here_and_now(app: App) -> None:
    code, out, _err = run(app, "run", "test.nothing", "--json")
    assert (code, json.loads(out)["state"]) == (0, "done")


def test_run_says_by_its_exit_code_that_a_job_failed(app: App) -> None:
    code, out, _err = run(app, "run", "test.poison")
    assert (code, "RuntimeError: poison" in out) == (1, True)


def test_after_ctrl_c_run_says_how_much_is_done_and_a_worker_continues(app: App) -> None:
    code, out, err = run(app, "run", "test.interrupted")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "Stopped by Ctrl-C." in err
    assert "1 of 2 done. A worker continues the job " in err
    assert [job["state"] for job in json.loads(run(app, "list", "--json")[1])] == ["waiting"]
    with app.app_context():
        run_due_jobs(holder="test")
    assert [job["state"] for job in json.loads(run(app, "list", "--json")[1])] == ["done"]


def test_list_show_cancel_and_retry(app: App) -> None:
    job_id = asked(app, "test.count", steps=3)
    assert job_id in run(app, "list", "--state", "waiting")[1]
    assert job_id in run(app, "list", "--started-by", "system")[1]
    assert job_id not in run(app, "list", "--started-by", "people")[1]
    assert json.loads(run(app, "show", job_id, "--json")[1])["kind"] == "test.count"
    assert json.loads(run(app, "cancel", job_id, "--json")[1])["state"] == "cancelled"
    assert json.loads(run(app, "retry", job_id, "--json")[1])["state"] == "waiting"
    assert [job["id"] for job in json.loads(run(app, "list", "--json")[1])] == [job_id]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "01a20c33-7cd6-70ee-b0a1-652ec903b536"], 1),
        (["cancel", "01a20c33-7cd6-70ee-b0a1-652ec903b536"], 1),
        (["run", "nonsense"], 1),
        (["show", "x"], 2),
        (["list", "--state", "asleep"], 2),
        (["list", "--started-by", "nobody"], 2),
    ],
)
def test_refusals_have_words_and_exit_codes(app: App, arguments: list[str], code: int) -> None:
    answer, _out, err = run(app, *arguments)
    assert (answer, bool(err), "Traceback" in err) == (code, True, False)


def test_metrics_are_off_until_a_token_is_set(visitor: Browser) -> None:
    assert visitor.get("/metrics").status_code == 404


def test_metrics_show_requests_and_jobs_with_the_token(app: App, app_with: Callable[..., App]) -> None:
    asked(app, "test.nothing")
    client = app_with(METRICS_TOKEN="scrape me").test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    client.get("/login")
    body = client.get("/metrics", headers={"Authorization": "Bearer scrape me"}).text
    assert 'rollcall_jobs{state="waiting"} 1.0' in body
    seconds = re.search(r'rollcall_request_seconds_sum{endpoint="signin.new",method="GET",status="200"} (\S+)', body)
    assert seconds is not None
    assert float(seconds[1]) > 0


def test_readyz_says_when_no_worker_was_seen(app: App, visitor: Browser) -> None:
    assert visitor.get("/readyz").json == {"status": "ready", "worker": "not seen for a minute"}
    with app.app_context():
        record_heartbeat("here")
    assert visitor.get("/readyz").json == {"status": "ready"}
