"""A scheduled export creates a file with what its owner may see then."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from tests.scheduled_exports.conftest import BODY, Exports
from webapp.access.models import OWNER
from webapp.access.services import end_grant
from webapp.bulk import exports as bulk_exports
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.timetables import start_due_work
from webapp.scheduled_exports import running
from webapp.scheduled_exports.models import RunOutcome, ScheduledExport
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.usefixtures("two")


@pytest.mark.one_engine
def test_the_owner_gets_a_link_and_no_data_by_mail(exports: Exports, mailbox: Mailbox) -> None:
    run = exports.run(exports.create())
    assert (run.outcome, run.people) == (RunOutcome.DONE, 2)
    first, *others = exports.file(run).splitlines()
    assert first == "\ufeffname,email"
    assert sorted(others) == ["Anna,anna@example.com", "Ольга Смирнова,olga@example.com"]
    assert "boris" not in exports.file(run)
    letter = mailbox.letters("olga@example.com")[-1]
    assert letter["Subject"] == "Active people"
    assert f"/jobs/{run.job_id}" in text_of(letter)
    assert "anna" not in text_of(letter).lower()
    assert [part for part in letter.walk() if part.get_filename()] == []


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("format_", "start"), [("csv", "\ufeffname,email"), ("jsonl", '{"name":'), ("ldif", "version: 1"), ("xlsx", "PK")]
)
def test_each_format(exports: Exports, format_: str, start: str) -> None:
    run = exports.run(exports.create(format=format_))
    response = exports.api.get(f"/jobs/{run.job_id}/file")
    assert response.get_data()[:20].decode("utf-8", "replace").startswith(start)
    assert run.filename.endswith(f".{format_}")


@pytest.mark.one_engine
def test_headings_are_in_the_chosen_language(exports: Exports) -> None:
    run = exports.run(exports.create(headings="labels", locale="ru", columns=["email", "status"]))
    assert "Статус" in exports.file(run).splitlines()[0]
    assert "Действует" in exports.file(run)


def test_a_large_file_is_written_in_parts(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 1)
    run = exports.run(exports.create(address=""))
    assert run.people == 3
    assert exports.file(run).count("@example.com") == 3


@pytest.mark.one_engine
def test_a_file_goes_to_the_folder_and_old_ones_are_removed(
    exports: Exports, export_folder: Path, mailbox: Mailbox
) -> None:
    (export_folder / "keep.csv").write_text("of somebody else")
    export_id = exports.create(target="folder", keep=2, name="Люди / ../x")
    other = exports.create(target="folder", name="Other")
    exports.run(other)
    names = []
    for day in range(3):
        run = exports.run(export_id)
        assert run.outcome == RunOutcome.DONE
        names.append(run.filename)
        # The names have seconds.
        file = export_folder / run.filename
        file.rename(export_folder / file.name.replace(f"{now():%Y%m%d}", f"2026010{day + 1}"))
    left = sorted(path.name for path in export_folder.iterdir())
    assert len(left) == 4
    assert "keep.csv" in left
    assert not any("20260101" in name for name in left)
    assert names[0].startswith("люди-x-")
    file = next(export_folder.glob("other-*"))
    assert stat.S_IMODE(file.stat().st_mode) & 0o777 == 0o640
    assert "anna@example.com" in file.read_text()
    # Nothing to say if it works.
    assert mailbox.letters("olga@example.com") == []


@pytest.mark.one_engine
def test_a_folder_needs_its_setting_and_the_permission_everywhere(
    exports: Exports,
    access: Access,
    app: App,
    people: People,
    export_folder: Path,
    change_settings: Callable[..., None],
) -> None:
    leader, group = access.person("Leader"), access.group("North")
    access.grant(access.role("Exporters", "users.read", "users.export"), user_id=leader.id, scope_id=group)
    theirs = Api(app, people.token_for(leader))
    before = people.row_counts()
    assert theirs.post("/scheduled-exports", BODY | {"target": "folder"}).status_code == 403
    change_settings(export_dir="")
    refused = exports.api.post("/scheduled-exports", BODY | {"target": "folder"})
    assert (refused.status_code, "EXPORT_DIR is not set" in refused.text) == (422, True)
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_a_folder_that_cannot_be_written_fails_the_run(exports: Exports, export_folder: Path, mailbox: Mailbox) -> None:
    export_id = exports.create(target="folder")
    export_folder.rmdir()
    run = exports.run(export_id)
    assert (run.outcome, "cannot be written" in run.message) == (RunOutcome.FAILED, True)
    assert mailbox.letters("olga@example.com")[-1]["Subject"] == "Export failed: Active people"


def test_the_file_has_only_people_of_the_groups_of_the_owner(
    app: App, exports: Exports, people: People, access: Access
) -> None:
    leader, group = access.person("Leader"), access.group("North")
    anna = people.row(email="anna@example.com")
    assert anna
    access.add_member(group, anna["id"])
    grant = access.grant(access.role("Exporters", "users.read", "users.export"), user_id=leader.id, scope_id=group)
    theirs = Api(app, people.token_for(leader))
    export_id = exports.create(api=theirs, address="")
    run = exports.run(export_id, api=theirs)
    assert exports.file(run, api=theirs).count("@example.com") == 1
    # Nobody else sees the export or its file.
    assert exports.api.get(f"/scheduled-exports/{export_id}").status_code == 404
    assert exports.api.post(f"/scheduled-exports/{export_id}/run").status_code == 404
    # Without the permission, the export stops and the old file cannot be downloaded.
    with app.app_context():
        end_grant(grant, by=TESTER)
    with app.app_context(), transaction():
        db.session.get_one(ScheduledExport, export_id).next_run_at = now() - timedelta(days=1)
    with app.app_context():
        start_due_work()
    assert exports.work(export_id).outcome == RunOutcome.FAILED
    export = exports.get(export_id)
    assert (bool(export.paused_at), "may no longer export" in export.pause_reason) == (True, True)
    assert theirs.get(f"/jobs/{run.job_id}/file").status_code == 403


@pytest.mark.one_engine
def test_a_deactivated_owner_stops_the_export(app: App, exports: Exports, people: People, mailbox: Mailbox) -> None:
    second = people.create(email="second@example.com", name="Second", password=people.password, roles=[OWNER])
    export_id = exports.create(api=Api(app, people.token_for(second)))
    with app.app_context():
        deactivate_user(second.id, by=TESTER)
        with transaction():
            db.session.get_one(ScheduledExport, export_id).next_run_at = now() - timedelta(days=1)
        start_due_work()
    assert exports.work(export_id).outcome == RunOutcome.FAILED
    assert exports.get(export_id).next_run_at is None
    assert "Export failed" in str(mailbox.letters("olga@example.com")[-1]["Subject"])


@pytest.mark.one_engine
def test_old_files_cannot_be_downloaded_any_more(exports: Exports) -> None:
    export_id = exports.create(keep=1)
    first, second = exports.run(export_id), exports.run(export_id)
    assert exports.api.get(f"/jobs/{first.job_id}/file").status_code == 404
    assert exports.api.get(f"/jobs/{second.job_id}/file").status_code == 200


@pytest.mark.one_engine
def test_too_many_people_and_a_list_that_is_gone_fail_the_run(
    app: App, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = exports.create(address="q=role%3Anothing-like-this")
    run = exports.run(export_id)
    assert (run.outcome, bool(run.message)) == (RunOutcome.FAILED, True)
    monkeypatch.setattr(running, "ROWS_MAX", 1)
    assert "at most 1 people" in exports.run(exports.create()).message
    assert bulk_exports.ROWS_MAX > 1


def test_a_second_run_waits_for_the_end_of_the_first(exports: Exports) -> None:
    export_id = exports.create()
    assert exports.api.post(f"/scheduled-exports/{export_id}/run").status_code == 202
    assert exports.api.post(f"/scheduled-exports/{export_id}/run").status_code == 409
    assert exports.work(export_id).outcome == RunOutcome.DONE
