"""How a run ends: the outcome is kept, the owner gets an e-mail, and a feed whose owner is lost is paused."""

from __future__ import annotations

from webapp.audit.services import Changes
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import UNEVENTFUL, Feed, FeedRun, RunOutcome
from webapp.feeds.notices import send_outcome
from webapp.feeds.silence import note_silence
from webapp.imports.models import Import
from webapp.recurring.services import pause_without_owner, record_change


def end_run(
    run: FeedRun, feed: Feed, outcome: RunOutcome, message: str = "", *, imported: Import | None = None
) -> None:
    """Keep how the run ended in both rows, and mail it to the owner if it matters. Call it in a transaction."""
    previous_run_at = feed.last_run_at
    run.end(feed, outcome, message)
    run.counts = dict(imported.counts) if imported else {}
    if outcome in {RunOutcome.APPLIED, RunOutcome.UNCHANGED}:
        feed.last_digest = run.digest
    if outcome is RunOutcome.STOPPED and imported:
        changes: Changes = {"missing": (None, str(imported.missing)), "in_scope": (None, str(imported.in_scope))}
        record_change(FEEDS, "stopped", feed, changes, by=FEEDS.actor)
    if outcome not in UNEVENTFUL and feed.deleted_at is None:
        send_outcome(feed, run, by=FEEDS.actor)
    note_silence(feed, run, previous_run_at=previous_run_at)


def stop_feed(run: FeedRun, feed: Feed, reason: str) -> None:
    """Pause a feed that cannot go on without a person, and end its run."""
    pause_without_owner(FEEDS, feed, reason)
    end_run(run, feed, RunOutcome.FAILED, reason)
