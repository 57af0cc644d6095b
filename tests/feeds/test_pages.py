"""The pages of feeds, their audit records and undo, the API and the commands."""

from __future__ import annotations

import re
import socket
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.commands import read, run
from tests.factories import People
from tests.feeds.conftest import ANNA, BORIS, HEAD, VERA, Feeds
from tests.query_counter import captured_queries
from webapp.audit.models import AuditRecord
from webapp.db.session import db
from webapp.feeds.models import Feed
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
FORM: dict[str, Any] = {
    "name": "HR system",
    "source": "folder",
    "path": "people.csv",
    "mode": "match",
    "key": "email",
    "threshold": "50",
    "time_of_day": "02:30",
    "timezone": "UTC",
    "weekday": "",
}


def post(feeds: Feeds, at: str, **fields: Any) -> Any:
    data = {"csrf_token": feeds.owner.csrf_token()} | fields
    return feeds.owner.client.post(f"/imports/feeds{at}", data=data)


def only_id(app: App) -> UUID:
    with app.app_context():
        return db.session.scalars(select(Feed.id)).one()


def records(app: App) -> list[tuple[str, UUID]]:
    query = select(AuditRecord).where(AuditRecord.subject_kind == "feed").order_by(AuditRecord.id)
    with app.app_context():
        return [(record.action, record.id) for record in db.session.scalars(query)]


def test_without_a_saved_import_the_page_says_what_to_do_first(feeds: Feeds) -> None:
    page = feeds.owner.get("/imports/feeds").text
    assert "First import one file by hand" in page
    assert "/imports/feeds" in feeds.owner.get("/imports").text


def test_a_feed_is_created_edited_paused_resumed_and_deleted(app: App, feeds: Feeds) -> None:
    mapping_id = feeds.save_mapping()
    assert post(feeds, "", **FORM, mapping_id=str(mapping_id)).status_code == 303
    path = f"/{only_id(app)}"
    page = feeds.owner.get(f"/imports/feeds{path}").text
    assert "HR system" in page
    assert "Every day, 02:30" in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', feeds.owner.get(f"/imports/feeds{path}/edit").text)
    assert version
    edited = post(feeds, path, **(FORM | {"name": "Кадры 👩", "weekday": "0"}), mapping_id="", version=version[1])
    assert edited.status_code == 303
    page = feeds.owner.get(f"/imports/feeds{path}").text
    assert "Кадры 👩" in page
    assert "Every Monday" in page
    for action in ("/pause", "/resumption", "/deletion"):
        assert post(feeds, path + action).status_code == 303
    assert feeds.owner.get(f"/imports/feeds{path}").status_code == 404
    actions = [action for action, _id in records(app)]
    assert actions == ["feed.created", "feed.updated", "feed.paused", "feed.resumed", "feed.deleted"]


def test_the_changes_can_be_undone(app: App, feeds: Feeds) -> None:
    feed_id = feeds.create()
    assert feeds.api.patch(f"/feeds/{feed_id}", {"name": "Other", "threshold": 5, "weekday": 3}).status_code == 200
    assert feeds.api.post(f"/feeds/{feed_id}/pause").status_code == 200
    assert feeds.api.delete(f"/feeds/{feed_id}").status_code == 204
    by_action = dict(records(app))
    for action in ("feed.deleted", "feed.paused", "feed.updated"):
        undone = feeds.owner.post(f"/audit/{by_action[action]}/undo")
        assert undone.status_code == 303, undone.text
    feed = feeds.get(feed_id)
    assert (feed.deleted_at, feed.name, feed.threshold, feed.weekday) == (None, "HR system", 50, None)


def test_undoing_a_change_asks_no_name_server(app: App, feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_id = feeds.create(source="address", url="https://hr.example.org/people.csv")
    changed = feeds.api.patch(f"/feeds/{feed_id}", {"url": "https://other.example.org/people.csv"})
    assert changed.status_code == 200
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: pytest.fail("asked a name server"))
    undone = feeds.api.post(f"/audit-records/{dict(records(app))['feed.updated']}/undo")
    assert undone.status_code == 201, undone.json
    assert feeds.get(feed_id).location == "https://hr.example.org/people.csv"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter a name"),
        ("name", "x" * 81, "at most 80 characters"),
        ("name", "a\0b", "name"),
        ("name", "a\u202eb", "name"),
        ("source", "ftp", "source"),
        ("path", "../people.csv", "without “..”"),
        ("mapping_id", "", "Choose a saved import"),
        ("mapping_id", "nonsense", "Choose a saved import"),
        ("mode", "delete", "mode"),
        ("key", "attr.nothing", "must exist and be unique"),
        ("key", "username", "No column has the field"),
        ("threshold", "101", "from 0 to 100"),
        ("threshold", "x", "threshold"),
        ("time_of_day", "25:00", "Enter a time like"),
        ("timezone", "Mars/Base", "Choose a time zone"),
        ("weekday", "9", "Choose one of the options"),
        ("encoding", "utf-99", "Enter an encoding"),
    ],
)
def test_errors_are_on_the_page_and_the_input_is_kept(
    feeds: Feeds, people: People, field: str, value: str, message: str
) -> None:
    mapping_id = feeds.save_mapping()
    before = people.row_counts()
    page = post(feeds, "", **(FORM | {"mapping_id": str(mapping_id), "name": "Мой импорт"} | {field: value}))
    assert page.status_code == 422, page.text
    assert message in page.text
    assert field == "name" or 'value="Мой импорт"' in page.text
    assert people.row_counts() == before


def test_a_name_is_used_once(feeds: Feeds, people: People) -> None:
    feeds.create()
    mapping_id = feeds.save_mapping(name="Other")
    page = post(feeds, "", **(FORM | {"name": "hr SYSTEM"}), mapping_id=str(mapping_id))
    assert (page.status_code, "Another feed has this name" in page.text) == (422, True)


def test_two_people_edit_different_fields_at_once(app: App, feeds: Feeds) -> None:
    feed_id = feeds.create()
    page = feeds.owner.get(f"/imports/feeds/{feed_id}/edit").text
    opened = re.search(r'name="opened_with"[^>]*value="([^"]*)"', page)
    assert opened
    assert feeds.api.patch(f"/feeds/{feed_id}", {"threshold": 7}).status_code == 200
    fields = FORM | {"path": "people*.csv", "name": "Renamed", "version": "1"}
    saved = post(feeds, f"/{feed_id}", **fields, opened_with=opened[1].replace("&#34;", '"'), mapping_id="")
    assert saved.status_code == 303, saved.text
    feed = feeds.get(feed_id)
    assert (feed.name, feed.threshold) == ("Renamed", 7)


@pytest.mark.usefixtures("two")
def test_the_overview_and_the_page_show_what_went_wrong(feeds: Feeds) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    assert "needs your attention" not in feeds.owner.get("/").text
    feeds.put("name\nVera\n")
    feeds.run(feed_id)
    overview = feeds.owner.get("/").text
    assert "1 feed needs your attention" in overview
    assert f"/imports/feeds/{feed_id}" in overview
    assert "The last run failed." in feeds.owner.get(f"/imports/feeds/{feed_id}").text


def test_the_list_and_the_runs_take_the_same_number_of_statements_at_any_size(app: App, feeds: Feeds) -> None:
    mapping_id = feeds.save_mapping()
    numbers = []
    for count in range(2):
        feed_id = feeds.create(name=f"Feed {count}", mapping_id=mapping_id)
        for _run in range(count + 1):
            feeds.run(feed_id)
        with captured_queries(app) as seen:
            feeds.owner.get("/imports/feeds")
        listed = len(seen)
        with captured_queries(app) as seen:
            feeds.owner.get(f"/imports/feeds/{feed_id}")
        numbers.append((listed, len(seen)))
    assert numbers[0] == numbers[1]


@pytest.mark.usefixtures("two")
def test_commands_do_what_the_pages_do(app: App, feeds: Feeds, people: People) -> None:
    feeds.save_mapping()
    owner = people.owner().email
    add = ("feeds", "add", "--as", owner, "--name", "HR", "--mapping", "hr", "--at", "03:00", "--path", "people.csv")
    feed = read(app, *add, "--threshold", "50")
    assert (feed["mode"], feed["owner_id"]) == ("match", str(people.owner().id))
    feeds.put(HEAD + ANNA + VERA)
    ended = read(app, "feeds", "run", feed["id"])
    assert (ended["outcome"], ended["counts"]["created"]) == ("applied", 1)
    assert read(app, "feeds", "edit", feed["id"], "--as", owner, "--weekday", "6")["weekday"] == 6
    assert read(app, "feeds", "pause", feed["id"])["paused_at"]
    assert read(app, "feeds", "resume", feed["id"])["paused_at"] is None
    assert [each["name"] for each in read(app, "feeds", "list")] == ["HR"]
    assert len(read(app, "feeds", "runs", feed["id"])["items"]) == 1
    feeds.put("name\nVera\n")
    code, out, _err = run(app, "feeds", "run", feed["id"])
    assert (code, "failed" in out) == (1, True)
    assert run(app, "feeds", "delete", feed["id"])[0] == 0
    assert read(app, "feeds", "list") == []
    assert read(app, "feeds", "restore", feed["id"])["paused_at"]
    for wrong in (("--mapping", "nothing"), ("--url", "https://10.0.0.1/")):
        code, _out, err = run(app, *add, *wrong)
        assert (code != 0, bool(err), "Traceback" in err) == (True, True, False)


def test_a_taken_name_is_refused_together_with_other_columns(feeds: Feeds, people: People) -> None:
    feeds.create(name="One")
    feed_id = feeds.create(name="Two")
    # Choosing columns reads the database, which flushes the name before the feed is stored.
    changes = {"name": "one", "mapping_id": str(feeds.save_mapping(name="Other"))}
    before = people.row_counts()
    refused = feeds.api.patch(f"/feeds/{feed_id}", changes)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (409, ["name"])
    assert (people.row_counts(), feeds.get(feed_id).name) == (before, "Two")
