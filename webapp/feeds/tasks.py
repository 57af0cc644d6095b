"""The job of a run, and the one that erases old runs and deleted feeds."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from webapp.core.texts import _, use_language
from webapp.db.session import db
from webapp.feeds.ending import stop_feed
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, FeedRun
from webapp.feeds.running import continue_import, fetch_file, lost_owner, owner_of
from webapp.imports.finishing import finish_applying
from webapp.imports.models import APPLIED_CHANGES, PLANNED_CHANGES, State
from webapp.imports.queries import lock_import
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.lease_renewal import renewed_lease
from webapp.jobs.schedules import SCHEDULER
from webapp.recurring.tasks import lock_run, purge_rows


@job_kind(FEEDS.run_job, label=_("Import the file of a feed"), attempts=3)
def run(job: JobRun) -> None:
    """The first chunk fetches the file after its commit. Each following one works on a chunk of the import."""
    found = lock_run(FEEDS, job)
    if found is None:
        job.finish()
        return
    feed = db.session.get_one(Feed, found.feed_id, populate_existing=True)
    with use_language(feed.locale):
        if _is_stopped(found, feed):
            job.finish()
        elif found.import_id is None:
            job.work_after_commit(lambda: _fetch(job, found.id, feed.locale))
        else:
            _continue(job, found, feed)


def _is_stopped(found: FeedRun, feed: Feed) -> bool:
    """Stop the feed if its owner may no longer import. What was applied can be undone."""
    if owner_of(feed) is not None:
        return False
    reason = lost_owner(feed)
    imported = lock_import(found.import_id) if found.import_id else None
    if imported is not None and imported.state == State.APPLYING:
        finish_applying(imported, by=SCHEDULER, message=reason)
    stop_feed(found, db.session.get_one(Feed, feed.id, with_for_update=True, populate_existing=True), reason)
    return True


def _fetch(job: JobRun, run_id: UUID, locale: str) -> None:
    with renewed_lease(job.job_id), use_language(locale):
        fetch_file(run_id, job.job_id)


def _continue(job: JobRun, found: FeedRun, feed: Feed) -> None:
    imported, by = lock_import(found.import_id) if found.import_id else None, owner_of(feed)
    if by and continue_import(found, feed, imported, by=by) and imported:
        total = imported.count(*PLANNED_CHANGES, *APPLIED_CHANGES) if imported.state == State.APPLYING else None
        job.advance(None, total=total)
        return
    job.finish(rows=sum(found.counts.values()))


@job_kind("feeds.purge", label=_("Erase old runs of feeds"), interval=timedelta(days=1), every=_("Every day"))
def purge(job: JobRun) -> None:
    purge_rows(FEEDS, job)
