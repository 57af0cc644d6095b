"""Exports of the audit trail."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.db.transactions import transaction
from webapp.history import exports
from webapp.web.api import App


def exported(browser: Browser, file_format: str, **query: str) -> str:
    data = {"csrf_token": browser.csrf_token()}
    response = browser.client.post(f"/audit/exports/{file_format}", query_string=query, data=data)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=audit-")
    return response.text


@pytest.mark.parametrize("batch_size", [2, exports.BATCH_SIZE])
def test_both_formats_contain_the_filtered_records(
    app: App, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    monkeypatch.setattr(exports, "BATCH_SIZE", batch_size)
    users = [people.create(name=f"Имя {number}") for number in range(5)]
    rows = list(csv.DictReader(io.StringIO(exported(owner, "csv", action="user.created").removeprefix("\ufeff"))))
    listed = json.loads(exported(owner, "json", action="user.created"))
    assert [row["id"] for row in rows] == [row["id"] for row in listed]
    assert [row["subject_id"] for row in rows][:5] == [str(user.id) for user in reversed(users)]
    assert json.loads(rows[0]["changes"])["name"] == listed[0]["changes"]["name"] == [None, "Имя 4"]
    assert {row["action"] for row in rows} == {"user.created"}


def test_an_export_is_recorded_with_its_filters(owner: Browser, people: People) -> None:
    exported(owner, "csv", action="user.created")
    latest = json.loads(exported(owner, "json", action="audit.exported"))
    assert [row["changes"] for row in latest] == [{"format": [None, "csv"], "action": [None, "user.created"]}]
    assert latest[0]["actor_label"] == "Ольга Смирнова"


def test_no_cell_is_a_formula(app: App, owner: Browser) -> None:
    user = People(app).create(name="Person")
    with app.app_context(), transaction():
        record(Action.USER_UPDATED, subject=user, by=TESTER, label="=1+1", reason="@SUM(A1)")
    text = exported(owner, "csv", action="user.updated")
    assert "'=1+1" in text
    assert "'@SUM(A1)" in text


def test_an_export_without_matches_is_an_empty_file(owner: Browser) -> None:
    assert json.loads(exported(owner, "json", action="job.retried")) == []
    assert exported(owner, "csv", action="job.retried").count("\n") == 1


def test_an_unknown_format_is_not_found_and_not_recorded(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.post("/audit/exports/xml").status_code == 404
    assert owner.post("/audit/exports/csv?actor=nobody").status_code == 400
    assert people.row_counts() == before


def test_a_member_cannot_export(member: Browser, people: People) -> None:
    before = people.row_counts()
    assert member.post("/audit/exports/csv").status_code == 403
    assert people.row_counts() == before
