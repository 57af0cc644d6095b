"""Feeds as a kind of recurring work."""

from __future__ import annotations

from contextlib import AbstractContextManager

from webapp.core.errors import Taken
from webapp.core.permissions import Actor, ActorKind, Permission
from webapp.core.texts import _, pgettext
from webapp.db.constraints import translate_constraints
from webapp.feeds.models import FEEDS_MAX, PROBLEMS, UNEVENTFUL, Feed, FeedRun, RunOutcome
from webapp.feeds.values import audited
from webapp.recurring.kinds import Kind


def _refusals() -> AbstractContextManager[None]:
    return translate_constraints({"uq_feeds_name_key": Taken(_("Another feed has this name"), field="name")})


OUTCOME_LABELS: dict[str, str] = {
    RunOutcome.APPLIED: pgettext("feed", "Imported"),
    RunOutcome.UNCHANGED: pgettext("feed", "Nothing to change"),
    RunOutcome.SAME_FILE: pgettext("feed", "No new file"),
    RunOutcome.STOPPED: pgettext("feed", "Stopped at its threshold"),
    RunOutcome.FAILED: pgettext("feed", "Failed"),
}
STATE_LABELS = {"active": pgettext("feed", "Active"), "paused": pgettext("feed", "Paused")}

FEEDS = Kind(
    name="feed",
    plural="feeds",
    row=Feed,
    run=FeedRun,
    actor=Actor(ActorKind.SYSTEM, "Feeds"),
    permission=Permission.IMPORTS_RUN,
    private=False,
    limit=FEEDS_MAX,
    not_found=_("This feed does not exist"),
    is_running=_("This feed is running"),
    too_many=_("You can have at most %(max)s feeds", max=FEEDS_MAX),
    needs_owner=_("A feed must have an owner, in whose name it imports"),
    state_field="feed_state",
    state_labels=STATE_LABELS,
    outcome_labels=OUTCOME_LABELS,
    problems=PROBLEMS,
    uneventful=UNEVENTFUL,
    audited=audited,
    records_runs=True,
    refusals=_refusals,
)
