"""A feed imports a file of a folder, in the name of its owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import People
from tests.feeds.conftest import ANNA, BORIS, HEAD, VERA, Feeds
from tests.mailbox import Mailbox, text_of
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.feeds import running
from webapp.feeds.folder import NotReady
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.jobs.services import cancel_job
from webapp.recurring.services import delete_row

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two")]


def status(people: People, email: str) -> str:
    row = people.row(email=email)
    assert row
    return str(row["status"])


@pytest.mark.parametrize("change", ["cancel", "delete"])
def test_a_run_that_is_stopped_while_it_waits_for_its_file_is_not_tried_again(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    feed_id = feeds.create()

    def stop_meanwhile(feed: Feed, *, by: Actor) -> None:
        if change == "cancel":
            cancel_job(db.session.scalars(select(FeedRun.job_id)).one(), by=by)
        else:
            delete_row(FEEDS, feed.id, by=by)
        raise NotReady("later")

    monkeypatch.setattr(running, "fetch", stop_meanwhile)
    run = feeds.run(feed_id)
    assert (run.outcome, run.message) == (RunOutcome.FAILED, "The job was cancelled")


def test_a_run_that_breaks_each_time_is_given_up(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_id, calls = feeds.create(), []

    def fail(_feed: Feed, *, by: Actor) -> None:
        calls.append(by)
        raise RuntimeError("broken")

    monkeypatch.setattr(running, "fetch", fail)
    run, begun = feeds.run(feed_id), now()
    for minutes in range(1, 5):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            run = feeds.work(feed_id)
    assert (len(calls), run.outcome) == (3, RunOutcome.FAILED)


@pytest.mark.both_engines
def test_a_file_makes_rollcall_match_it(feeds: Feeds, people: People, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + VERA)
    run = feeds.run(feed_id)
    assert (run.outcome, run.counts) == (RunOutcome.APPLIED, {"unchanged": 1, "created": 1, "deactivated": 1})
    assert (status(people, "vera@example.com"), status(people, "boris@example.com")) == ("invited", "deactivated")
    # The import belongs to the owner, who can undo it as a whole.
    assert feeds.owner.post(f"/imports/{run.import_id}/undo").status_code == 303
    assert status(people, "boris@example.com") == "active"
    letter = mailbox.letters("olga@example.com")[-1]
    assert letter["Subject"] == "HR system: Imported"
    assert f"/imports/{run.import_id}" in text_of(letter)
    assert "example.com" not in text_of(letter)
    user = people.row(email="vera@example.com")
    assert user
    created = [changes for action, changes in people.audit_trail(user["id"]) if action == "user.created"]
    assert created


def test_beyond_the_threshold_nobody_is_changed_and_the_preview_waits(
    feeds: Feeds, people: People, mailbox: Mailbox
) -> None:
    feed_id = feeds.create(threshold=10)
    feeds.put(HEAD + ANNA + VERA)
    run = feeds.run(feed_id)
    assert run.outcome == RunOutcome.STOPPED
    assert "more than 10 percent" in run.message
    assert status(people, "boris@example.com") == "active"
    assert people.row(email="vera@example.com") is None
    assert mailbox.letters("olga@example.com")[-1]["Subject"] == "HR system: Stopped at its threshold"
    # A person looks at it, allows more and applies it.
    again = {"mode": "match", "key": "email", "threshold": "60"}
    assert feeds.owner.post(f"/imports/{run.import_id}/preview", **again).status_code == 303
    plan = feeds.api.get(f"/imports/{run.import_id}").json["plan_hash"]
    assert feeds.owner.post(f"/imports/{run.import_id}/application", plan=plan).status_code == 303
    assert status(people, "boris@example.com") == "deactivated"
    # The next night, the same file has nothing left to do.
    assert feeds.run(feed_id).outcome == RunOutcome.UNCHANGED


def test_the_same_file_is_not_imported_twice(feeds: Feeds, people: People, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + VERA)
    feeds.run(feed_id)
    letters = len(mailbox.letters())
    before = people.row_counts()
    assert feeds.run(feed_id).outcome == RunOutcome.SAME_FILE
    assert people.row_counts()["imports"] == before["imports"]
    assert len(mailbox.letters()) == letters
    # Other settings read it again.
    assert feeds.api.patch(f"/feeds/{feed_id}", {"mode": "upsert"}).status_code == 200
    assert feeds.run(feed_id).outcome == RunOutcome.UNCHANGED


def test_the_newest_file_that_matches_is_read(feeds: Feeds, people: People) -> None:
    feed_id = feeds.create(path="people-?.csv", mode="create")
    feeds.put(HEAD + VERA, "people-1.csv", age=900)
    feeds.put(HEAD + "new@example.com,New\n", "people-2.csv", age=600)
    feeds.put(HEAD + BORIS, "people-33.csv", age=300)
    run = feeds.run(feed_id)
    assert (run.filename, run.counts) == ("people-2.csv", {"created": 1})


def test_rows_that_cannot_be_imported_are_kept_with_their_reasons(feeds: Feeds) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS + "nonsense,Nobody\n")
    run = feeds.run(feed_id)
    assert (run.outcome, run.counts) == (RunOutcome.UNCHANGED, {"unchanged": 2, "refused": 1})
    assert "nonsense" in feeds.owner.get(f"/imports/{run.import_id}").text


@pytest.mark.both_engines
def test_a_large_file_is_planned_and_applied_by_the_job_of_the_run(
    feeds: Feeds, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = feeds.save_mapping()
    monkeypatch.setattr("webapp.imports.running.REQUEST_BYTES_MAX", 0)
    monkeypatch.setattr("webapp.imports.running.REQUEST_ROWS_MAX", 0)
    monkeypatch.setattr("webapp.imports.preview.ROWS_PER_CHUNK", 10)
    monkeypatch.setattr("webapp.imports.applying.NEW_PER_CHUNK", 10)
    feed_id = feeds.create(mapping_id=saved, mode="create")
    feeds.put(HEAD + "".join(f"person-{number}@example.com,Person {number}\n" for number in range(25)))
    run = feeds.run(feed_id)
    assert (run.outcome, run.counts) == (RunOutcome.APPLIED, {"created": 25})
    assert people.count() == 28
