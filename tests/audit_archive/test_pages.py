"""Pages, API and commands say that older records are archived. Past days before that are refused."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import delete

from tests.audit_archive.archives import archived
from tests.clients import Api, Browser
from tests.commands import read, run
from tests.factories import TESTER, People
from webapp.audit.models import AuditRecord
from webapp.db.session import db
from webapp.event_stream.queries import latest_position
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
NOTE = "are in archives and are not listed here."


@pytest.fixture
def browser(app: App, people: People, trail: list[UUID]) -> Browser:
    """The owner in June, who was created in June, too."""
    people.owner()
    return Browser(app).signed_in_as("olga@example.com")


@pytest.fixture
def client(app: App, people: People, browser: Browser) -> Api:
    return Api(app, people.token_for(people.owner()))


def test_lists_say_from_when_on_records_are_archived(
    app: App, browser: Browser, trail: list[UUID], folder: Path
) -> None:
    pages = ("/audit", "/audit?since=2030-01-01&until=2030-01-31", f"/users/{trail[0]}", f"/users/{trail[0]}/activity")
    assert [NOTE in browser.get(page).text for page in pages] == [False] * 4
    archived(app, folder)
    assert [NOTE in browser.get(page).text for page in pages] == [True] * 4
    assert "/audit/archives" in browser.get("/audit").text
    # The list goes on, or is complete.
    assert NOTE not in browser.get("/audit?limit=2").text
    assert NOTE not in browser.get("/account/activity").text


def test_a_person_without_records_is_not_said_to_have_no_changes(
    app: App, browser: Browser, trail: list[UUID], folder: Path
) -> None:
    archived(app, folder, before="2030-04-01")
    for page in (f"/users/{trail[0]}", f"/users/{trail[0]}/activity"):
        text = browser.get(page).text
        assert (NOTE in text, "No changes yet" in text) == (True, False)


def test_the_page_and_the_api_list_archives(app: App, browser: Browser, client: Api, folder: Path) -> None:
    assert "No archives yet" in browser.get("/audit/archives").text
    path = archived(app, folder)
    page = browser.get("/audit/archives").text
    assert (path.name in page, "Complete" in page) == (True, True)
    body = client.get("/audit-archives").json
    assert [(item["file"], item["state"], item["before"]) for item in (body or {})["items"]] == [
        (path.name, "finished", "2030-02-01T00:00:00Z")
    ]
    assert (body or {})["items"] == read(app, "audit", "archives")["items"]
    assert "Audit records before" in browser.get("/").text


def test_only_people_who_read_the_audit_trail_see_archives(app: App, trail: list[UUID], member: Browser) -> None:
    assert member.get("/audit/archives").status_code == 403


def test_lists_of_the_api_say_it(app: App, client: Api, trail: list[UUID], folder: Path) -> None:
    addresses = ("/audit-records", f"/users/{trail[0]}/activity")
    assert [(client.get(each).json or {})["archived_before"] for each in addresses] == [None, None]
    archived(app, folder)
    assert [(client.get(each).json or {})["archived_before"] for each in addresses] == ["2030-02-01T00:00:00Z"] * 2
    assert "Records before 2030-02-01 00:00 (UTC) are in archives" in run(app, "audit", "list")[2]


@pytest.mark.parametrize("query", ["on=2030-01-20", "on=2030-05-01&since=2030-01-20"])
def test_an_access_review_of_an_archived_day_is_refused(
    app: App, browser: Browser, client: Api, folder: Path, query: str
) -> None:
    sentence = "Changes before Feb 1, 2030 are archived. Enter this day or a later one."
    assert browser.get(f"/access-review?{query}").status_code == 200
    archived(app, folder)
    response = browser.get(f"/access-review?{query}")
    assert (response.status_code, sentence in response.text) == (400, True)
    assert "No one had a role" not in response.text
    problem = client.get(f"/access-review?{query}")
    assert (problem.status_code, (problem.json or {})["errors"][0]["code"]) == (400, "archived")
    assert sentence in run(app, "reviews", "list", *[f"--{each}" for each in query.split("&")])[2]
    assert browser.get("/access-review?on=2030-02-01").status_code == 200


def test_a_person_on_an_archived_day_is_not_shown(app: App, browser: Browser, trail: list[UUID], folder: Path) -> None:
    address = f"/users/{trail[1]}/as-of?on="
    assert "Особа 1" in browser.get(f"{address}2030-01-20").text
    archived(app, folder)
    response = browser.get(f"{address}2030-01-20")
    assert (response.status_code, "are archived" in response.text) == (400, True)
    assert "Особа 1" in browser.get(f"{address}2030-02-20").text


def test_an_archived_change_cannot_be_undone(app: App, browser: Browser, folder: Path) -> None:
    with app.app_context():
        first = db.session.query(AuditRecord.id).order_by(AuditRecord.id).limit(1).scalar()
    archived(app, folder)
    assert browser.post(f"/audit/{first}/undo").status_code == 404


def test_a_reader_of_the_event_stream_learns_that_it_would_miss_records(
    app: App, client: Api, trail: list[UUID], folder: Path
) -> None:
    old = ".".join(["v1", *["0"] * 17])
    archived(app, folder)
    response = client.get(f"/events?after={old}")
    assert (response.status_code, (response.json or {})["errors"][0]["code"]) == (410, "archived")
    first = client.get("/events?limit=1").json or {}
    assert first["items"][0]["at"] >= "2030-03"
    assert client.get(f"/events?after={first['next']}").status_code == 200
    with app.app_context():
        assert client.get(f"/events?after={latest_position()}").status_code == 200


def test_ones_own_data_says_it(app: App, trail: list[UUID], browser: Browser, folder: Path) -> None:
    archived(app, folder)
    assert (browser.get("/account/data").json or {})["activity_archived_before"] == "2030-02-01T00:00:00+00:00"


def test_the_trail_without_records_says_it(
    app: App, browser: Browser, folder: Path, clock: time_machine.Coordinates, trail: list[UUID]
) -> None:
    with app.app_context():
        update_user(trail[0], name="Later", by=TESTER)
    archived(app, folder)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(AuditRecord))
    assert NOTE in browser.get("/audit").text
