"""The reason that a person gives for a change, and the setting REASON_REQUIRED."""

from __future__ import annotations

from collections.abc import Collection

from webapp.audit.actions import Action
from webapp.audit.models import REASON_MAX
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.permissions import Actor, ActorKind
from webapp.core.text import clean_text
from webapp.core.texts import _
from webapp.settings_checks import SettingsError

# Actions whose forms have a field for the reason.
ACTIONS_WITH_REASON = frozenset(
    {
        Action.USER_UPDATED,
        Action.USER_DEACTIVATED,
        Action.USER_REACTIVATED,
        Action.USER_DELETED,
        Action.USER_PURGED,
        Action.ROLE_GRANTED,
        Action.ROLE_UPDATED,
        Action.ROLE_DELETED,
        Action.GROUP_DELETED,
        Action.ACCOUNT_COMPROMISED,
        Action.MERGE_KEPT,
    }
)


def check_reason_settings(names: Collection[str]) -> None:
    """Raise SettingsError if REASON_REQUIRED contains an action whose forms have no field for a reason."""
    if unknown := set(names) - ACTIONS_WITH_REASON:
        known = ", ".join(sorted(ACTIONS_WITH_REASON))
        raise SettingsError(f"REASON_REQUIRED names {', '.join(sorted(unknown))}; what can ask for a reason: {known}.")


def reason_required(action: str) -> bool:
    """Whether people must give a reason for this action."""
    return action in current_settings().reason_required


def checked_reason(action: Action, text: str, *, by: Actor, own: bool = False) -> str:
    """Return the cleaned reason. Raise Invalid if it is too long, or if it is empty and REASON_REQUIRED has the action.

    Commands and jobs need no reason, and neither do people for their `own` settings.
    """
    # The API takes the reason from a header.
    field = "X-Reason" if by.kind is ActorKind.TOKEN else "reason"
    reason = clean_text(text, field=field) if text else ""
    if len(reason) > REASON_MAX:
        raise Invalid(_("Use at most %(max)s characters", max=REASON_MAX), field=field, code="length")
    if not reason and not own and reason_required(action) and by.kind in {ActorKind.USER, ActorKind.TOKEN}:
        raise Invalid(_("Enter a reason for this change"), field=field, code="required")
    return reason
