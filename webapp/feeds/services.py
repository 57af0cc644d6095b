"""The only entry point to changes of feeds by people, and to starting a run."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import UUID

from webapp.access.checks import check_everywhere
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, Stale, Taken, WrongState
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.feeds.checks import FeedValues, check_values
from webapp.feeds.models import FEEDS_MAX, Feed, FeedRun
from webapp.feeds.queries import count_feeds, feed_not_found, open_run
from webapp.feeds.values import audited, set_values
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Mode
from webapp.jobs.models import Job
from webapp.jobs.services import cancel_job, enqueue

RUN_JOB = "feeds.run"
ACTIVE, PAUSED = "active", "paused"
CHANGED_MEANWHILE = _("Someone else changed this while you were editing")
DEFAULTS: dict[str, Any] = {
    "mode": Mode.MATCH.value,
    "key_field": EMAIL,
    "threshold": THRESHOLD_DEFAULT,
    "encoding": "",
    "header_name": "",
    "invite": False,
}


def create_feed(*, by: Actor, **values: Unpack[FeedValues]) -> Feed:
    """Create a feed in the name of `by`, from values that `check_values` accepts. Raise as `add_feed`."""
    return add_feed(check_values(values), by=by)


def add_feed(checked: FeedValues, *, by: Actor) -> Feed:
    """Create a feed from the result of `check_values`. Raise Invalid, Taken, Forbidden, WrongState for too many."""
    with transaction():
        check_may_manage(by)
        if by.id is None:
            raise Invalid(_("A feed must have an owner, in whose name it imports"), field="owner", code="missing")
        advisory_lock("feeds")
        _check_number()
        feed = Feed(version=1, **DEFAULTS)
        set_values(feed, checked, by=by)
        db.session.add(feed)
        _flush()
        _record(Action.FEED_CREATED, feed, by=by, changes=difference({}, audited(feed)))
    return feed


def update_feed(feed_id: UUID, *, by: Actor, version: int | None = None, **values: Unpack[FeedValues]) -> Feed:
    """Change what is given. The person who does this is the owner from then on: the feed imports in their name.

    Raise Invalid, Taken, Forbidden, or Stale if it was changed after `version`.
    """
    checked = check_values(values)
    with transaction():
        feed = _locked(feed_id, by=by, version=version)
        before, secret, owner_id = audited(feed), feed.sealed_header, feed.requested_by_id
        set_values(feed, checked, by=by)
        changes = difference(before, audited(feed))
        if secret != feed.sealed_header:
            changes["header"] = (None, "changed" if feed.sealed_header else "removed")
        if changes or owner_id != feed.requested_by_id:
            feed.version += 1
            _flush()
            _record(Action.FEED_UPDATED, feed, by=by, changes=changes)
    return feed


@transaction()
def delete_feed(feed_id: UUID, *, by: Actor, version: int | None = None) -> None:
    """Import nothing more. Until it is erased after 30 days, `restore_feed` brings it back. Idempotent."""
    feed = _locked(feed_id, by=by, version=version, deleted=True)
    if feed.deleted_at is None:
        feed.deleted_at, feed.next_run_at = now(), None
        feed.version += 1
        _stop_open_run(feed, by=by)
        _record(Action.FEED_DELETED, feed, by=by, changes={"name": (feed.name, None)})


@transaction()
def restore_feed(feed_id: UUID, *, by: Actor) -> Feed:
    """Bring a deleted feed back, paused. Idempotent. Raise Taken if its name is used, WrongState for too many."""
    advisory_lock("feeds")
    feed = _locked(feed_id, by=by, deleted=True)
    if feed.deleted_at:
        _check_number()
        feed.deleted_at, feed.paused_at = None, feed.paused_at or now()
        feed.version += 1
        _flush()
        _record(Action.FEED_RESTORED, feed, by=by, changes={"name": (None, feed.name)})
    return feed


@transaction()
def pause_feed(feed_id: UUID, *, by: Actor) -> Feed:
    """Start no runs until it is resumed. A run that has begun continues. Idempotent."""
    feed = _locked(feed_id, by=by)
    if feed.paused_at is None:
        feed.paused_at, feed.next_run_at = now(), None
        feed.version += 1
        _record(Action.FEED_PAUSED, feed, by=by, changes={"feed_state": (ACTIVE, PAUSED)})
    return feed


@transaction()
def resume_feed(feed_id: UUID, *, by: Actor) -> Feed:
    """Start the next run at its time. Runs that were missed are skipped. Idempotent."""
    feed = _locked(feed_id, by=by)
    if feed.paused_at:
        feed.paused_at, feed.pause_reason, feed.next_run_at = None, "", feed.run_after(now())
        feed.version += 1
        _record(Action.FEED_RESUMED, feed, by=by, changes={"feed_state": (PAUSED, ACTIVE)})
    return feed


@transaction()
def run_feed(feed_id: UUID, *, by: Actor) -> FeedRun:
    """Start a run now, in the name of the owner, also of a paused feed. Raise WrongState if one is running."""
    feed = _locked(feed_id, by=by)
    run = start_run(feed, by=by)
    _record(Action.FEED_RUN, feed, by=by)
    return run


def start_run(feed: Feed, *, by: Actor) -> FeedRun:
    """Start a run of a locked feed in the caller's transaction. Raise WrongState if one is running."""
    if open_run(feed.id):
        raise WrongState(_("This feed is running"))
    run = FeedRun(feed_id=feed.id)
    db.session.add(run)
    db.session.flush()
    run.job_id = enqueue(RUN_JOB, by=by, run_id=run.id.hex).id
    return run


def check_may_manage(by: Actor) -> None:
    check_everywhere(by, Permission.IMPORTS_RUN)


def _stop_open_run(feed: Feed, *, by: Actor) -> None:
    run = open_run(feed.id)
    if run and run.job_id and db.session.get(Job, run.job_id):
        cancel_job(run.job_id, by=by)


def _check_number() -> None:
    if count_feeds() >= FEEDS_MAX:
        raise WrongState(_("You can have at most %(max)s feeds", max=FEEDS_MAX))


def _flush() -> None:
    taken = Taken(_("Another feed has this name"), field="name")
    with translate_constraints({"uq_feeds_name_key": taken}):
        db.session.flush()


def _locked(feed_id: UUID, *, by: Actor, version: int | None = None, deleted: bool = False) -> Feed:
    check_may_manage(by)
    feed = db.session.get(Feed, feed_id, with_for_update=True, populate_existing=True)
    if feed is None or (feed.deleted_at and not deleted):
        raise feed_not_found()
    if version is not None and version != feed.version:
        raise Stale(CHANGED_MEANWHILE)
    return feed


def _record(action: Action, feed: Feed, *, by: Actor, changes: Changes | None = None) -> None:
    record(action, subject=feed, by=by, kind="feed", changes=changes or {})
