"""Feeds for screenshots and browser tests: one that works, one stopped, one paused by Rollcall, one silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.feeds.services import create_feed
from webapp.imports.models import Import, SavedMapping, State

COLUMNS = [{"heading": "E-mail", "target": "email"}, {"heading": "Name", "target": "name"}]
STOPPED = "The file lacks 14 of 66 people, more than 10 percent"
LOST = "The owner of this feed can no longer sign in. Someone else can save it as theirs."
ADDRESS = f"https://hr.example.org/{'export/' * 12}people.csv?tenant=acme"


def create_feeds(by: Actor) -> dict[str, UUID]:
    """Return the IDs of the feeds by name."""
    mapping = {"columns": COLUMNS, "name_order": "given_first", "constants": {}}
    with transaction():
        saved = SavedMapping(name="Кадры", name_key="кадры", headings_key="0" * 64, mapping=mapping)
        db.session.add(saved)
    values: Any = {"mapping_id": saved.id, "threshold": 10, "timezone": "Europe/Berlin"}
    main = create_feed(name="HR system", source="folder", path="hr/people-*.csv", time_of_day="02:30", **values, by=by)
    address: Any = {"source": "address", "url": ADDRESS, "header": "Bearer x"}
    stopped = create_feed(name="Кадры филиала", time_of_day="04:00", weekday=0, **address, **values, by=by)
    paused = create_feed(name="Contractors", source="folder", path="x.csv", time_of_day="23:59", **values, by=by)
    silent = create_feed(name="Payroll", source="folder", path="pay*.csv", time_of_day="05:00", **values, by=by)
    _add_runs(main.id, by)
    with transaction():
        waiting = db.session.get_one(Feed, silent.id)
        _end(waiting, RunOutcome.SAME_FILE, "")
        waiting.waiting_since, waiting.silent_at = now() - timedelta(days=4), now()
        _end(db.session.get_one(Feed, stopped.id), RunOutcome.STOPPED, STOPPED)
        lost = db.session.get_one(Feed, paused.id)
        _end(lost, RunOutcome.FAILED, LOST)
        lost.paused_at, lost.next_run_at, lost.pause_reason = now(), None, LOST
    return {"feed": main.id, "feed_stopped": stopped.id, "feed_paused": paused.id, "feed_silent": silent.id}


def _end(feed: Feed, outcome: RunOutcome, message: str) -> None:
    feed.last_outcome, feed.last_message, feed.last_run_at = outcome, message, now() - timedelta(hours=8)
    run = FeedRun(feed_id=feed.id, outcome=outcome, message=message, ended_at=now(), filename="people.csv")
    db.session.add(run)


@transaction()
def _add_runs(feed_id: UUID, by: Actor) -> None:
    name = "people-2026-11-28.csv"
    imported = Import(filename=name, info={}, requested_by_id=by.id, mode="match", state=State.APPLIED)
    db.session.add(imported)
    counts = {"created": 3, "updated": 12, "deactivated": 1, "refused": 2, "unchanged": 1204}
    rows: list[dict[str, Any]] = [
        {"outcome": RunOutcome.APPLIED, "import_id": imported.id, "filename": imported.filename, "counts": counts},
        {"outcome": RunOutcome.FAILED, "message": "The server answered 404"},
        {"outcome": RunOutcome.SAME_FILE},
        {"outcome": RunOutcome.UNCHANGED, "filename": "people-2026-11-30.csv", "counts": {"unchanged": 1207}},
    ]
    for days, values in zip(range(4, 0, -1), rows, strict=True):
        moment = now() - timedelta(days=days)
        db.session.add(FeedRun(feed_id=feed_id, started_at=moment, ended_at=moment, **values))
    feed = db.session.get_one(Feed, feed_id)
    feed.last_outcome, feed.last_run_at = RunOutcome.UNCHANGED, now() - timedelta(days=1)
