"""E-mails about runs, to the owner of the feed or, if they cannot sign in, to the owners of Rollcall."""

from __future__ import annotations

from collections.abc import Callable

from webapp.core.context import current_settings
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.feeds.kind import FEEDS
from webapp.feeds.labels import SOURCE_LABELS, numbers_of, silence_label
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.mail.messages import Message
from webapp.mail.services import send_message
from webapp.users.notices import people_to_notify, recipient_of


def send_outcome(feed: Feed, run: FeedRun, *, by: Actor) -> None:
    """Add the e-mails to the outbox, in the caller's transaction. They contain numbers, no data of people."""
    base, import_id = current_settings().base_url, run.import_id
    address = f"{base}/imports/{import_id}" if import_id else f"{base}/imports/feeds/{feed.id}"

    def build() -> Message:
        return Message(
            subject=f"{feed.name}: {FEEDS.outcome_label(run.outcome)}",
            paragraphs=[_explanation(run), *([run.message] if run.message else [])],
            facts=[*([(str(_("File")), run.filename)] if run.filename else []), *numbers_of(run.counts)],
            button=str(_("See the import") if import_id else _("See the feed")),
            address=address,
        )

    _send(feed, build, by=by)


def send_silence(feed: Feed, *, by: Actor) -> None:
    """Add the e-mail that the source sends no new file to the outbox, in the caller's transaction."""

    def build() -> Message:
        text = _("The other system sent the same file again, or none. Check that it still sends new files.")
        once = _("You get this e-mail once. The feed still looks for a new file at its usual time.")
        return Message(
            subject=f"{feed.name}: {silence_label(feed)}",
            paragraphs=[str(text), str(once)],
            facts=[(str(SOURCE_LABELS[feed.source]), feed.location)],
            button=str(_("See the feed")),
            address=f"{current_settings().base_url}/imports/feeds/{feed.id}",
        )

    _send(feed, build, by=by)


def _send(feed: Feed, build: Callable[[], Message], *, by: Actor) -> None:
    for person in people_to_notify(feed.requested_by_id):
        send_message(recipient_of(person), build, by=by)


def _explanation(run: FeedRun) -> str:
    if run.outcome == RunOutcome.APPLIED:
        return str(_("The feed imported a new file. You can undo the whole import on its page."))
    if run.outcome == RunOutcome.STOPPED:
        return str(_("The feed stopped before it changed anyone. Check the preview: you can apply it yourself."))
    return str(_("The feed could not import its file."))
