"""A source that stopped sending: at each run there is the same file, or none.

Runs without a new file send no e-mail, so nobody would notice. After three intervals, the owner gets one e-mail. The
page of the feed, the list and the overview say it until a new file comes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.core.clock import now
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, FeedRun
from webapp.feeds.notices import send_silence
from webapp.jobs.timetables import DAYS_IN_WEEK

# The third run without a new file is late enough, although runs start some seconds earlier or later each day.
SILENT_AFTER_INTERVALS = 2.5
AWAY_AFTER_INTERVALS = 2


def note_silence(feed: Feed, run: FeedRun, *, previous_run_at: datetime | None) -> None:
    """Note whether the run brought a new file, in the transaction that ends it. Send the e-mail once.

    `previous_run_at`: the end of the run before. After a long break, because the feed was paused or Rollcall was off,
    the time starts again.
    """
    interval = timedelta(days=1 if feed.weekday is None else DAYS_IN_WEEK)
    was_away = previous_run_at is None or now() - previous_run_at > AWAY_AFTER_INTERVALS * interval
    if run.digest or was_away or feed.waiting_since is None:
        feed.waiting_since, feed.silent_at = run.started_at, None
        return
    is_silent = now() - feed.waiting_since > SILENT_AFTER_INTERVALS * interval
    if is_silent and not (feed.silent_at or feed.paused_at or feed.deleted_at):
        feed.silent_at = now()
        send_silence(feed, by=FEEDS.actor)
