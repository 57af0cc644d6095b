"""Files that a feed does not read, and what it says. Nobody is changed by them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories import People
from tests.feeds.conftest import ANNA, BORIS, HEAD, VERA, Feeds
from tests.mailbox import Mailbox
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.feeds import fetching
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.imports.models import Import
from webapp.jobs.models import Job

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two")]

BAD_PATHS = ["", "/etc/passwd", "../secret.csv", "a/../b.csv", "a//b.csv", "./a.csv", "*/a.csv", "a\\b.csv"]
BAD_PATHS += ["a\0b", "a\u202eb", "x" * 501]


def unchanged(people: People) -> bool:
    row = people.row(email="boris@example.com")
    return people.row(email="vera@example.com") is None and row is not None and row["status"] == "active"


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_cannot_lead_out_of_the_folder(feeds: Feeds, people: People, path: str) -> None:
    mapping_id = feeds.save_mapping()
    before = people.row_counts()
    body = {"name": "HR", "source": "folder", "path": path, "mapping_id": str(mapping_id), "time_of_day": "02:30"}
    refused = feeds.api.post("/feeds", body)
    assert refused.status_code == 422
    assert "path" in refused.text
    assert people.row_counts() == before


def test_links_and_pipes_are_not_read(feeds: Feeds, people: People, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "people.csv").write_text(HEAD + VERA)
    feed_id = feeds.create(path="people.csv")
    (feeds.folder / "people.csv").symlink_to(outside / "people.csv")
    assert "No file matches" in feeds.run(feed_id).message
    (feeds.folder / "people.csv").unlink()
    os.mkfifo(feeds.folder / "people.csv")
    assert "No file matches" in feeds.run(feed_id).message
    (feeds.folder / "hr").symlink_to(outside)
    assert feeds.api.patch(f"/feeds/{feed_id}", {"path": "hr/people.csv"}).status_code == 200
    run = feeds.run(feed_id)
    assert (run.outcome, "The folder cannot be read" in run.message) == (RunOutcome.FAILED, True)
    assert unchanged(people)


def test_without_the_setting_no_folder_is_read(
    feeds: Feeds, people: People, change_settings: Callable[..., None]
) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + VERA)
    change_settings(feed_dir="")
    body = {
        "name": "B",
        "source": "folder",
        "path": "a.csv",
        "mapping_id": str(feeds.save_mapping()),
        "time_of_day": "02:30",
    }
    assert "FEED_DIR is not set" in feeds.api.post("/feeds", body).text
    assert "FEED_DIR is not set" in feeds.run(feed_id).message
    assert unchanged(people)


def test_a_file_that_is_being_written_is_tried_again_later(
    feeds: Feeds, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + VERA, age=5)
    run = feeds.run(feed_id)
    assert (run.outcome, run.tries, "is still being written" in run.message) == (None, 1, True)
    assert unchanged(people)
    feeds.put(HEAD + ANNA + BORIS + VERA)
    assert _next_try(feeds, run).outcome == RunOutcome.APPLIED


def test_after_some_tries_the_run_fails(feeds: Feeds, people: People, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + VERA, age=5)
    run = feeds.run(feed_id)
    while run.outcome is None:
        run = _next_try(feeds, run)
    assert (run.outcome, run.tries) == (RunOutcome.FAILED, 6)
    assert mailbox.letters("olga@example.com")[-1]["Subject"] == "HR system: Failed"
    assert unchanged(people)


def _next_try(feeds: Feeds, run: FeedRun) -> FeedRun:
    with feeds.app.app_context(), transaction():
        job = db.session.get_one(Job, run.job_id)
        job.run_after = job.created_at
    return feeds.work(run.feed_id)


def test_a_file_that_changes_while_it_is_read_is_not_half_imported(
    feeds: Feeds, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_id = feeds.create()
    file = feeds.put(HEAD + ANNA + BORIS + VERA)
    upload = fetching.upload_file

    def slow(*arguments: Any, **options: Any) -> Import:
        imported = upload(*arguments, **options)
        with file.open("a") as more:
            more.write("late@example.com,Late\n")
        return imported

    monkeypatch.setattr(fetching, "upload_file", slow)
    before = people.row_counts()
    run = feeds.run(feed_id)
    assert (run.outcome, "changed while it was read" in run.message) == (None, True)
    after = people.row_counts()
    assert (after["imports"], after["import_file_parts"]) == (before["imports"], before["import_file_parts"])
    assert unchanged(people)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The file is empty"),
        ("name,email\n", "more than 50 percent"),
        ("name,department\nVera,IT\n", "The file lacks columns that the saved import has: email"),
        (b"PK\x03\x04 no workbook", ""),
    ],
)
def test_a_file_that_is_not_what_it_was_stops_the_run(
    feeds: Feeds, people: People, content: str | bytes, reason: str
) -> None:
    feed_id = feeds.create()
    feeds.put(content)
    run = feeds.run(feed_id)
    assert run.outcome in {RunOutcome.FAILED, RunOutcome.STOPPED}
    assert reason in run.message
    assert run.message
    assert unchanged(people)
    with feeds.app.app_context():
        assert db.session.get_one(Feed, feed_id).last_digest is None


def test_a_file_that_is_too_large_is_refused(
    feeds: Feeds, people: People, change_settings: Callable[..., None]
) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + "x" * 1024 * 1024 * 2)
    change_settings(import_mb_max=1)
    before = people.row_counts()
    run = feeds.run(feed_id)
    assert (run.outcome, "at most 1 MB" in run.message) == (RunOutcome.FAILED, True)
    assert people.row_counts()["imports"] == before["imports"]
