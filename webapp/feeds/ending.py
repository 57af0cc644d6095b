"""How a run ends: the outcome is kept, the owner gets an e-mail, and a feed whose owner is lost is paused."""

from __future__ import annotations

from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.permissions import Actor, ActorKind
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.feeds.notices import send_outcome
from webapp.feeds.services import ACTIVE, PAUSED
from webapp.imports.models import Import
from webapp.jobs.timetables import MESSAGE_MAX

FEEDS = Actor(ActorKind.SYSTEM, "Feeds")
# Nobody has to know that nothing happened.
SILENT = (RunOutcome.UNCHANGED, RunOutcome.SAME_FILE)


def end_run(
    run: FeedRun, feed: Feed, outcome: RunOutcome, message: str = "", *, imported: Import | None = None
) -> None:
    """Keep how the run ended in both rows, and mail it to the owner if it matters. Call it in a transaction."""
    run.end(feed, outcome, message)
    run.counts = dict(imported.counts) if imported else {}
    if outcome in {RunOutcome.APPLIED, RunOutcome.UNCHANGED}:
        feed.last_digest = run.digest
    if outcome is RunOutcome.STOPPED and imported:
        changes = {"missing": (None, str(imported.missing)), "in_scope": (None, str(imported.in_scope))}
        record(Action.FEED_STOPPED, subject=feed, by=FEEDS, kind="feed", changes=changes)
    if outcome not in SILENT and feed.deleted_at is None:
        send_outcome(feed, run, by=FEEDS)


def stop_feed(run: FeedRun, feed: Feed, reason: str) -> None:
    """Pause a feed that cannot go on without a person, and end its run."""
    if feed.paused_at is None:
        feed.paused_at, feed.next_run_at = now(), None
        record(Action.FEED_PAUSED, subject=feed, by=FEEDS, kind="feed", changes={"feed_state": (ACTIVE, PAUSED)})
    feed.pause_reason = reason[:MESSAGE_MAX]
    end_run(run, feed, RunOutcome.FAILED, reason)
