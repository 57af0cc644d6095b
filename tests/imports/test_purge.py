"""Files are deleted after a day, imports that are not applied after a week, and the mail-out can be stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine

from tests.bulk.test_locks import chunk_in_progress
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.imports.conftest import Imports
from webapp.core.clock import now
from webapp.jobs.queries import get_job
from webapp.jobs.services import enqueue, run_job
from webapp.web.api import App

ANNA = "email,name,password\nanna@example.com,Anna,correct horse battery staple\n"


def purge(app: App, **later: int) -> str:
    """Return the state of the job."""
    with time_machine.travel(now() + timedelta(**later)), app.app_context():
        job_id = enqueue("imports.purge", by=TESTER).id
        run_job(job_id, holder="test")
        return get_job(job_id).state


def test_a_file_is_deleted_after_a_day_and_its_plan_after_a_week(
    app: App, owner: Browser, imports: Imports, people: People
) -> None:
    import_id = imports.preview(owner, ANNA)
    purge(app, hours=23)
    assert people.row_counts()["import_file_parts"] == 1
    purge(app, hours=25)
    assert people.row_counts()["import_file_parts"] == 0
    assert imports.apply(owner, import_id).status_code == 409
    purge(app, days=8)
    assert (people.row_counts()["imports"], people.row_counts()["import_rows"]) == (0, 0)


def test_an_import_that_someone_is_applying_keeps_its_file(
    app: App, owner: Browser, imports: Imports, people: People, engine: Engine
) -> None:
    import_id = imports.preview(owner, ANNA)
    with chunk_in_progress(engine, ("imports", import_id)):
        assert purge(app, hours=25) == "done"
        assert people.row_counts()["import_file_parts"] == (0 if engine.dialect.name == "sqlite" else 1)


@pytest.mark.one_engine
def test_rows_are_kept_while_a_job_undoes_an_old_import(
    app: App, owner: Browser, imports: Imports, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = imports.preview(owner, ANNA)
    imports.apply(owner, import_id)
    monkeypatch.setattr("webapp.imports.running.REQUEST_ROWS_MAX", 0)
    owner.post(f"/imports/{import_id}/undo")
    purge(app, days=91)
    assert people.row_counts()["import_rows"] == 1
    imports.run_job(import_id)
    assert imports.outcomes(import_id) == ["undone"]


def test_the_mail_out_can_be_stopped(app: App, owner: Browser, imports: Imports, people: People) -> None:
    import_id = imports.preview(owner, "email,name\nanna@example.com,Anna\n", invite="y")
    imports.apply(owner, import_id)
    assert "Stop the mail-out" in owner.get(f"/imports/{import_id}").text
    assert owner.post(f"/imports/{import_id}/invitations/stop").status_code == 303
    job_id = imports.get(import_id).invitations_job_id
    assert job_id
    with app.app_context():
        run_job(job_id, holder="test")
    assert people.row_counts()["one_time_tokens"] == 0
