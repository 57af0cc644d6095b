"""A source that sends the same file again, or none, is reported once, until a new file comes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.feeds.conftest import ANNA, BORIS, HEAD, VERA, Feeds
from tests.mailbox import Mailbox, text_of
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.feeds.models import Feed, RunOutcome

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("two")]
SILENT = "No new file since"


def run_after(feeds: Feeds, feed_id: UUID, *, days: int) -> str | None:
    """Run the feed as if its last run was some days ago. Return the outcome."""
    with feeds.app.app_context(), transaction():
        feed = db.session.get_one(Feed, feed_id)
        assert feed.waiting_since
        assert feed.last_run_at
        feed.waiting_since -= timedelta(days=days)
        feed.last_run_at -= timedelta(days=days)
    return feeds.run(feed_id).outcome


def mails(mailbox: Mailbox) -> list[str]:
    return [text_of(each) for each in mailbox.letters("olga@example.com") if SILENT in str(each["Subject"])]


def pages(feeds: Feeds, feed_id: UUID) -> list[bool]:
    """Return whether the overview, the list, the page and the API say it."""
    shown = [SILENT in feeds.owner.get(path).text for path in ("/", "/imports/feeds", f"/imports/feeds/{feed_id}")]
    return [*shown, feeds.api.get(f"/feeds/{feed_id}").json["silent_since"] is not None]


def test_the_same_file_three_times_is_reported_once_until_a_new_one_comes(feeds: Feeds, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    assert [run_after(feeds, feed_id, days=1) for _day in range(2)] == [RunOutcome.SAME_FILE] * 2
    assert (mails(mailbox), pages(feeds, feed_id)) == ([], [False] * 4)
    run_after(feeds, feed_id, days=1)
    assert len(mails(mailbox)) == 1
    assert "the same file again, or none" in mails(mailbox)[0]
    assert f"/imports/feeds/{feed_id}" in mails(mailbox)[0]
    assert "1 feed needs your attention" in feeds.owner.get("/").text
    assert pages(feeds, feed_id) == [True] * 4
    for _day in range(3):
        run_after(feeds, feed_id, days=1)
    assert len(mails(mailbox)) == 1
    feeds.put(HEAD + ANNA + BORIS + VERA)
    assert run_after(feeds, feed_id, days=1) == RunOutcome.APPLIED
    assert pages(feeds, feed_id) == [False] * 4
    # If it stops again, it is reported again.
    for _day in range(3):
        run_after(feeds, feed_id, days=1)
    assert len(mails(mailbox)) == 2


def test_no_file_at_all_is_reported_too(feeds: Feeds, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    feeds.put("", name="other.csv")
    (feeds.folder / "people.csv").unlink()
    assert [run_after(feeds, feed_id, days=1) for _day in range(4)] == [RunOutcome.FAILED] * 4
    assert len(mails(mailbox)) == 1
    assert feeds.api.get(f"/feeds/{feed_id}").json["silent_since"]


def test_a_weekly_feed_waits_for_three_weeks_and_runs_by_hand_do_not_count(feeds: Feeds, mailbox: Mailbox) -> None:
    feed_id = feeds.create(weekday=0)
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    for days in (7, 7, 0, 0, 1):
        run_after(feeds, feed_id, days=days)
    assert mails(mailbox) == []
    run_after(feeds, feed_id, days=6)
    assert len(mails(mailbox)) == 1


def test_a_break_starts_the_time_again(feeds: Feeds, mailbox: Mailbox) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    assert feeds.api.post(f"/feeds/{feed_id}/pause").status_code == 200
    assert feeds.api.delete(f"/feeds/{feed_id}/pause").status_code == 200
    assert run_after(feeds, feed_id, days=30) == RunOutcome.SAME_FILE
    assert (mails(mailbox), pages(feeds, feed_id)) == ([], [False] * 4)
    for _day in range(3):
        run_after(feeds, feed_id, days=1)
    assert len(mails(mailbox)) == 1


def test_a_silent_feed_that_a_person_pauses_is_not_on_the_overview(feeds: Feeds) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.run(feed_id)
    for _day in range(3):
        run_after(feeds, feed_id, days=1)
    assert SILENT in feeds.owner.get("/").text
    assert feeds.api.post(f"/feeds/{feed_id}/pause").status_code == 200
    assert SILENT not in feeds.owner.get("/").text
