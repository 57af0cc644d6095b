"""The formats of exported people: on the page, in the API and by commands."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.bulk.conftest import Bulk
from tests.clients import Browser
from tests.factories import People
from tests.imports.reading import rows_of
from webapp.audit.models import AuditRecord
from webapp.bulk.ldif import LINE_MAX, ldif_entry
from webapp.db.session import db
from webapp.jobs.queries import file_of
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported_formats(app: App) -> list[str]:
    with app.app_context():
        query = select(AuditRecord).where(AuditRecord.action == "users.exported").order_by(AuditRecord.id)
        return [record.changes["format"][1] for record in db.session.scalars(query)]


def test_the_page_offers_formats_and_headings(app: App, owner: Browser, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "export", *three)
    page = owner.get(f"/bulk/{bulk_id}").text
    assert all(f'value="{name}"' in page for name in ("csv", "xlsx", "jsonl", "ldif", "labels", "keys"))
    csv = owner.post(f"/bulk/{bulk_id}/file", format="csv", headings="keys").text
    assert csv.startswith("\ufeffid,name,email,username,status,roles,groups,starts_at")
    jsonl = owner.post(f"/bulk/{bulk_id}/file", format="jsonl", headings="labels")
    assert [json.loads(line)["name"] for line in jsonl.text.splitlines()] == ["Anna", "Boris", "Clara"]
    assert ".jsonl" in jsonl.headers["Content-Disposition"]
    ldif = owner.post(f"/bulk/{bulk_id}/file", format="ldif").text
    assert ldif.startswith(f"version: 1\n\ndn: mail={three[0].email}\nobjectClass: top\n")
    xlsx = owner.post(f"/bulk/{bulk_id}/file", format="xlsx")
    assert (xlsx.content_type, [row.name for row in rows_of(xlsx.data)]) == (XLSX, ["Anna", "Boris", "Clara"])
    assert exported_formats(app) == ["csv", "jsonl", "ldif", "xlsx"]


@pytest.mark.parametrize("values", [{"format": "pdf"}, {"format": ""}, {"format": "csv", "headings": "\0🙂"}])
def test_an_unknown_format_is_an_error_beside_its_field(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], values: dict[str, str]
) -> None:
    bulk_id = bulk.create(owner, "export", *three)
    before = people.row_counts()
    response = owner.post(f"/bulk/{bulk_id}/file", **values)
    assert (response.status_code, "field-error" in response.text) == (422, True)
    assert people.row_counts() == before


def test_a_workbook_has_a_limit_of_people(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.bulk.exports.XLSX_ROWS_MAX", 2)
    bulk_id = bulk.create(owner, "export", *three)
    before = people.row_counts()
    response = owner.post(f"/bulk/{bulk_id}/file", format="xlsx")
    assert (response.status_code, "at most 2 people. Choose CSV" in response.text) == (422, True)
    assert people.row_counts() == before
    assert owner.post(f"/bulk/{bulk_id}/file", format="csv").status_code == 200


@pytest.mark.usefixtures("two_per_request")
def test_a_job_writes_each_format(app: App, owner: Browser, people: People, bulk: Bulk) -> None:
    names = [f"Person {letter}" for letter in "ABCDE"]
    for name in names:
        people.create(name=name)
    for format_ in ("xlsx", "jsonl", "ldif"):
        bulk_id = bulk.create_for_matches(owner, "export", "q=Person")
        assert owner.post(f"/bulk/{bulk_id}/file", format=format_).status_code == 303
        job = bulk.run_job(bulk_id)
        assert job.result == {"people": 5}
        with app.app_context():
            file = file_of(job.id)
            assert file
            assert file.name.endswith(f".{format_}")
            assert [row.name for row in rows_of(file.content)] == names


def test_the_command_exports_matches_of_a_search(app: App, people: People, tmp_path: Path) -> None:
    people.create(name="Anna Petrova")
    people.create(name="Boris")
    file = tmp_path / "people.jsonl"
    run = app.test_cli_runner()
    result = run.invoke(args=["users", "export", "--format", "jsonl", "--q", "petrova", str(file)])
    assert (result.exit_code, result.stderr) == (0, "1 person exported.\n")
    assert [json.loads(line)["name"] for line in file.read_text().splitlines()] == ["Anna Petrova"]
    printed = run.invoke(args=["users", "export", "--headings", "keys"])
    assert printed.stdout.count("@example.com") == 2


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--format", "pdf"], 2), (["--headings", "x"], 2), (["--q", "created:never"], 1)]
)
def test_a_refused_command_exports_nothing(app: App, people: People, arguments: list[str], code: int) -> None:
    people.create()
    before = people.row_counts()
    result = app.test_cli_runner().invoke(args=["users", "export", *arguments])
    assert (result.exit_code, result.stdout, bool(result.stderr)) == (code, "", True)
    assert people.row_counts() == before


def test_ldif_is_ascii_in_short_lines() -> None:
    name = "Пётр, " + "длинное имя " * 20
    lines = ldif_entry({"email": ["a+b@example.com"], "name": [name], "attributes.cost_center": ["x" * 200]})
    assert lines.isascii()
    assert max(map(len, lines.splitlines())) == LINE_MAX
    values = dict(line.split(":", 1) for line in lines.replace("\n ", "").splitlines() if line)
    assert (values["dn"], values["attributes-cost-center"]) == (r" mail=a\+b@example.com", " " + "x" * 200)
    assert base64.b64decode(values["cn"][1:]).decode() == name
