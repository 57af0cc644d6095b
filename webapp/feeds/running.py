"""One run of a feed: fetch the file, preview it, apply the preview unless it is beyond the threshold.

The import belongs to the owner of the feed, and the job of the run works on it as the jobs of other imports do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.bulk.requester import requester_of
from webapp.core.clock import now
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.feeds.ending import end_run
from webapp.feeds.fetching import Fetched, SameFile, fetch
from webapp.feeds.folder import NotReady
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import IGNORE, Mapping
from webapp.imports.models import NOT_IMPORTED, PLANNED_CHANGES, Import, Outcome, State
from webapp.imports.options import Options
from webapp.imports.queries import lock_import
from webapp.imports.running import apply_chunk, preview_chunk
from webapp.imports.services import delete_import, keep_request, start_preview
from webapp.jobs.queries import get_job
from webapp.jobs.services import enqueue
from webapp.users.models import User

# A file that is still being written, or a server that does not answer, is tried again.
TRIES_MAX = 6
WAIT = timedelta(minutes=2)
HEADINGS_SHOWN = 5


def owner_of(feed: Feed) -> Actor | None:
    """Return the person in whose name the feed imports. None if they or their API token may no longer do this."""
    by = requester_of(feed)
    if by is None or Permission.IMPORTS_RUN not in powers_of_actor(by).everywhere:
        return None
    return replace(by, reason=str(_("Feed: %(name)s", name=feed.name)))


def lost_owner(feed: Feed) -> str:
    """Say why `owner_of` is None."""
    owner = db.session.get(User, feed.requested_by_id) if feed.requested_by_id else None
    if owner is None or not owner.can_sign_in:
        return str(_("The owner of this feed can no longer sign in. Someone else can save it as theirs."))
    if requester_of(feed) is None:
        return str(_("The API token that saved this feed was revoked. Save the feed again."))
    return str(_("The owner of this feed may no longer import people. Someone who may can save it as theirs."))


def fetch_file(run_id: UUID, job_id: UUID) -> None:
    """Upload the file, or end the run, or try again later. Call it outside a transaction."""
    run = db.session.get_one(FeedRun, run_id)
    feed = db.session.get_one(Feed, run.feed_id)
    by = owner_of(feed)
    if by is None or run.ended_at:
        return
    try:
        fetched = fetch(feed, by=by)
    except SameFile:
        _end(run_id, RunOutcome.SAME_FILE)
    except NotReady as error:
        _try_again(run_id, str(error))
    except Refused as error:
        _end(run_id, RunOutcome.FAILED, str(error))
    else:
        _keep(run_id, job_id, fetched)


@transaction()
def _keep(run_id: UUID, job_id: UUID, fetched: Fetched) -> None:
    run = _locked(run_id)
    imported = lock_import(fetched.imported.id)
    if imported is None or run.ended_at:
        return
    run.import_id, run.digest, run.filename = imported.id, fetched.digest, imported.filename
    # The page of the import shows the progress of this job.
    imported.job_id = job_id


@transaction()
def _try_again(run_id: UUID, reason: str) -> None:
    run = _locked(run_id)
    if run.job_id and get_job(run.job_id).is_stopping:
        # Someone cancelled the run or deleted the feed. The next chunk ends the job, and then the scheduler the run.
        return
    run.tries, run.message = run.tries + 1, reason
    feed = db.session.get_one(Feed, run.feed_id, with_for_update=True)
    if run.tries >= TRIES_MAX:
        end_run(run, feed, RunOutcome.FAILED, reason)
        return
    by = requester_of(feed)
    if by is not None:
        run.job_id = enqueue(FEEDS.run_job, by=by, run_after=now() + WAIT, run_id=run.id.hex).id


@transaction()
def _end(run_id: UUID, outcome: RunOutcome, message: str = "") -> None:
    run = _locked(run_id)
    end_run(run, db.session.get_one(Feed, run.feed_id, with_for_update=True), outcome, message)


def _locked(run_id: UUID) -> FeedRun:
    return db.session.get_one(FeedRun, run_id, with_for_update=True, populate_existing=True)


def continue_import(run: FeedRun, feed: Feed, imported: Import | None, *, by: Actor) -> bool:
    """Work on one chunk of the locked import of a locked run. Return whether there is another; else the run ended."""
    if imported is None or imported.job_id != run.job_id:
        end_run(run, feed, RunOutcome.FAILED, str(_("Someone continued or discarded this import by hand")))
        return False
    try:
        with transaction():
            return _work(run, feed, imported, by=by)
    except Refused as error:
        end_run(run, feed, RunOutcome.FAILED, str(error), imported=imported)
        return False


def _work(run: FeedRun, feed: Feed, imported: Import, *, by: Actor) -> bool:
    match State(imported.state):
        case State.UPLOADED:
            _start_preview(feed, imported, by=by)
        case State.PLANNING:
            preview_chunk(imported, by)
        case State.PLANNED:
            return _start_applying(run, feed, imported, by=by)
        case State.APPLYING:
            apply_chunk(imported, by)
        case _:
            _end_applied(run, feed, imported)
            return False
    return True


def _start_preview(feed: Feed, imported: Import, *, by: Actor) -> None:
    info, saved = FileInfo.from_json(imported.info), Mapping.from_json(feed.mapping)
    _check_headings(saved, info)
    mapping = saved.fit(info.headings)
    options = Options(mapping, feed.import_mode, feed.key_field, feed.invite, feed.threshold)
    options.apply_to(imported, by=by)
    start_preview(imported)


def _check_headings(mapping: Mapping, info: FileInfo) -> None:
    """Raise Invalid if the file lacks a column. A person has to look at it: the file is not what it was."""
    needed = {column.heading for column in mapping.columns if column.target != IGNORE}
    if missing := sorted(needed - set(info.headings)):
        names = ", ".join(missing[:HEADINGS_SHOWN])
        raise Invalid(_("The file lacks columns that the saved import has: %(names)s", names=names))


def _start_applying(run: FeedRun, feed: Feed, imported: Import, *, by: Actor) -> bool:
    if imported.is_over_threshold:
        values = {"missing": imported.missing, "scope": imported.in_scope, "percent": imported.threshold}
        text = _("The file lacks %(missing)s of %(scope)s people, more than %(percent)s percent", **values)
        end_run(run, feed, RunOutcome.STOPPED, str(text), imported=imported)
        return False
    if not imported.count(*PLANNED_CHANGES):
        end_run(run, feed, RunOutcome.UNCHANGED, imported=imported)
        if not imported.count(*NOT_IMPORTED):
            run.import_id = None
            delete_import(imported)
        return False
    keep_request(imported, by)
    imported.state = State.APPLYING
    return True


def _end_applied(run: FeedRun, feed: Feed, imported: Import) -> None:
    if skipped := imported.count(Outcome.SKIPPED):
        message = _("The import was stopped. Rows that were skipped: %(count)s", count=skipped)
        end_run(run, feed, RunOutcome.FAILED, str(message), imported=imported)
        return
    end_run(run, feed, RunOutcome.APPLIED, imported=imported)
