"""The events that an endpoint can choose: audit actions, in sections for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from webapp.audit.actions import Action
from webapp.core.errors import Invalid
from webapp.core.texts import _
from webapp.webhooks.models import EVENT_MAX

# The event of “Send a test event”. Every endpoint gets it.
TEST_EVENT = "webhook.test"

SECTIONS: Mapping[str, tuple[Action, ...]] = {
    _("People"): (
        Action.USER_CREATED,
        Action.USER_UPDATED,
        Action.USER_DEACTIVATED,
        Action.USER_REACTIVATED,
        Action.USER_DELETED,
        Action.USER_RESTORED,
        Action.USER_PURGED,
    ),
    _("Invitations"): (Action.INVITATION_SENT, Action.INVITATION_REVOKED, Action.INVITATION_ACCEPTED),
    _("Locked accounts"): (Action.ACCOUNT_LOCKED, Action.ACCOUNT_UNLOCKED),
    _("Roles"): (
        Action.ROLE_GRANTED,
        Action.ROLE_REVOKED,
        Action.ROLE_CREATED,
        Action.ROLE_UPDATED,
        Action.ROLE_DELETED,
        Action.ROLE_RESTORED,
    ),
    _("Groups"): (
        Action.MEMBER_ADDED,
        Action.MEMBER_REMOVED,
        Action.GROUP_CREATED,
        Action.GROUP_UPDATED,
        Action.GROUP_DELETED,
        Action.GROUP_RESTORED,
    ),
}
EVENTS: tuple[str, ...] = tuple(action.value for actions in SECTIONS.values() for action in actions)


def checked_events(names: Iterable[str]) -> list[str]:
    """Return the names of events, each once, in the order of EVENTS. Raise Invalid."""
    chosen = set(names)
    if not chosen:
        raise Invalid(_("Choose at least one event"), field="events", code="required")
    if unknown := chosen - set(EVENTS):
        message = _("There is no event called %(name)s", name=ascii(min(unknown))[1:-1][:EVENT_MAX])
        raise Invalid(message, field="events", code="unknown_event")
    return [name for name in EVENTS if name in chosen]
