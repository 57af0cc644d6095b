"""flask schedules …, flask jobs file, flask reports dormant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access_factory import Access
from tests.commands import read, run
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR
from webapp.access.services import end_grant
from webapp.jobs.running import run_here
from webapp.jobs.services import enqueue
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
NOWHERE = "01a20c33-7cd6-70ee-b0a1-652ec903b536"


def test_a_schedule_is_paused_resumed_and_run(app: App) -> None:
    assert read(app, "schedules", "pause", "jobs.purge")["paused_at"]
    assert "jobs.purge                paused" in run(app, "schedules", "list")[1]
    assert read(app, "schedules", "resume", "jobs.purge")["paused_at"] is None
    job = read(app, "schedules", "run", "jobs.purge")
    assert (job["kind"], job["state"]) == ("jobs.purge", "done")
    assert read(app, "schedules", "show", "jobs.purge")["last_job_id"] == job["id"]


def test_a_report_is_written_to_a_file(app: App, people: People, tmp_path: Path) -> None:
    job = read(app, "reports", "dormant", "--as", people.owner().email)
    file = tmp_path / "report.csv"
    assert run(app, "jobs", "file", job["id"], str(file))[0] == 0
    assert file.read_text().startswith("\ufeffName,")
    assert run(app, "jobs", "file", job["id"])[1] == file.read_text()


def test_a_file_needs_the_permissions_of_its_requester(app: App, access: Access) -> None:
    anna = access.person("Anna")
    grant = access.grant(AUDITOR, user_id=anna.id)
    job = read(app, "reports", "dormant", "--as", anna.email)
    with app.app_context():
        end_grant(grant, by=TESTER)
    assert run(app, "jobs", "file", job["id"])[0] == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["schedules", "show", "nothing"], 1),
        (["schedules", "pause", "test.count"], 1),
        (["schedules", "run", "nothing"], 1),
        (["schedules", "pause"], 2),
        (["jobs", "file", NOWHERE], 1),
        (["jobs", "file", "x"], 2),
        (["reports", "dormant"], 2),
        (["reports", "dormant", "--as", "nobody"], 1),
    ],
)
def test_errors_have_a_message_and_an_exit_code(app: App, people: People, arguments: list[str], code: int) -> None:
    before = people.row_counts()
    exit_code, _out, err = run(app, *arguments)
    assert (exit_code, bool(err), "Traceback" in err) == (code, True, False)
    assert people.row_counts() == before


def test_a_terminal_shows_the_progress_of_a_job(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for in_terminal in (True, False):
        monkeypatch.setattr("webapp.jobs.running.in_terminal", lambda shown=in_terminal: shown)
        with app.app_context():
            job = run_here(enqueue("test.count", by=TESTER, steps=3).id)
        written = capsys.readouterr()
        assert (job.state, written.out, "2 of 3 · 66 %" in written.err) == ("done", "", in_terminal)
