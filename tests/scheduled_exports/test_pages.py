"""The pages of scheduled exports, their audit records and undo, and the commands."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.clients import Browser
from tests.commands import read, run
from tests.factories import People
from tests.query_counter import captured_queries
from tests.scheduled_exports.conftest import Exports
from webapp.audit.models import AuditRecord
from webapp.core.clock import now
from webapp.db.session import db
from webapp.scheduled_exports.models import ScheduledExport
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
FORM: dict[str, Any] = {
    "name": "Active people",
    "address": "status=active",
    "columns": ["email", "name"],
    "format": "csv",
    "headings": "ru",
    "target": "mail",
    "keep": "7",
    "time_of_day": "06:00",
    "timezone": "Europe/Berlin",
    "weekday": "0",
}


def only_id(app: App) -> UUID:
    with app.app_context():
        return db.session.scalars(select(ScheduledExport.id)).one()


def records(app: App) -> dict[str, UUID]:
    query = select(AuditRecord).where(AuditRecord.subject_kind == "scheduled_export").order_by(AuditRecord.id)
    with app.app_context():
        return {record.action: record.id for record in db.session.scalars(query)}


def test_an_export_is_scheduled_edited_paused_resumed_run_and_deleted(app: App, owner: Browser) -> None:
    assert "No scheduled exports yet" in owner.get("/exports").text
    assert "status=active" in owner.get("/exports/new?view=status%3Dactive").text
    assert owner.post("/exports", **FORM).status_code == 303
    path = f"/exports/{only_id(app)}"
    page = owner.get(path).text
    assert "Every Monday, 06:00" in page
    assert "Русский" in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', owner.get(f"{path}/edit").text)
    assert version
    edited = owner.post(path, **(FORM | {"name": "Кадры 👩", "weekday": ""}), version=version[1])
    assert edited.status_code == 303
    page = owner.get(path).text
    assert "Кадры 👩" in page
    assert "Every day" in page
    for action in ("/pause", "/resumption", "/run", "/deletion"):
        assert owner.post(path + action).status_code == 303
    assert owner.get(path).status_code == 404
    assert list(records(app)) == [
        f"scheduled_export.{name}" for name in ("created", "updated", "paused", "resumed", "deleted")
    ]


def test_the_changes_can_be_undone(app: App, owner: Browser, exports: Exports) -> None:
    export_id = exports.create(keep=3)
    changes = {"name": "Other", "keep": 5, "weekday": 2, "columns": None, "address": "", "format": "xlsx"}
    assert exports.api.patch(f"/scheduled-exports/{export_id}", changes).status_code == 200
    assert exports.api.post(f"/scheduled-exports/{export_id}/pause").status_code == 200
    assert exports.api.delete(f"/scheduled-exports/{export_id}").status_code == 204
    for name in ("deleted", "paused", "updated"):
        undone = owner.post(f"/audit/{records(app)[f'scheduled_export.{name}']}/undo")
        assert undone.status_code == 303, undone.text
    export = exports.get(export_id)
    assert (export.name, export.keep, export.weekday, export.format) == ("Active people", 3, None, "csv")
    assert (export.columns, export.list_address) == (["email", "name"], "sort=name&status=active")


def test_undo_requires_a_recent_password(app: App, owner: Browser, exports: Exports, people: People) -> None:
    export_id = exports.create(keep=3)
    assert exports.api.patch(f"/scheduled-exports/{export_id}", {"keep": 5}).status_code == 200
    before = people.row_counts()
    with time_machine.travel(now() + timedelta(minutes=11)):
        refused = owner.post(f"/audit/{records(app)['scheduled_export.updated']}/undo")
    assert refused.location.startswith("/confirm")
    assert (people.row_counts(), exports.get(export_id).keep) == (before, 5)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter a name"),
        ("name", "x" * 81, "at most 80 characters"),
        ("name", "a\0b", "name"),
        ("address", "sort=nothing", "cannot be saved"),
        ("columns", ["name"], "must have the columns"),
        ("columns", ["email", "password"], "Choose columns from the list"),
        ("format", "pdf", "format"),
        ("headings", "de", "Choose one of the options"),
        ("keep", "0", "from 1 to 1000"),
        ("keep", "x", "keep"),
        ("time_of_day", "6", "Enter a time like"),
        ("timezone", "Mars/Base", "Choose a time zone"),
        ("weekday", "7", "Choose one of the options"),
    ],
)
def test_errors_are_on_the_page_and_nothing_is_saved(
    owner: Browser, people: People, field: str, value: Any, message: str
) -> None:
    before = people.row_counts()
    page = owner.post("/exports", **(FORM | {field: value}))
    assert (page.status_code, message in page.text) == (422, True), page.text
    assert people.row_counts() == before


def test_people_without_the_permission_see_none(member: Browser) -> None:
    assert member.get("/exports").status_code == 403
    assert member.post("/exports", **FORM).status_code == 403


def test_the_list_takes_the_same_number_of_statements_at_any_size(app: App, owner: Browser, exports: Exports) -> None:
    numbers = []
    for count in range(2):
        export_id = exports.create(name=f"Export {count}")
        exports.run(export_id)
        with captured_queries(app) as seen:
            owner.get("/exports")
            owner.get(f"/exports/{export_id}")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]


def test_commands_do_what_the_pages_do(app: App, people: People) -> None:
    add = ("exports", "add", "--as", people.owner().email, "--name", "Weekly", "--at", "06:00", "--column", "email")
    export = read(app, *add, "--address", "status=active", "--weekday", "0")
    assert (export["columns"], export["weekday"], export["owner_id"]) == (["email"], 0, str(people.owner().id))
    ended = read(app, "exports", "run", export["id"])
    assert (ended["outcome"], ended["people"]) == ("done", 1)
    assert "olga@example.com" in run(app, "jobs", "file", ended["job_id"])[1]
    edited = read(app, "exports", "edit", export["id"], "--as", people.owner().email, "--keep", "3")
    assert edited["keep"] == 3
    assert read(app, "exports", "pause", export["id"])["paused_at"]
    assert read(app, "exports", "resume", export["id"])["paused_at"] is None
    assert len(read(app, "exports", "runs", export["id"])["items"]) == 1
    assert run(app, "exports", "delete", export["id"])[0] == 0
    assert read(app, "exports", "list")["items"] == []
    assert read(app, "exports", "restore", export["id"])["paused_at"]
    code, _out, err = run(app, *add, "--address", "sort=nothing")
    assert (code, bool(err), "Traceback" in err) == (1, True, False)
