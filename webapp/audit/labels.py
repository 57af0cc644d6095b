"""Labels of audit actions, and of the fields that audit records name."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from webapp.audit.actions import Action
from webapp.core.context import current_registry
from webapp.core.texts import _


class FieldLabels(dict[str, str]):
    """Field name → label. Packages register the labels of the fields that they record."""


class ValueTexts(dict[str, Callable[[str], str]]):
    """Field name → function from a recorded value to its text for people. Packages register it like a label."""


class SubjectTexts(dict[str, Callable[[str], str]]):
    """Kind of subject → function from a recorded name to its text, for subjects that have a technical name."""


# The names of the parts of Rollcall that act without a person, as actors and jobs store them.
SYSTEM_ACTORS = {
    "Schedule": _("Schedule"),
    "Set-up": _("Set-up"),
    "Password reset": _("Password reset"),
    "Webhooks": _("Webhooks"),
    "Feeds": _("Feeds"),
    "Scheduled exports": _("Scheduled exports"),
    "ROLLCALL_ADMIN_EMAIL": _("Settings of the server"),
}
FIELD_LABELS = {
    "format": _("Format"),
}
ACTION_LABELS = {
    Action.USER_CREATED: _("User created"),
    Action.USER_UPDATED: _("User changed"),
    Action.USER_DEACTIVATED: _("User deactivated"),
    Action.USER_REACTIVATED: _("User reactivated"),
    Action.USER_DELETED: _("User deleted"),
    Action.USER_RESTORED: _("User restored"),
    Action.USER_PURGED: _("User erased"),
    Action.ROLE_GRANTED: _("Role given"),
    Action.ROLE_REVOKED: _("Role removed"),
    Action.ROLE_CREATED: _("Role created"),
    Action.ROLE_UPDATED: _("Role changed"),
    Action.ROLE_DELETED: _("Role deleted"),
    Action.ROLE_RESTORED: _("Role restored"),
    Action.MEMBER_ADDED: _("Added to a group"),
    Action.MEMBER_REMOVED: _("Removed from a group"),
    Action.GROUP_CREATED: _("Group created"),
    Action.GROUP_UPDATED: _("Group changed"),
    Action.GROUP_DELETED: _("Group deleted"),
    Action.GROUP_RESTORED: _("Group restored"),
    Action.REVIEW_EXPORTED: _("Access review exported"),
    Action.REPORT_CREATED: _("Report created"),
    Action.SESSION_STARTED: _("Signed in"),
    Action.SESSION_ENDED: _("Signed out"),
    Action.TOKEN_CREATED: _("API token created"),
    Action.TOKEN_REVOKED: _("API token revoked"),
    Action.TOKEN_ROTATED: _("API token rotated"),
    Action.JOB_CANCELLED: _("Job cancelled"),
    Action.JOB_RETRIED: _("Job retried"),
    Action.SCHEDULE_PAUSED: _("Schedule paused"),
    Action.SCHEDULE_RESUMED: _("Schedule resumed"),
    Action.SCHEDULE_RUN: _("Schedule started by hand"),
    Action.AUDIT_EXPORTED: _("Audit trail exported"),
    Action.AUDIT_ARCHIVED: _("Audit records archived"),
    Action.ATTRIBUTE_CREATED: _("Attribute created"),
    Action.ATTRIBUTE_UPDATED: _("Attribute changed"),
    Action.ATTRIBUTE_DELETED: _("Attribute deleted"),
    Action.ATTRIBUTE_RESTORED: _("Attribute restored"),
    Action.VIEW_CREATED: _("View saved"),
    Action.VIEW_UPDATED: _("View changed"),
    Action.VIEW_DELETED: _("View deleted"),
    Action.VIEW_RESTORED: _("View restored"),
    Action.BULK_APPLIED: _("Bulk change applied"),
    Action.BULK_UNDONE: _("Bulk change undone"),
    Action.IMPORT_APPLIED: _("Import applied"),
    Action.IMPORT_UNDONE: _("Import undone"),
    Action.FEED_CREATED: _("Feed created"),
    Action.FEED_UPDATED: _("Feed changed"),
    Action.FEED_DELETED: _("Feed deleted"),
    Action.FEED_RESTORED: _("Feed restored"),
    Action.FEED_PAUSED: _("Feed paused"),
    Action.FEED_RESUMED: _("Feed resumed"),
    Action.FEED_RUN: _("Feed started by hand"),
    Action.FEED_STOPPED: _("Feed stopped at its threshold"),
    Action.MAPPING_CREATED: _("Settings of imports saved"),
    Action.MAPPING_UPDATED: _("Saved settings of imports changed"),
    Action.MAPPING_DELETED: _("Saved settings of imports deleted"),
    Action.MAPPING_RESTORED: _("Saved settings of imports restored"),
    Action.USERS_EXPORTED: _("People exported"),
    Action.SCHEDULED_EXPORT_CREATED: _("Scheduled export created"),
    Action.SCHEDULED_EXPORT_UPDATED: _("Scheduled export changed"),
    Action.SCHEDULED_EXPORT_DELETED: _("Scheduled export deleted"),
    Action.SCHEDULED_EXPORT_RESTORED: _("Scheduled export restored"),
    Action.SCHEDULED_EXPORT_PAUSED: _("Scheduled export paused"),
    Action.SCHEDULED_EXPORT_RESUMED: _("Scheduled export resumed"),
    Action.INVITATION_SENT: _("Invitation sent"),
    Action.INVITATION_REVOKED: _("Invitation revoked"),
    Action.INVITATION_ACCEPTED: _("Invitation accepted"),
    Action.PASSWORD_CHANGED: _("Password changed"),
    Action.PASSWORD_RESET_SENT: _("Password reset sent"),
    Action.ONE_TIME_PASS_ISSUED: _("One-time pass issued"),
    Action.FACTOR_ADDED: _("Second factor added"),
    Action.FACTOR_RENAMED: _("Passkey renamed"),
    Action.FACTOR_REMOVED: _("Second factor removed"),
    Action.RECOVERY_CODES_CREATED: _("Recovery codes created"),
    Action.RECOVERY_CODE_USED: _("Recovery code used"),
    Action.SESSIONS_ENDED: _("Sessions ended"),
    Action.TOKENS_ENDED: _("API tokens ended"),
    Action.EMAIL_CHANGE_REQUESTED: _("Change of e-mail address requested"),
    Action.EMAIL_CHANGE_CANCELLED: _("Change of e-mail address cancelled"),
    Action.ACCOUNT_LOCKED: _("Account locked by its owner"),
    Action.ACCOUNT_UNLOCKED: _("Account unlocked"),
    Action.ACCOUNT_COMPROMISED: _("Account treated as compromised"),
    Action.MAIL_SETTINGS_UPDATED: _("Mail settings changed"),
    Action.MAIL_SETTINGS_TESTED: _("Test e-mail sent"),
    Action.EVENT_PUSH_CREATED: _("Target of the event stream set"),
    Action.EVENT_PUSH_UPDATED: _("Target of the event stream changed"),
    Action.EVENT_PUSH_REMOVED: _("Target of the event stream removed"),
    Action.EVENT_PUSH_PAUSED: _("Event stream paused"),
    Action.EVENT_PUSH_RESUMED: _("Event stream resumed"),
    Action.EVENT_PUSH_TESTED: _("Event stream tested"),
    Action.CONFIG_APPLIED: _("Configuration file applied"),
    Action.CONFIG_UNDONE: _("Configuration file undone"),
    Action.PHOTO_ADDED: _("Photo added"),
    Action.PHOTO_REPLACED: _("Photo replaced"),
    Action.PHOTO_REMOVED: _("Photo removed"),
    Action.NOTE_ADDED: _("Note added"),
    Action.NOTE_UPDATED: _("Note changed"),
    Action.NOTE_DELETED: _("Note deleted"),
    Action.NOTE_RESTORED: _("Note restored"),
    Action.DUPLICATE_DISMISSED: _("Marked as different from a similar user"),
    Action.DUPLICATE_REOPENED: _("No longer marked as different from a similar user"),
    Action.MERGE_KEPT: _("Another user was merged into this one"),
    Action.MERGE_REMOVED: _("Merged into another user"),
    Action.MERGE_UNDONE: _("Merge undone"),
    Action.BACKUP_CREATED: _("Backup created"),
    Action.BACKUP_RESTORED: _("Backup restored"),
    Action.WEBHOOK_CREATED: _("Webhook created"),
    Action.WEBHOOK_UPDATED: _("Webhook changed"),
    Action.WEBHOOK_DELETED: _("Webhook deleted"),
    Action.WEBHOOK_RESTORED: _("Webhook restored"),
    Action.WEBHOOK_PAUSED: _("Webhook paused"),
    Action.WEBHOOK_RESUMED: _("Webhook resumed"),
    Action.WEBHOOK_ROTATED: _("Secret of a webhook replaced"),
    Action.WEBHOOK_TESTED: _("Test event sent"),
    Action.WEBHOOK_REDELIVERED: _("Event sent again"),
}
VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "format": str.upper,
}


def action_label(action: str) -> str:
    """Return the label of an action, or its name if a newer version of Rollcall wrote it."""
    return ACTION_LABELS.get(cast(Action, action), action)


def subject_text(kind: str, label: str) -> str:
    """Return the name of a subject, as its record has it, for people to read."""
    return current_registry().get(SubjectTexts).get(kind, str)(label)


def yes_or_no(value: str) -> str:
    return _("Yes") if value == "yes" else _("No")


def system_actor_text(label: str) -> str:
    """Return the name of a part of Rollcall for display. Return other names as they are."""
    return str(SYSTEM_ACTORS.get(label, label or _("Rollcall")))
