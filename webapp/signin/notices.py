"""The e-mail about a sign-in from a new device."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.permissions import Actor, ActorKind
from webapp.core.sealing import seal, unseal
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.services import enqueue
from webapp.mail.messages import Message
from webapp.signin.devices import describe_device
from webapp.signin.models import AGENT_MAX
from webapp.users.models import User
from webapp.users.notices import event_facts, send_notice


def enqueue_new_device_notice(user: User, *, agent: str, by: Actor) -> None:
    """Enqueue the job that mails the notice, in the caller's transaction. The sign-in does not wait for the e-mail.

    The job page cannot show address and device, because they are encrypted.
    """
    sign_in = {"user_id": user.id.hex, "email": user.email, "agent": agent[:AGENT_MAX], "address": by.address}
    enqueue("sign_in.notice", by=by, sign_in=seal(json.dumps(sign_in | {"at": now().isoformat()})))


def send_new_device_notice(sealed: str) -> None:
    """Tell the person about a sign-in from a device that they had not used before, in the caller's transaction.

    It goes to the address of that moment: an intruder may have changed it since. Raise NotReadable.
    """
    sign_in = json.loads(unseal(sealed))
    user = db.session.get(User, UUID(sign_in["user_id"]))
    if user is None or user.deleted_at:
        return
    by = Actor(ActorKind.USER, user.name, user.id, address=sign_in["address"])
    at = datetime.fromisoformat(sign_in["at"])
    email = sign_in["email"] if sign_in["email"] != user.email else None
    send_notice(user, lambda: _message(sign_in["agent"], by, at), by=by, email=email)


def _message(agent: str, by: Actor, at: datetime) -> Message:
    device = describe_device(agent)
    return Message(
        subject=_("Rollcall: sign-in from a new device (%(device)s)", device=device),
        paragraphs=[_("Someone signed in to your account from a device that you had not used before.")],
        facts=[(_("Device"), device), *event_facts(by, at=at)],
        button=_("See your sessions"),
        address=f"{current_settings().base_url}/account/sessions",
    )
