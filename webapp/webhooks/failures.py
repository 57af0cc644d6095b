"""Pauses endpoints that have failed for a week, and notifies their creator."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.formats import format_datetime, viewer_timezone
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.db.session import db
from webapp.mail.messages import Message
from webapp.mail.services import send_message
from webapp.users.models import User
from webapp.users.notices import people_to_notify, recipient_of
from webapp.webhooks.models import Endpoint

FAILING_MAX = timedelta(days=7)
SENDER = Actor(ActorKind.SYSTEM, "Webhooks")


def pause_failing(endpoint_id: UUID, *, gone: bool) -> None:
    """Pause the endpoint and mail its creator, if it has failed for FAILING_MAX or is `gone`."""
    endpoint = db.session.get(Endpoint, endpoint_id, with_for_update=True, populate_existing=True)
    since = endpoint.failing_since if endpoint else None
    if (
        endpoint is None
        or endpoint.paused_at
        or endpoint.deleted_at
        or since is None
        or not (gone or now() - since >= FAILING_MAX)
    ):
        return
    endpoint.paused_at, endpoint.paused_by_failures = now(), True
    record(
        Action.WEBHOOK_PAUSED,
        subject=endpoint,
        by=SENDER,
        kind="webhook",
        changes={"webhook_state": ("active", "paused")},
    )
    for person in people_to_notify(endpoint.created_by_id):
        _send_notice(person, endpoint, gone=gone)


def _send_notice(person: User, endpoint: Endpoint, *, gone: bool) -> None:
    since = endpoint.failing_since or now()
    if gone:
        reason = _("Rollcall paused this webhook because its server answers that the address no longer exists (410).")
    else:
        reason = _("Rollcall paused this webhook because no delivery has succeeded for a week.")

    def build() -> Message:
        return Message(
            subject=_("Webhook paused: %(name)s", name=endpoint.name),
            paragraphs=[
                reason,
                _(
                    "When you resume it, Rollcall sends what happened in the meantime. On its page, you can send"
                    " failed deliveries again."
                ),
            ],
            facts=[
                (_("Address"), endpoint.url),
                (_("Failing since"), f"{format_datetime(since)} ({viewer_timezone().key})"),
            ],
            button=_("See its deliveries"),
            address=f"{current_settings().base_url}/settings/webhooks/{endpoint.id}",
        )

    send_message(recipient_of(person), build, by=SENDER)
